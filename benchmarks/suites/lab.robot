*** Settings ***
Documentation       One client and one server over SSH, beside what a tester would use instead.
Library             IperfLibrary    auto_stop=RUN
Library             SSHLibrary
Library             Desk.py
Suite Setup         Begin
Suite Teardown      SSHLibrary.Close All Connections


*** Variables ***
${TURNS}        ${5}
${LONG}         3
${SIZE}         ${100_000_000}


*** Test Cases ***
First Use
    Take Turns    first use    ${TURNS}
    ...    library | Run Robot | first_use.robot
    ...    script | Run Script | log_in_and.sh | start_run_stop.sh
    ...    script without sleep | Run Script | log_in_and.sh | start_run_stop_without_sleep.sh
    ...    SSHLibrary | Run Robot | first_use_sshlibrary.robot

Throughput
    Take Turns    throughput    ${TURNS}
    ...    client by hand | Client By Hand | alpha | alpha | ${LONG}
    ...    library | Client Alone | ${LONG}s

Reading
    Open Readers    ${SIZE}
    Take Turns    reading    ${TURNS}
    ...    library | Read With Library
    ...    paramiko | Read With Paramiko

Connections Open
    Open Masters
    Open Moler
    Open Sessions
    Take Turns    connections open    ${TURNS}
    ...    moler | Run Moler | 1
    ...    script | Run Script | start_run_stop.sh
    ...    script without sleep | Run Script | start_run_stop_without_sleep.sh
    ...    SSHLibrary | With SSHLibrary | 1
    ...    client by hand | Client By Hand | alpha | beta | 1
    ...    library | With This Library | 1s


*** Keywords ***
Begin
    ${lab} =    Set Up Lab
    ${alpha} =    Lab Host    alpha
    ${beta} =    Lab Host    beta
    VAR    ${LAB}    ${lab}    scope=SUITE
    VAR    ${ALPHA}    ${alpha}    scope=SUITE
    VAR    ${BETA}    ${beta}    scope=SUITE
    Add Iperf Device    alpha    ${alpha.url}    address=${alpha.address()}    role=node
    Add Iperf Device    beta    ${beta.url}    address=${beta.address()}    role=tpc

With This Library
    [Arguments]    ${time}
    Start Iperf Server    beta
    ${result} =    Run Iperf Client    alpha    beta    time=${time}
    ${rate} =    Get Iperf Bitrate    ${result}    >    0
    Stop Iperf Server    beta
    RETURN    ${rate}

Client Alone
    [Documentation]    Against the server that is there already, on the device itself: nothing is faster in the lab.
    [Arguments]    ${time}
    ${result} =    Run Iperf Client    alpha    ${ALPHA.address()}    port=5201    time=${time}
    RETURN    ${result.bits_per_second}

Open Sessions
    Set Default Configuration    timeout=20s
    SSHLibrary.Open Connection    ${ALPHA.ssh_host}    alias=client
    Login With Public Key    ${ALPHA.user}    ${{str($LAB.keys.client)}}
    SSHLibrary.Open Connection    ${BETA.ssh_host}    alias=server
    Login With Public Key    ${BETA.user}    ${{str($LAB.keys.client)}}

With SSHLibrary
    [Documentation]    As such suites look: end what is left, start, sleep, run, find the figure in the text, end.
    [Arguments]    ${time}
    SSHLibrary.Switch Connection    server
    SSHLibrary.Execute Command    pkill -f "iperf3 -s -p 5301"
    SSHLibrary.Start Command    iperf3 -s -p 5301
    Sleep    2s
    SSHLibrary.Switch Connection    client
    ${output} =    SSHLibrary.Execute Command    iperf3 -c ${BETA.address()} -p 5301 -t ${time} -f m
    ${rate} =    Evaluate    float(re.search(r'([\\d.]+) Mbits/sec.*receiver', $output)[1]) * 1e6
    Should Be True    ${rate} > 0
    SSHLibrary.Switch Connection    server
    SSHLibrary.Execute Command    pkill -f "iperf3 -s -p 5301"
    RETURN    ${rate}
