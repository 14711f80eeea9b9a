*** Settings ***
Documentation       A device where something else runs iperf: a client runs against it, and nothing runs on it.
Resource            resources/lab.resource
Suite Setup         Open Lab
Suite Teardown      Close Devices
Test Teardown       Remove All Iperf Devices
Test Tags           dummy


*** Test Cases ***
Client Against A Server That Something Else Started
    [Documentation]    The result is the client's own view, as nobody can ask the other end.
    Add Iperf Device    ipad    dummy:127.0.0.1
    Add Iperf Device    here
    ${other} =    Start Iperf Server    here
    ${result} =    Run Iperf Client    here    server=ipad    port=${other.port}    time=1s
    Should Be True    $result.bits_per_second > 0
    Stop Iperf Server    ${other}

Client Against Nobody
    Add Iperf Device    here
    Add Iperf Device    ipad    dummy:127.0.0.1
    Run Keyword And Expect Error    *refused*    Run Iperf Client    here    server=ipad    port=9    time=1s

Server Is Expected
    [Documentation]    Nothing is started: it is told what has to run there, and a client finds out whether it does.
    Add Iperf Device    here
    Add Iperf Device    ipad    dummy:127.0.0.1
    ${other} =    Start Iperf Server    here
    ${expected} =    Start Iperf Server    ipad    port=${other.port}
    Should Be Equal    ${expected.command}    iperf3 --server --port ${other.port}
    ${result} =    Run Iperf Client    here    server=ipad    time=1s
    Should Be True    $result.bits_per_second > 0
    @{served} =    Stop Iperf Server    ipad
    Should Be Empty    ${served}
    @{served} =    Stop Iperf Server    here
    Should Be Equal    ${served[0].received.bytes}    ${result.received.bytes}

Server Is Announced By The CI Job
    Add Iperf Device    ipad    dummy:192.0.2.7
    VAR    ${IPERF_EXPECTED}    tv:5201, ipad:5202    scope=TEST
    Start Iperf Server    ipad    port=5202
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    ipad    port=5203
    Message Should Have    ${message}    is not among those that are announced: tv:5201, ipad:5202    --variable IPERF_EXPECTED:ipad:5203
    Stop Iperf Server    ipad

Nothing Runs There
    Add Iperf Device    here
    Add Iperf Device    ipad    dummy:    address=192.0.2.7
    Start Iperf Server    here
    ${message} =    Run Keyword And Expect Error    Nothing can be run on ipad*    Run Iperf Client    ipad    server=here    time=1s
    Message Should Have    ${message}    something else runs iperf
    Run Keyword And Expect Error    'daemon' and 'keep' are for servers that are started*    Start Iperf Server    ipad    daemon=True

Address That Is None
    Run Keyword And Expect Error    'dummy:a b' is no address (for ipad).*    Add Iperf Device    ipad    dummy:a b
    Run Keyword And Expect Error    ipad takes no key_file=*    Add Iperf Device    ipad    dummy:h    key_file=${LAB.keys.client}
