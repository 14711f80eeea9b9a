*** Settings ***
Documentation       Whether it got worse: baselines beside a suite, recorded and compared by Robots of their own, on a link that gets slower.
Resource            resources/lab.resource
Library             Process
Suite Setup         Open Lab And Record
Suite Teardown      Close Devices
Test Teardown       Hosts Should Be Clean
Test Tags           once


*** Variables ***
${RUNS}             ${OUTPUT_DIR}/baselines
${NEXT_TO_IT}       ${RUNS}/suite
${INNER}            ${NEXT_TO_IT}/baseline.robot
${KEPT}             ${NEXT_TO_IT}/iperf-baselines.jsonl


*** Test Cases ***
What Has No Baseline Is Recorded And Told
    [Documentation]    That was done by the setup.
    Should Be Equal As Integers    ${FIRST.rc}    0    ${FIRST.stdout}
    Message Should Have    ${FIRST.stdout}    Bit rate (receiver) of 'uplink' had no baseline, so nothing was compared.    commit the file: later runs compare with it
    @{kept} =    Kept Baselines
    Should Be Equal    ${{[(one['figure'], one['of'], len(one['values'])) for one in $kept]}}    ${{[('bitrate', '', 3), ('bitrate', 'downstream', 1), ('loss', '', 1)]}}
    Should Be True    4e6 <= min($kept[0]['values']) <= max($kept[0]['values']) <= 16e6
    Should Be Equal    ${kept}[0][about][options]    ${{{'time': 1.0, 'bitrate': 8e6}}}
    Should Be Equal    ${kept}[0][about][client] ${kept}[1][about][client]    alpha beta

What Is As Good Passes And Leaves The File Alone
    ${before} =    Get File    ${KEPT}
    ${ended} =    Run Inner    compared    CI=true
    Should Be Equal As Integers    ${ended.rc}    0    ${ended.stdout}
    Should Not Contain    ${ended.stdout}    nothing was compared
    ${after} =    Get File    ${KEPT}
    Should Be Equal    ${after}    ${before}
    ${log} =    Get File    ${RUNS}/compared/output.xml
    Should Contain    ${log}    As good as the baseline of 'uplink': bit rate (receiver)
    Should Contain    ${log}    one-sided Welch's t test, 95 %: 3 runs against 3 runs
    ${records} =    Get File    ${RUNS}/compared/iperf-results.jsonl
    ${verdicts} =    Evaluate    [verdict for line in $records.splitlines() for verdict in json.loads(line)['verdicts']]    modules=json
    Length Should Be    ${verdicts}    5
    Should Be True    all(one['passed'] and 'of the baseline of' in one['text'] for one in $verdicts)

A Link That Got Slower Fails
    [Documentation]    8 Mbit/s are asked for, and 2 Mbit/s are what the link carries now.
    Require Lab Feature    shaped
    Shape Link    2mbit
    ${ended} =    Run Inner    slower    --test    Uplink    CI=true
    Should Be Equal As Integers    ${ended.rc}    1    ${ended.stdout}
    Message Should Have    ${ended.stdout}    Worse than the baseline of 'uplink': bit rate (receiver)    40 % worse: at least
    ...    iperf3 TCP upstream, alpha (    bitrate=8 Mbit/s    robot --variable IPERF_BASELINE:update --test Uplink ${INNER}
    ${records} =    Get File    ${RUNS}/slower/iperf-results.jsonl
    Should Contain    ${records}    "passed":false
    [Teardown]    Run Keywords    Shape Link    100mbit    AND    Hosts Should Be Clean

Another Test Is Not Compared
    ${ended} =    Run Inner    other_options    --test    Uplink    --variable    TIME:2s    --variable    REPEAT:1
    Should Be Equal As Integers    ${ended.rc}    1    ${ended.stdout}
    Message Should Have    ${ended.stdout}    Not comparable with the baseline of 'uplink', which is of another test: time\=1 s, now time\=2 s.

Without A Baseline Strict Fails
    ${before} =    Get File    ${KEPT}
    ${ended} =    Run Inner    strict    --test    Uplink    --variable    IPERF_BASELINE:strict    --variable    KEY:upplink    --variable    REPEAT:1
    Should Be Equal As Integers    ${ended.rc}    1    ${ended.stdout}
    Message Should Have    ${ended.stdout}    Bit rate (receiver) of 'upplink' has no baseline, so nothing was compared. Did you mean 'uplink'?    IPERF_BASELINE is strict
    ${after} =    Get File    ${KEPT}
    Should Be Equal    ${after}    ${before}

Two Robots At Once On One File
    ${first} =    Start Inner    both_1    --variable    KEY:first
    ${second} =    Start Inner    both_2    --variable    KEY:second
    FOR    ${robot}    IN    ${first}    ${second}
        ${ended} =    Wait For Process    ${robot}    timeout=90s    on_timeout=kill
        Should Be Equal As Integers    ${ended.rc}    0    ${ended.stdout}
    END
    @{kept} =    Kept Baselines
    Should Be Equal    ${{[one['key'] for one in $kept]}}    ${{['first'] * 3 + ['second'] * 3 + ['uplink'] * 3}}
    @{files} =    List Directory    ${NEXT_TO_IT}
    Should Be Equal    ${files}    ${{['baseline.robot', 'iperf-baselines.jsonl']}}

An Update Records Anew
    ${ended} =    Run Inner    update    --test    Uplink    --variable    IPERF_BASELINE:update    CI=true
    Should Be Equal As Integers    ${ended.rc}    0    ${ended.stdout}
    Message Should Have    ${ended.stdout}    Bit rate (receiver) of 'uplink' was not compared: its baseline is    so the change is
    @{kept} =    Kept Baselines
    ${moments} =    Evaluate    [one['moment'] for one in $kept if (one['key'], one['figure'], one['of']) == ('uplink', 'bitrate', '')]
    Length Should Be    ${moments}    2
    Should Be Equal    ${moments}    ${{sorted($moments)}}


*** Keywords ***
Open Lab And Record
    Open Lab
    Remove Directory    ${RUNS}    recursive=True
    Copy File    ${CURDIR}/_inner/baseline.robot    ${INNER}
    ${link} =    Set Variable    ${{'shaped' if 'shaped' in $LAB.features else 'plain'}}
    VAR    ${LINK}    ${link}    scope=SUITE
    ${first} =    Run Inner    recorded
    VAR    ${FIRST}    ${first}    scope=SUITE

Run Inner
    [Arguments]    ${name}    @{words}    ${CI}=
    ${robot} =    Start Inner    ${name}    @{words}    CI=${CI}
    ${ended} =    Wait For Process    ${robot}    timeout=90s    on_timeout=kill
    RETURN    ${ended}

Start Inner
    [Arguments]    ${name}    @{words}    ${CI}=
    ${robot} =    Start Process    ${{sys.executable}}    -m    robot    --pythonpath    ${CURDIR}/..    --outputdir    ${RUNS}/${name}
    ...    --consolewidth    400    --variable    ALPHA:${ALPHA.url}    --variable    TO_ALPHA:${ALPHA.address('${LINK}')}
    ...    --variable    BETA:${BETA.url}    --variable    TO_BETA:${BETA.address('${LINK}')}    @{words}    ${INNER}
    ...    stdout=${RUNS}/${name}.txt    stderr=STDOUT    env:CI=${CI}    env:IPERF_BASELINE=
    RETURN    ${robot}

Kept Baselines
    ${text} =    Get File    ${KEPT}
    @{kept} =    Evaluate    [json.loads(line) for line in $text.splitlines() if line]    modules=json
    RETURN    @{kept}

Shape Link
    [Arguments]    ${rate}
    FOR    ${host}    IN    alpha    beta
        Run On Lab Host    ${host}    tc    qdisc    replace    dev    shaped    root    tbf    rate    ${rate}    burst    32kb    limit    64kb
    END
