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

Nothing Runs There
    Add Iperf Device    here
    Add Iperf Device    ipad    dummy:    address=192.0.2.7
    ${message} =    Run Keyword And Expect Error    Nothing can be run on ipad*    Start Iperf Server    ipad
    Message Should Have    ${message}    something else runs iperf    iperf3 --server    server=ipad
    Start Iperf Server    here
    Run Keyword And Expect Error    Nothing can be run on ipad*    Run Iperf Client    ipad    server=here    time=1s

Address That Is None
    Run Keyword And Expect Error    'dummy:a b' is no address (for ipad).*    Add Iperf Device    ipad    dummy:a b
    Run Keyword And Expect Error    ipad takes no key_file=*    Add Iperf Device    ipad    dummy:h    key_file=${LAB.keys.client}
