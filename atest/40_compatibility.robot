*** Settings ***
Documentation       The library in the ways in which Robot Framework can use one: under another name, several times, from a resource file, in a dry run, by the
...                 Remote interface. All on this machine: what is tried is Robot Framework's, so no lab is needed.
Library             IperfLibrary    AS    Traffic
Library             OperatingSystem
Library             Process
Library             String
Resource            _inner/compatibility.resource


*** Variables ***
${HERE}     ${CURDIR}


*** Test Cases ***
Under Another Name
    Traffic.Add Iperf Device    pc    local
    ${server} =    Traffic.Start Iperf Server    pc
    ${result} =    Traffic.Run Iperf Client    pc    ${server}    time=1s    bitrate=20M
    Traffic.Get Iperf Bitrate    ${result}    >    10M

From A Resource File
    Throughput Should Be At Least    10 Mbit/s

Several Times With Other Settings
    [Documentation]    Each has devices, files and scopes of its own, and after the run nothing is left of any.
    ${output} =    Fresh Directory    several
    ${done} =    Run Robot    ${output}    ${HERE}/_inner/compatibility.robot
    Should Be Equal As Integers    ${done.rc}    0    ${done.stdout}
    ${pids} =    Get File    ${output}/pids.txt
    @{pids} =    Split To Lines    ${pids}
    Length Should Be    ${pids}    3
    FOR    ${line}    IN    @{pids}
        ${pid} =    Evaluate    int($line.split()[1])
        Wait Until Keyword Succeeds    5s    50ms    Should Be Gone    ${pid}    ${line}
    END
    ${xml} =    Get File    ${output}/output.xml
    Should Not Contain    ${xml}    s3cr3t-plain
    FOR    ${directory}    IN    ${output}    ${output}/long    ${output}/of_resource
        ${lines} =    Get File    ${directory}/iperf-results.jsonl
        ${count} =    Get Line Count    ${lines}
        Should Be Equal As Integers    ${count}    1    In ${directory} there are records of another instance, or none.
    END

Headlines Of Several Stand In One Test
    [Documentation]    Where Robot Framework has metadata of tests: from 7.5 on.
    ${new} =    Evaluate    hasattr(robot.result.TestCase(), 'metadata')    modules=robot.result
    Skip If    not $new    This Robot Framework has no metadata of tests.
    ${xml} =    Get File    ${OUTPUT_DIR}/several/output.xml
    ${count} =    Get Count    ${xml.partition('name="Each Starts A Server"')[2].partition('</test>')[0].rpartition('</for>')[2]}    iperf3 TCP:
    Should Be Equal As Integers    ${count}    3

Dry Run Of Everything
    [Documentation]    Nothing is started by it; wrong names of keywords and arguments in any suite fail here.
    [Tags]    once
    ${output} =    Fresh Directory    dry
    ${done} =    Run Robot    ${output}    --dryrun    --output    NONE    --log    NONE    --report    NONE    --console    dotted    ${HERE}    ${HERE}/../examples
    Should Be Equal As Integers    ${done.rc}    0    ${done.stdout}
    ${words} =    Evaluate    re.search(r'(\\d+) tests, (\\d+) passed', $done.stdout)    modules=re
    Should Be True    int($words[1]) > 350 and $words[1] == $words[2]
    Directory Should Not Exist    ${output}

By The Remote Interface
    [Documentation]    What a keyword returns is a text there, so no figure can be asked of it; that fails and never passes.
    [Tags]    once
    ${server} =    Start Process    ${{sys.executable}}    ${HERE}/_inner/remote_server.py    ${OUTPUT_DIR}/remote
    ...    stdin=PIPE    stdout=${OUTPUT_DIR}/remote.txt    stderr=STDOUT
    TRY
        ${line} =    Wait Until Keyword Succeeds    20s    50ms    First Line    ${OUTPUT_DIR}/remote.txt
        Skip If    'no robotremoteserver' in $line    The Python package robotremoteserver is not installed.
        ${port} =    Evaluate    int($line)
        # A dry run does not follow what has a variable as its name.
        VAR    ${import}    Import Library
        VAR    ${far}    Far
        Run Keyword    ${import}    Remote    http://127.0.0.1:${port}    AS    Far
        Run Keyword    ${far}.Add Iperf Device    dut    local
        ${handle} =    Run Keyword    ${far}.Start Iperf Server    dut
        ${result} =    Run Keyword    ${far}.Run Iperf Client    dut    dut    time=1s    bitrate=20M
        Should Match Regexp    ${result}    ^iperf3 TCP: forward .* received
        Run Keyword And Expect Error    This takes the result of a run, not*    Run Keyword    ${far}.Get Iperf Bitrate    ${result}    >    1
    FINALLY
        Run Keyword And Ignore Error    Run Keyword    ${far}.Stop All Iperf Processes
        Evaluate    $server.stdin.close()
        Wait For Process    ${server}    timeout=10s    on_timeout=kill
    END


*** Keywords ***
Fresh Directory
    [Arguments]    ${name}
    Remove Directory    ${OUTPUT_DIR}/${name}    recursive=True
    RETURN    ${OUTPUT_DIR}/${name}

Run Robot
    [Arguments]    ${output}    @{words}
    ${done} =    Run Process    ${{sys.executable}}    -m    robot    --outputdir    ${output}    @{words}
    ...    stdout=${output}.txt    stderr=STDOUT    timeout=120s    on_timeout=kill
    RETURN    ${done}

First Line
    [Arguments]    ${path}
    ${text} =    Get File    ${path}
    Should End With    ${text}    \n
    RETURN    ${text.splitlines()[0]}

Should Be Gone
    [Documentation]    A process that was reaped, or is one of somebody else.
    [Arguments]    ${pid}    ${line}
    ${words} =    Evaluate    pathlib.Path('/proc/${pid}/cmdline').read_bytes() if os.path.exists('/proc/${pid}/cmdline') else b''    modules=pathlib, os
    Should Be True    b'iperf3' not in $words    The server of ${line} is still there.
