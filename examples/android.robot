*** Settings ***
Documentation       An Android phone by adb against a PC that it reaches by Wi-Fi. The phone is always the client, so no firewall of it is in the way.
...
...                 The adb server has to run (``adb start-server``) and the phone has to trust this machine. A phone has no iperf of its own: give
...                 one that is linked statically for its processor, and a directory where programs may be run. It is removed in the end.
...
...                 | robot --variable PC_ADDRESS:192.168.1.2 --variable IPERF3:builds/arm64/iperf3 android.robot
...                 | robot --variable PHONE:adb:R58M123ABC --variable PHONE_ADDRESS:192.168.1.77 ... android.robot
Library             IperfLibrary
Suite Setup         Add Phone And PC
Suite Teardown      Remove All Iperf Devices
Test Timeout        5 min
Test Tags           android


*** Variables ***
# The only phone that is plugged in; adb:SERIAL names one.
${PHONE}            adb:
# Only needed for the cross-check to find the way to the phone, or where the phone is to be a server.
${PHONE_ADDRESS}    ${None}
${PC}               local
${PC_ADDRESS}       192.168.1.2
# An iperf3 to bring along; empty where the phone has one.
${IPERF3}           ${EMPTY}
${DIRECTORY}        /data/local/tmp
${DURATION}         10s
${DOWNLINK}         100 Mbit/s
${UPLINK}           100 Mbit/s
${CALL_RATE}        1 Mbit/s
${MAX_LOSS}         1%


*** Test Cases ***
Downlink
    [Tags]    tcp    downlink
    ${result} =    Run Iperf Test    phone    pc    downlink    reverse=True    time=${DURATION}    parallel=4
    Get Iperf Bitrate    ${result}    >=    ${DOWNLINK}

Uplink
    [Tags]    tcp    uplink
    ${result} =    Run Iperf Test    phone    pc    uplink    reverse=True    time=${DURATION}    parallel=4
    Get Iperf Bitrate    ${result}    >=    ${UPLINK}

Video Call
    [Documentation]    UDP both ways at once; the figure without ``direction`` is the worse one.
    [Tags]    udp
    ${result} =    Run Iperf Test    phone    pc    both    reverse=True    udp=True    bitrate=${CALL_RATE}    length=1200    time=${DURATION}
    Get Iperf Loss    ${result}    <=    ${MAX_LOSS}


*** Keywords ***
Add Phone And PC
    Add Iperf Device    phone    ${PHONE}    address=${PHONE_ADDRESS}    role=node
    Add Iperf Device    pc    ${PC}    address=${PC_ADDRESS}    role=tpc
    IF    $IPERF3    Install Iperf On Device    phone    ${IPERF3}    directory=${DIRECTORY}
    ${can} =    Get Iperf Capabilities    phone
    Should Be True    ${can.iperf3.available}    The phone has no iperf3: ${can.iperf3.reason}
