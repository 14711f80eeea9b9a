*** Settings ***
Documentation       Small routers: busybox and dropbear, a read-only root, no SFTP, no bash, no coreutils.
Resource            resources/lab.resource
Suite Setup         Open Lab With Routers
Suite Teardown      Close Devices


*** Test Cases ***
First
    ${r} =    Start Lab Router    alpha
    Add Iperf Device    r    ${r.url}    address=${r.address()}    host_key=ignore
    Start Iperf Server    r
    Run Iperf Client    beta    r    time=1s    bitrate=10M
    Run Iperf Client    beta    r    time=1s    bitrate=10M    udp=True
    Stop Iperf Server    r


*** Keywords ***
Open Lab With Routers
    Open Lab
    Require Lab Feature    netns
    Add Iperf Device    beta    ${BETA.url}    address=${BETA.address()}    role=tpc
