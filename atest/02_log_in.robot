*** Settings ***
Documentation       Every way to log in, and what is said when it does not work.
Resource            resources/lab.resource
Suite Setup         Open Lab
Test Setup          Write SSH Config    Host *\n\tIdentityFile ${LAB.keys.client}
Test Teardown       Remove All Iperf Devices
Test Tags           ssh


*** Variables ***
${REFUSED}      the log-in was refused


*** Test Cases ***
Key From SSH Config
    Add Iperf Device    alpha    ${ALPHA.url}
    Device Should Work    alpha

Key File
    Forget SSH Config
    Add Iperf Device    alpha    ${ALPHA.url}    key_file=${LAB.keys.client}
    Device Should Work    alpha

Key File With Passphrase
    [Tags]    smoke
    Forget SSH Config
    Add Iperf Device    alpha    ${ALPHA.url}    key_file=${LAB.keys.encrypted}    password=${LAB.keys.passphrase}
    Device Should Work    alpha

Key File Without Its Passphrase
    Forget SSH Config
    ${message} =    Run Keyword And Expect Error    The key file * is encrypted.*passphrase as 'password='
    ...    Add Iperf Device    alpha    ${ALPHA.url}    key_file=${LAB.keys.encrypted}

Key File With Wrong Passphrase
    [Documentation]    The device never sees what was tried.
    ${message} =    Run Keyword And Expect Error    The key file * cannot be read as a private key.*passphrase*wrong*
    ...    Add Iperf Device    alpha    ${ALPHA.url}    key_file=${LAB.keys.encrypted}    password=wrong-one
    Should Not Contain    ${message}    wrong-one

Passphrase Is No Password
    [Documentation]    Also where the device would take it as one.
    Require Lab Feature    password
    Forget SSH Config
    Run    ssh-keygen -q -t ed25519 -N "${LAB.tester.password}" -f ${HOME}/own-key
    Add Iperf Device    alpha    ssh://${LAB.tester.name}@${ALPHA.ssh_host}    key_file=${HOME}/own-key    password=${LAB.tester.password}
    Device Should Fail    alpha    ${REFUSED}    key file is not authorised

Key File That Is None
    Run Keyword And Expect Error    The key file * cannot be read as a private key.*it is no private key
    ...    Add Iperf Device    alpha    ${ALPHA.url}    key_file=${LAB.keys.client}.pub

Agent
    Forget SSH Config
    ${agent} =    Start Agent
    Add Iperf Device    alpha    ${ALPHA.url}
    Device Should Work    alpha
    [Teardown]    Run Keywords    Stop Agent    ${agent}    AND    Remove All Iperf Devices

Password
    [Tags]    smoke
    Require Lab Feature    password
    Forget SSH Config
    Add Iperf Device    alpha    ssh://${LAB.tester.name}@${ALPHA.ssh_host}    password=${LAB.tester.password}
    Device Should Work    alpha

Wrong Password
    Require Lab Feature    password
    Forget SSH Config
    Add Iperf Device    alpha    ssh://${LAB.tester.name}@${ALPHA.ssh_host}    password=not-that-one
    ${message} =    Device Should Fail    alpha    ${REFUSED}    the password is wrong for the user '${LAB.tester.name}'
    Should Not Contain    ${message}    not-that-one

Key That Is Not Authorised
    Forget SSH Config
    Add Iperf Device    alpha    ${ALPHA.url}    key_file=${LAB.keys.stranger}
    Device Should Fail    alpha    ${REFUSED}    key file is not authorised for the user '${ALPHA.user}'

No Key At All
    Forget SSH Config
    Add Iperf Device    alpha    ${ALPHA.url}
    Device Should Fail    alpha    ${REFUSED}    no key of the agent

Key File That Is Not There
    Run Keyword And Expect Error    The key file /no/such/key cannot be read: No such file or directory.
    ...    Add Iperf Device    alpha    ${ALPHA.url}    key_file=/no/such/key

Names, Users And Ports From SSH Config
    Write SSH Config    Host lab-alpha\n\tHostName ${ALPHA.ssh_host}\n\tUser ${ALPHA.user}\n\tPort ${ALPHA.ssh_port}\n\tIdentityFile ${LAB.keys.client}
    Add Iperf Device    alpha    ssh://lab-alpha
    Device Should Work    alpha

Through A Jump Host
    [Tags]    smoke
    Require Lab Feature    netns
    Write SSH Config    Host behind\n\tHostName ${BETA.address()}\n\tUser root\n\tProxyJump root@${ALPHA.ssh_host}\nHost *\n\tIdentityFile ${LAB.keys.client}
    Add Iperf Device    beta    ssh://behind
    Device Should Work    beta
    ${name} =    Run On Lab Host    beta    hostname
    Should Be Equal    ${name}    beta

Jump Host That Does Not Answer
    Require Lab Feature    netns
    Write SSH Config    Host behind\n\tHostName ${BETA.address()}\n\tUser root\n\tProxyJump root@${ALPHA.ssh_host}:1\nHost *\n\tIdentityFile ${LAB.keys.client}
    Add Iperf Device    beta    ssh://behind
    Device Should Fail    beta    ${ALPHA.ssh_host}:1    nothing listens at its SSH port

Through A Proxy Command
    Write SSH Config    Host odd\n\tHostName ${ALPHA.ssh_host}\n\tPort ${ALPHA.ssh_port}\n\tUser ${ALPHA.user}\n\tIdentityFile ${LAB.keys.client}\n\tProxyCommand busybox nc %h %p
    Add Iperf Device    alpha    ssh://odd
    Device Should Work    alpha

Unknown Host Key
    Remove File    ${HOME}/.ssh/known_hosts
    Add Iperf Device    alpha    ${ALPHA.url}
    Device Should Fail    alpha    host key of alpha    is not known    SHA256:    host_key=accept-new    host_key=ignore
    File Should Not Exist    ${HOME}/.ssh/known_hosts

New Host Key Is Kept
    [Tags]    smoke
    Create File    ${HOME}/.ssh/known_hosts    \# a line that nobody understands\n
    Add Iperf Device    alpha    ${ALPHA.url}    host_key=accept-new
    Device Should Work    alpha
    ${known} =    Get File    ${HOME}/.ssh/known_hosts
    Should Contain    ${known}    \# a line that nobody understands
    Should Contain    ${known}    ${ALPHA.ssh_host}
    Remove All Iperf Devices
    Add Iperf Device    alpha    ${ALPHA.url}
    Device Should Work    alpha
    [Teardown]    Run Keywords    Trust Hosts    AND    Remove All Iperf Devices

Changed Host Key
    [Tags]    smoke
    Copy File    ${LAB.keys.wrong_known_hosts}    ${HOME}/.ssh/known_hosts
    FOR    ${rule}    IN    check    accept-new
        Add Iperf Device    alpha    ${ALPHA.url}    host_key=${rule}
        Device Should Fail    alpha    host key has changed    ssh-keygen -R    known is SHA256:
        Remove All Iperf Devices
    END
    Add Iperf Device    alpha    ${ALPHA.url}    host_key=ignore
    Device Should Work    alpha
    [Teardown]    Run Keywords    Trust Hosts    AND    Remove All Iperf Devices

Host Key Rule That There Is Not
    Run Keyword And Expect Error    host_key is one of check, accept-new, ignore, not 'yes'.
    ...    Add Iperf Device    alpha    ${ALPHA.url}    host_key=yes

Nothing Listens
    Add Iperf Device    alpha    ssh://root@127.0.0.1:9
    Device Should Fail    alpha    Cannot log in to alpha (root@127.0.0.1:9)    nothing listens at its SSH port

Name Not Known
    Add Iperf Device    alpha    ssh://root@no-such-host.invalid
    Device Should Fail    alpha    its name is not known

No Route
    Require Lab Feature    netns
    Write SSH Config    Host behind\n\tHostName 198.18.255.1\n\tUser root\n\tProxyJump root@${ALPHA.ssh_host}\nHost *\n\tIdentityFile ${LAB.keys.client}
    Add Iperf Device    alpha    ssh://behind
    Device Should Fail    alpha    Cannot log in to alpha (root@198.18.255.1:22)

Host That Does Not Answer
    Require Lab Feature    cut
    Add Iperf Device    alpha    ${ALPHA.url}
    Cut Lab Link    alpha    mgmt
    Device Should Fail    alpha    no answer    the device is off, or a firewall drops the packets
    [Teardown]    Run Keywords    Restore Lab Link    alpha    mgmt    AND    Remove All Iperf Devices

Something Else Listens
    [Documentation]    An iperf3 server answers where an SSH server should.
    Add Iperf Device    here
    ${server} =    Start Iperf Server    here
    Add Iperf Device    alpha    ssh://root@127.0.0.1:${server.port}
    Device Should Fail    alpha    the SSH connection failed    no SSH server

Password In The Address
    ${message} =    Run Keyword And Expect Error    A password does not belong into the address*
    ...    Add Iperf Device    alpha    ssh://root:secret@host
    Should Not Contain    ${message}    secret

Connection That There Is Not
    Run Keyword And Expect Error    There is no connection 'shs' (for alpha). Did you mean 'ssh'?*
    ...    Add Iperf Device    alpha    shs://root@host

Connection Is Opened Again
    [Documentation]    A connection that dropped while nothing ran is no failure.
    Add Iperf Device    alpha    ${ALPHA.url}
    Device Should Work    alpha
    Call Method    ${ALPHA}    kill_sshd
    Call Method    ${ALPHA}    start_sshd
    Device Should Work    alpha

Silent Loss Of An Idle Connection
    [Documentation]    The link was cut and came back while nothing ran; the next keyword works.
    Require Lab Feature    cut
    Add Iperf Device    alpha    ${ALPHA.url}
    Device Should Work    alpha
    Cut Lab Link    alpha    mgmt
    Run Keyword And Expect Error    *alpha*    Start Iperf Server    alpha
    Restore Lab Link    alpha    mgmt
    Device Should Work    alpha
    [Teardown]    Run Keywords    Restore Lab Link    alpha    mgmt    AND    Remove All Iperf Devices


*** Keywords ***
Device Should Work
    [Arguments]    ${device}
    ${server} =    Start Iperf Server    ${device}
    Stop Iperf Server    ${server}

Device Should Fail
    [Documentation]    Returns the message.
    [Arguments]    ${device}    @{texts}
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    ${device}
    Message Should Have    ${message}    @{texts}
    RETURN    ${message}

Forget SSH Config
    Create File    ${HOME}/.ssh/config    \# empty\n

Write SSH Config
    [Arguments]    ${text}
    Create File    ${HOME}/.ssh/config    ${text}\n

Trust Hosts
    Copy File    ${LAB.keys.known_hosts}    ${HOME}/.ssh/known_hosts

Start Agent
    ${output} =    Run    ssh-agent -s
    ${socket} =    Evaluate    re.search(r'SSH_AUTH_SOCK=([^;]+)', $output)[1]    modules=re
    ${pid} =    Evaluate    re.search(r'SSH_AGENT_PID=(\\d+)', $output)[1]    modules=re
    Set Environment Variable    SSH_AUTH_SOCK    ${socket}
    ${rc} =    Run And Return Rc    ssh-add -q ${LAB.keys.client}
    Should Be Equal As Integers    ${rc}    0
    RETURN    ${pid}

Stop Agent
    [Arguments]    ${pid}
    Run    kill ${pid}
    Remove Environment Variable    SSH_AUTH_SOCK
