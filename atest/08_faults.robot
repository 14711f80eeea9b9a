*** Settings ***
Documentation       Processes are killed and frozen, log-ins break, links are cut: each fault is told with its cause, within the time limit;
...                 what was measured is kept, nothing is left, and the next run on the same devices passes.
Resource            resources/faults.resource
Test Tags           fault
Suite Setup         Open Lab With Devices
Suite Teardown      Close Devices
Test Teardown       End Fault


*** Variables ***
@{PARTS}        probably:    what to do:    command:    exit code:    raw file:
${DIED}         the server on alpha has ended: it was ended there by signal 9
${FROZEN}       the traffic link was cut or blocked, or the server hangs
${SILENT}       nothing answers there, or it is no


*** Test Cases ***
Server Killed During A Run
    [Template]    Run Should Fail When Server Gets
    KILL    iperf3    connection to the server was lost    ${DIED}
    KILL    iperf3    connection to the server was lost    ${DIED}    reverse=True
    KILL    iperf3    connection to the server was lost    ${DIED}    udp=True    reverse=True
    KILL    iperf2    connection to the server was lost    ${DIED}
    KILL    iperf2    result is incomplete    ${DIED}    reverse=True

Server Terminated During A Run
    [Template]    Run Should Fail When Server Gets
    TERM    iperf3    the server was stopped    the server on alpha has ended: iperf was stopped by a signal
    TERM    iperf3    the server was stopped    the server on alpha has ended: iperf was stopped by a signal    udp=True
    TERM    iperf2    result is incomplete    the server on alpha has ended: iperf was stopped by a signal    reverse=True

Server Of iperf2 Gone Under UDP
    [Documentation]    The client sends on to nobody, and waits for the report of its server in the end.
    [Tags]    slow
    [Template]    Run Should Fail When Server Gets
    KILL    iperf2    was not done after 2 s    ${DIED}    time=1s    timeout=2s    udp=True
    STOP    iperf2    was not done after 2 s    ${FROZEN}    time=1s    timeout=2s    udp=True

Server Frozen During A Run
    [Template]    Run Should Fail When Server Gets
    STOP    iperf3    was not done after 2 s    ${FROZEN}    time=1s    timeout=2s

Server Gone Before A Run
    [Template]    Run Should Fail After Server Got
    KILL    is not running any more    ended there by signal 9
    TERM    is not running any more    stopped by a signal

Server Frozen Before A Run
    ${server} =    Start Iperf Server    alpha    tool=iperf3
    Signal Lab Iperf    alpha    STOP
    ${message} =    Should Fail In Time    2    Run Iperf Client    beta    ${server}    time=1s    timeout=2s
    Message Should Have    ${message}    was not done after 2 s    stuck    restart the server    @{PARTS}
    Should Return In Time    0    Stop Iperf Server    ${server}
    Devices Should Be Fit Again

Server Gone After A Run
    [Documentation]    What it saw of the run is there, however it ended.
    [Template]    Server Should Have Its View After
    KILL
    TERM
    STOP

Client Ended During A Run
    [Template]    Run Should Fail When Client Gets
    KILL    iperf3    it was killed    ended there by signal 9    live=True
    KILL    iperf3    it was killed    ended there by signal 9    live=True    udp=True    reverse=True
    KILL    iperf2    it was killed    ended there by signal 9
    TERM    iperf3    it was interrupted    stopped by a signal
    TERM    iperf2    result is incomplete    it was ended early: by a signal

Client Frozen During A Run
    [Template]    Run Should Fail When Client Gets
    STOP    iperf3    was not done after 2 s    the client itself hung    live=True    time=1s    timeout=2s

Frozen Client Is Stopped
    ${server}    ${client} =    Start Pair    live=True    interval=0.5s
    Wait For Intervals    ${client}    2
    Signal Lab Iperf    beta    STOP
    ${result} =    Should Return In Time    0    Stop Iperf Client    ${client}
    Should Be True    $result.partial and $result.received.bytes is None and len($result.intervals) >= 2
    Raw File Should Be Kept    ${client}
    Devices Should Be Fit Again

Log-In To The Client's Device Breaks During A Run
    ${server}    ${client} =    Start Pair    live=True    interval=0.5s
    Wait For Intervals    ${client}    2
    Kill Lab Sshd    beta
    ${message} =    Should Fail In Time    0    Wait For Iperf Client    ${client}
    Message Should Have    ${message}    connection to beta was lost while its iperf3 client ran    look whether the device answers
    Raw File Should Be Kept    ${client}
    Host Should Have No Iperf    beta
    Start Lab Sshd    beta
    Devices Should Be Fit Again

Log-In To The Server's Device Breaks During A Run
    ${server}    ${client} =    Start Pair
    Kill Lab Sshd    alpha
    ${message} =    Should Fail In Time    5    Wait For Iperf Client    ${client}
    Message Should Have    ${message}    client on beta to alpha    the server on alpha has ended: the connection to alpha was lost    @{PARTS}
    Raw File Should Be Kept    ${client}
    Host Should Have No Iperf    alpha
    Start Lab Sshd    alpha
    Devices Should Be Fit Again

Log-In Breaks While A Server Waits
    ${server} =    Start Iperf Server    alpha
    Kill Lab Sshd    alpha
    Host Should Have No Iperf    alpha    within=5s
    Wait Until Keyword Succeeds    5s    20ms    Should Not Be Running    ${server}
    ${message} =    Should Fail In Time    0    Run Iperf Client    beta    ${server}    time=1s
    Message Should Have    ${message}    connection to alpha was lost while its iperf3 server ran    look whether the device answers
    ${message} =    Should Fail In Time    0    Start Iperf Server    alpha
    Message Should Have    ${message}    Cannot log in to alpha    nothing listens at its SSH port
    Start Lab Sshd    alpha
    Devices Should Be Fit Again

Silent Device Before The First Log-In
    [Documentation]    10 s for a log-in, however many devices there are to be asked.
    [Tags]    slow
    Require Lab Feature    cut
    Add Iperf Device    fresh    ${ALPHA.url}
    Cut Lab Link    alpha    mgmt
    ${message} =    Should Fail In Time    10    Start Iperf Server    fresh
    Message Should Have    ${message}    Cannot log in to fresh    no answer    the device is off, or a firewall drops    try it by hand
    Restore Lab Link    alpha    mgmt
    Devices Should Be Fit Again
    [Teardown]    Run Keywords    Forget Device    fresh    AND    End Fault

Silent Device That Was Logged In To
    [Documentation]    10 s on the connection that is open, and 5 s for a new one.
    [Tags]    slow
    Require Lab Feature    cut
    Cut Lab Link    alpha    mgmt
    ${message} =    Should Fail In Time    15    Start Iperf Server    alpha
    Message Should Have    ${message}    Cannot log in to alpha    no answer    try it by hand
    Restore Lab Link    alpha    mgmt
    Devices Should Be Fit Again

Silent Device With A Server
    [Documentation]    10 s for a second server; the first is not given up, and serves when its device is there again.
    [Tags]    slow
    Require Lab Feature    cut
    ${server} =    Start Iperf Server    alpha    tool=iperf3
    Cut Lab Link    alpha    mgmt
    ${message} =    Should Fail In Time    10    Start Iperf Server    alpha    tool=iperf3
    Message Should Have    ${message}    The SSH connection to alpha is lost    look whether the device answers
    Restore Lab Link    alpha    mgmt
    Wait Until Keyword Succeeds    20s    20ms    Should Be True    $server.device.connection.answers(20)
    Run Iperf Client    beta    ${server}    bytes=500K    bitrate=20M    timeout=10s
    Devices Should Be Fit Again

Client's Device Falls Silent During A Run
    [Tags]    slow
    Require Lab Feature    cut
    ${server}    ${client} =    Start Pair    live=True    time=1s    timeout=2s
    Cut Lab Link    beta    mgmt
    ${message} =    Should Fail In Time    2    Wait For Iperf Client    ${client}
    Message Should Have    ${message}    connection to beta was lost while its iperf3 client ran    raw file:
    File Should Exist    ${client.filename}
    Restore Lab Link    beta    mgmt
    Host Should Have No Iperf    beta    within=10s
    Devices Should Be Fit Again

Client's Device Is Silent For A While
    [Documentation]    Traffic goes on, and all of the output arrives later.
    Require Lab Feature    cut
    ${server}    ${client} =    Start Pair    time=1s    timeout=20s
    Cut Lab Link    beta    mgmt
    Host Should Have No Iperf    beta    within=10s
    Restore Lab Link    beta    mgmt
    ${result} =    Should Return In Time    20    Wait For Iperf Client    ${client}
    Should Be True    0 < $result.received.bytes <= $result.sent.bytes
    Devices Should Be Fit Again

Server's Device Falls Silent During A Run
    [Documentation]    What the client measured may be right, but nobody knows that it was this server that answered.
    [Tags]    slow
    Require Lab Feature    cut
    ${server}    ${client} =    Start Pair    time=1s    timeout=10s
    Cut Lab Link    alpha    mgmt
    ${message} =    Should Fail In Time    5    Wait For Iperf Client    ${client}
    Message Should Have    ${message}    its server cannot be asked    alpha does not answer any more    @{PARTS}
    Raw File Should Be Kept    ${client}
    Restore Lab Link    alpha    mgmt
    Devices Should Be Fit Again

Traffic Link Cut For A While
    [Documentation]    TCP goes on, UDP has lost some: figures are there, and so is the gap.
    [Template]    Run Should Pass With A Gap
    iperf3
    iperf3    udp=True

Traffic Link Cut For A While, Other Ways
    [Tags]    slow
    [Template]    Run Should Pass With A Gap
    iperf3    reverse=True
    iperf2

Traffic Link Cut During A Run
    [Template]    Run Should Fail When Link Is Cut
    iperf3    was not done after 2 s    ${FROZEN}
    iperf3    was not done after 2 s    ${FROZEN}    udp=True

Traffic Link Cut During A Run, Other Ways
    [Tags]    slow
    [Template]    Run Should Fail When Link Is Cut
    iperf3    was not done after 2 s    ${FROZEN}    reverse=True
    iperf2    was not done after 2 s    ${FROZEN}

Traffic Link Cut From The Beginning
    [Template]    Run Should Fail On A Cut Link
    iperf3    nothing answered    device is off, the address is wrong, or a firewall    connect_timeout=500ms
    iperf3    was not done after 1 s    ${SILENT} iperf3 server    timeout=1s    bytes=1M
    iperf2    was not done after 1 s    ${SILENT} iperf2 server    timeout=1s    bytes=1M

Link Lost When Results Are Exchanged
    [Documentation]    All of the data arrived, the results did not. alpha does not get the client's, or beta the server's.
    [Template]    Run Should Fail Without Results
    alpha    ${{'tcp sport {control} tcp dport {port} ip length > 100'}}
    beta    ${{'tcp sport {port} tcp dport {control} ip length > 100'}}
    alpha    ${{'tcp sport {control} tcp dport {port} ip length > 100'}}    udp=True

UDP Is Blocked By A Firewall
    [Documentation]    The control connection works. iperf3 alone would wait for 30 s, and name a socket that is "temporarily unavailable".
    [Template]    Run Should Fail When UDP Is Blocked
    alpha    input    no UDP from beta reached the server on alpha: a firewall
    beta    input    UDP from beta reached the server on alpha, but no answer came back
    alpha    output    on alpha: a firewall on the device that runs this iperf drops what it sends

UDP Is Blocked By The Client's Own Firewall
    [Template]    Run Should Fail When It May Not Send
    iperf3
    iperf2

Server Is Not At The Address Of Its Device
    Require Lab Feature    cut
    Add Iperf Device    elsewhere    ${ALPHA.url}    address=${BETA.address()}
    ${server} =    Start Iperf Server    elsewhere    tool=iperf3
    ${message} =    Should Fail In Time    2    Run Iperf Client    beta    ${server}    time=1s
    Message Should Have    ${message}    connection was refused    server on elsewhere does listen on port ${server.port}    is perhaps not elsewhere
    ...    Add Iperf Device${SPACE * 4}elsewhere    @{PARTS}
    Devices Should Be Fit Again
    [Teardown]    Run Keywords    Forget Device    elsewhere    AND    End Fault

Client Was Asked To Send Without End
    ${server} =    Start Iperf Server    alpha    tool=iperf3
    ${message} =    Should Fail In Time    1    Run Iperf Client    beta    ${server}    time=0s    bitrate=10M    timeout=1s
    Message Should Have    ${message}    was not done after 1 s    asked to send without end    Start Iperf Client, and Stop Iperf Client    @{PARTS}
    Devices Should Be Fit Again

Server Says Why It Refused
    [Documentation]    Its client only sees that the connection is closed.
    ${server} =    Start Iperf Server    alpha    tool=iperf3    server_bitrate_limit=1M
    ${message} =    Should Fail In Time    5    Run Iperf Client    beta    ${server}    time=1s    bitrate=10M
    Message Should Have    ${message}    the server said: total required bandwidth is larger than server limit    with a limit that this test exceeds    @{PARTS}
    Devices Should Be Fit Again

Report Of An iperf2 Server Does Not Come
    [Tags]    slow
    Require Lab Feature    cut
    ${server} =    Start Matching Server    iperf2    udp=True
    Drop Packets    beta    udp sport ${server.port}
    ${message} =    Should Fail In Time    15    Run Iperf Client    beta    ${server}    udp=True    time=1s    timeout=15s
    Message Should Have    ${message}    the server's report did not come    got the traffic, and its report did not come back    @{PARTS}
    Let Packets Through    beta
    Devices Should Be Fit Again


*** Keywords ***
Run Should Fail When UDP Is Blocked
    [Arguments]    ${host}    ${way}    ${cause}
    Require Lab Feature    cut
    ${server} =    Start Iperf Server    alpha    tool=iperf3
    Drop Packets    ${host}    meta l4proto udp    ${way}
    ${message} =    Should Fail In Time    4    Run Iperf Client    beta    ${server}    udp=True    time=1s    timeout=2s
    Message Should Have    ${message}    client on beta to alpha    was not done after 2 s    ${cause}    @{PARTS}
    Let Packets Through    ${host}
    Devices Should Be Fit Again
    [Teardown]    End Fault

Run Should Fail When It May Not Send
    [Arguments]    ${tool}
    Require Lab Feature    cut
    ${server} =    Start Matching Server    ${tool}    udp=True
    Drop Packets    beta    meta l4proto udp    output
    ${message} =    Should Fail In Time    5    Run Iperf Client    beta    ${server}    udp=True    time=1s    timeout=5s
    Message Should Have    ${message}    ${tool} client on beta to alpha    it may not send    Operation not permitted    a firewall on beta itself    @{PARTS}
    Let Packets Through    beta
    Devices Should Be Fit Again
    [Teardown]    End Fault

Run Should Fail When Server Gets
    [Arguments]    ${signal}    ${tool}    ${what}    ${cause}    &{options}
    Run Should Fail When    alpha    ${signal}    ${tool}    ${what}    ${cause}    &{options}

Run Should Fail When Client Gets
    [Arguments]    ${signal}    ${tool}    ${what}    ${cause}    &{options}
    Run Should Fail When    beta    ${signal}    ${tool}    ${what}    ${cause}    &{options}

Run Should Fail When
    [Documentation]    In the middle of a run the iperf of that host gets a signal. A stop ends also what is frozen.
    [Arguments]    ${host}    ${signal}    ${tool}    ${what}    ${cause}    &{options}
    ${server}    ${client} =    Start Pair    ${tool}    interval=0.1s    &{options}
    IF    $options.get('live')    Wait For Intervals    ${client}    2
    Signal Lab Iperf    ${host}    ${signal}
    ${message} =    Should Fail In Time    ${{$client.run.deadline.left if $signal == 'STOP' else 2}}    Wait For Iperf Client    ${client}
    Message Should Have    ${message}    ${tool} client on beta to alpha    ${what}    ${cause}    ${client.filename}    @{PARTS}
    Raw File Should Be Kept    ${client}
    Should Return In Time    0    Stop Iperf Server    ${server}
    Devices Should Be Fit Again
    [Teardown]    End Fault

Run Should Fail After Server Got
    [Arguments]    ${signal}    @{texts}
    ${server} =    Start Iperf Server    alpha    tool=iperf3
    Signal Lab Iperf    alpha    ${signal}
    Wait Until Keyword Succeeds    5s    20ms    Should Not Be Running    ${server}
    ${message} =    Should Fail In Time    0    Run Iperf Client    beta    ${server}    time=1s
    Message Should Have    ${message}    iperf3 server on alpha (port ${server.port})    ${server.filename}    @{texts}    @{PARTS}
    File Should Exist    ${server.filename}
    Devices Should Be Fit Again
    [Teardown]    End Fault

Server Should Have Its View After
    [Arguments]    ${signal}
    ${server} =    Start Iperf Server    alpha    tool=iperf3
    ${result} =    Run Iperf Client    beta    ${server}    bytes=500K    bitrate=20M    timeout=10s
    Signal Lab Iperf    alpha    ${signal}
    IF    $signal != 'STOP'    Wait Until Keyword Succeeds    5s    20ms    Should Not Be Running    ${server}
    ${served} =    Should Return In Time    0    Stop Iperf Server    ${server}
    Should Be True    [view.received.bytes for view in $served] == [$result.received.bytes]
    Raw File Should Be Kept    ${server}
    Devices Should Be Fit Again
    [Teardown]    End Fault

Wait For Intervals
    [Documentation]    Until the client has told so many of them.
    [Arguments]    ${client}    ${count}
    Wait Until Keyword Succeeds    10s    20ms    Should Be True    len($client.intervals) >= ${count}

Run Should Pass With A Gap
    [Documentation]    The link is cut for three periodic reports, one of which lies in the gap from end to end.
    [Arguments]    ${tool}    &{options}
    Require Lab Feature    cut
    ${receiver} =    Set Variable If    $options.get('reverse')    beta    alpha
    ${before} =    Get Lab Received Bytes    ${receiver}
    ${server}    ${client} =    Start Pair    ${tool}    live=True    time=4s    bitrate=50M    interval=0.5s    &{options}
    Cut Lab Link    alpha    plain
    ${seen} =    Evaluate    len($client.intervals)
    Wait For Intervals    ${client}    ${seen + 3}
    Restore Lab Link    alpha    plain
    ${result} =    Should Return In Time    ${client.run.deadline.left}    Wait For Iperf Client    ${client}
    ${after} =    Get Lab Received Bytes    ${receiver}
    Should Be True    0 < $result.received.bytes <= $after - $before
    IF    $options.get('udp')
        Should Be True    5 < $result.lost_percent < 95
    ELSE
        Should Be True    any(interval.bytes == 0 for interval in $result.intervals)    ${result.intervals}
    END
    Raw File Should Be Kept    ${client}
    Devices Should Be Fit Again
    [Teardown]    End Fault

Run Should Fail When Link Is Cut
    [Arguments]    ${tool}    ${what}    ${cause}    &{options}
    Require Lab Feature    cut
    ${server}    ${client} =    Start Pair    ${tool}    time=1s    timeout=2s    &{options}
    Cut Lab Link    alpha    plain
    ${message} =    Should Fail In Time    2    Wait For Iperf Client    ${client}
    Message Should Have    ${message}    ${tool} client on beta to alpha    ${what}    ${cause}    ${client.filename}    @{PARTS}
    Raw File Should Be Kept    ${client}
    Restore Lab Link    alpha    plain
    Devices Should Be Fit Again
    [Teardown]    End Fault

Run Should Fail On A Cut Link
    [Arguments]    ${tool}    ${what}    ${cause}    ${timeout}=5s    &{options}
    Require Lab Feature    cut
    ${server} =    Start Matching Server    ${tool}    &{options}
    Cut Lab Link    alpha    plain
    ${message} =    Should Fail In Time    5    Run Iperf Client    beta    ${server}    timeout=${timeout}    &{options}
    ${file} =    Get Last Filename    beta
    Message Should Have    ${message}    ${tool} client on beta to alpha    ${what}    ${cause}    ${file}    @{PARTS}
    File Should Exist    ${file}
    Restore Lab Link    alpha    plain
    Devices Should Be Fit Again
    [Teardown]    End Fault

Run Should Fail Without Results
    [Documentation]    On the control connection single bytes get through, the results of either end do not.
    [Arguments]    ${host}    ${expression}    &{options}
    Require Lab Feature    cut
    ${server}    ${client} =    Start Pair    time=1s    timeout=2s    &{options}
    ${control} =    Get Lab Control Port    alpha    ${server.port}
    Drop Packets    ${host}    ${{$expression.format(control=$control, port=$server.port)}}
    ${message} =    Should Fail In Time    2    Wait For Iperf Client    ${client}
    Message Should Have    ${message}    client on beta to alpha    was not done after 2 s    ${FROZEN}    ${client.filename}    @{PARTS}
    Raw File Should Be Kept    ${client}
    Let Packets Through    ${host}
    Devices Should Be Fit Again
    [Teardown]    End Fault
