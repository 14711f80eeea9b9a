*** Settings ***
Documentation       A whole test, log-ins included; how long the keywords took goes into the file "seconds".
Library             IperfLibrary
Library             OperatingSystem


*** Test Cases ***
Downlink
    ${begin} =    Evaluate    time.perf_counter()
    Add Iperf Device    alpha    ${ALPHA}    role=node
    Add Iperf Device    beta    ${BETA}    address=${ADDRESS}    role=tpc
    Start Iperf Server    beta
    ${result} =    Run Iperf Client    alpha    beta    time=1s
    Get Iperf Bitrate    ${result}    >    0
    Stop Iperf Server    beta
    Remove All Iperf Devices
    ${took} =    Evaluate    time.perf_counter() - $begin
    Create File    ${OUTPUT_DIR}/seconds    ${took}
