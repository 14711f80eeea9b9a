*** Settings ***
Documentation       Run by another suite, in a Robot of its own that is interrupted, killed or fails. ${SIGN} is a file that tells
...                 the other suite how far this one is, ${GO} one that lets it go on.
Library             IperfLibrary    auto_stop=${AUTO_STOP}
Library             OperatingSystem
Suite Setup         Add Devices


*** Variables ***
${AUTO_STOP}    TEST
${ALPHA}        not set
${BETA}         not set
${ADDRESS}      not set
${SIGN}         not set
${GO}           not set


*** Test Cases ***
Long Run
    Start Iperf Server    alpha
    Run Iperf Client    beta    alpha    time=60s    bitrate=1M

Run With A Test Timeout
    [Timeout]    1s
    Start Iperf Server    alpha
    Run Iperf Client    beta    alpha    time=60s    bitrate=1M

Run With A Keyword Timeout
    Start Iperf Server    alpha
    Impatient

Failing Without Teardown
    Start Iperf Server    alpha
    Start Iperf Client    beta    alpha    time=60s    bitrate=1M
    Fail    on purpose

Afterwards
    Create File    ${SIGN}
    Wait Until Created    ${GO}    timeout=20s


*** Keywords ***
Add Devices
    Add Iperf Device    alpha    ${ALPHA}    address=${ADDRESS}
    Add Iperf Device    beta    ${BETA}

Impatient
    [Timeout]    1s
    Run Iperf Client    beta    alpha    time=60s    bitrate=1M
