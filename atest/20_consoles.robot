*** Settings ***
Documentation       Devices that are reached through a console: telnet and serial lines, with log-ins, kernel messages and one shell.
Resource            resources/lab.resource
Suite Setup         Open Lab With Consoles
Suite Teardown      Close Consoles
Test Teardown       Console Should Be Clean


*** Variables ***
${USER}         operator
${SECRET}       pa55 w'ord$


*** Test Cases ***
Server And Client Over Telnet
    [Documentation]    Each shell, with the prompts and log-ins of devices as they are.
    [Template]    Telnet Should Work
    shell=busybox ash    prompt=router(config)#${SPACE}
    shell=env PATH=${TOOLS}/bin ${TOOLS}/bin/ash    prompt=$
    shell=bash --norc    prompt=\x1b[31m\\u@\\h\x1b[0m>${SPACE}
    shell=dash -i    prompt=${EMPTY}

Log-In With A Wrong Password
    ${telnetd} =    Start Lab Telnetd    alpha    user=${USER}    password=${SECRET}
    VAR    ${DOOR}    ${telnetd}    scope=TEST
    Add Iperf Device    dut    ${{$telnetd.url.replace('//', '//operator@')}}    password=wr0ng-one
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    dut
    Message Should Have    ${message}    Cannot log in to dut    was refused    Login incorrect    user 'operator'    what to do:
    Should Not Contain    ${message}    wr0ng

*** Keywords ***
Open Lab With Consoles
    Open Lab With Devices
    VAR    ${TOOLS}    /tmp/${LAB.folder.name}-tools    scope=SUITE
    Install Lab Busybox    alpha    ${TOOLS}/bin

Close Consoles
    Run On Lab Host    alpha    rm    -rf    ${TOOLS}
    Close Devices

Telnet Should Work
    [Arguments]    &{door}
    ${telnetd} =    Start Lab Telnetd    alpha    user=${USER}    password=${SECRET}    &{door}
    VAR    ${DOOR}    ${telnetd}    scope=TEST
    Add Iperf Device    dut    ${{$telnetd.url.replace('//', '//operator@')}}    password=${SECRET}    address=${ALPHA.address()}
    Device Should Work
    [Teardown]    Console Should Be Clean

Device Should Work
    ${server} =    Start Iperf Server    dut
    ${result} =    Run Iperf Client    beta    ${server}    time=1s    bitrate=10M
    Should Be Rate    ${result.bits_per_second}    9e6    11e6
    ${served} =    Stop Iperf Server    ${server}
    Length Should Be    ${served}    1
    ${server} =    Start Iperf Server    beta
    ${result} =    Run Iperf Client    dut    ${server}    time=1s    bitrate=10M
    Should Be Rate    ${result.bits_per_second}    9e6    11e6
    Stop Iperf Server    ${server}

Console Should Be Clean
    [Documentation]    The device is removed first; then neither processes nor files are left of it.
    Forget Device    dut
    Host Should Have No Iperf    alpha
    Lab Files Should Be Gone    alpha    /tmp/iperflibrary-console-*
    Call Method    ${DOOR}    stop
