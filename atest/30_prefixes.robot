*** Settings ***
Documentation       Words in front of every command of a device: another user, another network, another root, other CPUs. Signals reach iperf through them.
Resource            resources/lab.resource
Suite Setup         Open Lab And Make Places
Suite Teardown      Close Devices


*** Test Cases ***
Runs Behind A Prefix
    [Template]    Server And Client Should Run Behind
    taskset -c 0
    env IPERF_LAB=prefix
    chrt -b 0
    nice -n 5
    chroot /tmp/jail
    unshare --mount --propagation private
    ip netns exec blue    address=192.0.2.2    peer=outer

Another User
    [Documentation]    The log-in has no rights of its own; those that sudo gives are needed to look at the server and to signal it.
    Add Iperf Device    box    ssh://${LAB.tester.name}@${ALPHA.ssh_host}    password=${LAB.tester.password}    address=${ALPHA.address()}    prefix=sudo -n
    Device Should Serve And Send    box    beta
    [Teardown]    Forget Device    box

A Daemon Behind A Prefix
    Add Iperf Device    box    ssh://${LAB.tester.name}@${ALPHA.ssh_host}    password=${LAB.tester.password}    address=${ALPHA.address()}    prefix=sudo -n
    Start Iperf Server    box    daemon=True
    ${result} =    Run Iperf Client    beta    box    time=1s    bitrate=10M
    Close Iperf Connection    box
    @{served} =    Stop Iperf Server    box
    Should Be Equal    ${served[0].received.bytes}    ${result.received.bytes}
    Hosts Should Be Clean
    [Teardown]    Forget Device    box

A Wrapper Of Their Own
    [Documentation]    A program that forks instead of becoming the command, as docker's and sudo's do.
    ${wrapper} =    Create Lab Program    alpha    /tmp/wrap    \#!/bin/sh\n"$@" & wait $!\nexit $?
    Add Iperf Device    box    ${ALPHA.url}    address=${ALPHA.address()}    prefix=${wrapper}
    Run Keyword And Expect Error    *its prefix '${wrapper}' does not run commands there, or keeps their standard input from them*    Start Iperf Server    box
    Remove Iperf Device    box
    ${wrapper} =    Create Lab Program    alpha    /tmp/wrap    \#!/bin/sh\nexec 3<&0\n"$@" <&3 & exec 3<&-\nwait $!\nexit $?
    Add Iperf Device    box    ${ALPHA.url}    address=${ALPHA.address()}    prefix=${wrapper}
    Device Should Serve And Send    box    beta
    [Teardown]    Forget Device    box

A Prefix That Does Not Work Says So
    [Template]    Prefix Should Be Told
    ip netns exec green             Cannot open network namespace
    false                           its shell ended at once
    /nothing/there                  No such file
    sudo -n -u nobody-there         unknown user


*** Keywords ***
Open Lab And Make Places
    Open Lab With Devices
    Require Lab Feature    netns
    Run On Lab Host    alpha    sh    -c    ip netns add blue && ip link add outer type veth peer name inner netns blue && ip addr add 192.0.2.1/24 dev outer && ip link set outer up && ip -n blue addr add 192.0.2.2/24 dev inner && ip -n blue link set inner up && ip -n blue link set lo up
    Run On Lab Host    alpha    sh    -c    mkdir /tmp/jail && mount --rbind / /tmp/jail && mount -t tmpfs tmpfs /tmp/jail/tmp
    Run On Lab Host    alpha    sh    -c    mount -t tmpfs -o mode=755 tmpfs /etc/sudoers.d && echo '${LAB.tester.name} ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/lab && chmod 440 /etc/sudoers.d/lab
    Add Iperf Device    outer    ${ALPHA.url}    address=192.0.2.1

Server And Client Should Run Behind
    [Arguments]    ${prefix}    ${address}=${ALPHA.address()}    ${peer}=beta
    Add Iperf Device    box    ${ALPHA.url}    address=${address}    prefix=${prefix}
    Device Should Serve And Send    box    ${peer}
    [Teardown]    Forget Device    box

Device Should Serve And Send
    [Arguments]    ${device}    ${peer}
    Start Iperf Server    ${device}
    ${result} =    Run Iperf Client    ${peer}    ${device}    time=1s    bitrate=10M
    Should Be True    ${result.received.bytes} > 0
    @{served} =    Stop Iperf Server    ${device}
    Should Be Equal    ${served[0].received.bytes}    ${result.received.bytes}
    Start Iperf Server    ${peer}
    ${client} =    Start Iperf Client    ${device}    ${peer}    time=0s    bitrate=10M    interval=0.2s    live=True
    Wait Until Keyword Succeeds    10s    0.1s    Should Be True    $client.intervals
    ${result} =    Stop Iperf Client    ${client}
    Should Be True    ${result.partial}
    Stop Iperf Server    ${peer}
    Hosts Should Be Clean

Prefix Should Be Told
    [Arguments]    ${prefix}    ${text}
    Add Iperf Device    box    ${ALPHA.url}    address=${ALPHA.address()}    prefix=${prefix}
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    box
    Message Should Have    ${message}    its prefix '${prefix}' does not run commands there    ${text}    try: ${prefix} sh -c 'echo works'
    [Teardown]    Forget Device    box
