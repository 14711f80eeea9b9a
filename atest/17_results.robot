*** Settings ***
Documentation       What is told of results beside the keyword's own return: a block in log.html, records for CI, a page over all runs.
Resource            resources/lab.resource
Library             Process
Suite Setup         Open Lab And Run
Suite Teardown      Close Devices


*** Variables ***
${INNER}        ${CURDIR}/_inner/results.robot


*** Test Cases ***
The Log Has A Block For Each Result
    ${xml} =    Get File    ${ONE}/output.xml
    ${blocks} =    Get Count    ${xml}    html="true"
    Should Be Equal As Integers    ${blocks}    4
    Should Contain    ${xml}    &lt;svg
    Should Contain    ${xml}    href="raw_iperf/
    Should Contain    ${xml}    href="parsed/

The Test Has Its Headline
    [Documentation]    Where Robot Framework has metadata of tests: from 7.5 on.
    ${new} =    Evaluate    hasattr(robot.result.TestCase(), 'metadata')    modules=robot.result
    ${xml} =    Get File    ${ONE}/output.xml
    ${count} =    Get Count    ${xml}    name="Iperf">iperf3 TCP: upstream
    IF    ${new}    Should Be True    ${count} + $xml.count('name="Iperf">iperf3 TCP: downstream') >= 1

A Record For Each Result
    @{records} =    Records In    ${ONE}
    ${tests} =    Evaluate    [(r['test'], r['verdicts'] and [v['passed'] for v in r['verdicts']]) for r in $records]
    Length Should Be    ${records}    4
    Should Be Equal    ${{[r['test'] for r in $records]}}    ${{['Good', 'Too Slow', 'Refused', 'Stopped']}}
    Should Be Equal    ${{[v['passed'] for v in $records[1]['verdicts']]}}    ${{[True, False]}}
    Should Be True    all(r['client'] == 'beta' and r['server'] == 'alpha' for r in $records)
    File Should Exist    ${ONE}/${records}[0][raw_file]

The Table Beside It
    ${table} =    Get File    ${ONE}/iperf-results.csv
    @{rows} =    Evaluate    list(csv.DictReader($table.splitlines()))    modules=csv
    Should Be Equal    ${{[row['status'] for row in $rows]}}    ${{['passed', 'failed', 'failed', 'passed']}}
    Should Be True    float($rows[0]['bits_per_second']) > 1e6
    Should Be Equal    ${rows}[2][bits_per_second]    ${EMPTY}

Two Runs In One Directory
    [Documentation]    At the same time: no line is lost or mixed with another.
    ${first} =    Start Inner    ${OUTPUT_DIR}/both    first
    ${second} =    Start Inner    ${OUTPUT_DIR}/both    second
    Wait For Process    ${first}    timeout=60s    on_timeout=kill
    Wait For Process    ${second}    timeout=60s    on_timeout=kill
    @{records} =    Records In    ${OUTPUT_DIR}/both
    Length Should Be    ${records}    8
    Length Should Be    ${{set(r['run'] for r in $records)}}    2

One Page Over All Runs
    ${made} =    Run Process    ${{sys.executable}}    -m    IperfLibrary    report    ${ONE}    ${OUTPUT_DIR}/both
    ...    -o    ${OUTPUT_DIR}/iperf-report.html
    Should Be Equal As Integers    ${made.rc}    0    ${made.stderr}
    Should Contain    ${made.stdout}    12 results of 3 runs
    ${page} =    Get File    ${OUTPUT_DIR}/iperf-report.html
    Should Contain    ${page}    Too Slow
    Should Not Match Regexp    ${page}    (?:src|href)=.?http

A Stored Output From The Command Line
    @{records} =    Records In    ${ONE}
    ${parsed} =    Run Process    ${{sys.executable}}    -m    IperfLibrary    parse    --json    ${ONE}/${records}[0][raw_file]
    Should Be Equal As Integers    ${parsed.rc}    0    ${parsed.stderr}
    ${again} =    Evaluate    json.loads($parsed.stdout)    modules=json
    Should Be Equal    ${again}[headline][bits_per_second]    ${records}[0][figures][bits_per_second]


*** Keywords ***
Open Lab And Run
    Open Lab With Devices
    VAR    ${ONE}    ${OUTPUT_DIR}/one    scope=SUITE
    Remove Directory    ${ONE}    recursive=True
    Remove Directory    ${OUTPUT_DIR}/both    recursive=True
    ${robot} =    Start Inner    ${ONE}    one
    ${ended} =    Wait For Process    ${robot}    timeout=60s    on_timeout=kill
    Should Be Equal As Integers    ${ended.rc}    2    ${ended.stdout}

Start Inner
    [Arguments]    ${directory}    ${name}
    ${robot} =    Start Process    ${{sys.executable}}    -m    robot    --outputdir    ${directory}    --output    ${{'output.xml' if $name == 'one' else $name + '.xml'}}
    ...    --log    ${{'log.html' if $name == 'one' else 'NONE'}}    --report    NONE    --variable    ALPHA:${ALPHA.url}
    ...    --variable    BETA:${BETA.url}    --variable    ADDRESS:${ALPHA.address()}    ${INNER}    stdout=${OUTPUT_DIR}/${name}.txt    stderr=STDOUT
    RETURN    ${robot}

Records In
    [Arguments]    ${directory}
    ${text} =    Get File    ${directory}/iperf-results.jsonl
    @{records} =    Evaluate    [json.loads(line) for line in $text.splitlines()]    modules=json
    RETURN    @{records}
