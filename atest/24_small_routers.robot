*** Settings ***
Documentation       Small routers: busybox and dropbear, a read-only root, no SFTP, no bash, no coreutils.
Resource            resources/routers.resource
Library             resources/Conformance.py
Suite Setup         Open Lab With Routers
Suite Teardown      Close Devices
Test Teardown       Close Router


*** Variables ***
${MANY}         chmod cksum df echo grep head kill md5sum mkdir mount printf ps readlink rmdir sed setsid sha256sum stat test touch tr uname wc


*** Test Cases ***
All That A Device Does
    Add Router
    Server And Client Should Work
    Daemon Should Work
    Start Iperf Server    beta
    ${result} =    Run Iperf Client    router    beta    time=1s    bitrate=10M    reverse=True
    Should Be True    $result.received.bytes > 500_000
    ${client} =    Start Iperf Client    router    beta    time=60s    bitrate=1M
    ${result} =    Stop Iperf Client    ${client}
    Should Be True    ${result.partial}
    Start Iperf Server    router
    Run Iperf Client    beta    router    udp=True    time=1s    bitrate=1M

Few Applets
    [Documentation]    These are all that the library needs beside the shell; decision 20 has the list.
    Add Router    without=${MANY}
    Server And Client Should Work
    Daemon Should Work

Sockets Without Ls
    Add Router    without=ls
    Server And Client Should Work

Applet That Is Missing Is Named
    [Template]    Applet Should Be Named
    cat
    rm    daemon=True
    sleep

Processes Of Others Are Hidden
    [Documentation]    /proc has hidepid, and the log-in is not root.
    Add Router    user=admin    proc=hidden
    Server And Client Should Work
    Daemon Should Work

Many At Once
    Add Router
    FOR    ${number}    IN RANGE    15
        Start Iperf Server    router    name=${number}
    END
    ${count} =    Stop All Iperf Processes
    Should Be Equal As Integers    ${count}    15

Long Command
    [Documentation]    Dropbear ends the connection, with all that is on it, for a command of more than 9000 bytes.
    Add Router
    Start Iperf Server    beta
    ${server} =    Start Iperf Server    router
    ${title} =    Evaluate    "it's 100 % long! " * 700 + "\\n"
    ${result} =    Run Iperf Client    router    beta    time=1s    bitrate=10M    title=${title}
    Should Be Equal    ${result.options}[title]    ${title}
    Should Be True    ${server.running}

Killed Session Ends What Ran On It
    [Template]    What Ran Should End With Its Session
    ${EMPTY}
    setsid


Keeps The Contract
    [Documentation]    A command that is longer than dropbear takes goes through the standard input.
    [Tags]    slow
    Add Router
    Connection Should Conform    ${ROUTER.url_of('root')}    ${None}    host_key=ignore    large=200000    file=200000
    [Teardown]    Close Router

*** Keywords ***
Applet Should Be Named
    [Arguments]    ${applet}    &{options}
    Add Router    without=${applet}
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    router    &{options}
    Message Should Have    ${message}    no program '${applet}'    busybox
    [Teardown]    Close Router

What Ran Should End With Its Session
    [Arguments]    ${without}
    Add Router    without=${without}
    Start Iperf Server    router
    Start Iperf Client    router    router    time=60s    bitrate=1M
    Run On Lab Host    alpha    pkill    -KILL    -x    dropbear
    Host Should Have No Iperf    alpha    within=8s
    [Teardown]    Close Router
