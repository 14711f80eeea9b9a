*** Settings ***
Documentation       Run by another suite, on a terminal and without one.
Library             IperfLibrary    progress=${PROGRESS}


*** Variables ***
${PROGRESS}     True


*** Test Cases ***
Live Line
    Add Iperf Device    here
    ${first} =    Start Iperf Server    here    tool=iperf3
    ${second} =    Start Iperf Server    here    tool=iperf3
    ${beside} =    Start Iperf Client    here    ${second}    time=1s    bitrate=5M
    Run Iperf Client    here    ${first}    time=2s    bitrate=5M    live=True
    Wait For Iperf Client    ${beside}
