*** Settings ***
Documentation       Acceptance of a router: what a host behind it gets from the far side of it and sends there, over TCP and UDP.
...
...                 *dut* is the host at the LAN port and *pc* the one at the WAN port, see lab.yaml. The host behind the router is always the
...                 client (``reverse=True``), because NAT lets nobody in.
...
...                 | robot --variable LAB:my-lab.yaml --variable DOWNLINK:"500 Mbit/s" router_acceptance.robot
...                 | robot --include udp router_acceptance.robot
Library             IperfLibrary
Suite Setup         Add Iperf Devices From File    ${LAB}
Suite Teardown      Remove All Iperf Devices
Test Timeout        5 min
Test Tags           router


*** Variables ***
${LAB}              ${CURDIR}/lab.yaml
${DURATION}         10s
# What the data sheet promises, at the receiver.
${DOWNLINK}         900 Mbit/s
${UPLINK}           900 Mbit/s
${BOTH}             400 Mbit/s
${STREAMS}          8
# UDP at a rate that has to get through.
${UDP_RATE}         100 Mbit/s
${MAX_LOSS}         0.1%
${MAX_JITTER}       2 ms
# How long traffic may pause.
${MAX_OUTAGE}       1s


*** Test Cases ***
Both Hosts Can Be Used
    [Documentation]    First, so that a missing iperf is told once and not by each test.
    [Tags]    smoke
    FOR    ${name}    IN    dut    pc
        ${can} =    Get Iperf Capabilities    ${name}
        Should Be True    ${can.iperf3.available}    ${name}: ${can.iperf3.reason}
    END

Downlink
    [Tags]    tcp    downlink
    TCP Should Reach    ${DOWNLINK}    downlink

Uplink
    [Tags]    tcp    uplink
    TCP Should Reach    ${UPLINK}    uplink

Downlink In Many Streams
    [Tags]    tcp    downlink
    TCP Should Reach    ${DOWNLINK}    downlink    parallel=${STREAMS}

Uplink In Many Streams
    [Tags]    tcp    uplink
    TCP Should Reach    ${UPLINK}    uplink    parallel=${STREAMS}

Both Directions At Once
    [Documentation]    Without ``direction`` the figure is the worse one of both.
    [Tags]    tcp
    ${result} =    Run Iperf Test    dut    pc    both    reverse=True    time=${DURATION}
    Get Iperf Bitrate    ${result}    >=    ${BOTH}
    Iperf Result Should Have No Outage    ${result}    longer_than=${MAX_OUTAGE}

UDP Downlink
    [Tags]    udp    downlink
    UDP Should Get Through    downlink

UDP Uplink
    [Tags]    udp    uplink
    UDP Should Get Through    uplink


*** Keywords ***
TCP Should Reach
    [Arguments]    ${rate}    ${direction}    &{options}
    ${result} =    Run Iperf Test    dut    pc    ${direction}    reverse=True    time=${DURATION}    &{options}
    Get Iperf Bitrate    ${result}    >=    ${rate}
    Iperf Result Should Have No Outage    ${result}    longer_than=${MAX_OUTAGE}

UDP Should Get Through
    [Arguments]    ${direction}
    ${result} =    Run Iperf Test    dut    pc    ${direction}    reverse=True    udp=True    bitrate=${UDP_RATE}    length=1400    time=${DURATION}
    Get Iperf Loss    ${result}    <=    ${MAX_LOSS}
    Get Iperf Jitter    ${result}    <=    ${MAX_JITTER}
