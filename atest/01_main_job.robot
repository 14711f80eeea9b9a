*** Settings ***
Documentation       The main job: true figures from two devices over SSH, in every protocol and direction.
Resource            resources/lab.resource
Suite Setup         Open Lab With Devices
Suite Teardown      Close Devices


*** Test Cases ***
TCP
    [Tags]    smoke
    Start Iperf Server    alpha
    ${result} =    Run Iperf Client    beta    server=alpha    time=1s
    Should Be Equal    ${result.protocol}    tcp
    Should Be True    $result.bits_per_second > 10e6
    Should Be True    $result.received.bytes > 1e6 and $result.sent.bytes >= $result.received.bytes
    Should Be True    0.9 < $result.received.seconds < 2
    Should Be True    $result.retransmits is not None
    Should Be Equal    ${result.flows[0].direction}    downstream
    Length Should Be    ${result.intervals}    1
    Should Be True    $result.lost_packets is None and $result.jitter_ms is None
    Should Be True    not $result.partial
    Should Start With    ${result.client_version}    3.
    Should Be Equal    ${result.client_version}    ${result.server_version}
    ${served} =    Stop Iperf Server    alpha
    Length Should Be    ${served}    1
    Should Be Equal As Integers    ${served[0].received.bytes}    ${result.received.bytes}
    Should Be True    $served[0].sent.bytes is None    What the client sent is unknown to the server.

UDP
    [Tags]    smoke
    Start Iperf Server    alpha
    ${result} =    Run Iperf Client    beta    alpha    udp=True    bitrate=5 Mbit/s    length=1200    time=1s
    Should Be Equal    ${result.protocol}    udp
    Should Be Rate    ${result.bits_per_second}    3e6    5.3e6
    Should Be True    $result.packets > 350
    Should Be True    $result.lost_packets is not None and $result.lost_percent < 5
    Should Be True    $result.jitter_ms >= 0
    Should Be True    $result.retransmits is None

Reverse
    Start Iperf Server    alpha
    ${result} =    Run Iperf Client    beta    alpha    reverse=True    bitrate=30M    time=1s
    Should Be Equal    ${result.flows[0].direction}    upstream
    Should Be True    $result.flows[0].reverse and $result.upstream is $result.flows[0]
    Should Be Equal    ${result.flows[0].measured_at}    receiver
    Should Be Rate    ${result.bits_per_second}    18e6    32e6
    Should Contain    ${result.raw_file}    /upstream_rx_tcp_beta_client_

Both Directions
    [Tags]    smoke
    Start Iperf Server    alpha
    ${result} =    Run Iperf Client    beta    alpha    bidir=True    bitrate=30M    time=1s
    Length Should Be    ${result.flows}    2
    Should Be Rate    ${result.downstream.receiver.bits_per_second}    18e6    32e6
    Should Be Rate    ${result.upstream.receiver.bits_per_second}    18e6    32e6
    Should Be True    $result.bits_per_second == min(f.bits_per_second for f in $result.flows)
    Should Contain    ${result.raw_file}    /both_txrx_tcp_beta_client_

Both Directions With UDP
    Start Iperf Server    alpha
    ${result} =    Run Iperf Client    beta    alpha    bidir=True    udp=True    bitrate=5M    length=1000    time=1s
    FOR    ${flow}    IN    @{result.flows}
        Should Be Rate    ${flow.receiver.bits_per_second}    3e6    5.5e6
        Should Be True    $flow.receiver.packets > 350 and $flow.receiver.lost_percent < 5
    END

Parallel Streams
    Start Iperf Server    alpha
    ${result} =    Run Iperf Client    beta    alpha    parallel=4    bitrate=5M    time=1s
    Length Should Be    ${result.flows[0].streams}    4
    Should Be Rate    ${result.bits_per_second}    12e6    22e6
    Should Be True    sum(s.receiver.bytes for s in $result.flows[0].streams) == $result.received.bytes

Parallel Streams Of UDP Backwards
    Start Iperf Server    alpha
    ${result} =    Run Iperf Client    beta    alpha    parallel=3    udp=True    reverse=True    bitrate=4M    length=1000    time=1s
    Length Should Be    ${result.flows[0].streams}    3
    Should Be Rate    ${result.bits_per_second}    7e6    13e6

Everything Else That Can Be Asked
    [Documentation]    Each option reaches iperf3, which says so in its own document.
    Start Iperf Server    alpha
    ${result} =    Run Iperf Client    beta    alpha    bytes=4M    length=64K    window=256K    no_delay=True
    ...    mss=1000    congestion=reno    interval=0.5    cport=40123    tos=32    zerocopy=True    ipv4=True
    ...    bind=${BETA.address()}    connect_timeout=2s    get_server_output=True    title=a run
    # iperf3 may send one block more than it was asked for.
    Should Be True    4194304 <= $result.sent.bytes <= 4194304 + 65536
    Should Be Equal    ${result.congestion}    reno
    ${raw} =    Get File    ${result.raw_file}
    ${document} =    Evaluate    json.loads($raw)    modules=json
    VAR    ${test}    ${document}[start][test_start]
    Should Be Equal As Integers    ${test}[blksize]    65536
    Should Be Equal As Integers    ${test}[tos]    32
    Should Be Equal    ${document}[title]    a run
    Should Be Equal As Integers    ${document}[start][connected][0][local_port]    40123
    Should Be Equal    ${document}[start][connected][0][local_host]    ${BETA.address()}
    Should Be Equal As Integers    ${document}[start][sock_bufsize]    262144
    Dictionary Should Contain Key    ${document}    server_output_json

Blocks And DSCP
    Start Iperf Server    alpha
    ${result} =    Run Iperf Client    beta    alpha    blockcount=20000    length=10K    dscp=ef
    Should Be True    204800000 <= $result.sent.bytes <= 204800000 + 10240
    ${raw} =    Get File    ${result.raw_file}
    Should Match Regexp    ${raw}    "tos":\\s*184

Warm Up Is Left Out
    Start Iperf Server    alpha
    ${result} =    Run Iperf Client    beta    alpha    omit=1s    time=1s    bitrate=20M
    Length Should Be    ${result.intervals}    2
    Should Be True    $result.intervals[0].omitted and not $result.intervals[1].omitted
    Should Be Rate    ${result.bits_per_second}    12e6    22e6
    Should Be True    $result.received.seconds < 1.5

IPv6
    Require Lab Feature    ipv6
    ${server} =    Start Iperf Server    alpha    ipv6=True
    ${result} =    Run Iperf Client    beta    ${ALPHA.address('plain', 6)}    port=${server.port}    ipv6=True    bitrate=20M    time=1s
    Should Be Rate    ${result.bits_per_second}    12e6    22e6

Truth Against A Known Rate
    [Documentation]    The link carries 100 Mbit/s of packets; TCP's payload is 96 % of that.
    Require Lab Feature    shaped
    ${server} =    Start Iperf Server    alpha
    ${result} =    Run Iperf Client    beta    ${ALPHA.address('shaped')}    port=${server.port}    time=4s    omit=1s
    Should Be Rate    ${result.bits_per_second}    90e6    100e6
    ${result} =    Run Iperf Client    beta    ${ALPHA.address('shaped')}    port=${server.port}    time=4s    omit=1s    reverse=True
    Should Be Rate    ${result.bits_per_second}    90e6    100e6

More UDP Than The Link Can Carry Is Lost
    Require Lab Feature    shaped
    ${server} =    Start Iperf Server    alpha
    ${result} =    Run Iperf Client    beta    ${ALPHA.address('shaped')}    port=${server.port}
    ...    udp=True    bitrate=150M    length=1400    time=3s
    Should Be Rate    ${result.bits_per_second}    85e6    100e6
    Should Be Rate    ${result.sent.bits_per_second}    105e6    151e6
    ${expected} =    Evaluate    100 * (1 - $result.bits_per_second / $result.sent.bits_per_second)
    Should Be True    $result.lost_percent > 5 and abs($result.lost_percent - ${expected}) < 8

Client In The Background
    Start Iperf Server    alpha
    ${client} =    Start Iperf Client    beta    alpha    time=1s    bitrate=10M
    Should Be True    ${client.pid} > 1
    ${result} =    Wait For Iperf Client    beta
    Should Be Rate    ${result.bits_per_second}    6e6    11e6
    ${again} =    Wait For Iperf Client    ${client}
    Should Be Equal    ${again}    ${result}

Client That Is Stopped
    Start Iperf Server    alpha
    ${client} =    Start Iperf Client    beta    alpha    time=0s    bitrate=10M
    Wait Until Keyword Succeeds    5s    50ms    Traffic Should Flow    alpha
    ${result} =    Stop Iperf Client    ${client}
    Should Be True    $result.partial
    Should Be True    $result.sent.bytes > 0
    Should Be True    $result.bits_per_second is None    What the receiver got is unknown.
    ${served} =    Stop Iperf Server    alpha
    Should Be True    $served[0].partial and $served[0].received.bytes > 0

Several Clients And Servers At Once
    ${one} =    Start Iperf Server    alpha
    ${two} =    Start Iperf Server    alpha
    Should Not Be Equal    ${one.port}    ${two.port}
    ${first} =    Start Iperf Client    beta    ${one}    time=1s    bitrate=10M
    ${second} =    Start Iperf Client    beta    ${two}    time=1s    bitrate=10M
    Wait For Iperf Client    ${first}
    Wait For Iperf Client    ${second}
    Run Keyword And Expect Error    alpha has 2 servers*give a handle, or 'port='.    Run Iperf Client    beta    alpha
    Run Iperf Client    beta    alpha    port=${two.port}    time=1s    bitrate=10M
    Stop Iperf Server    ${one}
    Should Be True    not $one.running and $two.running
    ${served} =    Stop Iperf Server    alpha
    Length Should Be    ${served}    2

Many Servers On One Device
    [Documentation]    More than sshd grants sessions on one connection.
    ${ports} =    Create List
    FOR    ${_}    IN RANGE    15
        ${server} =    Start Iperf Server    alpha
        Append To List    ${ports}    ${server.port}
    END
    ${processes} =    Lab Iperf Processes    alpha
    Length Should Be    ${processes}    15
    ${result} =    Run Iperf Client    beta    alpha    port=${ports}[14]    time=1s    bitrate=10M
    Should Be Rate    ${result.bits_per_second}    6e6    11e6
    ${count} =    Stop All Iperf Processes
    Should Be Equal As Integers    ${count}    15

Between This Machine And A Device
    Require Lab Feature    netns
    Add Iperf Device    here    local
    ${server} =    Start Iperf Server    beta
    ${result} =    Run Iperf Client    here    ${BETA.ssh_host}    port=${server.port}    time=1s    bitrate=10M
    Should Be Rate    ${result.bits_per_second}    6e6    11e6
    Start Iperf Server    here
    Run Keyword And Expect Error    It is not known at which address beta reaches here.*address=*    Run Iperf Client    beta    here
    [Teardown]    Forget Device    here


*** Keywords ***
Traffic Should Flow
    [Arguments]    ${host}
    ${sockets} =    Run On Lab Host    ${host}    cat    /proc/net/tcp    /proc/net/tcp6
    ${established} =    Get Lines Matching Regexp    ${sockets}    .* 01 .*    partial_match=True
    ${count} =    Get Line Count    ${established}
    Should Be True    ${count} >= 3
