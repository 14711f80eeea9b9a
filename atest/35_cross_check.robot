*** Settings ***
Documentation       What the kernels of both devices counted is compared with what iperf claims: it agrees where all is well, and a real gap is told with figures.
Resource            resources/routers.resource
Suite Setup         Open Lab With Both Links
Suite Teardown      Close Devices
Test Teardown       Hosts Should Be Clean
Test Tags           once


*** Test Cases ***
It Agrees
    [Template]    Test Should Agree
    alpha    beta
    alpha    beta    downlink    reverse=True
    alpha    beta    both    bitrate=50M
    alpha    beta    parallel=3    omit=1s    mss=600
    alpha    beta    udp=True    bitrate=20M    length=1000
    alpha    beta    both    udp=True    bitrate=5M
    alpha    beta    tool=iperf2
    near     far     interface=shaped
    near     far     udp=True    bitrate=150M    interface=shaped

Over IPv6
    Require Lab Feature    ipv6
    Add Iperf Device    alpha6    ${ALPHA.url}    address=${ALPHA.address('plain', 6)}
    Add Iperf Device    beta6    ${BETA.url}    address=${BETA.address('plain', 6)}
    Test Should Agree    alpha6    beta6
    [Teardown]    Run Keywords    Forget Device    alpha6    AND    Forget Device    beta6    AND    Hosts Should Be Clean

A Router Without Ip
    [Documentation]    Which interface leads to beta is read in /proc.
    Add Router
    Test Should Agree    router    beta    to_node
    [Teardown]    Close Router

Between Programs Of One Host
    [Documentation]    The loopback interface carries both directions, and counts both.
    Add Iperf Device    one    ${ALPHA.url}    address=${ALPHA.address()}
    Add Iperf Device    other    ${ALPHA.url}    address=${ALPHA.address()}
    Test Should Agree    one    other    both    bitrate=50M    interface=lo
    [Teardown]    Run Keywords    Forget Device    one    AND    Forget Device    other    AND    Hosts Should Be Clean

Traffic That Goes Another Way
    [Documentation]    A route for TCP alone, of which a look at the routes shows nothing: the plain link carries nothing of what iperf counts.
    Run On Lab Host    alpha    ip    rule    add    to    ${BETA.address()}    ipproto    tcp    lookup    100
    Run On Lab Host    alpha    ip    route    add    ${BETA.address()}    via    ${BETA.address('shaped')}    dev    shaped    table    100
    ${result} =    Run Iperf Test    alpha    beta    time=1s    bitrate=20M
    VAR    ${alphas}    ${result.checks[0]}
    Should Be Equal    ${alphas.interface}    plain
    Should Be True    ${alphas.gap_bytes} < -1_500_000
    Should Contain    ${alphas.hint}    shaped (
    # beta sees it come from the other address of alpha, to which the shaped link leads.
    Should Be Equal    ${result.checks[1].interface}    shaped
    Should Be True    ${result.checks[1].agrees}
    Log Should Warn    The kernel of alpha counted    sent on plain    less than the    through another interface: shaped (
    [Teardown]    Run Keywords    Run On Lab Host    alpha    ip    rule    del    lookup    100    AND    Hosts Should Be Clean

Other Traffic Beside It
    Start Iperf Server    beta
    ${other} =    Start Iperf Client    alpha    beta    time=0s    bitrate=100M
    Wait For Lab Traffic    beta
    ${result} =    Run Iperf Test    alpha    beta    time=2s    bitrate=5M
    Stop Iperf Client    ${other}
    Length Should Be    ${result.checks}    2
    FOR    ${check}    IN    @{result.checks}
        Should Be True    2_000_000 < ${check.gap_bytes} < 50_000_000
        Should Be True    $check.agrees is False
    END
    Log Should Warn    The kernel of beta counted    received on plain    more than the    find out what else uses that interface
    [Teardown]    Stop All Iperf Processes

It Is In Stored Results
    ${result} =    Run Iperf Test    alpha    beta    time=1s    bitrate=10M    cross_check=True
    ${again} =    Evaluate    IperfLibrary.from_json(IperfLibrary.as_json($result))    modules=IperfLibrary
    Should Be Equal    ${again}    ${result}
    ${text} =    Get File    ${result.parsed_file}
    ${again} =    Evaluate    IperfLibrary.from_csv($text)    modules=IperfLibrary
    Should Be Equal    ${again.checks}    ${result.checks}

It Is Asked For Or Left Away
    ${result} =    Run Iperf Test    alpha    beta    time=1s    bitrate=1M    cross_check=False
    Should Be Empty    ${result.checks}
    Start Iperf Server    beta
    ${result} =    Run Iperf Client    alpha    beta    time=1s    bitrate=1M
    Should Be Empty    ${result.checks}
    ${result} =    Run Iperf Client    alpha    beta    time=1s    bitrate=1M    cross_check=True
    Length Should Be    ${result.checks}    2
    [Teardown]    Stop All Iperf Processes

*** Keywords ***
Open Lab With Both Links
    Open Lab With Routers
    Require Lab Feature    shaped
    Add Iperf Device    alpha    ${ALPHA.url}    address=${ALPHA.address()}    role=node
    Add Iperf Device    near    ${ALPHA.url}    address=${ALPHA.address('shaped')}    role=node
    Add Iperf Device    far    ${BETA.url}    address=${BETA.address('shaped')}    role=tpc

Test Should Agree
    [Arguments]    ${first}    ${second}    @{way}    ${interface}=plain    &{options}
    ${result} =    Run Iperf Test    ${first}    ${second}    @{way}    time=1s    &{options}
    ${both} =    Evaluate    len($result.flows)
    Length Should Be    ${result.checks}    ${{2 * $both}}
    FOR    ${check}    IN    @{result.checks}
        Should Be Equal    ${check.interface}    ${interface}
        Should Be True    $check.agrees    ${check}
        Should Be True    0 < ${check.least_bytes} <= ${check.counted_bytes}
    END
    Log Should Not Warn
