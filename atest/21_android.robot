*** Settings ***
Documentation       Devices that adb reaches: the real adb, client and server, against an Android device of the lab. That speaks
...                 what adbd speaks and runs mksh and toybox, but is no phone.
Resource            resources/lab.resource
Library             resources/Conformance.py
Suite Setup         Open Lab With Android
Suite Teardown      Close Android
Test Teardown       Remove All Iperf Devices
Test Tags           adb    once


*** Variables ***
${PORT}             25037
${ANDROID}          ${None}
${SERVER}           ${None}


*** Test Cases ***
Client And Server
    [Documentation]    Both ends, with the exit code, both streams and the signals that adb carries.
    Add Phone And Beta
    ${server} =    Start Iperf Server    phone
    ${result} =    Run Iperf Client    beta    server=phone    time=1s
    Should Be True    $result.bits_per_second > 0
    Stop Iperf Server    ${server}
    Start Iperf Server    beta
    ${result} =    Run Iperf Client    phone    server=beta    time=1s    udp=True    bitrate=1 Mbit/s
    Should Be True    $result.bits_per_second > 0
    Stop Iperf Server    beta
    Hosts Should Be Clean

Client That Is Stopped Tells What It Measured
    Add Phone And Beta
    Start Iperf Server    beta
    ${client} =    Start Iperf Client    phone    server=beta    time=60s
    Wait For Lab Traffic    beta
    ${result} =    Stop Iperf Client    ${client}
    Should Be True    $result.partial and $result.flows[0].sender.bytes > 0
    Stop Iperf Server    beta
    Hosts Should Be Clean

Daemon On A Phone
    [Documentation]    It outlives the connection, and its file comes back byte for byte.
    Add Phone And Beta
    Start Iperf Server    phone    daemon=True    remote_directory=/tmp
    Close Iperf Connection    phone
    ${result} =    Run Iperf Client    beta    server=phone    time=1s
    ${results} =    Stop Iperf Server    phone
    Length Should Be    ${results}    1
    Hosts Should Be Clean

Only Device Needs No Serial Number
    Add Iperf Device    phone    adb:    address=${ALPHA.address()}
    ${server} =    Start Iperf Server    phone
    Stop Iperf Server    ${server}

Unplugged While A Client Runs
    [Documentation]    adb itself exits with 0 then.
    Add Phone And Beta
    Start Iperf Server    beta
    Start Iperf Client    phone    server=beta    time=60s
    Wait For Lab Traffic    beta
    Run    adb -H 127.0.0.1 disconnect ${SERIAL}
    Run Keyword And Expect Error    The connection to phone was lost while its iperf3 client ran.*
    ...    Wait For Iperf Client    phone
    Host Should Have No Iperf    alpha    within=5s
    Wait Until Keyword Succeeds    8s    100ms    Phone Should Have No Shell
    [Teardown]    Run Keywords    Plug In    AND    Remove All Iperf Devices

Adb Server That Is Ended While A Server Runs
    Add Phone And Beta
    Start Iperf Server    phone
    End Lab Program    ${SERVER}
    Host Should Have No Iperf    alpha    within=5s
    [Teardown]    Run Keywords    Start Adb Server    AND    Remove All Iperf Devices

No Adb Server
    [Documentation]    None is started: it would stay behind.
    Set Environment Variable    ANDROID_ADB_SERVER_PORT    25038
    Phone Should Fail    no adb server runs on this machine    cannot connect to daemon    adb start-server
    ${listens} =    Run And Return Rc    adb -H 127.0.0.1 -P 25038 devices
    Should Be Equal As Integers    ${listens}    1
    [Teardown]    Run Keywords    Set Environment Variable    ANDROID_ADB_SERVER_PORT    ${PORT}    AND    Remove All Iperf Devices

No Such Device
    Phone Should Fail    has no Android device with this serial number    device 'NOBODY' not found    connection=adb:NOBODY

Several Devices And No Serial Number
    ${other} =    Start Lab Adbd    beta    15557
    Run    adb -H 127.0.0.1 connect ${BETA.ssh_host}:15557
    Phone Should Fail    this machine has several Android devices    more than one device    adb:SERIAL    connection=adb:
    [Teardown]    Unplug    ${other}    ${BETA.ssh_host}:15557

Android Before 7
    ${old} =    Start Lab Adbd    beta    15559    --old
    Run    adb -H 127.0.0.1 connect ${BETA.ssh_host}:15559
    Phone Should Fail    the device is too old    Android before 7    connection=adb:${BETA.ssh_host}:15559
    [Teardown]    Unplug    ${old}    ${BETA.ssh_host}:15559

Device That Does Not Trust This Machine
    ${locked} =    Start Lab Adbd    beta    15561    --locked
    Run    adb -H 127.0.0.1 connect ${BETA.ssh_host}:15561
    Phone Should Fail    the device does not trust this machine yet    Allow USB debugging
    ...    connection=adb:${BETA.ssh_host}:15561
    [Teardown]    Unplug    ${locked}    ${BETA.ssh_host}:15561

No Adb Program
    ${path} =    Get Environment Variable    PATH
    Create Directory    ${HOME}/bin
    Run    for p in sh cat sleep; do ln -sf "$(command -v $p)" ${HOME}/bin/$p; done
    Set Environment Variable    PATH    ${HOME}/bin
    Phone Should Fail    this machine has no program 'adb'    apt install adb
    [Teardown]    Run Keywords    Set Environment Variable    PATH    ${path}    AND    Remove All Iperf Devices

Adb On Another Device
    [Documentation]    The phone is plugged in to a lab PC, which SSH reaches; its end is the end of all that runs on the phone.
    ${server} =    Start Lab Adb Server    beta
    Run On Lab Host    beta    adb    -H    127.0.0.1    connect    ${ALPHA.address()}:15555
    Add Iperf Device    pc    ${BETA.url}    address=${BETA.address()}
    Add Iperf Device    phone    adb:${ALPHA.address()}:15555    through=pc
    Start Iperf Server    pc
    ${result} =    Run Iperf Client    phone    server=pc    time=1s
    Should Be True    $result.bits_per_second > 0
    Stop Iperf Server    pc
    Start Iperf Server    phone
    Kill Lab Sshd    beta
    Host Should Have No Iperf    alpha    within=5s
    [Teardown]    Run Keywords    Start Lab Sshd    beta    AND    Remove All Iperf Devices    AND    End Lab Program    ${server}


Keeps The Contract
    [Tags]    slow
    Connection Should Conform    adb:${SERIAL}    ${ALPHA}    directory=/tmp    large=200000    file=200000    word=20000

*** Keywords ***
Open Lab With Android
    Open Lab
    Require Lab Feature    netns
    VAR    ${SERIAL}    ${ALPHA.ssh_host}:15555    scope=SUITE
    Set Environment Variable    ANDROID_ADB_SERVER_PORT    ${PORT}
    ${android} =    Start Lab Adbd    alpha    15555
    VAR    ${ANDROID}    ${android}    scope=SUITE
    Start Adb Server

Close Android
    Close Devices
    End Lab Program    ${SERVER}
    End Lab Program    ${ANDROID}
    Remove Environment Variable    ANDROID_ADB_SERVER_PORT

Start Adb Server
    ${server} =    Start Lab Adb Server    port=${PORT}
    VAR    ${SERVER}    ${server}    scope=SUITE
    Plug In

Plug In
    ${said} =    Run    adb -H 127.0.0.1 connect ${SERIAL}
    Should Contain    ${said}    connected to

Unplug
    [Arguments]    ${device}    ${serial}
    Run    adb -H 127.0.0.1 disconnect ${serial}
    End Lab Program    ${device}
    Remove All Iperf Devices

Add Phone And Beta
    Add Iperf Device    phone    adb:${SERIAL}    address=${ALPHA.address()}    role=node
    Add Iperf Device    beta    ${BETA.url}    address=${BETA.address()}    role=tpc

Phone Should Have No Shell
    [Documentation]    The leash is gone with its timer, although adbd sends its shell a HUP.
    FOR    ${program}    IN    sh    sleep
        ${left} =    Lab Processes    alpha    ${program}
        Should Be Empty    ${left}
    END

Phone Should Fail
    [Arguments]    @{texts}    ${connection}=adb:${SERIAL}
    Add Iperf Device    phone    ${connection}    address=${ALPHA.address()}
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    phone
    Message Should Have    ${message}    Cannot reach phone (${connection})    @{texts}
