*** Settings ***
Documentation       Run by another suite, in a Robot of its own that is interrupted or killed while something goes on beside a run.
Library             IperfLibrary
Suite Setup         Add Devices


*** Variables ***
${ALPHA}        not set
${BETA}         not set
${ADDRESS}      not set


*** Test Cases ***
Timed Out
    [Timeout]    2s
    Run With Company

Timed Out In A Companion
    [Timeout]    2s
    @{sleep} =    Create List    Sleep    3s
    Add Iperf Companion    slow    keyword=${sleep}
    Run With Company

Killed
    Run With Company


*** Keywords ***
Add Devices
    Add Iperf Device    alpha    ${ALPHA}    address=${ADDRESS}
    Add Iperf Device    beta    ${BETA}

Run With Company
    Add Iperf Companion    load    device=beta    command=cat /proc/loadavg    every=0.2s
    Add Iperf Companion    far    device=alpha    command=cat /proc/loadavg    every=0.2s
    Start Iperf Server    alpha
    Run Iperf Client    beta    alpha    time=60s    bitrate=1M    latency=True    latency_idle=0.4s
