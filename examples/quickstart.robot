*** Settings ***
Documentation       The main job on two devices that are both this machine; nothing but iperf3 is needed.
...                 With two other machines: robot --variable SERVER:ssh://root@192.168.1.1 --variable CLIENT:ssh://lab@pc7 ...
Library             IperfLibrary
Suite Teardown      Remove All Iperf Devices


*** Variables ***
${SERVER}       local
${CLIENT}       local


*** Test Cases ***
Throughput Between Two Devices
    Add Iperf Device    dut    ${SERVER}    role=node
    Add Iperf Device    pc    ${CLIENT}    role=tpc
    Start Iperf Server    dut
    ${result} =    Run Iperf Client    pc    server=dut    time=2s    parallel=2
    Log To Console    ${\n}${result}
    Get Iperf Bitrate    ${result}    >    10 Mbit/s
    [Teardown]    Stop Iperf Server    dut
