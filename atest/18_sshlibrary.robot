*** Settings ***
Documentation       Devices that are reached over the sessions of the suite's own SSHLibrary, of which nothing changes.
Resource            resources/lab.resource
Library             Process
Library             resources/Conformance.py
Library             SSHLibrary    timeout=10s
Library             SSHLibrary    timeout=11s    AS    Router
Suite Setup         Open Lab With Traffic PC
Suite Teardown      Close Devices
Test Teardown       End Sessions
Test Tags           sshlibrary


*** Variables ***
${INNER}        ${CURDIR}/_inner/sshlibrary.robot
${MARK}         /tmp/iperf-lab-mark
${CLOSED}       the suite closed its session, by Close Connection or Close All Connections


*** Test Cases ***
A Suite That Has Sessions Already
    [Documentation]    With two lines more, its old tests still pass.
    ${done} =    Run Process    ${{sys.executable}}    -m    robot    --outputdir    ${OUTPUT_DIR}/inner
    ...    --variable    HOST:${ALPHA.ssh_host}    --variable    PORT:${ALPHA.ssh_port}    --variable    USER:${ALPHA.user}
    ...    --variable    KEY:${LAB.keys.client}    --variable    ADDRESS:${ALPHA.address()}    --variable    PC:${BETA.url}
    ...    ${INNER}    stderr=STDOUT    timeout=60s    on_timeout=kill
    Should Be Equal As Integers    ${done.rc}    0    ${done.stdout}
    Hosts Should Be Clean

Nothing Of A Session Changes
    [Documentation]    It has a shell with a state and unread output, and a command that runs; another one is current.
    [Tags]    smoke
    Open Session    dut
    Prepare Shell
    SSHLibrary.Write    cd /usr; mine=kept; printf 'unread %s\\n' output
    SSHLibrary.Start Command    until [ -e ${MARK} ]; do sleep 0.1; done; echo survived
    Open Session    other    ${BETA}
    ${before} =    State Of Sessions
    Add Iperf Device    dut    sshlibrary:dut    address=${ALPHA.address()}
    ${server} =    Start Iperf Server    dut
    Iperf Count Should Be    alpha    1
    ${result} =    Run Iperf Client    pc    dut    time=1s    bitrate=10M
    Should Be True    0 < $result.received.bytes
    Stop Iperf Server    ${server}
    Remove Iperf Device    dut
    Wait Until Keyword Succeeds    5s    50ms    Sessions Should Be As Before    ${before}
    SSHLibrary.Switch Connection    dut
    SSHLibrary.Write Bare    echo "$mine $PWD"\n
    ${shell} =    SSHLibrary.Read Until    kept /usr
    Should Contain    ${shell}    unread output
    Run On Lab Host    alpha    touch    ${MARK}
    ${survived} =    SSHLibrary.Read Command Output    timeout=10s
    Should Be Equal    ${survived}    survived

Session That Was Current When The Device Was Added
    Open Session    first
    Add Iperf Device    dut    sshlibrary:
    Open Session    second    ${BETA}
    ${device} =    Get Iperf Device    dut
    Should Be Equal    ${device.connection.host}    ${ALPHA.ssh_host}
    ${server} =    Start Iperf Server    dut
    Server Should Be On Alpha    ${server}
    ${current} =    SSHLibrary.Get Connection    alias=True
    Should Be Equal    ${current}    second

Session By Its Index
    Open Session
    Open Session    second    ${BETA}
    Add Iperf Device    dut    sshlibrary:1
    ${server} =    Start Iperf Server    dut
    Server Should Be On Alpha    ${server}

Both Ends Over Sessions
    [Tags]    smoke
    Open Session    one
    Open Session    other    ${BETA}
    Add Iperf Device    one    sshlibrary:one    address=${ALPHA.address()}    role=node
    Add Iperf Device    other    sshlibrary:other    address=${BETA.address()}    role=tpc
    Start Iperf Server    one
    ${result} =    Run Iperf Client    other    one    time=1s    bitrate=10M
    Should Be True    0 < $result.downstream.receiver.bytes
    Stop All Iperf Processes
    Hosts Should Be Clean

Daemon Whose Session Was Closed And Opened Again
    [Documentation]    Under the same alias it is the same device; its file is fetched.
    Open Session    dut
    Add Iperf Device    dut    sshlibrary:dut    address=${ALPHA.address()}
    Start Iperf Server    dut    daemon=True
    SSHLibrary.Close Connection
    Run Iperf Client    pc    dut    time=1s    bitrate=10M
    Open Session    dut
    ${served} =    Stop Iperf Server    dut
    Should Be True    0 < $served[0].received.bytes
    Hosts Should Be Clean

Session That Was Closed
    Open Session
    Add Iperf Device    dut    sshlibrary:
    Device Should Work    dut
    SSHLibrary.Close Connection
    Device Should Fail    dut    with ${ALPHA.ssh_host}, which dut uses, was closed    Close All Connections    sshlibrary:alias

Session That Is Closed Under A Server
    Open Session    dut
    Add Iperf Device    dut    sshlibrary:dut    address=${ALPHA.address()}
    ${server} =    Start Iperf Server    dut
    SSHLibrary.Close All Connections
    Host Should Have No Iperf    alpha    within=10s
    Wait Until Keyword Succeeds    10s    20ms    Should Be True    not $server.running
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    pc    ${server}
    Message Should Have    ${message}    connection to dut was lost while its iperf3 server ran    ${CLOSED}

Session That Is Closed Under A Client
    Open Session    dut
    Add Iperf Device    dut    sshlibrary:dut
    ${server} =    Start Iperf Server    pc
    ${client} =    Start Iperf Client    dut    ${server}    time=60s    bitrate=10M
    SSHLibrary.Close Connection
    ${message} =    Run Keyword And Expect Error    *    Wait For Iperf Client    ${client}
    Message Should Have    ${message}    connection to dut was lost while its iperf3 client ran    ${CLOSED}
    Host Should Have No Iperf    alpha    within=10s

Session Without A Log-In
    SSHLibrary.Open Connection    ${ALPHA.ssh_host}    alias=dut    port=${ALPHA.ssh_port}
    Add Iperf Device    dut    sshlibrary:dut
    Device Should Fail    dut    has not logged in    call Login or Login With Public Key before

Session Whose Device Went Away
    Open Session    dut
    Add Iperf Device    dut    sshlibrary:dut
    Device Should Work    dut
    Kill Lab Sshd    alpha
    Device Should Fail    dut    with ${ALPHA.ssh_host}, which dut uses, is lost    the device rebooted, or its network is gone
    Start Lab Sshd    alpha
    Open Session    dut
    Device Should Work    dut

Session Without Room
    [Documentation]    sshd takes ten sessions at a time on one connection, and the log-in has opened a shell.
    Open Session    dut
    Add Iperf Device    dut    sshlibrary:dut
    FOR    ${_}    IN RANGE    9
        SSHLibrary.Start Command    cat
    END
    Device Should Fail    dut    has no room for another command on dut    MaxSessions    give the device as ssh://
    ${state} =    SSHLibrary.Get Connection    dut    alias=True
    Should Be Equal    ${state}    dut

Sessions Of Two Libraries
    Open Session    dut    library=Router
    Add Iperf Device    dut    sshlibrary:dut    # nobody else has a session of this alias
    ${server} =    Start Iperf Server    dut
    Server Should Be On Alpha    ${server}
    Open Session    dut    ${BETA}
    ${message} =    Run Keyword And Expect Error    *    Add Iperf Device    dut2    sshlibrary:dut
    Message Should Have    ${message}    Several SSHLibraries have a session 'dut' (for dut2): SSHLibrary, Router.    sshlibrary:dut?library=SSHLibrary
    Run Keyword And Expect Error    Several SSHLibraries have a current session*    Add Iperf Device    dut2    sshlibrary:
    Add Iperf Device    dut2    sshlibrary:dut?library=Router
    Stop Iperf Server    ${server}
    ${server} =    Start Iperf Server    dut2
    Server Should Be On Alpha    ${server}

Session Through A Jump Host
    [Documentation]    The device has no way to the controller but by alpha.
    Require Lab Feature    netns
    Open Session    jump
    SSHLibrary.Open Connection    ${BETA.address()}    alias=behind
    SSHLibrary.Login With Public Key    root    ${{str($LAB.keys.client)}}    jumphost_index_or_alias=jump    delay=0.1s
    Add Iperf Device    behind    sshlibrary:behind
    ${server} =    Start Iperf Server    behind
    Iperf Count Should Be    beta    1
    ${result} =    Run Iperf Client    pc    ${server}    time=1s    bitrate=10M
    Should Be True    0 < $result.received.bytes

Session That There Is Not
    Run Keyword And Expect Error    SSHLibrary has no current session (for dut).*open are: none*open it and log in before*
    ...    Add Iperf Device    dut    sshlibrary:
    Open Session    router
    Run Keyword And Expect Error    SSHLibrary has no session 'ruter' (for dut). Did you mean 'router'?*1 (router) with ${ALPHA.ssh_host}*
    ...    Add Iperf Device    dut    sshlibrary:ruter
    Run Keyword And Expect Error    There is no SSHLibrary called 'Ruter'*Did you mean 'Router'?*
    ...    Add Iperf Device    dut    sshlibrary:?library=Ruter
    Run Keyword And Expect Error    The connection of dut takes no key_file=*
    ...    Add Iperf Device    dut    sshlibrary:    key_file=${LAB.keys.client}


Keeps The Contract
    [Tags]    slow
    SSHLibrary.Open Connection    ${ALPHA.ssh_host}    alias=contract    port=${ALPHA.ssh_port}
    SSHLibrary.Login With Public Key    ${ALPHA.user}    ${{str($LAB.keys.client)}}    delay=0.1s
    Connection Should Conform    sshlibrary:contract    ${ALPHA}    many=5    large=200000    file=200000
    [Teardown]    SSHLibrary.Close All Connections

*** Keywords ***
Open Lab With Traffic PC
    Open Lab
    Add Iperf Device    pc    ${BETA.url}    address=${BETA.address()}

Open Session
    [Arguments]    ${alias}=${NONE}    ${host}=${ALPHA}    ${library}=SSHLibrary
    Run Keyword    ${library}.Open Connection    ${host.ssh_host}    alias=${alias}    port=${host.ssh_port}
    Run Keyword    ${library}.Login With Public Key    ${host.user}    ${{str($LAB.keys.client)}}    delay=0.1s

Prepare Shell
    [Documentation]    A prompt that is known; what was asked is not its own answer.
    SSHLibrary.Write    PS1='ready''> '
    SSHLibrary.Read Until    ready>

State Of Sessions
    [Documentation]    All sessions, which one is current, and the channels that the current and the first one have.
    ${sessions} =    SSHLibrary.Get Connections
    ${current} =    SSHLibrary.Get Connection    index=True
    ${library} =    Get Library Instance    SSHLibrary
    ${channels} =    Evaluate    [len(one.client.get_transport()._channels) for one in $library._connections.connections]
    VAR    @{state}    ${{[vars(one) for one in $sessions]}}    ${current}    ${channels}
    RETURN    ${{str($state)}}

Sessions Should Be As Before
    [Arguments]    ${before}
    ${now} =    State Of Sessions
    Should Be Equal    ${now}    ${before}

Iperf Count Should Be
    [Arguments]    ${host}    ${count}
    ${processes} =    Lab Iperf Processes    ${host}
    Length Should Be    ${processes}    ${count}

Server Should Be On Alpha
    [Documentation]    Hosts on loopback see the processes of each other.
    [Arguments]    ${server}
    Should Be True    $server.running
    ${listening} =    Call Method    ${ALPHA}    listeners    ${server.port}
    Length Should Be    ${listening}    1

Device Should Work
    [Arguments]    ${device}
    ${server} =    Start Iperf Server    ${device}
    Stop Iperf Server    ${server}

Device Should Fail
    [Arguments]    ${device}    @{texts}
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    ${device}
    Message Should Have    ${message}    @{texts}

End Sessions
    Stop All Iperf Processes
    FOR    ${name}    IN    dut    dut2    behind    one    other
        Forget Device    ${name}
    END
    SSHLibrary.Close All Connections
    Router.Close All Connections
    Run On Lab Host    alpha    rm    -f    ${MARK}
    Start Lab Sshd    alpha
    Hosts Should Be Clean
