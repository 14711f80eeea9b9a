*** Settings ***
Documentation       Devices that refuse, chatter, hang or lie, and devices that are crowded: each failure has a message, nothing is left,
...                 and the next run works.
Resource            resources/lab.resource
Library             Process
Test Tags           fault
Suite Setup         Open Lab And Name Folders
Suite Teardown      Close Devices
Test Teardown       All Should Be As Before


*** Variables ***
${INNER}        ${CURDIR}/_inner/hostile_devices.robot


*** Test Cases ***
Log-In That Runs No Commands
    [Template]    Log-In Should Be Told
    shell=/usr/sbin/nologin    text=account is currently not available
    shell=/bin/false    text=exit code:
    shell=/bin/rbash    text=restricted
    command=echo Go away    text=Go away

Log-In That Never Answers
    [Documentation]    Sshd takes the log-in and the command, and nothing comes, until the connection lets go of it.
    [Tags]    slow
    Require Lab Feature    netns
    Change Lab Log In    alpha    command=exec cat >/dev/null
    Add Odd Device
    ${message} =    Should Fail Within    15s    Start Iperf Server    odd
    Message Should Have    ${message}    odd did not start a command within the time for it    what to do:

Log-In Shell That Is No POSIX Shell
    Require Lab Feature    netns
    Change Lab Log In    alpha    shell=/bin/tcsh
    Add Odd Device
    Device Should Work    odd

Log-In That Prints A Banner
    [Template]    Banner Should Not Matter
    echo Welcome; echo Beware >&2
    printf 'no end of line'; printf 'none here' >&2
    printf '%0100000d\\n' 7; printf '%0100000d\\n' 7 >&2
    printf 'iperf version 2.0.4\\niperf 3.0\\n'

Programs That Are None
    [Template]    Program Should Be Told
    # what it is    its first bytes    what the message says
    script without rights    \#!/bin/sh    cannot be executed    mode=644
    program for another machine    ${{b'\\x7fELF\\x02\\x01\\x01' + bytes(9) + b'\\x02\\x00\\xf7\\x00' + bytes(44)}}    cannot be executed
    interpreter that is not there    \#!/no/such/shell    was not found
    empty file    ${EMPTY}    does not answer like iperf3
    usage of another    \#!/bin/sh\necho 'Usage: iperf3 [-s|-c host] [options]' >&2; exit 1    does not answer like iperf3
    other version    \#!/bin/sh\necho 'iperf version 2.0.4'    does not answer like iperf3

Wrapper That Wants A Password
    Require Lab Feature    password
    ${program} =    Create Lab Program    alpha    ${TOOLS}/iperf3    \#!/bin/sh\nsudo iperf3 "$@"
    Add Iperf Device    odd    ssh://${LAB.tester.name}@${ALPHA.ssh_host}    password=${LAB.tester.password}    iperf3=${program}
    ${message} =    Should Fail Within    5s    Start Iperf Server    odd
    Message Should Have    ${message}    does not answer like iperf3 on odd    sudo    password

Program That Hangs
    [Tags]    slow
    [Template]    Program That Hangs Should Be Told
    exec sleep 1234
    sleep 1234
    trap '' TERM INT; while :; do sleep 1; done

Program That Hangs From The Start
    [Tags]    slow
    ${program} =    Create Lab Program    alpha    ${TOOLS}/iperf3    \#!/bin/sh\nsleep 1234
    Add Odd Device    iperf3=${program}
    ${message} =    Should Fail Within    15s    Start Iperf Server    odd
    Message Should Have    ${message}    odd did not finish a command within 15 s    ${program} -v

Server That Never Listens
    [Tags]    slow
    ${program} =    Create Hanging Program    sleep 1234
    Add Odd Device    iperf3=${program}
    ${message} =    Should Fail Within    10s    Start Iperf Server    odd
    Message Should Have    ${message}    iperf3 server on odd did not listen    what to do:
    Raw File Should Be Readable    odd

Wrapper Without Exec
    [Documentation]    Signals reach the iperf3 behind it, which so tells what it has measured.
    ${program} =    Create Lab Program    alpha    ${TOOLS}/iperf3    \#!/bin/sh\niperf3 "$@"; exit $?
    Add Odd Device    iperf3=${program}
    ${server} =    Start Iperf Server    odd
    Run Iperf Client    beta    ${server}    time=1s    bitrate=1M
    ${served} =    Stop Iperf Server    ${server}
    Length Should Be    ${served}    1
    Start Iperf Server    beta
    ${client} =    Start Iperf Client    odd    beta    time=0s    bitrate=4M
    Wait Until Keyword Succeeds    5s    20ms    Iperf Count Should Be    alpha    2
    Sleep    1s    It is to have something to tell.
    ${result} =    Stop Iperf Client    ${client}
    Should Be True    $result.partial and $result.sent.bytes > 0

Device Without Proc
    [Documentation]    There ss tells that somebody listens, and not who: it is the server, as nobody did before.
    Require Lab Feature    netns
    Run On Lab Host    alpha    mount    -t    tmpfs    none    /proc
    Add Odd Device
    Start Iperf Server    odd
    Run Iperf Client    beta    odd    time=1s    bitrate=10M
    Stop Iperf Server    odd
    Start Iperf Server    beta
    Run Iperf Client    odd    beta    bytes=1M    bitrate=40M
    [Teardown]    Run Keywords    Run On Lab Host    alpha    umount    /proc    AND    All Should Be As Before

Device Without Programs
    [Documentation]    No kill, no setsid: what the shell itself has will do. What looks for the socket is there.
    Require Lab Feature    netns
    ${shell} =    Create Lab Program    alpha    ${TOOLS}/bare/shell    \#!/bin/sh\nPATH=${TOOLS}/bare exec /bin/sh "$@"
    FOR    ${program}    IN    sh    cat    ls    sleep    iperf3
        Run On Lab Host    alpha    sh    -c    ln -s $(command -v ${program}) ${TOOLS}/bare/
    END
    Change Lab Log In    alpha    shell=${shell}
    Add Odd Device
    Device Should Work    odd
    ${hanging} =    Create Hanging Program    trap '' INT TERM; while :; do :; done
    Add Iperf Device    stubborn    ${ALPHA.url}    iperf3=${hanging}
    Should Fail Within    8s    Run Iperf Client    stubborn    ${BETA.address()}    timeout=1s
    [Teardown]    Run Keywords    Forget Device    stubborn    AND    All Should Be As Before

Disk Of The Controller
    [Documentation]    A small disk, and one that can only be read, which this Robot alone sees.
    [Template]    Disk Should Be Told
    size=64k    Full Disk    could not be kept    No space left on device
    ro    Directory That Cannot Be Written    No file can be written into    Read-only file system

Directory Below A File
    ${message} =    Server Should Not Start In    /etc/passwd/results
    Message Should Have    ${message}    No file can be written into /etc/passwd/results    Not a directory    directory=

Directory That Vanishes
    ${library} =    Import Again    ${OUTPUT_DIR}/vanishing
    ${server} =    Call Method    ${library}    start_iperf_server    alpha
    ${client} =    Call Method    ${library}    start_iperf_client    beta    alpha    time=1s    bitrate=1M
    Remove Directory    ${OUTPUT_DIR}/vanishing    recursive=True
    ${message} =    Should Fail Within    5s    Call Method    ${library}    wait_for_iperf_client    ${client}
    Message Should Have    ${message}    cannot be read any more    ${client.filename}    was removed    what to do:
    [Teardown]    Run Keywords    Call Method    ${library}    remove_all_iperf_devices    AND    All Should Be As Before

Clock Of The Controller Jumps
    [Documentation]    An hour ahead, an hour back: nothing times out, and figures are those of the run.
    ${robot} =    Start Inner Robot    Two Clocks    faked=True
    ${result} =    Wait For Process    ${robot}    timeout=60s    on_timeout=kill
    Should Be Equal As Integers    ${result.rc}    0    ${result.stdout}

Clock Of A Device Jumps
    [Tags]    slow
    [Template]    Jump Should Not Make A False Figure
    FOR    ${tool}    IN    iperf3    iperf2
        FOR    ${where}    IN    client    server
            ${tool}    ${where}    +3600
            ${tool}    ${where}    -3600
        END
    END

Two Robots On The Same Devices
    ${one} =    Start Inner Robot    Crowd    name=one
    ${two} =    Start Inner Robot    Crowd    name=two
    FOR    ${robot}    IN    ${one}    ${two}
        ${result} =    Wait For Process    ${robot}    timeout=60s    on_timeout=kill
        Should Be Equal As Integers    ${result.rc}    0    ${result.stdout}
    END

Fifty Servers On One Device
    [Documentation]    More than the ten sessions that sshd grants on one connection.
    ${start} =    Get Time In Seconds
    FOR    ${count}    IN RANGE    50
        ${server} =    Start Iperf Server    alpha
    END
    ${started} =    Get Time In Seconds
    Iperf Count Should Be    alpha    50
    Run Iperf Client    beta    ${server}    bytes=1M    bitrate=40M
    ${before} =    Get Time In Seconds
    Stop Iperf Server    alpha
    ${end} =    Get Time In Seconds
    Log    50 servers: start ${{$started - $start}} s, stop ${{$end - $before}} s    console=True
    Host Should Have No Iperf    alpha
    Should Be True    $end - $before < 10

Library That Is Imported Twice
    [Documentation]    Each import has its own devices and processes, and ends only those.
    ${library} =    Import Again    ${OUTPUT_DIR}/twice
    ${own} =    Start Iperf Server    alpha
    ${other} =    Call Method    ${library}    start_iperf_server    alpha
    Stop All Iperf Processes
    Should Be True    $other.running and not $own.running
    Call Method    ${library}    remove_all_iperf_devices


Import That Fails Twice
    VAR    ${import}    Import Library    # a dry run does not import what has such a name
    FOR    ${count}    IN RANGE    2
        Run Keyword And Expect Error    *auto_stop is one of TEST, SUITE, RUN, not 'never'.*
        ...    ${import}    IperfLibrary    auto_stop=never
    END

Suite Teardown That Fails
    ${robot} =    Start Inner Robot    Left To The Suite    teardown=Fail
    ${result} =    Wait For Process    ${robot}    timeout=30s    on_timeout=kill
    Should Contain    ${result.stdout}    Suite teardown failed
    Hosts Should Be Clean


*** Keywords ***
Open Lab And Name Folders
    [Documentation]    The folder of programs is on the hosts, which on loopback is this machine.
    Open Lab With Devices
    VAR    ${TOOLS}    /tmp/${LAB.folder.name}-tools    scope=SUITE
    VAR    ${CLOCK}    ${TOOLS}/clock    scope=SUITE
    ${faker} =    Evaluate    next(glob.iglob('/usr/lib/*/faketime/libfaketimeMT.so.1'), 'faketime is not installed')    modules=glob
    VAR    ${FAKETIME}    LD_PRELOAD=${faker} FAKETIME_NO_CACHE=1 DONT_FAKE_MONOTONIC=1    scope=SUITE

Add Odd Device
    [Documentation]    alpha once more, with what is odd about it now.
    [Arguments]    &{arguments}
    Add Iperf Device    odd    ${ALPHA.url}    address=${ALPHA.address()}    &{arguments}

All Should Be As Before
    Run Keyword And Ignore Error    Terminate All Processes    kill=True
    Forget Device    odd
    Stop All Iperf Processes
    Restore Lab Log In    alpha
    Run On Lab Host    alpha    rm    -rf    ${TOOLS}
    Hosts Should Be Clean
    Nothing Should Sleep
    Device Should Work    alpha

Device Should Work
    [Arguments]    ${device}
    ${server} =    Start Iperf Server    ${device}
    Run Iperf Client    beta    ${server}    bytes=1M    bitrate=40M
    Stop Iperf Server    ${server}

Nothing Should Sleep
    [Documentation]    The naps of the leash take at most a second; a program's own are not to outlive it.
    Wait Until Keyword Succeeds    5s    50ms    No Process Should Run    alpha    sleep    1234

No Process Should Run
    [Arguments]    ${host}    @{words}
    ${processes} =    Lab Processes    ${host}    ${words}[0]
    FOR    ${process}    IN    @{processes}
        Should Not Be Equal    ${process.argv}    ${words}
    END

Should Fail Within
    [Documentation]    Returns the message. The limit is the keyword's own; a busy machine gets five seconds more.
    [Arguments]    ${limit}    ${keyword}    @{arguments}    &{named}
    ${start} =    Get Time In Seconds
    ${message} =    Run Keyword And Expect Error    *    ${keyword}    @{arguments}    &{named}
    ${took} =    Evaluate    time.monotonic() - $start    modules=time
    ${seconds} =    Evaluate    robot.utils.timestr_to_secs($limit)    modules=robot.utils
    Log    ${message}
    Should Be True    ${took} < ${seconds} + 5    ${keyword} took ${took} s
    RETURN    ${message}

Get Time In Seconds
    ${now} =    Evaluate    time.monotonic()    modules=time
    RETURN    ${now}

Raw File Should Be Readable
    [Arguments]    ${device}
    ${file} =    Get Last Filename    ${device}
    Get File    ${file}

Iperf Count Should Be
    [Arguments]    ${host}    ${count}
    ${processes} =    Lab Iperf Processes    ${host}
    Length Should Be    ${processes}    ${count}

Log-In Should Be Told
    [Arguments]    ${shell}=    ${command}=    ${text}=
    Require Lab Feature    netns
    Change Lab Log In    alpha    ${shell}    ${command}
    Add Odd Device
    ${message} =    Should Fail Within    5s    Start Iperf Server    odd
    Message Should Have    ${message}    odd did not start a command    ${text}    may run no commands    what to do:
    [Teardown]    All Should Be As Before

Banner Should Not Matter
    [Arguments]    ${script}
    Require Lab Feature    netns
    ${shell} =    Create Lab Program    alpha    ${TOOLS}/shell    \#!/bin/sh\n${script}\nexec /bin/sh "$@"
    Change Lab Log In    alpha    ${shell}
    Add Odd Device
    Device Should Work    odd
    [Teardown]    All Should Be As Before

Program Should Be Told
    [Arguments]    ${what}    ${content}    ${text}    ${mode}=755
    ${program} =    Create Lab Program    alpha    ${TOOLS}/iperf3    ${content}    ${mode}
    Add Odd Device    iperf3=${program}
    ${message} =    Should Fail Within    5s    Start Iperf Server    odd
    Message Should Have    ${message}    The program '${program}' ${text} on odd    probably:    what to do:
    [Teardown]    All Should Be As Before

Create Hanging Program
    [Documentation]    It tells a version and does this with anything else.
    [Arguments]    ${script}
    ${program} =    Create Lab Program    alpha    ${TOOLS}/iperf3
    ...    \#!/bin/sh\n[ "$1" != -v ] || { echo 'iperf 3.12 (cJSON 1.7.15)'; exit; }\n${script}
    RETURN    ${program}

Program That Hangs Should Be Told
    [Documentation]    It is ended, however deaf, with all that it has started.
    [Arguments]    ${script}
    ${program} =    Create Hanging Program    ${script}
    Add Odd Device    iperf3=${program}
    ${message} =    Should Fail Within    6s    Run Iperf Client    odd    ${BETA.address()}    timeout=1s
    Message Should Have    ${message}    client on odd    was not done after 1 s    command:    raw file:
    Raw File Should Be Readable    odd
    No Process Should Run    alpha    /bin/sh    ${program}
    Wait Until Keyword Succeeds    2s    20ms    No Process Should Run    alpha    sleep    1
    [Teardown]    All Should Be As Before

Start Inner Robot
    [Arguments]    ${test}    @{around}    ${name}=inner    ${directory}=${OUTPUT_DIR}/hostile-${name}    ${faked}=${False}
    ...    ${teardown}=No Operation
    ${clock} =    Set Variable    ${OUTPUT_DIR}/clock
    Create File    ${clock}    +0
    IF    ${faked}
        VAR    @{around}    env    FAKETIME_TIMESTAMP_FILE=${clock}    @{{$FAKETIME.split()}}
    END
    ${robot} =    Start Process    @{around}    ${{sys.executable}}    -m    robot    --test    ${test}
    ...    --variable    DIRECTORY:${directory}    --variable    ALPHA:${ALPHA.url}    --variable    BETA:${BETA.url}
    ...    --variable    ADDRESS:${ALPHA.address()}    --variable    CLOCK:${clock}    --variable    TEARDOWN:${teardown}
    ...    --outputdir    ${OUTPUT_DIR}/inner-${name}    ${INNER}    stdout=${OUTPUT_DIR}/inner-${name}.txt    stderr=STDOUT
    RETURN    ${robot}

Disk Should Be Told
    [Arguments]    ${option}    ${test}    @{texts}
    Require Lab Feature    netns
    ${disk} =    Set Variable    ${OUTPUT_DIR}/disk
    Create Directory    ${disk}
    VAR    @{around}    unshare    --mount    sh    -c    mount -t tmpfs -o ${option} none ${disk}; exec "$@"    sh
    ${robot} =    Start Inner Robot    ${test}    @{around}    directory=${disk}
    ${result} =    Wait For Process    ${robot}    timeout=30s    on_timeout=kill
    Should Be Equal As Integers    ${result.rc}    0    ${result.stdout}
    Message Should Have    ${result.stdout}    @{texts}    probably:    what to do:
    [Teardown]    All Should Be As Before

Import Again
    [Documentation]    The library once more, with a directory and devices of its own.
    [Arguments]    ${directory}
    ${library} =    Evaluate    IperfLibrary.IperfLibrary(directory=pathlib.Path($directory))    modules=IperfLibrary, pathlib
    Call Method    ${library}    add_iperf_device    alpha    ${ALPHA.url}    address=${ALPHA.address()}
    Call Method    ${library}    add_iperf_device    beta    ${BETA.url}
    RETURN    ${library}

Server Should Not Start In
    [Arguments]    ${directory}
    ${library} =    Import Again    ${directory}
    ${message} =    Should Fail Within    5s    Call Method    ${library}    start_iperf_server    alpha
    Call Method    ${library}    remove_all_iperf_devices
    RETURN    ${message}

Jump Should Not Make A False Figure
    [Documentation]    The rate is that of the run, or unknown, or the run fails.
    [Arguments]    ${tool}    ${where}    ${jump}
    Require Lab Feature    netns
    Create Lab Program    alpha    ${CLOCK}    +0
    ${real} =    Set Variable If    $tool == 'iperf3'    iperf3    iperf
    ${program} =    Create Lab Program    alpha    ${TOOLS}/${real}
    ...    \#!/bin/sh\nFAKETIME_TIMESTAMP_FILE=${CLOCK} ${FAKETIME} exec ${real} "$@"
    Add Odd Device    ${tool}=${program}
    ${server} =    Set Variable If    $where == 'server'    odd    beta
    ${client} =    Set Variable If    $where == 'server'    beta    odd
    Start Iperf Server    ${server}    tool=${tool}
    ${run} =    Start Iperf Client    ${client}    ${server}    time=1s    bitrate=8M    timeout=3s
    Wait Until Keyword Succeeds    2s    20ms    Iperf Count Should Be    alpha    1
    Create Lab Program    alpha    ${CLOCK}    ${jump}
    TRY
        ${result} =    Wait For Iperf Client    ${run}
    EXCEPT    *    type=GLOB    AS    ${message}
        Message Should Have    ${message}    ${tool} client on ${client}    probably:    what to do:
    ELSE
        Should Be True    $result.bits_per_second is None or 6e6 < $result.bits_per_second < 10e6    ${result}
    END
    [Teardown]    All Should Be As Before
