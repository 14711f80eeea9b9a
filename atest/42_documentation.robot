*** Settings ***
Documentation       What README and user guide show is run: on two devices of the lab, with short times and without the limits of somebody's network.
Resource            resources/lab.resource
Library             Process
Library             resources/Documents.py
Suite Setup         Open Lab And Store Examples
Suite Teardown      Close Devices
Test Teardown       Hosts Should Be Clean
Test Tags           once


*** Variables ***
${EXAMPLES}         ${OUTPUT_DIR}/examples
${LANES}            4


*** Test Cases ***
Examples Of Robot
    [Documentation]    Several at once, as each of them mostly waits.
    FOR    ${lane}    IN RANGE    ${LANES}
        Start Process    ${{sys.executable}}    -m    robot    --outputdir    ${EXAMPLES}/results-${lane}    @{SUITES}[${lane}::${LANES}]
        ...    stdout=${EXAMPLES}/robot-${lane}.txt    stderr=STDOUT    cwd=${EXAMPLES}    env:CI=    env:IPERF_BASELINE=    alias=lane-${lane}
    END
    @{outputs} =    Create List
    FOR    ${lane}    IN RANGE    ${LANES}
        Wait For Process    lane-${lane}    timeout=4min    on_timeout=kill
        ${said} =    Get File    ${EXAMPLES}/robot-${lane}.txt
        Log    ${said}
        Append To List    ${outputs}    ${EXAMPLES}/results-${lane}/output.xml
    END
    Examples Should Have Run    @{outputs}
    [Teardown]    Run Keywords    Terminate All Processes    kill=True    AND    Hosts Should Be Clean

Examples Of Shell
    Add Iperf Device    dut    ${ALPHA.url}    address=${ALPHA.address()}
    Start Iperf Server    dut    port=5201    tool=iperf3
    ${count} =    Run Shell Examples    ${EXAMPLES}    ${PLACES}
    Should Be True    ${count} >= 3
    [Teardown]    Run Keywords    Forget Device    dut    AND    Hosts Should Be Clean


*** Keywords ***
Open Lab And Store Examples
    [Documentation]    The machines of the documents are hosts of the lab.
    Open Lab
    Remove Directory    ${EXAMPLES}    recursive=True
    VAR    &{PLACES}
    ...    ssh://root@192.168.1.1=${ALPHA.url}
    ...    ssh://lab@192.168.1.2=${BETA.url}
    ...    ssh://lab@pc7=${BETA.url}
    ...    10.0.0.1=${ALPHA.address()}
    ...    10.0.0.2=${BETA.address()}
    ...    192.0.2.1=${ALPHA.ssh_host}
    ...    scope=SUITE
    ${suites} =    Store Examples    ${EXAMPLES}    ${PLACES}
    VAR    @{SUITES}    @{suites}    scope=SUITE
