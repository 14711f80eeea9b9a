*** Settings ***
Documentation       A server in daemon mode outlives its connection and its controller, and is found, ended and fetched again.
Resource            resources/lab.resource
Library             Process
Suite Setup         Open Lab With Devices
Suite Teardown      Close Devices
Test Setup          Open Connections
Test Teardown       No Daemon Should Be Left


*** Variables ***
${INNER}        ${CURDIR}/_inner/daemon.robot


*** Test Cases ***
Is Stopped And Fetched
    ${server} =    Start Iperf Server    alpha    daemon=True
    ${remote} =    Get Last Filename    alpha
    Should Be Equal    ${remote}    ${server.filename}
    Should Start With    ${remote}    /tmp/iperflibrary_alpha_server_
    ${result} =    Run Iperf Client    beta    alpha    time=1s    bitrate=10M
    @{served} =    Stop Iperf Server    alpha
    Same Test Should Be    ${served}[0]    ${result}
    ${local} =    Get Last Filename    alpha
    Should Contain    ${local}    raw_iperf
    File Should Not Be Empty    ${local}

Both Tools And Protocols
    [Template]    Daemon Should Serve
    iperf3    udp=False
    iperf3    udp=True
    iperf2    udp=False
    iperf2    udp=True

Several On One Device
    ${first} =    Start Iperf Server    alpha    daemon=True    name=first
    ${second} =    Start Iperf Server    alpha    daemon=True    name=second
    ${one} =    Run Iperf Client    beta    ${first}    time=1s    bitrate=5M
    ${two} =    Run Iperf Client    beta    ${second}    time=1s    bitrate=5M
    @{served} =    Stop Iperf Server    ${second}
    Same Test Should Be    ${served}[0]    ${two}
    Iperf Count Should Be    alpha    1
    @{served} =    Stop Iperf Server    ${first}
    Same Test Should Be    ${served}[0]    ${one}

Its Connection Is Closed
    Start Iperf Server    alpha    daemon=True
    Close Iperf Connection    alpha
    ${result} =    Run Iperf Client    beta    alpha    time=1s    bitrate=10M
    @{served} =    Stop Iperf Server    alpha
    Same Test Should Be    ${served}[0]    ${result}

Its Connection Drops
    [Documentation]    The sshd is killed with all its sessions, traffic runs, the sshd comes again.
    Start Iperf Server    alpha    daemon=True
    Call Method    ${ALPHA}    kill_sshd
    ${result} =    Run Iperf Client    beta    alpha    time=1s    bitrate=10M
    Call Method    ${ALPHA}    start_sshd
    @{served} =    Stop Iperf Server    alpha
    Same Test Should Be    ${served}[0]    ${result}

Its Device Goes Out Of Reach While Traffic Runs
    [Tags]    slow
    Require Lab Feature    cut
    ${server} =    Start Iperf Server    alpha    daemon=True
    ${client} =    Start Iperf Client    beta    alpha    time=2s    bitrate=10M
    Cut Lab Link    alpha    mgmt
    ${result} =    Wait For Iperf Client    ${client}
    ${message} =    Run Keyword And Expect Error    *    Stop Iperf Server    alpha
    Message Should Have    ${message}    alpha
    Iperf Count Should Be    alpha    1
    Restore Lab Link    alpha    mgmt
    @{served} =    Stop Iperf Server    alpha
    Same Test Should Be    ${served}[0]    ${result}
    [Teardown]    Run Keywords    Restore Lab Link    alpha    mgmt    AND    No Daemon Should Be Left

Its Device Is Out Of Reach When It Is To End
    [Documentation]    It is not forgotten: it ends, and its files go, when all is stopped again, at the end of the run at the latest.
    [Tags]    slow
    Require Lab Feature    cut
    Start Iperf Server    alpha    daemon=True
    Cut Lab Link    alpha    mgmt
    ${message} =    Run Keyword And Expect Error    *    Stop Iperf Server    alpha
    Message Should Have    ${message}    alpha cannot be asked    Stop All Iperf Processes when alpha answers    Adopt Iperf Servers
    Stop All Iperf Processes
    Iperf Count Should Be    alpha    1
    Restore Lab Link    alpha    mgmt
    [Teardown]    Run Keywords    Restore Lab Link    alpha    mgmt    AND    No Daemon Should Be Left

Its Files Are Kept If Asked
    ${server} =    Start Iperf Server    alpha    daemon=True
    ${remote} =    Set Variable    ${server.filename}
    Stop Iperf Server    alpha    remove=False
    ${left} =    Run On Lab Host    alpha    sh    -c    ls ${remote}*
    Should Be Equal    ${left}    ${remote}\n${remote}.stderr
    Run On Lab Host    alpha    rm    ${remote}    ${remote}.stderr

It Ends With Its Test
    Start Iperf Server    alpha    daemon=True    name=left-behind

It Has Ended With Its Test
    Iperf Count Should Be    alpha    0
    ${local} =    Get Last Filename    alpha
    Should Contain    ${local}    raw_iperf/alpha_left-behind_

A Second Server On Its Port
    ${server} =    Start Iperf Server    alpha    daemon=True
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    alpha    port=${server.port}    daemon=True
    Message Should Have    ${message}    could not start on port ${server.port}    Address already in use
    Iperf Count Should Be    alpha    1

It Has Died
    ${server} =    Start Iperf Server    alpha    daemon=True
    Run Iperf Client    beta    alpha    time=1s    bitrate=10M
    Run On Lab Host    alpha    kill    -KILL    ${server.pid}
    Host Should Have No Iperf    alpha
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    beta    ${server}
    Message Should Have    ${message}    is not running any more    signal 9
    @{served} =    Stop Iperf Server    ${server}
    Length Should Be    ${served}    1

It Is Terminated While Traffic Runs
    [Documentation]    Why it ended is in its file, which is fetched for that.
    Start Iperf Server    alpha    daemon=True
    ${client} =    Start Iperf Client    beta    alpha    time=20s    bitrate=10M
    Wait For Lab Traffic    alpha
    Signal Lab Iperf    alpha    TERM
    ${message} =    Run Keyword And Expect Error    *    Wait For Iperf Client    ${client}
    Message Should Have    ${message}    the server on alpha has ended: iperf was stopped by a signal

It Has Vanished
    [Documentation]    Killed together with the shell that waits for it, so that nobody knows its exit code.
    ${server} =    Start Iperf Server    alpha    daemon=True
    Run On Lab Host    alpha    sh    -c    kill -KILL $(ps -o ppid= -p ${server.pid}) ${server.pid}
    Host Should Have No Iperf    alpha
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    beta    ${server}
    Message Should Have    ${message}    is not running any more    killed together with what watched it
    Stop Iperf Server    ${server}

Its Pid Is Another Program Now
    [Documentation]    The program that has the pid lives on. Pids cannot be had at will, so what is changed is the record.
    Run Controller    Keep A Daemon
    Run On Lab Host    alpha    sh    -c    sed -i 's/^born .*/born 1/' /tmp/iperflibrary_*.daemon
    @{adopted} =    Adopt Iperf Servers    alpha
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    beta    ${adopted[0]}
    Message Should Have    ${message}    its pid ${adopted[0].pid} is another program now, which was left alone
    Stop Iperf Server    alpha
    Iperf Count Should Be    alpha    1
    Run On Lab Host    alpha    kill    ${adopted[0].pid}

The Device Was Started Anew
    Run Controller    Keep A Daemon
    Run On Lab Host    alpha    sh    -c    sed -i 's/^boot .*/boot 1/' /tmp/iperflibrary_*.daemon
    @{adopted} =    Adopt Iperf Servers    alpha
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    beta    ${adopted[0]}
    Message Should Have    ${message}    started anew
    Stop Iperf Server    alpha
    Run On Lab Host    alpha    kill    ${adopted[0].pid}

Its File Is Gone
    ${server} =    Start Iperf Server    alpha    daemon=True
    Run On Lab Host    alpha    rm    ${server.filename}
    ${message} =    Run Keyword And Expect Error    *    Stop Iperf Server    alpha
    Message Should Have    ${message}    ${server.filename} cannot be read    somebody removed it
    Host Should Have No Iperf    alpha

Its File Is Truncated
    ${server} =    Start Iperf Server    alpha    daemon=True
    Run Iperf Client    beta    alpha    time=1s    bitrate=10M
    # The server may write of a test a moment after its client is done.
    Wait Until Keyword Succeeds    5s    20ms    Run On Lab Host    alpha    test    -s    ${server.filename}
    Run On Lab Host    alpha    sh    -c    : >${server.filename}
    Run Iperf Client    beta    alpha    time=1s    bitrate=10M
    ${message} =    Run Keyword And Expect Error    *    Stop Iperf Server    alpha
    Message Should Have    ${message}    1 of the 2 tests    in its file    shorter
    Host Should Have No Iperf    alpha

The Device's Disk Is Full
    Require Lab Feature    netns
    Run On Lab Host    alpha    sh    -c    mkdir /tmp/small && mount -t tmpfs -o size=8k none /tmp/small
    Start Iperf Server    alpha    daemon=True    remote_directory=/tmp/small
    ${result} =    Run Iperf Client    beta    alpha    time=1s    parallel=8    bitrate=1M
    ${message} =    Run Keyword And Expect Error    *    Stop Iperf Server    alpha
    Message Should Have    ${message}    1 of the 1 tests    /tmp/small on alpha is full    raw_iperf
    Host Should Have No Iperf    alpha
    Run On Lab Host    alpha    sh    -c    dd if=/dev/zero of=/tmp/small/a bs=4k count=2 2>/dev/null; :
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    alpha    daemon=True    remote_directory=/tmp/small
    Message Should Have    ${message}    Nothing could be started in the background on alpha    /tmp/small is full
    [Teardown]    Run Keywords    Stop All Iperf Processes    AND    Run On Lab Host    alpha    umount    /tmp/small
    ...    AND    Run On Lab Host    alpha    rmdir    /tmp/small    AND    No Daemon Should Be Left

On This Machine
    [Documentation]    The same over a connection without SFTP.
    Add Iperf Device    here    local
    Start Iperf Server    here    daemon=True    remote_directory=${OUTPUT_DIR}
    Close Iperf Connection    here
    ${result} =    Run Iperf Client    here    here    time=1s    bitrate=10M
    @{served} =    Stop Iperf Server    here
    Same Test Should Be    ${served}[0]    ${result}
    [Teardown]    Run Keywords    Remove Iperf Device    here    AND    No Daemon Should Be Left

Another Controller Takes It Over
    [Documentation]    The first one is killed while traffic runs; the second finds the server, and its results are complete.
    ${controller} =    Start Controller    Start A Daemon
    Wait Until Created    ${SIGN}    timeout=30s
    Send Signal To Process    KILL    ${controller}
    Wait For Process    ${controller}
    @{adopted} =    Adopt Iperf Servers    alpha    name=handed-over
    Length Should Be    ${adopted}    1
    ${result} =    Run Iperf Client    beta    alpha    time=1s    bitrate=10M
    @{served} =    Stop Iperf Server    alpha
    Length Should Be    ${served}    2
    Same Test Should Be    ${served}[1]    ${result}
    Host Should Have No Iperf    alpha

Nothing To Adopt
    @{adopted} =    Adopt Iperf Servers    beta
    Should Be Empty    ${adopted}

A Directory That Is Not There
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    alpha    daemon=True    remote_directory=/nowhere
    Message Should Have    ${message}    Nothing could be started in the background on alpha    /nowhere is full
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    alpha    daemon=True    remote_directory=here
    Message Should Have    ${message}    absolute path
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    alpha    keep=True
    Message Should Have    ${message}    daemon=True


*** Keywords ***
Open Connections
    [Documentation]    A daemon's test may begin with the connection that the last one has closed.
    VAR    ${SIGN}    ${OUTPUT_DIR}/daemon-sign    scope=SUITE
    Remove Files    ${SIGN}

No Daemon Should Be Left
    [Documentation]    Neither a process nor a file, looked at from outside.
    Stop All Iperf Processes
    Terminate All Processes    kill=True
    Hosts Should Be Clean
    ${files} =    Run On Lab Host    alpha    sh    -c    ls /tmp/iperflibrary_* 2>/dev/null; :
    Should Be Empty    ${files}

Daemon Should Serve
    [Arguments]    ${tool}    ${udp}
    Start Iperf Server    alpha    tool=${tool}    udp=${{$udp == 'True' and $tool == 'iperf2'}}    daemon=True
    ${result} =    Run Iperf Client    beta    alpha    time=1s    bitrate=10M    udp=${udp}
    @{served} =    Stop Iperf Server    alpha
    Should Be Equal    ${served[0].server}    alpha
    Should Be Equal    ${served[0].protocol}    ${result.protocol}
    Should Be True    0 < $served[0].received.bytes <= $result.sent.bytes

Same Test Should Be
    [Arguments]    ${served}    ${measured}
    Should Be Equal    ${served.cookie}    ${measured.cookie}
    Should Be Equal    ${served.received.bytes}    ${measured.received.bytes}

Start Controller
    [Arguments]    ${test}
    ${robot} =    Start Process    ${{sys.executable}}    -m    robot    --test    ${test}    --variable    ALPHA:${ALPHA.url}
    ...    --variable    BETA:${BETA.url}    --variable    ADDRESS:${ALPHA.address()}    --variable    SIGN:${SIGN}
    ...    --outputdir    ${OUTPUT_DIR}/inner    ${INNER}    stdout=${OUTPUT_DIR}/inner.txt    stderr=STDOUT
    RETURN    ${robot}

Run Controller
    [Arguments]    ${test}
    ${robot} =    Start Controller    ${test}
    ${ended} =    Wait For Process    ${robot}    timeout=30s    on_timeout=kill
    Should Be Equal As Integers    ${ended.rc}    0    ${ended.stdout}

Iperf Count Should Be
    [Arguments]    ${host}    ${count}
    ${processes} =    Lab Iperf Processes    ${host}
    Length Should Be    ${processes}    ${count}
