*** Settings ***
Documentation       Run by another suite, in a Robot of its own that is killed. ${SIGN} tells that it has come to its end.
Library             IperfLibrary
Library             OperatingSystem


*** Variables ***
${ALPHA}        not set
${BETA}         not set
${ADDRESS}      not set
${SIGN}         not set


*** Test Cases ***
Start A Daemon
    Add Iperf Device    alpha    ${ALPHA}    address=${ADDRESS}
    Add Iperf Device    beta    ${BETA}
    Start Iperf Server    alpha    daemon=True    name=handed-over
    Run Iperf Client    beta    alpha    time=1s    bitrate=10M
    Create File    ${SIGN}
    Wait Until Created    ${SIGN}.never    timeout=60s

Keep A Daemon
    Add Iperf Device    alpha    ${ALPHA}    address=${ADDRESS}
    Start Iperf Server    alpha    daemon=True    name=handed-over    keep=True
