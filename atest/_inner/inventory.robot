*** Settings ***
Documentation       Run by another suite, each time with another lab: --variable LAB:file
Library             IperfLibrary


*** Variables ***
${LAB}              ${CURDIR}/lab.yaml
${HOST_KEY}         check


*** Test Cases ***
Throughput
    ${names} =    Add Iperf Devices From File    ${LAB}
    Log Many    @{names}
    Start Iperf Server    dut
    ${result} =    Run Iperf Client    pc    server=dut    time=1s    bitrate=2M
    Get Iperf Bitrate    ${result}    >    1M
