*** Settings ***
Documentation       However a run ends, nothing of it stays on any device. Looked at from outside, not in the library's own books.
Resource            resources/lab.resource
Library             Process
Suite Setup         Open Lab And Start A Server
Suite Teardown      Close Devices
Test Teardown       End Robots


*** Variables ***
${INNER}        ${CURDIR}/_inner/life.robot


*** Test Cases ***
Server Of A Test Ends With It
    [Documentation]    It is left here and looked for in the next test.
    Start Iperf Server    alpha
    Start Iperf Client    beta    alpha    port=${SERVER.port}    time=0s    bitrate=1M
    Wait Until Keyword Succeeds    2s    20ms    Iperf Count Should Be    alpha    2
    Wait Until Keyword Succeeds    2s    20ms    Iperf Count Should Be    beta    1

Server Of A Suite Setup Stays
    Host Should Have No Iperf    beta
    Iperf Count Should Be    alpha    1
    ${result} =    Run Iperf Client    beta    alpha    time=1s    bitrate=1M
    Should Be True    $result.bits_per_second > 0

Failing Test Without Teardown
    ${robot} =    Start Robot    Failing Without Teardown    Afterwards
    Wait Until Created    ${SIGN}    timeout=20s
    Only The Suite's Server Should Be Left
    Create File    ${GO}
    Robot Should End    ${robot}    1

Until The End Of The Suite
    [Template]    Processes Should Last Until The End
    SUITE
    RUN

Test Timeout
    ${robot} =    Start Robot    Run With A Test Timeout    Afterwards
    Wait Until Created    ${SIGN}    timeout=20s
    Only The Suite's Server Should Be Left
    Create File    ${GO}
    ${log} =    Robot Should End    ${robot}    1
    Should Contain    ${log}    Test timeout 1 second exceeded.

Keyword Timeout
    ${robot} =    Start Robot    Run With A Keyword Timeout    Afterwards
    Wait Until Created    ${SIGN}    timeout=20s
    Only The Suite's Server Should Be Left
    Create File    ${GO}
    ${log} =    Robot Should End    ${robot}    1
    Should Contain    ${log}    Keyword timeout 1 second exceeded.

Robot Killed
    [Template]    Robot Should Leave Nothing When It Gets
    KILL
    TERM
    INT

Ctrl-C Twice
    [Documentation]    The client is frozen, so that the first one takes its time. Two at once would count as one.
    ${robot} =    Start Robot    Long Run
    Wait Until Traffic Runs
    Signal Lab Iperf    beta    STOP
    Send Signal To Process    INT    ${robot}
    Wait Until Keyword Succeeds    20s    20ms    Robot Should Have Said    Second signal will force exit.
    Send Signal To Process    INT    ${robot}
    Robot Should End    ${robot}    253
    # A frozen process takes no TERM: the leash has to wait with its KILL.
    Host Should Have No Iperf    beta    within=10s
    Only The Suite's Server Should Be Left

Controller That Vanishes Without A Word
    [Documentation]    The link to beta is cut: no end of file, no reset. The leash gives up when nothing is heard for a minute, and
    ...    only then: an idle server on alpha, whose controller is there, outlives that minute.
    [Tags]    slow
    Require Lab Feature    cut
    ${idle} =    Start Iperf Server    alpha
    Start Iperf Server    beta
    Cut Lab Link    beta    mgmt
    Host Should Have No Iperf    beta    within=75s
    Iperf Count Should Be    alpha    2
    Should Be True    ${idle.running}
    [Teardown]    Restore Lab Link    beta    mgmt

Stopping What Does Not Answer Is Told
    [Documentation]    The signals wait in the connection: they arrive when the link is there again.
    Require Lab Feature    cut
    ${far} =    Start Iperf Server    beta
    ${client} =    Start Iperf Client    beta    alpha    port=${SERVER.port}    time=0s    bitrate=1M
    Cut Lab Link    beta    mgmt
    ${message} =    Run Keyword And Expect Error    *    Stop Iperf Client    ${client}
    Should Contain    ${message}    connection to beta was lost
    Stop Iperf Server    ${far}
    Restore Lab Link    beta    mgmt
    Host Should Have No Iperf    beta    within=30s
    [Teardown]    Restore Lab Link    beta    mgmt

Only Its Own
    [Documentation]    An iperf3 of somebody else on the same device stays.
    ${foreign} =    Start Foreign Server
    Start Iperf Server    beta
    Iperf Count Should Be    beta    2
    ${count} =    Stop All Iperf Processes
    Should Be Equal As Integers    ${count}    2
    Iperf Count Should Be    beta    1
    [Teardown]    Call Method    ${foreign}    terminate


*** Keywords ***
Open Lab And Start A Server
    Open Lab With Devices
    ${server} =    Start Iperf Server    alpha
    VAR    ${SERVER}    ${server}    scope=SUITE
    VAR    ${SIGN}    ${OUTPUT_DIR}/sign    scope=SUITE
    VAR    ${GO}    ${OUTPUT_DIR}/go    scope=SUITE

Start Robot
    [Documentation]    Runs these tests of the inner suite in a Robot of its own.
    [Arguments]    @{tests}    ${auto_stop}=TEST
    Remove Files    ${SIGN}    ${GO}
    @{select} =    Evaluate    [word for test in $tests for word in ('--test', test)]
    ${robot} =    Start Process    ${{sys.executable}}    -m    robot    @{select}    --variable    AUTO_STOP:${auto_stop}
    ...    --variable    ALPHA:${ALPHA.url}    --variable    BETA:${BETA.url}    --variable    ADDRESS:${ALPHA.address()}
    ...    --variable    SIGN:${SIGN}    --variable    GO:${GO}    --outputdir    ${OUTPUT_DIR}/inner    ${INNER}
    ...    stdout=${OUTPUT_DIR}/inner.txt    stderr=STDOUT
    RETURN    ${robot}

Robot Should End
    [Documentation]    Returns what it printed.
    [Arguments]    ${robot}    ${rc}=
    ${result} =    Wait For Process    ${robot}    timeout=20s    on_timeout=kill
    IF    $rc    Should Be Equal As Integers    ${result.rc}    ${rc}    ${result.stdout}
    RETURN    ${result.stdout}

Robot Should Have Said
    [Arguments]    ${text}
    ${said} =    Get File    ${OUTPUT_DIR}/inner.txt
    Should Contain    ${said}    ${text}

End Robots
    Terminate All Processes    kill=True

Wait Until Traffic Runs
    Wait Until Keyword Succeeds    20s    20ms    Iperf Count Should Be    beta    1

Iperf Count Should Be
    [Arguments]    ${host}    ${count}
    ${processes} =    Lab Iperf Processes    ${host}
    Length Should Be    ${processes}    ${count}

Only The Suite's Server Should Be Left
    [Documentation]    Within two seconds.
    Wait Until Keyword Succeeds    2s    20ms    Iperf Count Should Be    alpha    1
    Host Should Have No Iperf    beta    within=2s

Robot Should Leave Nothing When It Gets
    [Arguments]    ${signal}
    ${robot} =    Start Robot    Long Run
    Wait Until Traffic Runs
    Send Signal To Process    ${signal}    ${robot}
    Only The Suite's Server Should Be Left
    Robot Should End    ${robot}

Processes Should Last Until The End
    [Arguments]    ${scope}
    ${robot} =    Start Robot    Failing Without Teardown    Afterwards    auto_stop=${scope}
    Wait Until Created    ${SIGN}    timeout=20s
    Wait Until Keyword Succeeds    2s    20ms    Iperf Count Should Be    alpha    2
    Wait Until Keyword Succeeds    2s    20ms    Iperf Count Should Be    beta    1
    Create File    ${GO}
    Robot Should End    ${robot}    1
    Only The Suite's Server Should Be Left

Start Foreign Server
    ${foreign} =    Call Method    ${BETA}    spawn    ${{['iperf3', '-s', '-p', '5999']}}
    Wait Until Keyword Succeeds    5s    20ms    Iperf Count Should Be    beta    1
    RETURN    ${foreign}
