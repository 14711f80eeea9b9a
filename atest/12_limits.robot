*** Settings ***
Documentation       A client that stalls, an interval without data, a server that is busy or stuck: told, tried again or mended.
Resource            resources/lab.resource
Test Tags           fault
Suite Setup         Open Lab With Devices
Suite Teardown      Close Devices
Test Teardown       Restore And Stop


*** Test Cases ***
A Client That Hangs
    [Documentation]    It is stopped from outside, so its intervals end; long before its time limit.
    [Template]    Client That Hangs Should Be Ended By Its Stall Limit
    iperf3    1M
    iperf2    10M

A Client Without Intervals Cannot Be Watched
    ${server} =    Start Iperf Server    alpha
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    beta    ${server}    time=1s    stall=2s    interval=0
    Message Should Have    ${message}    'stall' cannot be watched    'interval' is 0

An Interval Without Data Is No Stall
    Require Lab Feature    cut
    ${server} =    Start Iperf Server    alpha
    ${client} =    Start Iperf Client    beta    ${server}    time=5s    bitrate=5M    window=32K    length=8K    stall=3s
    Cut For A While    ${client}
    ${result} =    Wait For Iperf Client    ${client}
    ${empty} =    Evaluate    [i for i in $result.intervals if i.bytes == 0]
    Should Not Be Empty    ${empty}
    Should Be True    $result.received.bytes > 0

An Interval Without Data Fails If Asked
    [Template]    Zero Interval Should Fail
    True
    False

No Interval Without Data
    ${server} =    Start Iperf Server    alpha
    Run Iperf Client    beta    ${server}    time=2s    bitrate=5M    fail_on_zero_interval=True
    Run Iperf Client    beta    ${server}    time=2s    udp=True    bitrate=5M    reverse=True    fail_on_zero_interval=True

Somebody Else's Server Is Busy
    ${server} =    Start Iperf Server    alpha    name=busy
    ${holder} =    Start Iperf Client    alpha    ${server}    time=0s    bitrate=1M
    Wait Until Keyword Succeeds    5s    20ms    Should Have Begun    ${server}
    ${message} =    Run Keyword And Expect Error    *
    ...    Run Iperf Client    beta    ${ALPHA.address()}    port=${server.port}    time=1s    retry=1s
    Message Should Have    ${message}    failed after 3 tries in 1 s: the server is busy
    ${message} =    Run Keyword And Expect Error    *
    ...    Run Iperf Client    beta    alpha    port=${server.port}    time=1s
    Message Should Have    ${message}    the server is busy    ${ALPHA.address()} is connected to it

A Busy Server Is Tried Again
    ${server} =    Start Iperf Server    alpha
    ${holder} =    Start Iperf Client    alpha    ${server}    time=2s    bitrate=1M
    Wait Until Keyword Succeeds    5s    20ms    Should Have Begun    ${server}
    ${result} =    Run Iperf Client    beta    ${server}    time=1s    bitrate=1M    retry=30s
    Should Be True    $result.received.bytes > 0
    Wait For Iperf Client    ${holder}

A Server Stuck With A Vanished Client Is Started Anew
    [Template]    Server Should Be Started Anew
    False
    True

A Server Whose Client Was Killed Is Left As It Is
    ${server} =    Start Iperf Server    alpha
    ${pid} =    Set Variable    ${server.pid}
    ${client} =    Start Iperf Client    beta    ${server}    time=0s    bitrate=1M
    Wait Until Keyword Succeeds    5s    20ms    Should Have Begun    ${server}
    Run On Lab Host    beta    kill    -KILL    ${client.pid}
    Run Keyword And Expect Error    *it was ended there by signal 9*    Wait For Iperf Client    ${client}    timeout=5s
    ${result} =    Run Iperf Client    beta    ${server}    time=1s    bitrate=1M
    Should Be Equal    ${server.pid}    ${pid}


*** Keywords ***
Restore And Stop
    Restore Lab Link    beta    plain
    Stop All Iperf Processes
    Hosts Should Be Clean

Client That Hangs Should Be Ended By Its Stall Limit
    [Arguments]    ${tool}    ${bitrate}
    ${server} =    Start Iperf Server    alpha    tool=${tool}
    ${client} =    Start Iperf Client    beta    ${server}    time=30s    bitrate=${bitrate}    stall=2s
    Wait Until Keyword Succeeds    5s    20ms    Should Not Be Empty    ${client.intervals}
    Run On Lab Host    beta    kill    -STOP    ${client.pid}
    ${message} =    Run Keyword And Expect Error    *    Wait For Iperf Client    ${client}
    Message Should Have    ${message}    printed nothing for 2 s, so it was stopped    raw_iperf
    Stop Iperf Server    ${server}

Cut For A While
    [Arguments]    ${client}
    Wait Until Keyword Succeeds    5s    20ms    Should Not Be Empty    ${client.intervals}
    Cut Lab Link    beta    plain
    Wait Until Keyword Succeeds    5s    20ms    Should Have An Empty Interval    ${client}
    Restore Lab Link    beta    plain

Should Have An Empty Interval
    [Arguments]    ${client}
    Should Be True    any(i.bytes == 0 for i in $client.intervals)

Zero Interval Should Fail
    [Documentation]    Small buffers, so that the sender has nowhere to put its data. Where the client shows nothing while it runs, another one beside it tells when to restore the link.
    [Arguments]    ${live}
    Require Lab Feature    cut
    ${server} =    Start Iperf Server    alpha
    ${other} =    Start Iperf Server    alpha
    ${client} =    Start Iperf Client    beta    ${server}    time=5s    bitrate=5M    window=32K    length=8K    fail_on_zero_interval=True    live=${live}
    ${observer} =    Start Iperf Client    beta    ${other}    time=5s    bitrate=5M    window=32K    length=8K    live=True
    Cut For A While    ${observer}
    ${message} =    Run Keyword And Expect Error    *    Wait For Iperf Client    ${client}
    Message Should Have    ${message}    no data in an interval    0 bytes from
    Stop All Iperf Processes

Should Have Begun
    [Arguments]    ${server}
    ${holders} =    Run On Lab Host    alpha    ss    -Htn    state    established    sport    =    :${server.port}
    Should Not Be Empty    ${holders}

Forget Connections
    [Documentation]    As a device does that loses its power: what its kernel still sends is lost on the cut link.
    [Arguments]    ${host}    ${port}
    Run On Lab Host    ${host}    ss    -K    dport    =    :${port}
    ${left} =    Run On Lab Host    ${host}    ss    -Htn    state    big    dport    =    :${port}
    Should Be Empty    ${left}

Server Should Be Started Anew
    [Arguments]    ${daemon}
    Require Lab Feature    cut
    ${server} =    Start Iperf Server    alpha    daemon=${daemon}
    ${first} =    Run Iperf Client    beta    ${server}    time=1s    bitrate=1M
    ${pid} =    Set Variable    ${server.pid}
    ${client} =    Start Iperf Client    beta    ${server}    time=30s    bitrate=1M
    Wait Until Keyword Succeeds    5s    20ms    Should Have Begun    ${server}
    Cut Lab Link    beta    plain
    Forget Connections    beta    ${server.port}
    Run Keyword And Expect Error    *iperf3 client on beta*    Wait For Iperf Client    ${client}    timeout=3s
    Restore Lab Link    beta    plain
    ${second} =    Run Iperf Client    beta    ${server}    time=1s    bitrate=1M
    Should Not Be Equal    ${server.pid}    ${pid}
    @{served} =    Stop Iperf Server    ${server}
    ${cookies} =    Evaluate    [test.cookie for test in $served if not test.partial]
    Should Be Equal    ${cookies}    ${{[$first.cookie, $second.cookie]}}
