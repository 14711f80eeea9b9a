*** Settings ***
Documentation       What goes on beside a run: companions on its time axis, and the latency idle against loaded. Nothing of it is left on any host.
Resource            resources/lab.resource
Library             Process
Suite Setup         Open Lab With Devices
Suite Teardown      Close Devices
Test Teardown       Nothing Should Be Left
Test Tags           once


*** Variables ***
${RECEIVED}     cat /sys/class/net/plain/statistics/rx_bytes


*** Test Cases ***
A Counter Shows What The Traffic Was
    [Documentation]    What the interface of the receiver counts is what iperf received, and some more for headers and acknowledgements.
    Add Iperf Companion    received    device=beta    command=cat /sys/class/net/plain/statistics/rx_bytes    rate=True    unit=byte/s    every=0.5s
    ${result} =    Run Iperf Test    alpha    beta    time=4s    udp=True    bitrate=10M
    ${mean} =    Get Iperf Companion    ${result}    received
    Should Be Rate    ${mean}    1.0e6    1.6e6
    Should Be Equal    ${result.companions[0].unknown}    ${0}
    Should Be True    len($result.companions[0].points) >= 4
    Should Be True    all(-2 < point.seconds <= 4.5 for point in $result.companions[0].points)
    File Should Not Be Empty    ${result.companions[0].raw_file}
    Should Be Equal    ${{IperfLibrary.from_json(IperfLibrary.as_json($result))}}    ${result}    modules=IperfLibrary
    ${csv} =    Get File    ${result.parsed_file}
    ${again} =    Evaluate    IperfLibrary.from_csv($csv)    modules=IperfLibrary
    Should Be Equal    ${again.companions}    ${result.companions}

The Time Axis Is That Of The Intervals
    [Documentation]    The counter stands still until the traffic begins and after it has ended; its seconds are the seconds of iperf.
    Add Iperf Companion    received    device=beta    command=${RECEIVED}    rate=True    every=0.1s
    ${result} =    Run Iperf Test    alpha    beta    time=3s    udp=True    bitrate=20M    omit=1    latency=True    latency_idle=1s
    ${points} =    Set Variable    ${result.companions[0].points}
    ${idle} =    Evaluate    [point.value for point in $points if point.value is not None and point.seconds < -1.5]
    ${loaded} =    Evaluate    [point.value for point in $points if point.value is not None and 0.5 < point.seconds < 2.5]
    Should Be True    statistics.median($idle) < 100e3 < statistics.median($loaded)
    Should Be True    all(probe.phase != 'loaded' for probe in $result.latency.probes if probe.seconds < 0)
    Should Be True    all(probe.phase != 'idle' for probe in $result.latency.probes if probe.seconds > -1)
    Should Be True    any(probe.phase == 'other' and -0.9 < probe.seconds < -0.1 for probe in $result.latency.probes)

The Axis Begins With The Traffic And Not With The Program
    [Documentation]    The client waits for a second and a half before it sends. iperf2 tells its intervals while it runs, which tells when they began.
    Add Iperf Companion    received    device=beta    command=${RECEIVED}    rate=True    every=0.1s
    ${result} =    Run Iperf Test    alpha    beta    time=3s    udp=True    bitrate=20M    tool=iperf2    txdelay_time=1.5
    ${points} =    Set Variable    ${result.companions[0].points}
    ${before} =    Evaluate    [point.value for point in $points if point.value is not None and -1 < point.seconds < -0.3]
    ${after} =    Evaluate    [point.value for point in $points if point.value is not None and 0.3 < point.seconds < 2.5]
    Should Be True    statistics.median($before) < 100e3 < statistics.median($after)

A Keyword In The Pauses Of Waiting
    VAR    ${CALLS}    ${0}    scope=TEST
    Add Iperf Companion    calls    keyword=Next Call    every=0.2s
    @{words} =    Create List    Evaluate    -60.5
    Add Iperf Companion    rssi    keyword=${words}    every=0.3s    unit=dBm
    ${result} =    Run Iperf Test    alpha    beta    time=2s    bitrate=10M
    Should Be Equal    ${result.companions[0].max}    ${{float($CALLS)}}
    Should Be True    3 <= ${CALLS} <= 20
    Get Iperf Companion    ${result}    rssi    ==    -60.5    aggregate=max
    Get Iperf Bitrate    ${result}    >    0

In The Background
    [Documentation]    A command is sampled all the time, a keyword while somebody waits.
    Add Iperf Companion    load    device=alpha    command=cat /proc/loadavg    every=0.2s
    Add Iperf Companion    one    keyword=${{['Evaluate', '1']}}    every=0.2s
    ${server} =    Start Iperf Server    beta
    ${client} =    Start Iperf Client    alpha    ${server}    time=3s    bitrate=10M
    Wait For Lab Traffic    beta
    ${result} =    Wait For Iperf Client    ${client}
    Should Be True    len($result.companions[0].values) >= 4
    Should Be True    ${result.companions[0].points[0].seconds} < 0.3
    Should Be Equal    ${result.companions[1].max}    ${1.0}
    Stop Iperf Server    ${server}

A Command That Prints By Itself
    Add Iperf Companion    count    device=alpha    command=n=0; while :; do n=$((n+1)); echo "n is $n now"; sleep 0.2; done    every=0s    pattern=is (\\d+)
    ${result} =    Run Iperf Test    alpha    beta    time=1s    bitrate=10M
    Should Be True    ${result.companions[0].max} >= 3

What Fails Is Unknown And Disturbs Nothing
    Add Iperf Companion    missing    device=alpha    command=cat /nowhere    every=0.2s
    Add Iperf Companion    fails    keyword=Fail    every=0.2s
    Add Iperf Companion    dies    device=beta    command=echo 5; exit 3    every=0s
    ${result} =    Run Iperf Test    alpha    beta    time=1s    bitrate=10M
    Get Iperf Bitrate    ${result}    >    0
    Should Be Equal    ${result.companions[0].mean}    ${None}
    Should Be True    ${result.companions[0].unknown} >= 1
    Should Contain    ${result.companions[0].said}    exit code was 1: cat: /nowhere: No such file
    Should Contain    ${result.companions[2].said}    ended by itself with exit code 3
    Run Keyword And Expect Error    Companion 'missing' (mean) is not known of this run: its exit code was 1*    Get Iperf Companion    ${result}    missing    <    5

A Run That Fails Says So, Whatever Is Beside It
    Add Iperf Companion    load    device=alpha    command=cat /proc/loadavg
    Add Iperf Companion    fails    keyword=Fail
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    alpha    ${BETA.address()}    port=${1}    latency=True    latency_idle=0.4s
    Message Should Have    ${message}    the connection was refused

It Ends With Its Test
    [Documentation]    Those of the tests before are gone, and one that is removed, too.
    Add Iperf Companion    gone    device=alpha    command=cat /proc/loadavg
    Remove Iperf Companion    gone
    ${result} =    Run Iperf Test    alpha    beta    time=1s    bitrate=10M
    Should Be Equal    ${result.companions}    ${{()}}

The Same One Beside Several Runs
    Add Iperf Companion    load    device=alpha    command=cat /proc/loadavg    every=0.2s
    ${all} =    Run Iperf Tests In Parallel    alpha -> beta    beta -> alpha    time=2s    bitrate=10M
    FOR    ${result}    IN    @{all.results}
        Should Be True    len($result.companions[0].values) >= 3
    END
    Should Be Equal    ${all.results[0].companions[0].raw_file}    ${all.results[1].companions[0].raw_file}

A Test Timeout Leaves Nothing
    [Documentation]    Wherever it strikes: also in a keyword that is a companion.
    [Template]    Test Should Be Ended By Its Timeout
    Timed Out
    Timed Out In A Companion

A Robot That Is Killed Leaves Nothing
    ${robot} =    Start Robot    Killed
    Wait Until Keyword Succeeds    20s    0.1s    Host Should Have Iperf    beta
    Terminate Process    ${robot}    kill=True
    Nothing Should Be Left

A Queue On The Way Makes Round Trips Longer
    [Documentation]    64 KB in a queue of 100 Mbit/s take 5.2 ms; TCP fills most of it.
    Require Lab Feature    shaped
    Add Shaped Devices
    ${result} =    Run Iperf Test    near    far    time=4s    latency=True
    Should Be Bloated    ${result}    3    1.3
    [Teardown]    Run Keywords    Forget Shaped Devices    AND    Nothing Should Be Left

A Deep Queue Does So By Far
    [Documentation]    UDP fills a queue of 20 Mbit/s for as long as it lasts, up to what a socket may have in it: some 130 KB, which take 54 ms. With iperf2, by IPv6.
    Require Lab Feature    shaped
    Require Lab Feature    ipv6
    Add Shaped Devices    6
    Run On Lab Host    alpha    tc    qdisc    replace    dev    shaped    root    tbf    rate    20mbit    burst    32kb    limit    500kb
    ${result} =    Run Iperf Test    near    far    time=3s    latency=True    tool=iperf2    udp=True    bitrate=40M    ipv6=True
    Should Be Bloated    ${result}    5    20
    Get Iperf Latency    ${result}    <    400 ms
    Get Iperf Latency    ${result}    >    15 ms    which=added
    Get Iperf Latency    ${result}    >    20 ms    which=loaded    aggregate=p95
    Get Iperf Probe Loss    ${result}    <    50%
    Run Keyword And Expect Error    Latency (median, loaded)*5 ms*    Get Iperf Latency    ${result}    <    5 ms
    [Teardown]    Run Keywords    Shape Again    AND    Forget Shaped Devices    AND    Nothing Should Be Left

Several Times
    ${runs} =    Run Iperf Test    alpha    beta    time=1s    bitrate=10M    latency=True    latency_idle=0.5s    repeat=2
    Should Be Equal    ${runs.figures['latency'].count}    ${2}

The Ping Of Busybox
    [Template]    Busybox Should Measure
    4
    6

A Ping That Is Not There Or May Not
    [Template]    Latency Should Be Refused
    There is no ping                 rm -f "$1/ping"
    It may not ping there            printf '#!/bin/sh\necho "ping: permission denied (are you root?)" >&2; exit 1' >"$1/ping"
    No probe came back               printf '#!/bin/sh\necho "PING x"; sleep 60' >"$1/ping"
    takes none of the known          printf '#!/bin/sh\necho "ping: invalid option" >&2; exit 2' >"$1/ping"

What Cannot Be Is Refused
    [Template]    Companion Should Be Refused
    give one of them
    give one of them                   command=x    keyword=y
    It is not said which device        command=x
    There is no device 'nobody'        command=x    device=nobody
    is no regular expression           command=x    device=alpha    pattern=(
    at most, not every 0.01 s          command=x    device=alpha    every=0.01s
    at most, not every 0 s             keyword=x    every=0s
    leave 'device' out                keyword=x    device=alpha

The Same Name Twice
    Add Iperf Companion    load    device=alpha    command=cat /proc/loadavg
    Run Keyword And Expect Error    There is a companion 'load' already.*    Add Iperf Companion    load    keyword=Fail
    Run Keyword And Expect Error    There is no companion 'lod'. Did you mean 'load'?*    Remove Iperf Companion    lod

Not Beside Each Other
    Run Keyword And Expect Error    'latency' is not measured in tests beside each other*
    ...    Run Iperf Tests In Parallel    alpha -> beta    time=1s    latency=True


*** Keywords ***
Test Should Be Ended By Its Timeout
    [Arguments]    ${test}
    ${robot} =    Start Robot    ${test}
    ${result} =    Wait For Process    ${robot}    timeout=30s    on_timeout=kill
    Should Be Equal As Integers    ${result.rc}    1    ${result.stdout}
    Should Contain    ${result.stdout}    Test timeout 2 seconds exceeded.
    Nothing Should Be Left

Start Robot
    [Arguments]    ${test}
    ${robot} =    Start Process    ${{sys.executable}}    -m    robot    --test    ${test}
    ...    --variable    ALPHA:${ALPHA.url}    --variable    BETA:${BETA.url}    --variable    ADDRESS:${ALPHA.address()}
    ...    --outputdir    ${OUTPUT_DIR}/inner_beside    ${CURDIR}/_inner/beside.robot    stdout=${OUTPUT_DIR}/inner_beside.txt    stderr=STDOUT
    RETURN    ${robot}

Host Should Have Iperf
    [Arguments]    ${host}
    ${processes} =    Lab Iperf Processes    ${host}
    Should Not Be Empty    ${processes}

Next Call
    VAR    ${CALLS}    ${{$CALLS + 1}}    scope=TEST
    RETURN    ${CALLS}

Add Shaped Devices
    [Arguments]    ${family}=4
    Add Iperf Device    near    ${ALPHA.url}    address=${ALPHA.address('shaped', ${family})}    role=node
    Add Iperf Device    far    ${BETA.url}    address=${BETA.address('shaped', ${family})}    role=tpc

Forget Shaped Devices
    Forget Device    near
    Forget Device    far

Shape Again
    Run Keyword And Ignore Error    Run On Lab Host    alpha    tc    qdisc    replace    dev    shaped    root    tbf    rate    100mbit    burst    32kb    limit    64kb

Should Be Bloated
    [Arguments]    ${result}    ${factor}    ${least}
    Log    ${result}
    ${latency} =    Set Variable    ${result.latency}
    Should Be True    ${latency.loaded.median_ms} > ${factor} * ${latency.idle.median_ms}
    Should Be True    ${latency.loaded.median_ms} > ${least}
    Should Be True    ${latency.idle.sent_probes} >= 3 and ${latency.loaded.sent_probes} >= 5
    Should Be Equal    ${latency.idle.lost_probes}    ${0}

Busybox Should Measure
    [Arguments]    ${family}
    ${path} =    Programs Of Busybox
    Run On Lab Host    alpha    ln    -sf    /usr/bin/busybox    ${path}/ping
    Add Iperf Device    router    ${ALPHA.url}    address=${ALPHA.address('plain', ${family})}    prefix=env PATH=${path}
    Add Iperf Device    other    ${BETA.url}    address=${BETA.address('plain', ${family})}
    ${result} =    Run Iperf Test    router    other    time=1s    bitrate=10M    latency=True    latency_idle=1s
    Should Be True    ${result.latency.idle.sent_probes} >= 2 and ${result.latency.loaded.sent_probes} >= 2
    Should Be True    0 < ${result.latency.loaded.median_ms} < 100
    ${raw} =    Get File    ${result.latency.raw_file}
    Should Match Regexp    ${raw}    : seq=\\d+ ttl=
    [Teardown]    Forget Busybox Devices

Programs Of Busybox
    ${path} =    Set Variable    /tmp/busybox-of-34
    Run On Lab Host    alpha    sh    -c    rm -rf "$1"; mkdir -p "$1" && busybox --install -s "$1" && ln -s "$(command -v iperf3)" "$1"    sh    ${path}
    RETURN    ${path}

Latency Should Be Refused
    [Arguments]    ${text}    ${prepare}
    ${path} =    Programs Of Busybox
    Run On Lab Host    alpha    sh    -c    rm -f "$1/ping"; ${prepare}; [ ! -e "$1/ping" ] || chmod 755 "$1/ping"    sh    ${path}
    Add Iperf Device    router    ${ALPHA.url}    address=${ALPHA.address()}    prefix=env PATH=${path}
    Add Iperf Device    other    ${BETA.url}    address=${BETA.address()}
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Test    router    other    time=1s    latency=True
    Message Should Have    ${message}    The latency from router to ${BETA.address()} cannot be measured, so nothing was begun.    ${text}    what to do:
    [Teardown]    Forget Busybox Devices

Forget Busybox Devices
    Forget Device    router
    Forget Device    other

Companion Should Be Refused
    [Arguments]    ${text}    &{arguments}
    Run Keyword And Expect Error    *${text}*    Add Iperf Companion    it    &{arguments}

Nothing Should Be Left
    [Documentation]    No iperf, no ping, no loop of a companion.
    Hosts Should Be Clean
    FOR    ${host}    IN    alpha    beta
        Wait Until Keyword Succeeds    5s    0.1s    Host Should Have No Companion    ${host}
    END

Host Should Have No Companion
    [Arguments]    ${host}
    ${pings} =    Lab Processes    ${host}    ping
    Should Be Empty    ${pings}
    ${loops} =    Lab Processes    ${host}    sh
    ${left} =    Evaluate    [process for process in $loops if 'iperflibrary-at' in ' '.join(process.argv)]
    Should Be Empty    ${left}
