*** Settings ***
Documentation       A matrix of options by one keyword, and the blocks in the log of what consists of several runs.
Resource            resources/lab.resource
Library             Process
Suite Setup         Open Lab With Devices
Suite Teardown      Close Devices
Test Teardown       Hosts Should Be Clean


*** Variables ***
@{LENGTHS}      256    1K


*** Test Cases ***
Every Combination Is Run
    ${sweep} =    Run Iperf Sweep    alpha    beta    udp=True    bitrate=2M    length=@{LENGTHS}    parallel=[1, 2]    time=1s
    Length Should Be    ${sweep.tests}    4
    Should Be Equal    ${{[one.name for one in $sweep.tests]}}
    ...    ${{['length=256 Byte, parallel=1', 'length=256 Byte, parallel=2', 'length=1 KByte, parallel=1', 'length=1 KByte, parallel=2']}}
    FOR    ${one}    IN    @{sweep.tests}
        Length Should Be    ${one.outcome.flows[0].streams}    ${one.options}[parallel]
        Should Be Equal As Integers    ${one.outcome.options}[length]    ${one.options}[length]
    END
    # Each of two streams sends what one of one does.
    Should Be Rate    ${sweep.at(length='1K', parallel=2).sent.bits_per_second}    2200000    5e6
    Should Be Rate    ${sweep.at(length='1K', parallel=1).sent.bits_per_second}    500000    2100000

Directions And Tools
    [Tags]    once
    ${sweep} =    Run Iperf Sweep    alpha    beta    direction=['uplink', 'downlink']    tool=['iperf3', 'iperf2']    time=1s    bitrate=5M
    Should Be Equal    ${{[(one.outcome.client, one.outcome.tool) for one in $sweep.tests]}}
    ...    ${{[('alpha', 'iperf3'), ('alpha', 'iperf2'), ('beta', 'iperf3'), ('beta', 'iperf2')]}}

Each Combination Repeated
    [Tags]    once
    ${sweep} =    Run Iperf Sweep    alpha    beta    no_delay=[True, False]    repeat=2    time=1s    bitrate=5M
    Length Should Be    ${sweep.results[1].results}    2
    Should Be Equal    ${sweep.tests[1].bits_per_second}    ${sweep.results[1].bitrate.mean}
    Should Not Contain    ${sweep.results[1].results[0].options}    no_delay

A Combination That Fails Hides No Other
    [Documentation]    iperf itself refuses this segment size, which the library cannot know.
    [Tags]    once
    ${before} =    Raw Files
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Sweep    alpha    beta    mss=[500, 1, 600]    time=1s    bitrate=5M
    Message Should Have    ${message}    1 of 3 combinations failed: mss=1.    those that did not fail: mss=500: iperf3 TCP: upstream    mss=600: iperf3 TCP
    ${after} =    Raw Files
    Should Be Equal As Integers    ${{len($after) - len($before)}}    3

What Cannot Be Run Is Refused Before Anything Runs
    [Template]    Sweep Should Be Refused
    nothing to sweep                                         length=128
    2 of 4 combinations cannot be run, so none was.          udp=[True, False]    congestion=['cubic', 'reno']
    cannot be                                                length=[128, 'big']
    is no size in bytes                                      length=[128, 'big']
    4 combinations, more than 3                              length=[128, 256]    parallel=[1, 2]    max_combinations=3
    1 of 2 combinations cannot be run                        udp=True    length=[1448, 70000]
    1 of 2 combinations cannot be run                        direction=['uplink', 'sideways']
    There is no option 'lenght'                              lenght=[128, 256]

A Comma Alone Makes No List
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Sweep    alpha    beta    length=1,024    udp=True
    Message Should Have    ${message}    nothing to sweep

The Log Has A Block Of All
    [Documentation]    A Robot of its own with this library on this machine: what it writes into its log.
    [Tags]    once
    ${log} =    Set Variable    ${OUTPUT_DIR}/inner_sweeps
    ${result} =    Run Process    ${{sys.executable}}    -m    robot    --pythonpath    ${CURDIR}/..    --outputdir    ${log}    ${CURDIR}/_inner/sweeps.robot
    ...    stdout=${OUTPUT_DIR}/inner_sweeps.txt    stderr=STDOUT    timeout=120s    on_timeout=kill
    Should Be Equal As Integers    ${result.rc}    0    ${result.stdout}
    ${output} =    Get File    ${log}/output.xml
    FOR    ${class}    ${times}    IN    iperf-runs    1    iperf-flows    1    iperf-trials    1    iperf-sweep    1
        ${found} =    Get Count    ${output}    class\="${class}"
        Should Be Equal As Integers    ${found}    ${times}    ${class}
    END
    @{records} =    Split To Lines    ${{pathlib.Path($log, 'iperf-results.jsonl').read_text('utf-8')}}
    # Two repeats, two in parallel, two of the sweep, and those of the search.
    Should Be True    len($records) >= 7


*** Keywords ***
Sweep Should Be Refused
    [Arguments]    ${text}    &{arguments}
    ${before} =    Raw Files
    Run Keyword And Expect Error    *${text}*    Run Iperf Sweep    alpha    beta    &{arguments}
    ${after} =    Raw Files
    Should Be Equal    ${after}    ${before}

Raw Files
    [Documentation]    Those of clients: each that is started has one.
    ${found} =    Evaluate    sorted(path.name for path in pathlib.Path($OUTPUT_DIR, 'raw_iperf').glob('*_sweep-*') if '-server' not in path.name and path.suffix != '.stderr')
    RETURN    ${found}
