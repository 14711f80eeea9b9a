*** Settings ***
Documentation       Suites that are tried without a lab: what real devices printed once is told again by fake ones, and all that is told says so.
Library             IperfLibrary
Library             OperatingSystem
Library             Process
Library             String
Test Teardown       Remove All Iperf Devices
Test Tags           once


*** Variables ***
${EXAMPLES}     ${CURDIR}/../examples
${RUN}          ${OUTPUT_DIR}/fake_run
${COPY}         ${OUTPUT_DIR}/fake_copy


*** Test Cases ***
The Example Runs Without A Lab
    [Documentation]    Log, console, records, files and report say that nothing was measured.
    ${done} =    Run Robot    ${RUN}    ${EXAMPLES}/without_a_lab.robot
    Should Be Equal As Integers    ${done.rc}    0    ${done.stdout}
    FOR    ${device}    IN    dut    pc
        ${warnings} =    Get Count    ${done.stdout}    [ WARN ] ${device} is a FAKE device
        Should Be Equal As Integers    ${warnings}    1
    END
    ${xml} =    Get File    ${RUN}/output.xml
    ${badges} =    Get Count    ${xml}    &gt;FAKE&lt;
    Should Be Equal As Integers    ${badges}    3
    Should Not Contain    ${xml.replace('>FAKE iperf3 ', '')}    >iperf3 TCP:
    ${lines} =    Get File    ${RUN}/iperf-results.jsonl
    ${marks} =    Evaluate    [json.loads(line)['fake'] for line in $lines.splitlines()]    modules=json
    Should Be Equal    ${marks}    ${{[True] * 3}}
    @{files} =    List Directory    ${RUN}/raw_iperf
    Should Be True    all(name.startswith('fake_') for name in $files)    ${files}
    ${page} =    Run Process    ${{sys.executable}}    -m    IperfLibrary    report    ${RUN}    --output    ${RUN}/page.html
    Should Be Equal As Integers    ${page.rc}    0    ${page.stderr}
    ${html} =    Get File    ${RUN}/page.html
    ${marks} =    Get Count    ${html}    (fake)
    Should Be Equal As Integers    ${marks}    3

What Was Recorded Here Is Told Again
    [Documentation]    Raw files of a real run are used as they are, also of the iperf that is on this machine. All figures are the same.
    [Template]    Replay Should Be Equal
    iperf3    time=1s    bitrate=20M
    iperf3    time=1s    bitrate=20M    udp=True    reverse=True
    iperf3    time=1s    bitrate=20M    parallel=3    bidir=True
    iperf2    time=1s    bitrate=20M

Whole Tests And Failures
    [Documentation]    Every keyword of the ordinary way takes fake devices.
    Add Iperf Device    dut    fake:${EXAMPLES}/fake/dut.yaml    role=node
    Add Iperf Device    pc    fake:${EXAMPLES}/fake/pc.yaml    role=tpc
    ${runs} =    Run Iperf Test    dut    pc    direction=downlink    time=2s    bitrate=94M    repeat=2
    Should Start With    ${runs}    FAKE 2 runs
    Should Fail As    refused    Run Iperf Client    pc    192.0.2.9    port=5999
    Should Fail As    timeout    Run Iperf Client    pc    192.0.2.9    title=hangs    timeout=0.2s
    Should Fail As    lost    Run Iperf Client    pc    192.0.2.9    title=lost
    ${client} =    Start Iperf Client    pc    192.0.2.9    title=hangs
    ${result} =    Stop Iperf Client    ${client}
    Should Be True    ${result.fake} and ${result.partial}

Fakes In An Inventory
    Create File    ${OUTPUT_DIR}/fakes/lab.yaml    devices:\n${SPACE}${SPACE}dut: {connection: "fake:${EXAMPLES}/fake/dut.yaml", role: node}
    Add Iperf Devices From File    ${OUTPUT_DIR}/fakes/lab.yaml
    ${server} =    Start Iperf Server    dut
    Should Be True    ${server.running}


*** Keywords ***
Run Robot
    [Arguments]    ${output}    @{words}
    Remove Directory    ${output}    recursive=True
    ${done} =    Run Process    ${{sys.executable}}    -m    robot    --outputdir    ${output}    @{words}
    ...    stdout=${output}.txt    stderr=STDOUT    timeout=60s    on_timeout=kill
    RETURN    ${done}

Replay Should Be Equal
    [Arguments]    ${tool}    &{options}
    Add Iperf Device    dut    local    role=node
    Add Iperf Device    pc    local    role=tpc
    ${server} =    Start Iperf Server    dut    tool=${tool}
    ${real} =    Run Iperf Client    pc    ${server}    &{options}
    Stop Iperf Server    ${server}
    Remove All Iperf Devices
    Describe Fake    dut    - {words: PROGRAM -v, stdout: "SAYS"}\n- {words: PROGRAM --server, listens: true}    ${tool}    ${real}
    Describe Fake    pc    - {words: PROGRAM -v, stdout: "SAYS"}\n- {words: PROGRAM --client, raw: ${real.raw_file}, server_raw: ${server.filename}}
    ...    ${tool}    ${real}
    ${again} =    Start Iperf Server    dut    tool=${tool}
    ${told} =    Run Iperf Client    pc    ${again}    &{options}
    Stop Iperf Server    ${again}
    Should Be True    ${told.fake} and not ${real.fake}
    Should Be Equal    ${told.flows}    ${real.flows}
    Should Be Equal    ${told.server_version}    ${real.server_version}
    Should Be Equal    ${told.server_cpu_percent}    ${real.server_cpu_percent}
    Remove All Iperf Devices

Describe Fake
    [Documentation]    A device with what a real one printed.
    [Arguments]    ${name}    ${commands}    ${tool}    ${real}
    ${says} =    Set Variable If    $tool == 'iperf3'    iperf ${real.client_version}    iperf version ${real.client_version}
    ${program} =    Set Variable If    $tool == 'iperf3'    iperf3    iperf
    ${text} =    Evaluate    $commands.replace('PROGRAM', $program).replace('SAYS', $says)
    Create File    ${COPY}/${name}.yaml    address: 127.0.0.1\ncommands:\n${text}\n
    Add Iperf Device    ${name}    fake:${COPY}/${name}.yaml    role=${{'node' if $name == 'dut' else 'tpc'}}

Should Fail As
    [Arguments]    ${kind}    ${keyword}    @{arguments}    &{named}
    ${message} =    Run Keyword And Expect Error    *    ${keyword}    @{arguments}    &{named}
    ${words} =    Evaluate    dict(refused='refused', timeout='was not done after', lost='was lost while')[$kind]
    Should Contain    ${message}    ${words}
