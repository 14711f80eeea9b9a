*** Settings ***
Documentation       Everything that goes wrong has a message of its own: what, where, what iperf said, why, what to do.
Resource            resources/lab.resource
Suite Setup         Open Lab With Devices
Suite Teardown      Close Devices
Test Teardown       Hosts Should Be Clean In The End


*** Variables ***
@{PARTS}        it said:    probably:    what to do:    command:    raw file:


*** Test Cases ***
Server Not Running
    ${message} =    Client Should Fail    ${ALPHA.address()}    port=5999
    Message Should Have    ${message}    client on beta to ${ALPHA.address()}    port 5999    connection was refused
    ...    Connection refused    @{PARTS}

Device Without A Server
    ${message} =    Client Should Fail    alpha
    Message Should Have    ${message}    client on beta to alpha    port 5201    connection was refused
    ...    This run has started no such server on alpha

Device With A Server At Another Port
    ${server} =    Start Iperf Server    alpha
    ${message} =    Client Should Fail    alpha    port=5999
    Message Should Have    ${message}    connection was refused    has a server on alpha at port ${server.port}, and none at 5999    leave 'port=' out
    ${message} =    Client Should Fail    ${ALPHA.address()}    port=5999
    Message Should Have    ${message}    connection was refused    where this run has a server at port ${server.port}: give server=alpha

Client And Server On One Device
    Start Iperf Server    alpha
    Run Iperf Client    alpha    server=alpha    time=1s    bitrate=1M
    Log Should Warn    Client and server are both on alpha, so no traffic leaves that device

Client That Failed And That Nobody Asked
    ${client} =    Start Iperf Client    beta    ${ALPHA.address()}    port=5999
    Wait Until Keyword Succeeds    5s    20ms    Should Not Be Running    ${client}
    Stop All Iperf Processes
    Log Should Warn    failed, and nobody asked for its result: the connection was refused

Typing Error In The Server's Name
    ${message} =    Client Should Fail    alhpa
    Message Should Have    ${message}    name of the server is not known    Did you mean 'alpha'?

No Route
    Require Lab Feature    netns
    ${message} =    Client Should Fail    203.0.113.7
    Message Should Have    ${message}    no route to the server    unreachable    203.0.113.7    @{PARTS}

Nothing Answers
    Require Lab Feature    cut
    ${server} =    Start Iperf Server    alpha
    Cut Lab Link    alpha    plain
    ${message} =    Client Should Fail    alpha    connect_timeout=500ms
    Message Should Have    ${message}    nothing answered    @{PARTS}
    [Teardown]    Run Keywords    Restore Lab Link    alpha    plain    AND    Hosts Should Be Clean In The End

Name Not Known
    ${message} =    Client Should Fail    no-such-host.invalid
    Message Should Have    ${message}    name of the server is not known    no-such-host.invalid    @{PARTS}

Server Busy
    ${server} =    Start Iperf Server    alpha
    ${client} =    Start Iperf Client    beta    alpha    time=20s    bitrate=1M
    Wait Until Keyword Succeeds    5s    20ms    Server Should Be Taken    ${server.port}
    ${message} =    Client Should Fail    alpha
    Message Should Have    ${message}    the server is busy    Wait until that test has ended    @{PARTS}
    Stop Iperf Client    ${client}

Port In Use
    ${server} =    Start Iperf Server    alpha
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    alpha    port=${server.port}
    Message Should Have    ${message}    server on alpha could not start on port ${server.port}    Address already in use    @{PARTS}
    Should Be True    ${server.running}

Port Not Allowed
    Require Lab Feature    password
    Add Iperf Device    user    ssh://${LAB.tester.name}@${ALPHA.ssh_host}    password=${LAB.tester.password}
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    user    port=80
    Message Should Have    ${message}    could not start on port 80    Permission denied    1024
    [Teardown]    Forget Device    user

Program Not Found
    Add Iperf Device    bare    ${ALPHA.url}    iperf3=/no/such/iperf3
    FOR    ${keyword}    IN    Start Iperf Server    Run Iperf Client
        @{arguments} =    Set Variable If    $keyword == 'Run Iperf Client'    ${{['bare', 'alpha']}}    ${{['bare']}}
        ${message} =    Run Keyword And Expect Error    *    ${keyword}    @{arguments}
        Message Should Have    ${message}    '/no/such/iperf3' was not found on bare    there is no such file    iperf3=/path/to/iperf3
    END
    [Teardown]    Forget Device    bare

Program Not Executable
    Add Iperf Device    bare    ${ALPHA.url}    iperf3=/etc/passwd
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    bare
    Message Should Have    ${message}    '/etc/passwd' cannot be executed on bare    no execute permission
    [Teardown]    Forget Device    bare

Program Is Another
    Add Iperf Device    bare    ${ALPHA.url}    iperf3=/bin/echo
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    bare
    Message Should Have    ${message}    '/bin/echo' does not answer like iperf3 on bare
    [Teardown]    Forget Device    bare

Server That Served Its One Client
    ${server} =    Start Iperf Server    alpha    one_off=True
    Run Iperf Client    beta    alpha    time=1s    bitrate=1M
    Wait Until Keyword Succeeds    5s    20ms    Should Not Be Running    ${server}
    ${message} =    Client Should Fail    alpha
    Message Should Have    ${message}    it has served its one client, as 'one_off' asks
    ${served} =    Stop Iperf Server    ${server}
    Length Should Be    ${served}    1

Server That This Run Stopped
    ${server} =    Start Iperf Server    alpha
    Stop Iperf Server    ${server}
    ${message} =    Client Should Fail    ${server}
    Message Should Have    ${message}    is not running any more    it was stopped by this run
    ${server} =    Start Iperf Server    alpha
    Close Iperf Connection    alpha
    ${message} =    Client Should Fail    ${server}
    Message Should Have    ${message}    is not running any more    its connection was closed (Close Iperf Connection)

Client That Was Stopped Is No Success
    Start Iperf Server    alpha
    ${client} =    Start Iperf Client    beta    alpha    time=20s    bitrate=1M
    Stop Iperf Client    ${client}
    ${message} =    Run Keyword And Expect Error    *    Wait For Iperf Client    ${client}
    Message Should Have    ${message}    was stopped before it was done

Client That Was Ended At Once Is Told So
    [Documentation]    It may be exchanging parameters, and what it says of its end then is of another kind.
    Start Iperf Server    alpha
    FOR    ${pause}    IN    0ms    2ms    5ms    20ms
        ${client} =    Start Iperf Client    beta    alpha    time=20s    bitrate=1M
        Sleep    ${pause}
        Close Iperf Connection    beta
        ${message} =    Run Keyword And Expect Error    *    Wait For Iperf Client    ${client}
        Message Should Have    ${message}    was stopped before it was done    its connection was closed (Close Iperf Connection)
    END

Loss At The End Is Loss
    [Documentation]    iperf finds a lost packet by the next one that comes; where none comes, it says 0 %.
    Require Lab Feature    cut
    ${server} =    Start Iperf Server    alpha
    ${client} =    Start Iperf Client    beta    alpha    udp=True    bitrate=4M    length=1000    time=3s
    Wait Until Keyword Succeeds    5s    20ms    Server Should Be Taken    ${server.port}    1
    Sleep    1s    The first part of the run gets through.
    Block UDP    alpha    ${server.port}
    ${result} =    Wait For Iperf Client    ${client}
    Should Be True    25 < $result.lost_percent < 75
    Should Be True    $result.packets == $result.sent.packets
    [Teardown]    Unblock    alpha

Server That Died
    ${server} =    Start Iperf Server    alpha
    Kill On Lab Host    alpha    ${server.pid}
    Wait Until Keyword Succeeds    5s    20ms    Should Not Be Running    ${server}
    ${message} =    Client Should Fail    alpha
    Message Should Have    ${message}    server on alpha (port ${server.port}) is not running any more    exit code
    ${served} =    Stop Iperf Server    alpha
    Should Be Empty    ${served}
    Stop Iperf Server    ${server}

Server That Dies In The Middle
    ${server} =    Start Iperf Server    alpha
    ${client} =    Start Iperf Client    beta    alpha    time=20s    bitrate=1M
    Wait Until Keyword Succeeds    5s    20ms    Server Should Be Taken    ${server.port}
    Kill On Lab Host    alpha    ${server.pid}
    ${message} =    Run Keyword And Expect Error    *    Wait For Iperf Client    ${client}
    Message Should Have    ${message}    connection to the server was lost    @{PARTS}

Client That Takes Too Long
    Start Iperf Server    alpha
    ${message} =    Client Should Fail    alpha    time=30s    bitrate=1M    timeout=1s
    Message Should Have    ${message}    was not done after 1 s    'timeout='    @{PARTS}

Something That Is No Iperf Server
    Add Iperf Device    strange    local    address=${BETA.ssh_host}
    ${message} =    Client Should Fail    strange    port=${BETA.ssh_port}    timeout=3s
    Message Should Have    ${message}    other end is no fitting iperf
    [Teardown]    Forget Device    strange

Blocked Data
    [Documentation]    Control connections get through, data does not: no figure, but an error.
    Require Lab Feature    cut
    ${server} =    Start Iperf Server    alpha
    Block UDP    alpha    ${server.port}
    ${message} =    Client Should Fail    alpha    udp=True    time=1s    timeout=5s
    Message Should Have    ${message}    client on beta to alpha    @{PARTS}
    [Teardown]    Unblock    alpha

Lost Connection To The Client's Device
    ${server} =    Start Iperf Server    alpha
    ${client} =    Start Iperf Client    beta    alpha    time=20s    bitrate=1M
    Wait Until Keyword Succeeds    5s    20ms    Server Should Be Taken    ${server.port}
    Call Method    ${BETA}    kill_sshd
    ${message} =    Run Keyword And Expect Error    *    Wait For Iperf Client    ${client}
    Message Should Have    ${message}    connection to beta was lost while its iperf3 client ran
    Host Should Have No Iperf    beta
    [Teardown]    Run Keywords    Call Method    ${BETA}    start_sshd    AND    Hosts Should Be Clean In The End

Wrong Before Anything Runs
    [Template]    Client Should Fail With Exactly
    There is no option 'tiem'. Did you mean 'time'?    tiem=1s
    The options 'time' and 'bytes' exclude each other.    time=1s    bytes=1M
    The options 'reverse' and 'bidir' exclude each other.    reverse=True    bidir=True
    The option 'mss' is for TCP only.    udp=True    mss=1000
    The option 'one_off' belongs to the server, not to the client.    one_off=True
    The option 'time' of iperf3 takes whole numbers only, not 1.5 s.    time=1500ms
    The option 'parallel' of iperf3 must be at most 128, not 129.    parallel=129
    '-P' cannot go through 'extra': write 'parallel\=' in place of it.    extra=-P 2
    '--logfile' cannot go through 'extra': the library keeps the process and its output.    extra=--logfile x
    *'bitrate' got value '10 MX' that cannot be converted to Bitrate: '10 MX' is no bit rate; write it like '900 Mbit/s'*    bitrate=10 MX
    *'length' got value 'big' that cannot be converted to Size: 'big' is no size in bytes*    length=big
    *'time' got value 'soon' that cannot be converted to Seconds*    time=soon
    A timeout is more than 0 s, not 0 s.    timeout=0
    The option 'udp' cannot be 'maybe': it is True or False    udp=maybe
    The option 'time' is given twice (duration is the same).    time=1s    duration=3s
    There is no option 'P'. Did you mean 'parallel'?    P=4
    The option 'json' cannot be given: the library sets it.    json=True
    The option 'length' of iperf3 must be at least 16, not 4.    udp=True    length=4
    The option 'omit' of iperf3 must be at most 60, not 61.    omit=61
    The option 'interval' of iperf3 is 0 s for none, or 0.1 s to 60 s, not 0.01 s.    interval=10ms
    The option 'dscp' of iperf3 is a number from 0 to 63 or a name like ef, af41, cs3, not 'zzz'.    dscp=zzz
    The option 'tos' of iperf3 is a number from 0 to 255, also written like 0x20, not '256'.    tos=256
    The option 'bind' of iperf3 cannot be ''.    bind=
    A port lies between 1 and 65535, not 0.    port=0
    iperf3 has no option 'tradeoff'.    tradeoff=True

Numbers And Times As Variables
    Start Iperf Server    alpha
    ${span} =    Evaluate    datetime.timedelta(seconds=1)    modules=datetime
    FOR    ${time}    IN    ${1}    ${1.0}    ${span}    1    1 second
        ${result} =    Run Iperf Client    beta    alpha    time=${time}    bitrate=${1000000}    udp=${0}    timeout=${30}
        Should Be True    0.9 < $result.sent.seconds < 1.5
    END
    ${result} =    Run Iperf Client    beta    alpha    bytes=${200000}    length=${1000}    reverse=no    bitrate=${10000000}
    Should Be True    200000 <= $result.sent.bytes <= 201000

Things Of The Wrong Kind
    ${server} =    Start Iperf Server    alpha
    ${client} =    Start Iperf Client    beta    alpha    time=1s    bitrate=1M
    Run Keyword And Expect Error    This takes the name of a device, or a server handle, not the handle of a client.    Stop Iperf Server    ${client}
    Run Keyword And Expect Error    This takes the name of a device, or a client handle, not the handle of a server.    Wait For Iperf Client    ${server}
    Run Keyword And Expect Error    The server is a device, a server handle or a host, not the handle of a client.    Run Iperf Client    beta    ${client}
    Run Keyword And Expect Error    The server is a device, a server handle or a host, not None (NoneType).    Run Iperf Client    beta    ${None}
    Run Keyword And Expect Error    This takes the name of a device, not 5 (int).    Start Iperf Server    ${5}
    Run Keyword And Expect Error    'host:5201' holds a port; give it as 'port='.    Run Iperf Client    beta    host:5201
    Run Keyword And Expect Error    '-x' is no server.    Run Iperf Client    beta    -x
    Run Keyword And Expect Error    A device needs a name.    Add Iperf Device    ${SPACE}
    ${result} =    Wait For Iperf Client    ${client}
    Run Keyword And Expect Error    The server is a device, a server handle or a host, not a result.    Run Iperf Client    beta    ${result}

Directory That Cannot Be Written
    ${library} =    Evaluate    IperfLibrary.IperfLibrary(directory=pathlib.Path('/proc/nope'))    modules=IperfLibrary, pathlib
    Call Method    ${library}    add_iperf_device    x
    ${message} =    Run Keyword And Expect Error    *    Call Method    ${library}    start_iperf_server    x
    Message Should Have    ${message}    No file can be written into /proc/nope    directory=

Options Of A Client For A Server
    Run Keyword And Expect Error    The option 'time' belongs to the client, not to the server.
    ...    Start Iperf Server    alpha    time=1s

Devices That There Are Not
    Run Keyword And Expect Error    There is no device 'alhpa'. Did you mean 'alpha'?*    Start Iperf Server    alhpa
    Run Keyword And Expect Error    There is no device 'gamma'.*Add Iperf Device*gamma*    Run Iperf Client    gamma    alpha
    Run Keyword And Expect Error    There is a device 'alpha' already, and*    Add Iperf Device    alpha
    Run Keyword And Expect Error    The role of x is 'node', 'tpc' or none, not 'router'.    Add Iperf Device    x    role=router
    Run Keyword And Expect Error    There is no device*    Remove Iperf Device    x
    Run Keyword And Expect Error    There is no device*    Stop Iperf Server    x

Client Without End And Without Limit
    Start Iperf Server    alpha
    ${client} =    Start Iperf Client    beta    alpha    time=0s    bitrate=1M
    Run Keyword And Expect Error    *waiting for it would never end*    Wait For Iperf Client    ${client}
    Run Keyword And Expect Error    *was not done after 1 s*    Wait For Iperf Client    ${client}    timeout=1s

Stopping What Is Not There Is Told
    ${served} =    Stop Iperf Server    alpha
    Should Be Empty    ${served}
    ${server} =    Start Iperf Server    alpha
    Stop Iperf Server    ${server}
    ${served} =    Stop Iperf Server    ${server}
    Should Be Empty    ${served}
    Run Keyword And Expect Error    beta has no running clients*    Stop Iperf Client    beta


*** Keywords ***
Client Should Fail
    [Documentation]    Runs a client on beta and returns the message.
    [Arguments]    ${server}    &{options}
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    beta    ${server}    &{options}
    RETURN    ${message}

Client Should Fail With Exactly
    [Arguments]    ${message}    &{options}
    Run Keyword And Expect Error    ${message}    Run Iperf Client    beta    192.0.2.1    &{options}

Block UDP
    [Arguments]    ${host}    ${port}
    Run On Lab Host    ${host}    nft    add table inet atest; add chain inet atest in { type filter hook input priority 0; }; add rule inet atest in udp dport ${port} drop

Unblock
    [Arguments]    ${host}
    Run Keyword And Ignore Error    Run On Lab Host    ${host}    nft    delete table inet atest
    Hosts Should Be Clean In The End

Server Should Be Taken
    [Arguments]    ${port}    ${connections}=2
    ${hex} =    Evaluate    '%04X' % int($port)
    ${sockets} =    Run On Lab Host    alpha    cat    /proc/net/tcp    /proc/net/tcp6
    ${taken} =    Get Regexp Matches    ${sockets}    :${hex} [0-9A-F]+:[0-9A-F]{4} 01
    Should Be True    len($taken) >= ${connections}

Should Not Be Running
    [Arguments]    ${handle}
    Should Not Be True    ${handle.running}

Kill On Lab Host
    [Arguments]    ${host}    ${pid}
    Run On Lab Host    ${host}    kill    -KILL    ${pid}

Hosts Should Be Clean In The End
    Stop All Iperf Processes
    Hosts Should Be Clean
