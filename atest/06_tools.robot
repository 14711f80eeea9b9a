*** Settings ***
Documentation       Both tools, whatever versions there are, alone and mixed. Versions of other Debian releases come from .iperfs
...                 (see scripts/iperfs); where there are none, only the installed ones are tried.
Resource            resources/lab.resource
Suite Setup         Open Lab And Find Versions
Suite Teardown      Close Devices
Test Teardown       Forget Devices


*** Variables ***
${IPERFS}       ${CURDIR}/../.iperfs


*** Test Cases ***
Pairs Of iperf3
    [Documentation]    Every version with every other one, in TCP and UDP, both ways.
    [Tags]    slow
    FOR    ${at_server}    IN    @{IPERF3}
        FOR    ${at_client}    IN    @{IPERF3}
            Add Pair    iperf3=${at_server}    client_iperf3=${at_client}
            Start Iperf Server    dut    tool=iperf3
            Figures Should Be True    pc    bitrate=20M    parallel=2
            Figures Should Be True    pc    bitrate=20M    reverse=True
            Figures Should Be True    pc    bitrate=20M    bidir=True
            Figures Should Be True    pc    bitrate=20M    udp=True    length=1200
            Figures Should Be True    pc    bitrate=20M    udp=True    length=1200    reverse=True
            ${served} =    Stop Iperf Server    dut
            Length Should Be    ${served}    5
            Forget Devices
        END
    END

Pairs Of iperf2
    [Tags]    slow
    FOR    ${at_server}    IN    @{IPERF2}
        FOR    ${at_client}    IN    @{IPERF2}
            Add Pair    iperf2=${at_server}    client_iperf2=${at_client}
            Start Iperf Server    dut    tool=iperf2
            Figures Should Be True    pc    bitrate=20M    length=8K    parallel=2
            Stop Iperf Server    dut
            # A server of 2.0.14a keeps its report back where its last acknowledgement is lost, which a busy machine brings about; it is an error then, and once is enough.
            Wait Until Keyword Succeeds    3x    0s    iperf2 Over UDP Should Be True
            Forget Devices
        END
    END

Reverse With iperf2
    [Documentation]    Where both ends have it; the receiver is the client, and the server tells what was sent.
    Add Pair
    Start Iperf Server    dut    tool=iperf2
    Figures Should Be True    pc    bitrate=20M    length=8K    reverse=True

Both Ways With iperf2
    [Documentation]    In full duplex there is no report of the server over the network, also not with UDP; its output is looked at.
    Add Pair
    FOR    ${udp}    IN    False    True
        Start Iperf Server    dut    tool=iperf2    udp=${udp}
        Figures Should Be True    pc    bitrate=20M    length=1200    bidir=True    udp=${udp}
        Stop Iperf Server    dut
    END

Receiver Of iperf2 Over TCP Is Told By The Server
    [Documentation]    A client of iperf2 alone knows what it sent. With a server of somebody else, what was received is unknown.
    Add Pair
    ${server} =    Start Iperf Server    dut    tool=iperf2
    ${result} =    Run Iperf Client    pc    dut    time=1s    bitrate=20M    length=8K
    Should Be True    $result.bits_per_second is not None
    ${result} =    Run Iperf Client    pc    ${ALPHA.address()}    port=${server.port}    tool=iperf2    time=1s    bitrate=20M    length=8K
    Should Be True    $result.bits_per_second is None and $result.sent.bits_per_second > 1e6

Tool Is Chosen By What Both Have
    Add Iperf Device    dut    ${ALPHA.url}    address=${ALPHA.address()}
    Add Iperf Device    pc    ${BETA.url}    iperf3=${EMPTY}
    ${server} =    Start Iperf Server    dut
    Should Be Equal    ${server.tool.name}    iperf2
    ${result} =    Run Iperf Client    pc    dut    time=1s    bitrate=20M
    Should Be Equal    ${result.tool}    iperf2
    ${dut} =    Get Iperf Device    dut
    Should Not Be Empty    ${dut.versions}[iperf3]
    Should Not Be Empty    ${dut.versions}[iperf2]

Nothing In Common
    Add Iperf Device    dut    ${ALPHA.url}    address=${ALPHA.address()}    iperf2=${EMPTY}
    Add Iperf Device    pc    ${BETA.url}    iperf3=${EMPTY}
    Start Iperf Server    dut
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    pc    dut
    Message Should Have    ${message}    pc has no iperf3, which the server on dut is    start the server with another 'tool='
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    pc    dut    port=5201
    Message Should Have    ${message}    no iperf that these devices have both    dut has iperf3 3.    pc has iperf2 2.
    Run Keyword And Expect Error    A tool is one of auto, iperf3, iperf2, not 'iperf'.    Start Iperf Server    dut    tool=iperf
    Run Keyword And Expect Error    The iperf3 server on dut * is no server for iperf2.    Run Iperf Client    pc    dut    tool=iperf2

Option That A Version Has Not
    Skip If    not $OLD3    There is no iperf3 before 3.10 here.
    Add Pair    client_iperf3=${OLD3}
    Start Iperf Server    dut    tool=iperf3
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    pc    dut    rcv_timeout=1s    reverse=True
    Should Match Regexp    ${message}    ^'rcv_timeout' \\(--rcv-timeout\\) needs iperf3 3.10; pc has 3\\.\\d+\\.$

Option That The Other End Has Not
    Skip If    not $OLD2    There is no iperf2 before 2.1 here.
    Add Pair    iperf2=${OLD2}
    Start Iperf Server    dut    tool=iperf2
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    pc    dut    reverse=True
    Should Match Regexp    ${message}    ^'reverse' \\(--reverse\\) needs iperf2 2.1.0; dut has 2\\.0\\.\\w+\\.$

UDP Client For A TCP Server Of iperf2
    Add Pair
    Start Iperf Server    dut    tool=iperf2
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    pc    dut    udp=True
    Message Should Have    ${message}    A client with UDP needs a server with it    start the server with 'udp=True'

UDP Client Without A Server
    [Documentation]    iperf2 sends all the same, prints a rate, and exits with 0.
    Add Pair
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    pc    dut    port=5999    tool=iperf2    udp=True    time=1s    bitrate=1M
    Message Should Have    ${message}    iperf2 client on pc to dut    it said:    probably:    what to do:

TCP Client Without A Server
    [Documentation]    iperf2 exits with 0.
    Add Pair
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    pc    dut    port=5999    tool=iperf2    time=1s
    Message Should Have    ${message}    connection was refused    Connection refused    exit code:       0

Port In Use With iperf2
    Add Pair
    FOR    ${udp}    IN    False    True
        ${server} =    Start Iperf Server    dut    tool=iperf2    udp=${udp}
        ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    dut    tool=iperf2    udp=${udp}    port=${server.port}
        Message Should Have    ${message}    could not start on port ${server.port}    Address already in use
        Stop Iperf Server    ${server}
    END

iperf2 Client Against An iperf3 Server
    [Documentation]    iperf2 prints a believable rate and exits with 0.
    Add Pair
    ${server} =    Start Iperf Server    dut    tool=iperf3
    ${message} =    Run Keyword And Expect Error    *is no server for iperf2.    Run Iperf Client    pc    dut    tool=iperf2
    Lie Should Not Pass    ${server.port}    iperf2    time=1s

iperf3 Client Against An iperf2 Server
    Add Pair
    ${server} =    Start Iperf Server    dut    tool=iperf2
    Lie Should Not Pass    ${server.port}    iperf3    time=1s    timeout=5s

Server Elsewhere
    [Documentation]    The address of the device leads to another machine, where another server answers.
    Add Iperf Device    dut    ${ALPHA.url}    address=${BETA.address()}
    Add Iperf Device    pc    ${BETA.url}    address=${BETA.address()}
    FOR    ${tool}    IN    iperf3    iperf2
        ${named} =    Start Iperf Server    dut    tool=${tool}
        ${other} =    Start Iperf Server    pc    tool=${tool}    port=${named.port}
        ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    pc    ${named}    time=1s
        Message Should Have    ${message}    the server does not know of this test    leads to another device than dut
    END

Intervals While It Runs
    Add Pair
    Start Iperf Server    dut    tool=iperf2
    ${client} =    Start Iperf Client    pc    dut    time=0s    bitrate=10M    length=8K    interval=0.1
    Wait Until Keyword Succeeds    5s    20ms    Should Be True    len($client.intervals) >= 3
    ${result} =    Stop Iperf Client    ${client}
    Should Be True    $result.partial and len($result.intervals) >= 3

Intervals Of Older iperf3 On Request
    [Documentation]    In text, with its three digits, and still with the figures of both ends.
    Skip If    not $OLD3    There is no iperf3 before 3.10 here.
    Add Pair    iperf3=${OLD3}    client_iperf3=${OLD3}
    Start Iperf Server    dut    tool=iperf3
    ${client} =    Start Iperf Client    pc    dut    time=2s    bitrate=10M    interval=0.1    live=True    parallel=2
    Wait Until Keyword Succeeds    5s    20ms    Should Be True    len($client.intervals) >= 3
    ${result} =    Wait For Iperf Client    ${client}
    Should Be Rate    ${result.bits_per_second}    12e6    22e6
    Length Should Be    ${result.flows[0].streams}    2

Intervals Of iperf3 While It Runs
    Skip If    not $NEW3    There is no iperf3 from 3.18 on here.
    Add Pair    iperf3=${NEW3}    client_iperf3=${NEW3}
    Start Iperf Server    dut    tool=iperf3
    ${client} =    Start Iperf Client    pc    dut    time=0s    bitrate=10M    interval=0.1
    Wait Until Keyword Succeeds    5s    20ms    Should Be True    len($client.intervals) >= 3
    ${result} =    Stop Iperf Client    ${client}
    Should Be True    $result.partial and len($result.intervals) >= 3

Parse Iperf Output
    Add Pair
    FOR    ${tool}    IN    iperf3    iperf2
        Start Iperf Server    dut    tool=${tool}
        ${result} =    Run Iperf Client    pc    dut    time=1s    bitrate=20M    parallel=2    length=8K
        ${again} =    Parse Iperf Output    ${result.raw_file}
        Should Be Equal    ${again.tool}    ${tool}
        Should Be Equal As Numbers    ${again.sent.bytes}    ${result.sent.bytes}
        Stop Iperf Server    dut
    END
    Run Keyword And Expect Error    This is no output of iperf.*    Parse Iperf Output    /etc/passwd
    Run Keyword And Expect Error    The file /no/such/file cannot be read*    Parse Iperf Output    /no/such/file


*** Keywords ***
Open Lab And Find Versions
    Open Lab
    @{three} =    List Files In Directory If Any    ${IPERFS}    iperf3-*
    @{two} =    List Files In Directory If Any    ${IPERFS}    iperf2-*
    VAR    @{IPERF3}    iperf3    @{three}    scope=SUITE
    VAR    @{IPERF2}    iperf    @{two}    scope=SUITE
    ${old3} =    Evaluate    next((p for p in $three if re.search(r'-3\\.[0-9]$', p)), None)    modules=re
    ${new3} =    Evaluate    next((p for p in $three if re.search(r'-3\\.(1[89]|2)', p)), None)    modules=re
    ${old2} =    Evaluate    next((p for p in $two if '-2.0.' in p), None)
    VAR    ${OLD3}    ${old3}    scope=SUITE
    VAR    ${NEW3}    ${new3}    scope=SUITE
    VAR    ${OLD2}    ${old2}    scope=SUITE

List Files In Directory If Any
    [Arguments]    ${directory}    ${pattern}
    ${there} =    Run Keyword And Return Status    Directory Should Exist    ${directory}
    IF    not $there    RETURN    ${{[]}}
    ${files} =    List Files In Directory    ${directory}    ${pattern}    absolute=True
    RETURN    ${files}

Add Pair
    [Arguments]    ${iperf3}=iperf3    ${client_iperf3}=iperf3    ${iperf2}=iperf    ${client_iperf2}=iperf
    Add Iperf Device    dut    ${ALPHA.url}    address=${ALPHA.address()}    role=node    iperf3=${iperf3}    iperf2=${iperf2}
    Add Iperf Device    pc    ${BETA.url}    address=${BETA.address()}    role=tpc    iperf3=${client_iperf3}    iperf2=${client_iperf2}

Forget Devices
    Remove All Iperf Devices
    Hosts Should Be Clean

iperf2 Over UDP Should Be True
    [Documentation]    One stream: servers of 2.0.14 to 2.2.1 now and then lose one of several that come at the same moment.
    Start Iperf Server    dut    tool=iperf2    udp=True
    Figures Should Be True    pc    bitrate=20M    udp=True    length=1200
    [Teardown]    Stop Iperf Server    dut

Figures Should Be True
    [Documentation]    Each flow brings 20 Mbit/s a stream at its receiver.
    [Arguments]    ${device}    &{options}
    ${result} =    Run Iperf Client    ${device}    dut    time=1s    &{options}
    FOR    ${flow}    IN    @{result.flows}
        VAR    ${wanted}    ${{20e6 * len($flow.streams)}}
        IF    not $flow.receiver.bits_per_second and $result.protocol == 'udp' and $result.client_version.startswith('3.9')
            # Up to 3.10 iperf3 does not tell what a receiver of UDP got, only what was lost.
            Should Be Rate    ${flow.sender.bits_per_second}    ${wanted * 0.3}    ${wanted * 1.5}
            Should Be True    $flow.receiver.packets > 500 and $flow.receiver.lost_percent < 50
        ELSE
            Should Be Rate    ${flow.receiver.bits_per_second}    ${wanted * 0.3}    ${wanted * 1.5}
            Should Be True    all(s.receiver.bytes is None or s.receiver.bytes for s in $flow.streams)
            # Nothing is received that was not sent; what is under way at the end is little.
            Should Be True    0.4 * $flow.sender.bytes <= $flow.receiver.bytes <= $flow.sender.bytes * 1.01
        END
    END
    Should Not Be Empty    ${result.client_version}
    Should Not Be Empty    ${result.server_version}

Lie Should Not Pass
    [Documentation]    Against a server that the library does not know: an error, or no figure of a receiver.
    [Arguments]    ${port}    ${tool}    &{options}
    TRY
        ${result} =    Run Iperf Client    pc    ${ALPHA.address()}    port=${port}    tool=${tool}    &{options}
    EXCEPT    *    type=GLOB    AS    ${message}
        Message Should Have    ${message}    ${tool} client on pc    probably:    what to do:
    ELSE
        Should Be True    $result.bits_per_second is None
    END
