*** Settings ***
Documentation       Whole tests by one keyword: both directions of both tools, repeats, several at once; nothing is left after them.
Resource            resources/lab.resource
Suite Setup         Open Lab With Devices
Suite Teardown      Close Devices
Test Teardown       Hosts Should Be Clean


*** Test Cases ***
The Words For Directions
    [Template]    Test Should Go
    upstream      alpha    upstream
    to node       beta     downstream
    rx            alpha    downstream    reverse=True
    send          alpha    upstream      tool=iperf2
    downlink      beta     downstream    tool=iperf2    udp=True

Both Directions At Once
    ${result} =    Run Iperf Test    alpha    beta    both    time=1s    bitrate=10M
    Get Iperf Bitrate    ${result}    >=    5M    direction=upstream
    Get Iperf Bitrate    ${result}    >=    5M    direction=downstream

The Roles Decide And Not The Order
    ${result} =    Run Iperf Test    beta    alpha    upstream    time=1s    bitrate=10M
    Should Be Equal    ${result.client}    alpha
    Should Be Equal    ${result.flows[0].direction}    upstream

It Waits For A Keyword
    VAR    ${TRIES}    ${0}    scope=TEST
    Run Iperf Test    alpha    beta    time=1s    bitrate=10M    wait_for=Third Time Is Good
    Should Be Equal    ${TRIES}    ${3}
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Test    alpha    beta    wait_for=Fail    wait_timeout=0.3s
    Message Should Have    ${message}    'Fail' did not pass within 0.3 s

Repeats
    ${runs} =    Run Iperf Test    alpha    beta    time=1s    bitrate=10M    repeat=3    recovery_time=0.1s
    Length Should Be    ${runs.results}    3
    Should Be Equal    ${runs.bitrate.mean}    ${{statistics.fmean(result.bits_per_second for result in $runs.results)}}
    Should Be True    ${runs.bitrate.interval[0]} < ${runs.bitrate.mean} < ${runs.bitrate.interval[1]}
    Should Be Equal    ${runs.figures['retransmits'].count}    ${3}

Repeats Until The Mean Is Known
    ${runs} =    Run Iperf Test    alpha    beta    time=1s    udp=True    bitrate=10M    until_ci=20%
    Should Be True    5 <= ${runs.bitrate.count} <= 30

Beside Each Other
    ${all} =    Run Iperf Tests In Parallel    alpha -> beta    beta -> alpha    time=3s    bitrate=10M
    Length Should Be    ${all.results}    2
    Should Be Equal    ${all.results[1].client}    beta
    Should Be Rate    ${all.bits_per_second}    10e6    25e6
    Should Be True    0.5 <= ${all.fairness} <= 1
    Should Be True    0 <= ${all.skew} < 2

Each With Arguments Of Its Own
    &{voice} =    Create Dictionary    first=alpha    second=beta    udp=True    bitrate=1M    direction=downlink
    ${all} =    Run Iperf Tests In Parallel    ${voice}    alpha -> beta    time=2s    bitrate=10M
    Should Be Equal    ${all.results[0].protocol}    udp
    Should Be Equal    ${all.results[0].client}    beta
    Should Be Equal    ${all.results[1].protocol}    tcp

Two That Share A Link Get What It Has
    [Documentation]    A link of 100 Mbit/s: the sum of both is what the link can carry, less the headers of Ethernet, IP and TCP.
    Require Lab Feature    shaped
    Add Iperf Device    near    ${ALPHA.url}    address=${ALPHA.address('shaped')}    role=node
    Add Iperf Device    far    ${BETA.url}    address=${BETA.address('shaped')}    role=tpc
    ${all} =    Run Iperf Tests In Parallel    near -> far    near -> far    time=5s
    Should Be Rate    ${all.bits_per_second}    80e6    100e6
    [Teardown]    Run Keywords    Forget Device    near    AND    Forget Device    far    AND    Hosts Should Be Clean

What Is Sent And Lost Does Not Count
    [Documentation]    Twice 100 Mbit/s into a link of 100: the sum is what arrived.
    Require Lab Feature    shaped
    Add Iperf Device    near    ${ALPHA.url}    address=${ALPHA.address('shaped')}    role=node
    Add Iperf Device    far    ${BETA.url}    address=${BETA.address('shaped')}    role=tpc
    ${all} =    Run Iperf Tests In Parallel    near -> far    near -> far    time=3s    udp=True    bitrate=100M
    Should Be Rate    ${all.bits_per_second}    20e6    105e6
    [Teardown]    Run Keywords    Forget Device    near    AND    Forget Device    far    AND    Hosts Should Be Clean

One That Fails Hides No Other
    &{refused} =    Create Dictionary    first=alpha    second=beta    mss=${1}
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Tests In Parallel    alpha -> beta    ${refused}    time=1s    bitrate=10M
    Message Should Have    ${message}    1 of 2 tests that ran beside each other failed: 2. alpha to beta.    those that did not fail: 1. alpha to beta: iperf3 TCP: upstream

A Client That Fails Leaves No Server
    Run Keyword And Expect Error    *    Run Iperf Test    alpha    beta    time=1s    mss=${1}


*** Keywords ***
Test Should Go
    [Arguments]    ${direction}    ${client}    ${way}    &{more}
    ${result} =    Run Iperf Test    alpha    beta    ${direction}    time=1s    bitrate=10M    &{more}
    Should Be Equal    ${result.client}    ${client}
    Should Be Equal    ${result.flows[0].direction}    ${way}
    Should Be True    ${result.received.bytes} > 0

Third Time Is Good
    VAR    ${TRIES}    ${{$TRIES + 1}}    scope=TEST
    Should Be True    ${TRIES} >= 3
