*** Settings ***
Documentation       A suite that is tried without a lab: fake devices answer with what real ones have printed once. Nothing is measured, and log, console and
...                 records say so. In the lab: robot --variable DUT:ssh://root@192.168.1.1 --variable PC:local examples/without_a_lab.robot
Library             IperfLibrary
Test Teardown       Stop All Iperf Processes
Suite Setup         Add Devices
Suite Teardown      Remove All Iperf Devices


*** Variables ***
${DUT}      fake:${CURDIR}/fake/dut.yaml
${PC}       fake:${CURDIR}/fake/pc.yaml


*** Test Cases ***
Throughput Reaches The Target
    Start Iperf Server    dut
    ${result} =    Run Iperf Client    pc    dut    time=2s    bitrate=94M
    Get Iperf Bitrate    ${result}    >    90 Mbit/s

Nothing Is Lost
    Start Iperf Server    dut
    ${result} =    Run Iperf Client    pc    dut    time=2s    udp=True    bitrate=20M    length=1200    reverse=True
    Get Iperf Loss    ${result}    <    1%
    Should Be Equal    ${result.flows[0].direction}    upstream

A Busy Server Is Tried Again
    Start Iperf Server    dut    port=5202
    Run Iperf Client    pc    dut    time=2s    retry=5s


*** Keywords ***
Add Devices
    Add Iperf Device    dut    ${DUT}    role=node
    Add Iperf Device    pc    ${PC}    role=tpc
