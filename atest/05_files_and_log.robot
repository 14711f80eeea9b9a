*** Settings ***
Documentation       What a run leaves: files whose names say what is in them, a log that tells what was done, and no secret anywhere.
Resource            resources/lab.resource
Library             Process
Suite Setup         Open Lab With Devices
Suite Teardown      Close Devices


*** Variables ***
${TIME}     [0-9]{8}T[0-9]{6}\\.[0-9]{6}


*** Test Cases ***
Names Tell Direction, End, Protocol, Device, Name And Time
    ${server} =    Start Iperf Server    alpha    name=the server
    File Name Should Be    ${server.filename}    alpha_the-server_${TIME}\\.json
    ${result} =    Run Iperf Client    beta    alpha    time=1s    bitrate=1M    name=my/../run
    File Name Should Be    ${result.raw_file}    downstream_tx_tcp_beta_my-..-run_${TIME}\\.json
    ${result} =    Run Iperf Client    beta    alpha    time=1s    bitrate=1M    reverse=True    udp=True
    File Name Should Be    ${result.raw_file}    upstream_rx_udp_beta_client_${TIME}\\.json
    Should Be Equal    ${{pathlib.Path($result.parsed_file).stem}}    ${{pathlib.Path($result.raw_file).stem}}

Names Without Roles Have No Direction
    Add Iperf Device    plain    ${BETA.url}
    Add Iperf Device    other    ${ALPHA.url}    address=${ALPHA.address()}
    Start Iperf Server    other
    ${result} =    Run Iperf Client    plain    other    time=1s    bitrate=1M    bidir=True
    File Name Should Be    ${result.raw_file}    txrx_tcp_plain_client_${TIME}\\.json
    Should Be Equal    ${result.flows[0].direction}    forward
    Should Be Equal    ${result.flows[1].direction}    reverse
    [Teardown]    Run Keywords    Remove Iperf Device    plain    AND    Forget Device    other

Raw File Is What Iperf Printed
    Start Iperf Server    alpha
    ${result} =    Run Iperf Client    beta    alpha    time=1s    bitrate=1M
    ${text} =    Get File    ${result.raw_file}
    ${document} =    Evaluate    json.loads($text)    modules=json
    Should Be Equal As Integers    ${document}[end][sum_received][bytes]    ${result.received.bytes}
    Should Start With    ${text}    {
    ${table} =    Get File    ${result.parsed_file}
    Should Start With    ${table}    row,fact,value,direction,reverse,measured_at,stream,port,start_seconds,end_seconds,bytes,bits_per_second
    Should Match Regexp    ${table}    (?m)^receiver,,,downstream,(True|False),(sender|receiver),sum,,,,${result.received.bytes},
    ${again} =    Evaluate    dataclasses.replace(IperfLibrary.from_csv($table), parsed_file=$result.parsed_file)    modules=IperfLibrary,dataclasses
    Should Be True    $again == $result

Stderr Stands Beside It
    ${server} =    Start Iperf Server    alpha
    Run Keyword And Expect Error    *    Start Iperf Server    alpha    port=${server.port}
    ${path} =    Get Last Filename    alpha
    ${text} =    Get File    ${path}.stderr
    Should Contain    ${text}    iperf3: exiting
    File Should Not Exist    ${server.filename}.stderr

Last Filename
    ${server} =    Start Iperf Server    alpha
    ${result} =    Run Iperf Client    beta    alpha    time=1s    bitrate=1M
    ${of_alpha} =    Get Last Filename    alpha
    ${of_beta} =    Get Last Filename    beta
    ${last} =    Get Last Filename
    Should Be Equal    ${of_alpha}    ${server.filename}
    Should Be Equal    ${of_beta}    ${result.raw_file}
    Should Be Equal    ${last}    ${result.raw_file}
    Should Be True    pathlib.Path($last).is_absolute() and pathlib.Path($last).exists()
    Run Keyword And Expect Error    There is no device 'bta'. Did you mean 'beta'?*    Get Last Filename    bta

File Of A Run That Failed Is Kept
    Run Keyword And Expect Error    *    Run Iperf Client    beta    alpha
    ${path} =    Get Last Filename    beta
    ${text} =    Get File    ${path}
    Should Contain    ${text}    Connection refused

Log Has One Line For Each Event
    [Documentation]    Looked at in the output of a Robot of its own.
    ${output} =    Run Robot    ${CURDIR}/../examples/quickstart.robot
    @{lines} =    Evaluate    [m.text for m in xml.etree.ElementTree.parse($output).iter('msg') if m.get('level') == 'INFO']
    ...    modules=xml.etree.ElementTree
    ${text} =    Catenate    SEPARATOR=\n    @{lines}
    Should Match Regexp    ${text}    (?m)^Device dut: local, traffic at 127.0.0.1, role node$
    Should Match Regexp    ${text}    (?m)^Started iperf3 server on dut \\(port \\d+, pid \\d+\\): iperf3 --server --port \\d+ --json$
    Should Match Regexp    ${text}    (?m)^Started iperf3 client on pc \\(port \\d+, pid \\d+\\): iperf3 --client 127.0.0.1 .*--time 2 --parallel 2$
    Should Match Regexp    ${text}    (?m)^Raw file: /.*/raw_iperf/downstream_tx_tcp_pc_client_
    Should Match Regexp    ${text}    (?m)^iperf3 TCP: downstream [\\d.]+ [MG]bit/s received \\(sent [\\d.]+ [MG]bit/s, 2 streams, \\d+ retransmits\\)$
    Should Match Regexp    ${text}    (?m)^Stopped iperf3 server on dut .* served 1 test

Secrets Show Nowhere
    Require Lab Feature    password
    ${user} =    Set Variable    ssh://${LAB.tester.name}@${ALPHA.ssh_host}
    Set Environment Variable    LAB_PASSWORD    ${LAB.tester.password}
    ${output} =    Run Robot    ${CURDIR}/_inner/secrets.robot    --variable    URL:${user}    --variable    KEY:${LAB.keys.encrypted}
    ...    --variable    GOOD:${LAB.tester.password}    --variable    WRONG:wrong-password-42
    ${text} =    Get File    ${output}
    Should Contain X Times    ${text}    <kw name="Start Iperf Server"    5
    Should Contain    ${text}    password=***
    # Robot writes arguments into this file before a library can mask them.
    ${debug} =    Get File    ${OUTPUT_DIR}/inner/debug.txt
    Create File    ${OUTPUT_DIR}/inner/debug.txt    ${debug.replace('plain-text-password', '')}
    FOR    ${secret}    IN    ${LAB.tester.password}    wrong-password-42    plain-text-password
        Nothing Should Have    ${OUTPUT_DIR}/inner    ${secret}
    END
    [Teardown]    Remove Environment Variable    LAB_PASSWORD

Robot's Own Secret
    Require Lab Feature    password
    ${has} =    Evaluate    tuple(map(int, robot.version.VERSION.split('.')[:2])) >= (7, 4)    modules=robot.version
    Skip If    not ${has}    Robot Framework has Secret from 7.4 on.
    Set Environment Variable    LAB_PASSWORD    ${LAB.tester.password}
    ${output} =    Run Robot    ${CURDIR}/_inner/secret_type.robot    --variable    URL:ssh://${LAB.tester.name}@${ALPHA.ssh_host}
    ${text} =    Get File    ${output}
    Should Contain    ${text}    Started iperf3 server on one
    Nothing Should Have    ${OUTPUT_DIR}/inner    ${LAB.tester.password}
    [Teardown]    Remove Environment Variable    LAB_PASSWORD

Outside Robot
    [Documentation]    The same class in a Python program writes into a plain directory.
    ${code} =    Catenate    SEPARATOR=\n
    ...    from pathlib import Path
    ...    from IperfLibrary import IperfLibrary
    ...    lib = IperfLibrary(directory=Path("${OUTPUT_DIR}/plain"))
    ...    lib.add_iperf_device("a"); lib.add_iperf_device("b")
    ...    server = lib.start_iperf_server("a")
    ...    result = lib.run_iperf_client("b", "a", time=1, bitrate="1 Mbit/s")
    ...    print(result.raw_file, result.bits_per_second > 0)
    ${result} =    Run Process    ${{sys.executable}}    -c    ${code}    timeout=30s
    Should Be Equal As Integers    ${result.rc}    0    ${result.stderr}
    Should Match Regexp    ${result.stdout}    ${OUTPUT_DIR}/plain/raw_iperf/tx_tcp_b_client_.* True


*** Keywords ***
File Name Should Be
    [Arguments]    ${path}    ${pattern}
    Should Match Regexp    ${path}    ^${OUTPUT_DIR}/raw_iperf/${pattern}$
    File Should Exist    ${path}

Run Robot
    [Documentation]    Runs a suite in a Robot of its own, with all that it can log; returns its output file.
    [Arguments]    ${suite}    @{options}
    Remove Directory    ${OUTPUT_DIR}/inner    recursive=True
    Run Process    ${{sys.executable}}    -m    robot    --loglevel    TRACE    --debugfile    debug.txt
    ...    --outputdir    ${OUTPUT_DIR}/inner    @{options}    ${suite}
    ...    stdout=${OUTPUT_DIR}/inner.txt    stderr=STDOUT    timeout=60s
    Copy File    ${OUTPUT_DIR}/inner.txt    ${OUTPUT_DIR}/inner/console.txt
    RETURN    ${OUTPUT_DIR}/inner/output.xml

Nothing Should Have
    [Arguments]    ${directory}    ${secret}
    ${result} =    Run Process    grep    -rlF    ${secret}    ${directory}
    Should Be Empty    ${result.stdout}
    Should Be Equal As Integers    ${result.rc}    1    grep found nothing, and went through everything.
