*** Settings ***
Documentation       Devices without a /proc that can be read. The programs that tell of sockets there have the names, the options and the
...                 output of macOS, FreeBSD and OpenBSD; what they tell is real, as they look into a /proc that the library does not see.
Resource            resources/routers.resource
Suite Setup         Open Lab With Routers
Suite Teardown      Close Devices
Test Tags           once
Test Teardown       Close Router


*** Variables ***
${REAL}         \#!/bin/sh\nexec chroot /.linux
${PS}           ${REAL} ps "$@"
${LSOF}         ${REAL} lsof "$@"
${BSD_NETSTAT}
...             SEPARATOR=\n
...             \#!/bin/sh
...             [ "$*" = -an ] || { echo "netstat: illegal option" >&2; exit 1; }
...             chroot /.linux netstat -antu | chroot /.linux awk '/^(tcp|udp)/ {
...             for (i = 4; i <= 5; i++) { p = a = $i; sub(/.*:/, "", p); sub(/:[^:]*$/, "", a); if (a ~ /^(0.0.0.0|::)$/) a = "*"; $i = a "." p }
...             printf "%-5s %6s %6s \ %-22s %-22s %s\\n", $1, $2, $3, $4, $5, $6 }'
${SOCKSTAT}
...             SEPARATOR=\n
...             \#!/bin/sh
...             case $1 in -46ln) echo "sockstat: illegal option -- n" >&2; exit 1;; esac
...             echo "USER \ \ \ \ COMMAND \ \ \ PID \ \ FD \ PROTO \ LOCAL ADDRESS \ \ \ \ \ \ \ \ FOREIGN ADDRESS"
...             chroot /.linux netstat -ltunp | chroot /.linux awk '/^(tcp|udp)/ && split($NF, q, "/") == 2 {
...             sub(/^(0.0.0.0|::):/, "*:", $4); sub(/6$/, "46", $1)
...             printf "%-8s %-10s %5s %-3s %-6s %-21s %s\\n", "root", q[2], q[1], 4, $1, $4, "*:*" }'
${FSTAT}
...             SEPARATOR=\n
...             \#!/bin/sh
...             chroot /.linux netstat -antup | chroot /.linux awk '/^(tcp|udp)/ && split($NF, q, "/") == 2 {
...             sub(/^(0.0.0.0|::):/, "*:", $4); kind = $1 ~ /^udp/ ? "dgram udp" : "stream tcp"
...             printf "%-8s %-8s %8s %4s internet %s 0x0 %s%s\\n", "root", q[2], q[1], "3*", kind, $4, $5 ~ /:\\*$/ ? "" : " --> " $5 }'


*** Test Cases ***
Servers And Daemons
    [Template]    Device Should Work With
    lsof=${LSOF}    netstat=${BSD_NETSTAT}    ps=${PS}
    sockstat=${SOCKSTAT}    netstat=${BSD_NETSTAT}    ps=${PS}
    fstat=${FSTAT}    netstat=${BSD_NETSTAT}    ps=${PS}

Port That Is Taken
    [Template]    Port Should Be Told To Be Taken With
    lsof=${LSOF}    netstat=${BSD_NETSTAT}    ps=${PS}
    sockstat=${SOCKSTAT}    netstat=${BSD_NETSTAT}    ps=${PS}
    fstat=${FSTAT}    netstat=${BSD_NETSTAT}    ps=${PS}

Nothing That Tells
    [Documentation]    A server cannot be started there; a client can.
    &{programs} =    Create Dictionary
    Add Router    proc=none    programs=${programs}
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    router
    Message Should Have    ${message}    none of lsof, sockstat, fstat, ss and netstat works there    install lsof
    Start Iperf Server    beta
    Run Iperf Client    router    beta    time=1s    bitrate=10M

Nothing That Tells Whose It Is
    [Documentation]    There a server is ready when somebody listens at a port that was free before.
    [Template]    Device Should Work With
    ss=\#!/bin/sh\nexec chroot /.linux ss -ltn
    netstat=${BSD_NETSTAT}

Server Of Another User
    [Documentation]    The log-in may not see what it has opened, as with a wrapper around sudo; the program has the set-user-ID bit.
    [Template]    Server Of Another User Should Work
    proc=
    proc=hidden


*** Keywords ***
Device Should Work With
    [Arguments]    &{programs}
    Add Router    proc=none    programs=${programs}
    Server And Client Should Work
    Start Iperf Server    router    tool=iperf3
    Run Iperf Client    beta    router    udp=True    time=1s    bitrate=1M
    Stop Iperf Server    router
    Daemon Should Work
    [Teardown]    Close Router

Port Should Be Told To Be Taken With
    [Documentation]    Another program listens there, on one address only: with TCP the start of ours fails, or nobody would know who gets what comes.
    [Arguments]    &{programs}
    Add Router    proc=none    programs=${programs}
    ${other} =    Call Method    ${ALPHA}    spawn    ${{['iperf3', '-s', '-p', '5298', '-B', '127.0.0.1']}}
    Call Method    ${ALPHA}    wait_for_listener    ${5298}
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    router    port=5298
    Message Should Have    ${message}    could not start on port 5298    Address already in use
    [Teardown]    Run Keywords    Call Method    ${other}    kill    AND    Close Router

Server Of Another User Should Work
    [Arguments]    &{made}
    ${router} =    Add Router    user=admin    &{made}
    Evaluate    $router.root.joinpath("bin/iperf3").chmod(0o4755)
    Server And Client Should Work
    ${other} =    Call Method    ${ALPHA}    spawn    ${{['iperf3', '-s', '-p', '5298']}}
    Call Method    ${ALPHA}    wait_for_listener    ${5298}
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    router    port=5298
    Message Should Have    ${message}    could not start on port 5298    in use
    [Teardown]    Run Keywords    Call Method    ${other}    kill    AND    Close Router
