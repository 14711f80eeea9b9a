*** Settings ***
Documentation       Many controllers at once: pabot with suites that know nothing of it, and jobs that want a device for themselves.
...                 Longer: robot --variable TESTS:160 --test Pabot atest/39_many_controllers.robot
Resource            resources/lab.resource
Library             Process
Library             resources/Costs.py
Suite Setup         Open Lab For Many
Suite Teardown      Close Devices
Test Tags           once


*** Variables ***
${PROCESSES}        8
${TESTS}            14
${INNER}            ${CURDIR}/_inner/reservation.robot
@{KINDS}            Whole Test    Behind A Host    From Here    Over UDP    Detached
...                 Alone With Two${SPACE*4}alpha${SPACE*4}beta    Alone With Two${SPACE*4}beta${SPACE*4}alpha


*** Test Cases ***
Pabot
    [Documentation]    Each test in a process of its own; nothing collides, and there is one log, one file of records, one report of all.
    ${out} =    Set Variable    ${OUTPUT_DIR}/pabot
    Remove Directory    ${out}    recursive=True
    ${ran} =    Run Process    ${{sys.executable}}    -m    pabot.pabot    --command    ${{sys.executable}}    -m    robot    --end-command
    ...    --testlevelsplit    --processes    ${PROCESSES}
    ...    --outputdir    ${out}    @{LAB_VARIABLES}    --variable    FLAGS:${LAB.folder}    ${SUITE_OF_MANY}
    ...    stdout=${OUTPUT_DIR}/pabot.txt    stderr=STDOUT    timeout=20min    on_timeout=kill    cwd=${OUTPUT_DIR}
    Should Be Equal As Integers    ${ran.rc}    0    ${ran.stdout}
    @{records} =    Evaluate    [json.loads(line) for line in open($out + '/iperf-results.jsonl')]    modules=json
    Length Should Be    ${records}    ${TESTS}
    Length Should Be    ${{set(r['raw_file'] for r in $records)}}    ${TESTS}
    Length Should Be    ${{set(r['test'] for r in $records)}}    ${TESTS}
    Should Be True    all(r['error'] is None and r['test_passed'] for r in $records)
    FOR    ${record}    IN    @{records}
        File Should Exist    ${out}/${record}[raw_file]
    END
    Links Should Work    ${out}
    ${made} =    Run Process    ${{sys.executable}}    -m    IperfLibrary    report    ${out}    -o    ${out}/iperf-report.html
    Should Contain    ${made.stdout}    ${TESTS} results of 1 runs
    Nothing Should Be Left

A Job Is Told Who Has The Device
    ${done} =    Set Variable    ${OUTPUT_DIR}/done
    Remove File    ${done}
    ${first} =    Start Job    first    UNTIL:${done}
    Wait Until Keyword Succeeds    20s    50ms    Job Should Say    first    works alone
    ${second} =    Start Job    second
    ${ended} =    Wait For Process    ${second}    timeout=60s    on_timeout=kill
    Should Be Equal As Integers    ${ended.rc}    1
    ${user} =    Evaluate    getpass.getuser() + '@' + platform.node()    modules=getpass, platform
    Job Should Say    second    dut is reserved by somebody else.
    Job Should Say    second    ${user} (pid
    Job Should Say    second    for 'Reservation.Works Alone'
    Create File    ${done}
    ${ended} =    Wait For Process    ${first}    timeout=60s    on_timeout=kill
    Should Be Equal As Integers    ${ended.rc}    0    ${ended.stdout}
    Nothing Should Be Left

A Job Waits For Its Turn
    ${done} =    Set Variable    ${OUTPUT_DIR}/turn
    Remove File    ${done}
    ${first} =    Start Job    holding    UNTIL:${done}
    Wait Until Keyword Succeeds    20s    50ms    Job Should Say    holding    works alone
    ${second} =    Start Job    waiting    WAIT:60s
    Wait Until Keyword Succeeds    20s    50ms    Job Should Say    waiting    Waiting for dut, which is reserved by
    Process Should Be Running    ${first}
    Create File    ${done}
    FOR    ${job}    IN    ${first}    ${second}
        ${ended} =    Wait For Process    ${job}    timeout=60s    on_timeout=kill
        Should Be Equal As Integers    ${ended.rc}    0    ${ended.stdout}
    END
    Nothing Should Be Left

A Job That Is Killed Has Nothing Any More
    ${first} =    Start Job    killed    UNTIL:${OUTPUT_DIR}/never
    Wait Until Keyword Succeeds    20s    50ms    Job Should Say    killed    works alone
    ${second} =    Start Job    next    WAIT:60s
    Wait Until Keyword Succeeds    20s    50ms    Job Should Say    next    Waiting for dut, which is reserved by
    Terminate Process    ${first}    kill=True
    ${ended} =    Wait For Process    ${second}    timeout=60s    on_timeout=kill
    Should Be Equal As Integers    ${ended.rc}    0    ${ended.stdout}
    Nothing Should Be Left

What Is Left Of A Holder Holds Nothing
    [Documentation]    The process on the device is killed, so it cannot remove its file: nobody else is hindered, and whose it was is told.
    Add Iperf Device    mine    ${ALPHA.url}    exclusive=True    wait=0s
    ${holder} =    Run On Lab Host    alpha    sh    -c    echo /tmp/iperflibrary-reserved.*.held
    ${pid} =    Evaluate    $holder.split('.')[-2]
    Run On Lab Host    alpha    kill    -KILL    ${pid}
    Wait Until Keyword Succeeds    10s    50ms    Start Should Fail
    ${job} =    Start Job    after
    ${ended} =    Wait For Process    ${job}    timeout=60s    on_timeout=kill
    Should Be Equal As Integers    ${ended.rc}    0    ${ended.stdout}
    Reserve Iperf Devices    mine    wait=0s
    Start Iperf Server    mine
    Remove Iperf Device    mine
    Nothing Should Be Left
    [Teardown]    Forget Device    mine

A Test Has It Until Its End
    Add Iperf Device    near    ${ALPHA.url}
    Add Iperf Device    also    ${ALPHA.url}
    Reserve Iperf Devices    near    also    wait=0s
    ${names} =    Release Iperf Devices    near
    Should Be Equal    ${names}    ${{['near']}}
    Run On Lab Host    alpha    sh    -c    test -e /tmp/iperflibrary-reserved.*.held

Then Others Have It
    Nothing Should Be Left
    [Teardown]    Run Keywords    Forget Device    near    AND    Forget Device    also

Many Devices Of One Controller
    [Documentation]    Each has one log-in, whatever goes on at a time, no more than three threads, and little memory; all results are there.
    Add Iperf Device    first    ${ALPHA.url}    address=${ALPHA.address()}
    Add Iperf Device    second    ${BETA.url}    address=${BETA.address()}
    Run Iperf Test    first    second    time=1s    bitrate=1M    # what is loaded once is no cost of a device
    Note Costs
    @{flows} =    Create List
    FOR    ${number}    IN RANGE    8
        Add Iperf Device    from${number}    ${ALPHA.url}    address=${ALPHA.address()}
        Add Iperf Device    to${number}    ${BETA.url}    address=${BETA.address()}
        Append To List    ${flows}    from${number} -> to${number}
    END
    ${all} =    Run Iperf Tests In Parallel    @{flows}    time=2s    bitrate=1M
    ${costs} =    Costs Since
    Should Be Equal As Integers    ${costs}[log_ins]    16
    Should Be True    ${costs}[threads] <= 3 * 16    ${costs}
    Should Be True    ${costs}[mebibytes] <= 16    ${costs}
    Length Should Be    ${{set(result.raw_file for result in $all.results)}}    8
    Should Be True    all(0 < result.bits_per_second < 4e6 for result in $all.results)
    [Teardown]    Run Keywords    Remove All Iperf Devices    AND    Nothing Should Be Left

Many Servers End At A Time
    Add Iperf Device    first    ${ALPHA.url}
    Add Iperf Device    second    ${BETA.url}
    FOR    ${device}    IN    first    second    first    second    first    second
        Start Iperf Server    ${device}    daemon=${{$device == 'second'}}
    END
    ${count} =    Stop All Iperf Processes
    Should Be Equal As Integers    ${count}    6
    Nothing Should Be Left
    [Teardown]    Remove All Iperf Devices


*** Keywords ***
Open Lab For Many
    Open Lab
    ${delta} =    Get Lab Host    delta
    Create File    ${HOME}/.ssh/config    Host *\n\tIdentityFile ${LAB.keys.client}\n
    VAR    ${DELTA}    ${delta}    scope=SUITE
    VAR    @{LAB_VARIABLES}
    ...    --variable    ALPHA:${ALPHA.url}    --variable    ALPHA_ADDRESS:${ALPHA.address()}    --variable    ALPHA_HOST:${ALPHA.ssh_host}
    ...    --variable    BETA:${BETA.url}    --variable    BETA_ADDRESS:${BETA.address()}    --variable    INNER_ADDRESS:${BETA.address('inner')}
    ...    --variable    DELTA:ssh://root@${delta.address('inner')}?jump=${BETA.url.removeprefix('ssh://')}    --variable    DELTA_ADDRESS:${delta.address('inner')}
    ...    scope=SUITE
    Write Suite Of Many

Write Suite Of Many
    [Documentation]    So many tests, of all kinds in turn.
    @{lines} =    Create List
    FOR    ${number}    IN RANGE    ${TESTS}
        Append To List    ${lines}    Test ${number}\n${SPACE*4}${{$KINDS[$number % len($KINDS)]}}\n
    END
    ${file} =    Set Variable    ${OUTPUT_DIR}/many/many.robot
    Create File    ${file}    *** Settings ***\nResource${SPACE*4}${CURDIR}/_inner/pabot.resource\nSuite Setup${SPACE*4}Name Devices\n\n*** Test Cases ***\n${{chr(10).join($lines)}}
    VAR    ${SUITE_OF_MANY}    ${file}    scope=SUITE

Links Should Work
    [Documentation]    Those of the log of all tests, which is in the directory above those of the processes.
    [Arguments]    ${directory}
    ${xml} =    Get File    ${directory}/output.xml
    ${links} =    Evaluate    [urllib.parse.unquote(link) for link in re.findall(r'href="(?!https?:)([^"#]+)"', html.unescape($xml))]    modules=re, html, urllib.parse
    Should Be True    len($links) >= 2 * ${TESTS}
    FOR    ${link}    IN    @{links}
        File Should Exist    ${directory}/${link}
    END

Start Job
    [Arguments]    ${name}    @{variables}
    ${words} =    Evaluate    [word for pair in $variables for word in ('--variable', pair)]
    ${job} =    Start Process    ${{sys.executable}}    -m    robot    --outputdir    ${OUTPUT_DIR}/${name}    --variable    ALPHA:${ALPHA.url}
    ...    @{words}    ${INNER}    stdout=${OUTPUT_DIR}/${name}.txt    stderr=STDOUT
    RETURN    ${job}

Job Should Say
    [Arguments]    ${name}    ${text}
    ${said} =    Get File    ${OUTPUT_DIR}/${name}.txt
    Should Contain    ${said}    ${text}

Start Should Fail
    Run Keyword And Expect Error    mine is not reserved any more*    Start Iperf Server    mine

Nothing Should Be Left
    FOR    ${host}    IN    alpha    beta    delta
        Host Should Have No Iperf    ${host}
        Lab Files Should Be Gone    ${host}    /tmp/iperflibrary*
    END
