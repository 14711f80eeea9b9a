*** Settings ***
Documentation       Devices behind other hosts: jump hosts and proxy commands, what is said when one of them fails, and that nothing stays.
Resource            resources/lab.resource
Suite Setup         Open Lab With A Host Behind
Suite Teardown      Close Devices
Test Setup          Reset Log-Ins
Test Teardown       End Way
Test Tags           ssh


*** Test Cases ***
Two Jump Hosts
    [Documentation]    A server and a client on a device to which the controller has no way of its own.
    Write SSH Config    Host far\n\tProxyJump first,second
    Add Iperf Device    far    ssh://far    address=${DELTA.address('inner')}    role=node
    Add Iperf Device    near    ${BETA.url}    address=${BETA.address('inner')}    role=tpc
    ${server} =    Start Iperf Server    far
    Iperf Count Should Be    delta    1
    ${result} =    Run Iperf Client    near    ${server}    time=1s    bitrate=10M
    Should Be True    0 < $result.downstream.receiver.bytes
    Stop Iperf Server    ${server}
    ${server} =    Start Iperf Server    near
    ${result} =    Run Iperf Client    far    ${server}    time=1s    bitrate=10M
    Should Be True    0 < $result.upstream.receiver.bytes

Jump Hosts In The Address
    [Documentation]    Without any configuration: the key file is shown to them as well.
    Create File    ${HOME}/.ssh/config
    Add Iperf Device    far    ssh://root@${FAR}?jump=root@${ALPHA.ssh_host},root@${BETA.address()}    key_file=${LAB.keys.encrypted}    password=${LAB.keys.passphrase}
    ${server} =    Start Iperf Server    far
    Iperf Count Should Be    delta    1

Jump Host Behind A Jump Host
    [Documentation]    Each one names its own, the last one a command.
    Write SSH Config    Host far\n\tProxyJump second\nHost second\n\tProxyJump first\nHost first\n\tProxyCommand busybox nc %h %p
    Add Iperf Device    far    ssh://far
    ${server} =    Start Iperf Server    far
    Iperf Count Should Be    delta    1

Jump Host Of Everybody Is Its Own
    Write SSH Config    Host *\n\tProxyJump first
    Run Keyword And Expect Error    The way to far goes through the jump host first to itself.*ProxyJump none*
    ...    Add Iperf Device    far    ssh://far

Proxy Command By ssh
    [Documentation]    With what a shell makes of it. The address's own user and port are told to it.
    Write SSH Config    Host far\n\tUser nobody\n\tPort 1\n\tProxyCommand ${SSH} -J first -W "$(echo %h)":%p %r@second 2>/dev/null
    @{before} =    Controller Processes
    Add Iperf Device    far    ssh://root@far:22
    ${server} =    Start Iperf Server    far
    ${client} =    Start Iperf Client    far    ${server}    time=60s    bitrate=10M
    Wait Until Keyword Succeeds    5s    20ms    Iperf Count Should Be    delta    2
    Stop Iperf Client    ${client}
    Stop Iperf Server    ${server}
    Remove Iperf Device    far
    Nothing Should Be Left Of    ${before}

Proxy Command By A Script
    [Documentation]    The script is not the program that talks: both are ended.
    Write SSH Config    Host first\n\tProxyCommand sh -c 'busybox nc %h %p; true'
    @{before} =    Controller Processes
    Add Iperf Device    far    ssh://first
    ${server} =    Start Iperf Server    far
    Stop Iperf Server    ${server}
    Remove Iperf Device    far
    Nothing Should Be Left Of    ${before}

Proxy Command That Ends Under A Server
    Write SSH Config    Host far\n\tProxyCommand ${SSH} -J first -W %h:%p root@second
    @{before} =    Controller Processes
    Add Iperf Device    far    ssh://far
    ${server} =    Start Iperf Server    far
    Kill New Process    ${before}    ${SSH} -J first -W
    Host Should Have No Iperf    delta    within=10s
    Server Should Be Told As Lost    ${server}    its ProxyCommand got signal 9
    Device Should Work    far
    Remove Iperf Device    far
    Nothing Should Be Left Of    ${before}

Proxy Command That Fails
    [Template]    Proxy Command Should Be Told
    sh -c 'echo no way for you >&2; exit 3'    ended with exit code 3    no way for you
    no-such-program %h %p                      ended with exit code 127    its program is not there
    ${SSH} -W %h:%p nosuchuser@first           ended with exit code 255    Permission denied
    true                                       ended with exit code 0    it did not reach the host

Jump Host That Dies Under A Server
    [Template]    Jump Host Should Be Told When It Dies
    alpha    ${ALPHA.ssh_host}
    beta    ${BETA.address()}

Jump Host That Does Not Let Us In
    Write SSH Config    Host far\n\tProxyJump first,nosuchuser@second
    Add Iperf Device    far    ssh://far
    Device Should Fail    far    Cannot log in to the jump host nosuchuser@${BETA.address()}:22 on the way to far: the log-in was refused
    ...    authorised for the user 'nosuchuser'    as IdentityFile in ~/.ssh/config

Jump Host With Another Key
    Write SSH Config    Host far\n\tProxyJump first,second
    ${known} =    Get File    ${LAB.keys.known_hosts}
    ${wrong} =    Get File    ${LAB.keys.wrong_known_hosts}
    ${mixed} =    Evaluate    '\\n'.join(b if '${BETA.address()},' in b else a for a, b in zip($known.splitlines(), $wrong.splitlines())) + '\\n'
    Create File    ${HOME}/.ssh/known_hosts    ${mixed}
    Add Iperf Device    far    ssh://far
    Device Should Fail    far    the jump host root@${BETA.address()}:22 on the way to far: its host key has changed    ssh-keygen -R '${BETA.address()}'

Jump Host That Nobody Knows
    Write SSH Config    Host far\n\tProxyJump first,second
    ${known} =    Get File    ${LAB.keys.known_hosts}
    Create File    ${HOME}/.ssh/known_hosts    ${{'\\n'.join(line for line in $known.splitlines() if '${BETA.address()},' not in line)}}\n
    Add Iperf Device    far    ssh://far
    Device Should Fail    far    The host key of the jump host root@${BETA.address()}:22 on the way to far (${BETA.address()}) is not known

Jump Host That Passes Nothing On
    Write SSH Config    Host far\n\tProxyJump first
    Change Lab Log In Options    alpha    no-port-forwarding
    Add Iperf Device    far    ssh://far
    Device Should Fail    far    Cannot log in to far (root@${FAR}:22): the jump host root@${ALPHA.ssh_host}:22 on the way to far passes no connections on    AllowTcpForwarding

Jump Host That Cannot Reach The Device
    Write SSH Config    Host far\n\tProxyJump first,second\n\tPort 9
    Add Iperf Device    far    ssh://far
    Device Should Fail    far    Cannot log in to far (root@${FAR}:9): the jump host root@${BETA.address()}:22 on the way to far cannot connect to it
    ...    try it on the jump host: ssh -p 9 ${FAR}

Address That Is None
    [Template]    Run Keyword And Expect Error
    An SSH address takes nothing but jump hosts behind the question mark, not 'jmp=a'*    Add Iperf Device    far    ssh://far?jmp=a
    'a;reboot' is no name of a host or user*    Add Iperf Device    far    ssh://a;reboot
    '$(reboot)' is no name of a host or user*    Add Iperf Device    far    ssh://far?jump=$(reboot)


*** Keywords ***
Open Lab With A Host Behind
    Open Lab
    Require Lab Feature    netns
    ${delta} =    Get Lab Host    delta
    VAR    ${DELTA}    ${delta}    scope=SUITE
    VAR    ${FAR}    ${delta.address('inner')}    scope=SUITE
    VAR    ${SSH}    ssh -F ${HOME}/.ssh/config -o UserKnownHostsFile=${HOME}/.ssh/known_hosts -o BatchMode=yes    scope=SUITE

Reset Log-Ins
    Copy File    ${LAB.keys.known_hosts}    ${HOME}/.ssh/known_hosts
    Add Iperf Device    here

Write SSH Config
    [Documentation]    What the test needs, and then the names of all hosts.
    [Arguments]    ${text}
    Create File    ${HOME}/.ssh/config    ${text}\n
    FOR    ${name}    ${host}    IN    first    ${ALPHA.ssh_host}    second    ${BETA.address()}    far    ${FAR}
        Append To File    ${HOME}/.ssh/config    Host ${name}\n\tHostName ${host}\n\tUser root\n
    END
    Append To File    ${HOME}/.ssh/config    Host *\n\tIdentityFile ${LAB.keys.client}\n\tUserKnownHostsFile ${HOME}/.ssh/known_hosts\n

Iperf Count Should Be
    [Arguments]    ${host}    ${count}
    ${processes} =    Lab Iperf Processes    ${host}
    Length Should Be    ${processes}    ${count}

Nothing Should Be Left Of
    [Documentation]    No process of the controller that was not there before, not even an ended one that nobody has waited for.
    ...    The lab's own sshds take a moment to wait for a session that has ended; nobody waits for a forgotten one.
    [Arguments]    ${before}
    Wait Until Keyword Succeeds    5s    50ms    No Process Should Be New    ${before}

No Process Should Be New
    [Arguments]    ${before}
    ${more} =    Controller Processes    besides=${before}
    Should Be Empty    ${more}

Kill New Process
    [Documentation]    That one of the controller whose words start so.
    [Arguments]    ${before}    ${start}
    ${more} =    Controller Processes    besides=${before}
    FOR    ${pid}    ${words}    IN    &{more}
        IF    $words.startswith($start)    BREAK
    END
    Should Start With    ${words}    ${start}    ${more}
    Evaluate    os.kill(int($pid), 9)    modules=os

Server Should Be Told As Lost
    [Arguments]    ${server}    @{texts}
    Wait Until Keyword Succeeds    10s    20ms    Should Be True    not $server.running
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    here    ${server}
    Message Should Have    ${message}    connection to far was lost while its iperf3 server ran    @{texts}

Proxy Command Should Be Told
    [Arguments]    ${command}    @{texts}
    Write SSH Config    Host far\n\tProxyCommand ${command}
    @{before} =    Controller Processes
    Add Iperf Device    far    ssh://far
    TRY
        Device Should Fail    far    ProxyCommand ('Host far' in ~/.ssh/config)    @{texts}
    FINALLY
        Remove Iperf Device    far
    END
    Nothing Should Be Left Of    ${before}

Jump Host Should Be Told When It Dies
    [Arguments]    ${host}    ${address}
    Write SSH Config    Host far\n\tProxyJump first,second
    Add Iperf Device    far    ssh://far
    ${server} =    Start Iperf Server    far
    Kill Lab Sshd    ${host}
    TRY
        Host Should Have No Iperf    delta    within=10s
        Server Should Be Told As Lost    ${server}    the jump host root@${address}:22 on the way to far is gone, or closed the connection
    FINALLY
        Start Lab Sshd    ${host}
    END
    Device Should Work    far
    Remove Iperf Device    far

Change Lab Log In Options
    [Arguments]    ${host}    ${options}
    ${folder} =    Evaluate    $LAB.host($host).folder
    ${keys} =    Get File    ${folder}/authorized_keys
    ${keys} =    Replace String Using Regexp    ${keys}    (?m)^(?=.)    ${options}${SPACE}
    Create File    ${folder}/authorized_keys    ${keys}

Device Should Work
    [Arguments]    ${device}
    ${server} =    Start Iperf Server    ${device}
    Stop Iperf Server    ${server}

Device Should Fail
    [Arguments]    ${device}    @{texts}
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    ${device}
    Message Should Have    ${message}    @{texts}

End Way
    Remove All Iperf Devices
    Restore Lab Log In    alpha
    Hosts Should Be Clean
    Host Should Have No Iperf    delta
