*** Settings ***
Documentation       Run by another suite, in a Robot of its own: with a disk of its own, or a clock that is changed.
Library             IperfLibrary    directory=${DIRECTORY}    auto_stop=SUITE
Library             OperatingSystem
Suite Setup         Add Devices
Suite Teardown      Run Keyword    ${TEARDOWN}


*** Variables ***
${DIRECTORY}    ${None}
${ALPHA}        not set
${BETA}         not set
${ADDRESS}      not set
${CLOCK}        not set
${TEARDOWN}     No Operation
${FILLER}       ${DIRECTORY}/filler


*** Test Cases ***
Full Disk
    [Documentation]    There is room for the files themselves, as they are empty.
    Start Iperf Server    alpha
    ${client} =    Start Iperf Client    beta    alpha    time=20s    bitrate=1M
    Run    cat /dev/zero >${FILLER}
    ${message} =    Run Keyword And Expect Error    *    Wait For Iperf Client    ${client}    timeout=3s
    Log    ${message}    console=True
    File Should Exist    ${client.filename}
    Remove File    ${FILLER}
    Stop All Iperf Processes
    Start Iperf Server    alpha
    Run Iperf Client    beta    alpha    bytes=1M    bitrate=40M

Directory That Cannot Be Written
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    alpha
    Log    ${message}    console=True

Two Clocks
    Start Iperf Server    alpha
    FOR    ${jump}    IN    +3600    -3600    +0
        ${client} =    Start Iperf Client    beta    alpha    time=1s    bitrate=8M    timeout=8s
        ${before} =    Evaluate    time.time()    modules=time
        Create File    ${CLOCK}    ${jump}
        Wait Until Keyword Succeeds    5s    20ms    Clock Should Have Jumped    ${before}
        ${result} =    Wait For Iperf Client    ${client}
        Should Be True    6e6 < $result.bits_per_second < 10e6
        Should Be True    0.9 < $result.received.seconds < 1.5
    END
    ${served} =    Stop Iperf Server    alpha
    Length Should Be    ${served}    3

Crowd
    [Documentation]    What another Robot does on the same devices is none of our business.
    FOR    ${count}    IN RANGE    4
        ${server} =    Start Iperf Server    alpha
        ${result} =    Run Iperf Client    beta    ${server}    time=1s    bitrate=1M
        Should Be True    0.5e6 < $result.bits_per_second < 2e6
    END
    ${count} =    Stop All Iperf Processes
    Should Be Equal As Integers    ${count}    4

Left To The Suite
    Start Iperf Server    alpha
    Start Iperf Client    beta    alpha    time=60s    bitrate=1M


*** Keywords ***
Add Devices
    Add Iperf Device    alpha    ${ALPHA}    address=${ADDRESS}
    Add Iperf Device    beta    ${BETA}

Clock Should Have Jumped
    [Arguments]    ${before}
    Should Be True    abs(time.time() - $before) > 1800
