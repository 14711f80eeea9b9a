*** Settings ***
Documentation       Run by another suite, which looks at what is told of these results.
Library             IperfLibrary
Suite Setup         Prepare


*** Variables ***
${ALPHA}        not set
${BETA}         not set
${ADDRESS}      not set


*** Test Cases ***
Good
    ${result} =    Run Iperf Client    beta    alpha    time=2s    bitrate=10M    parallel=2
    Get Iperf Bitrate    ${result}    >=    1 Mbit/s

Too Slow
    ${result} =    Run Iperf Client    beta    alpha    time=1s    bitrate=10M    udp=True
    Get Iperf Loss    ${result}    <=    100%
    Get Iperf Bitrate    ${result}    >=    1 Tbit/s

Refused
    Run Iperf Client    beta    alpha    port=1    time=1s

Stopped
    ${client} =    Start Iperf Client    beta    alpha    time=0s    bitrate=10M    live=True
    Wait Until Keyword Succeeds    5s    20ms    Should Have Intervals    ${client}
    Stop Iperf Client    ${client}


*** Keywords ***
Prepare
    Add Iperf Device    alpha    ${ALPHA}    address=${ADDRESS}    role=node
    Add Iperf Device    beta    ${BETA}    role=tpc
    Start Iperf Server    alpha

Should Have Intervals
    [Arguments]    ${client}
    Should Be True    $client.intervals
