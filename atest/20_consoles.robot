*** Settings ***
Documentation       Devices that are reached through a console: telnet and serial lines, with log-ins, kernel messages and one shell.
Resource            resources/lab.resource
Library             resources/Conformance.py
Suite Setup         Open Lab With Consoles
Suite Teardown      Close Consoles
Test Tags           once
Test Teardown       Console Should Be Clean


*** Variables ***
${USER}         operator
${SECRET}       pa55 w'ord$


*** Test Cases ***
Server And Client Over Telnet
    [Documentation]    Each shell, with the prompts and log-ins of devices as they are.
    [Template]    Telnet Should Work
    shell=env PATH=${TOOLS}/bin ${TOOLS}/bin/ash    prompt=router(config)#${SPACE}
    shell=bash --norc    prompt=\x1b[31m\\u@\\h\x1b[0m>${SPACE}

Log-In With A Wrong Password
    Open Telnet
    Forget Device    dut
    Add Iperf Device    dut    ${{$CONSOLE.url.replace('//', '//operator@')}}    password=wr0ng-one
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    dut
    Message Should Have    ${message}    Cannot log in to dut    was refused    Login incorrect    user 'operator'    what to do:
    Should Not Contain    ${message}    wr0ng

Telnetd Dies And Comes Again
    [Documentation]    What ran over it ends, with its files, and is told; the next use logs in again.
    Open Telnet
    Start Iperf Server    dut
    ${client} =    Start Iperf Client    beta    dut    time=20s    bitrate=1M
    Wait For Lab Traffic    alpha
    Call Method    ${CONSOLE}    kill
    Host Should Have No Iperf    alpha    within=6s
    Lab Files Should Be Gone    alpha    ${FILES}
    Run Keyword And Expect Error    *iperf3 client on beta*    Wait For Iperf Client    ${client}
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    dut    ${BETA.address()}    time=1s
    Message Should Have    ${message}    Cannot reach dut    nothing listens at its telnet port    what to do:
    Call Method    ${CONSOLE}    start
    Device Should Work

Daemon And Servers At The Same Time
    Open Telnet
    Start Iperf Server    dut    daemon=True    name=daemon
    Close Iperf Connection    dut
    Lab Files Should Be Gone    alpha    ${FILES}
    ${one} =    Start Iperf Server    dut    name=one
    ${two} =    Start Iperf Server    dut    name=two
    ${first} =    Start Iperf Client    beta    ${one}    time=1s    bitrate=5M
    Run Iperf Client    beta    ${two}    bytes=1M    bitrate=40M
    Wait For Iperf Client    ${first}
    Stop Iperf Server    ${two}
    Stop Iperf Server    ${one}
    Run Iperf Client    beta    dut    bytes=1M    bitrate=40M
    ${served} =    Stop Iperf Server    dut
    Length Should Be    ${served}    1

Serial Line With Messages Of The Kernel
    [Documentation]    They come in the middle of what is brought over, at 115200 baud.
    Open Serial Line    user=${USER}    password=${SECRET}
    Disturb    \r\n[ 4711.081547] usb 1-1: new high-speed USB device number 7\r\n    every=5000
    Start Iperf Server    beta    interval=0.2s
    ${result} =    Run Iperf Client    dut    beta    time=2s    interval=0.2s    parallel=3    bitrate=1M
    Length Should Be    ${result.intervals}    10
    ${file} =    Get Last Filename    dut
    ${size} =    Get File Size    ${file}
    Should Be True    ${size} > 10000
    Stop Iperf Server    beta

Serial Line With A Shell That Is In Use
    [Documentation]    A line half typed, another program; afterwards the shell is there as it was.
    [Template]    Shell In Use Should Be Left As It Was
    busybox ash    echo 'half a line
    dash -i    sleep 1234\r

Serial Line With Another Baudrate
    Open Serial Line    user=${USER}    password=${SECRET}
    ${message} =    Serial Line Should Fail    baudrate=9600
    Message Should Have    ${message}    what it says cannot be read    the baudrate is not that of the device    what to do:


Behind A Getty
    [Documentation]    busybox' getty and the log-in of the machine, with a user of its own.
    Require Lab Feature    netns
    ${cable} =    Start Lab Serial Console    alpha    getty=yes
    VAR    ${CONSOLE}    ${cable}    scope=TEST
    Add Iperf Device    dut    serial://${LAB.tester.name}@${cable.path}    password=${LAB.tester.password}    address=${ALPHA.address()}
    Device Should Work
    [Teardown]    Console Should Be Clean

Keeps The Contract Over Telnet
    [Tags]    slow
    Open Telnet
    Connection Should Conform    ${{$CONSOLE.url.replace('//', '//operator@')}}    ${ALPHA}    password=${SECRET}    limit=60    large=100000    file=60000    word=4000
    [Teardown]    Console Should Be Clean

Keeps The Contract On A Serial Line
    [Tags]    slow
    Open Serial Line
    Connection Should Conform    serial://operator@${CONSOLE.path}    ${ALPHA}    password=${SECRET}    limit=60    large=100000    file=60000    word=4000
    [Teardown]    Console Should Be Clean

*** Keywords ***
Open Lab With Consoles
    Open Lab With Devices
    VAR    ${TOOLS}    /tmp/${LAB.folder.name}-tools    scope=SUITE
    VAR    ${FILES}    /tmp/iperflibrary-console-*    scope=SUITE
    Install Lab Busybox    alpha    ${TOOLS}/bin

Close Consoles
    Run On Lab Host    alpha    rm    -rf    ${TOOLS}
    Close Devices

Open Telnet
    [Arguments]    &{door}
    VAR    ${CONSOLE}    ${None}    scope=TEST
    ${telnetd} =    Start Lab Telnetd    alpha    user=${USER}    password=${SECRET}    &{door}
    VAR    ${CONSOLE}    ${telnetd}    scope=TEST
    Add Iperf Device    dut    ${{$telnetd.url.replace('//', '//operator@')}}    password=${SECRET}    address=${ALPHA.address()}

Open Serial Line
    [Arguments]    &{door}
    VAR    ${CONSOLE}    ${None}    scope=TEST
    ${cable} =    Start Lab Serial Console    alpha    &{door}
    VAR    ${CONSOLE}    ${cable}    scope=TEST
    Add Iperf Device    dut    serial://operator@${cable.path}    password=${SECRET}    address=${ALPHA.address()}

Disturb
    [Arguments]    ${noise}    ${every}
    Call Method    ${CONSOLE}    disturb    ${noise}    ${{int($every)}}

Serial Line Should Fail
    [Arguments]    ${baudrate}=115200
    Forget Device    dut
    Add Iperf Device    dut    serial://operator@${CONSOLE.path}?baudrate=${baudrate}    password=${SECRET}
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    dut
    Should Not Contain    ${message}    ${SECRET}
    RETURN    ${message}

Shell In Use Should Be Left As It Was
    [Arguments]    ${shell}    ${typed}
    Open Serial Line    shell=${shell}
    Call Method    ${CONSOLE}    wait_for_prompt
    ${before} =    Call Method    ${CONSOLE}    settings
    Call Method    ${CONSOLE}    type    ${typed}
    Device Should Work
    Remove Iperf Device    dut
    Call Method    ${CONSOLE}    wait_for_prompt
    ${after} =    Call Method    ${CONSOLE}    settings
    Should Be Equal    ${after}    ${before}
    [Teardown]    Console Should Be Clean

Telnet Should Work
    [Arguments]    &{door}
    Open Telnet    &{door}
    Device Should Work
    [Teardown]    Console Should Be Clean

Device Should Work
    ${server} =    Start Iperf Server    dut
    ${result} =    Run Iperf Client    beta    ${server}    bytes=1M    bitrate=40M
    ${served} =    Stop Iperf Server    ${server}
    Length Should Be    ${served}    1
    Should Be Equal    ${served[0].received.bytes}    ${result.received.bytes}
    ${server} =    Start Iperf Server    beta
    Run Iperf Client    dut    ${server}    bytes=1M    bitrate=40M
    Stop Iperf Server    ${server}

Console Should Be Clean
    [Documentation]    The device is removed first; then neither processes nor files are left of it.
    Stop All Iperf Processes
    Forget Device    dut
    Host Should Have No Iperf    alpha
    Lab Files Should Be Gone    alpha    ${FILES}
    IF    $CONSOLE    Call Method    ${CONSOLE}    stop
