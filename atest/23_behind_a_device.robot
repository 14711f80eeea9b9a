*** Settings ***
Documentation       A device behind another one: the ssh program of that one logs in to it, with the keys that lie there.
Resource            resources/lab.resource
Library             resources/Conformance.py
Suite Setup         Open Lab With Keys On Alpha
Suite Teardown      Close Devices
Test Teardown       Remove All Iperf Devices
Test Tags           ssh


*** Variables ***
${UNUSED}           198.18.255.1


*** Test Cases ***
Behind A Device
    [Documentation]    beta is reached from alpha alone; its commands end with an exit code, and a stop tells what was measured.
    Add Outer And Inner
    ${server} =    Start Iperf Server    inner
    ${result} =    Run Iperf Client    outer    server=inner    time=1s
    Should Be True    $result.bits_per_second > 0
    Stop Iperf Server    ${server}
    Start Iperf Server    outer
    ${client} =    Start Iperf Client    inner    server=outer    time=60s
    Wait For Lab Traffic    alpha
    ${result} =    Stop Iperf Client    ${client}
    Should Be True    $result.partial and $result.flows[0].sender.bytes > 0
    Stop Iperf Server    outer
    Hosts Should Be Clean
    Nothing Of Ours Should Run    alpha
    Nothing Of Ours Should Run    beta

Two Levels
    [Documentation]    This machine's ssh leads to alpha, that of alpha to beta.
    Add Iperf Device    here
    Add Iperf Device    outer    ${ALPHA.url}    through=here    key_file=${LAB.keys.client}    host_key=ignore
    Add Iperf Device    inner    ssh://root@${BETA.address()}    through=outer
    ${server} =    Start Iperf Server    inner
    ${result} =    Run Iperf Client    outer    server=inner    time=1s
    Should Be True    $result.bits_per_second > 0
    ${pid} =    Set Variable    ${server.pid}
    Run On Lab Host    beta    kill    -9    ${pid}
    Run Keyword And Expect Error    *inner*    Run Iperf Client    outer    server=inner    time=1s
    Remove All Iperf Devices
    Hosts Should Be Clean

Daemon Behind A Device
    [Documentation]    Its files come back through the chain.
    Add Outer And Inner
    ${server} =    Start Iperf Server    inner    daemon=True
    ${result} =    Run Iperf Client    outer    server=inner    time=1s
    ${results} =    Stop Iperf Server    ${server}
    Length Should Be    ${results}    1

Chain That Breaks On Its Way
    [Documentation]    Each link: this machine to alpha, and alpha to beta. The leash on beta ends what runs there.
    Add Outer And Inner
    Start Iperf Server    inner
    Kill Lab Sshd    alpha
    Host Should Have No Iperf    beta    within=5s
    Start Lab Sshd    alpha
    Remove All Iperf Devices
    Add Outer And Inner
    ${server} =    Start Iperf Server    inner
    Kill Lab Sshd    beta
    Host Should Have No Iperf    beta    within=5s
    Run Keyword And Expect Error    *onnection to inner was lost*    Run Iperf Client    outer    server=${server}    time=1s
    Nothing Of Ours Should Run    alpha
    [Teardown]    Run Keywords    Start Lab Sshd    alpha    AND    Start Lab Sshd    beta    AND    Remove All Iperf Devices

Log-In That Is Refused
    Add Outer
    Add Iperf Device    inner    ssh://root@${BETA.address()}    through=outer    key_file=/root/.ssh/stranger
    Inner Should Fail    (root@${BETA.address()}) from outer: the log-in was refused    Permission denied    try it by hand on outer

Log-In That May Run No Commands
    Add Outer And Inner    inner=ssh://nobody@${BETA.address()}
    Run Keyword And Expect Error    inner did not start a command*This account is*not available*    Start Iperf Server    inner

Host Key That Is Not Known
    Run On Lab Host    alpha    mv    /root/.ssh/known_hosts    /root/.ssh/away
    Add Outer And Inner
    Inner Should Fail    its host key is not known there    host_key=accept-new
    Remove Iperf Device    inner
    Add Iperf Device    inner    ssh://root@${BETA.address()}    through=outer    host_key=accept-new
    Start Iperf Server    inner
    Run On Lab Host    alpha    ssh-keygen    -F    ${BETA.address()}
    [Teardown]    Run Keywords    Run On Lab Host    alpha    mv    /root/.ssh/away    /root/.ssh/known_hosts
    ...    AND    Remove All Iperf Devices

Nothing Listens
    Add Outer And Inner    inner=ssh://root@${BETA.address()}:9
    Inner Should Fail    nothing listens at its SSH port    ssh -p 9 root@

No Route
    Add Outer And Inner    inner=ssh://root@${UNUSED}
    Inner Should Fail    from outer: there is no route to it

Name That Is Not Known
    Add Outer And Inner    inner=ssh://root@no-such-host.invalid
    Inner Should Fail    its name is not known there

Outer Device That Does Not Answer
    [Documentation]    It is that one which is told.
    Add Iperf Device    outer    ssh://root@127.0.0.1:9
    Add Iperf Device    inner    ssh://root@${BETA.address()}    through=outer
    Run Keyword And Expect Error    Cannot log in to outer (root@127.0.0.1:9)*    Start Iperf Server    inner

Password
    Add Iperf Device    outer    ${ALPHA.url}
    ${message} =    Run Keyword And Expect Error    inner takes no 'password='*
    ...    Add Iperf Device    inner    ssh://root@${BETA.address()}    through=outer    password=very-secret
    Should Not Contain    ${message}    very-secret

Dropbear As The Only SSH Program
    [Documentation]    As on a small router.
    Skip Without Dropbear
    Run On Lab Host    alpha    sh    -c    ${SMALL}
    Run On Lab Host    alpha    sh    -c    dropbearconvert openssh dropbear /root/.ssh/id_ed25519 /root/.ssh/id_dropbear
    Add Iperf Device    outer    ${ALPHA.url}    address=${ALPHA.address()}    prefix=env PATH=/tmp/small
    Add Iperf Device    inner    ssh://root@${BETA.address()}    through=outer
    Inner Should Fail    its host key is not known there
    Remove Iperf Device    inner
    Add Iperf Device    inner    ssh://root@${BETA.address()}    through=outer    host_key=accept-new
    Start Iperf Server    inner
    Kill Lab Sshd    beta
    Host Should Have No Iperf    beta    within=5s
    Start Lab Sshd    beta
    Remove Iperf Device    inner
    Run On Lab Host    alpha    rm    /root/.ssh/id_dropbear
    Add Iperf Device    inner    ssh://root@${BETA.address()}    through=outer    host_key=ignore
    Inner Should Fail    the log-in was refused
    Remove Iperf Device    inner
    Add Iperf Device    inner    ssh://root@${BETA.address()}:9    through=outer
    Inner Should Fail    nothing listens at its SSH port
    Nothing Of Ours Should Run    alpha
    Nothing Of Ours Should Run    beta
    [Teardown]    Run Keywords    Start Lab Sshd    beta    AND    Remove All Iperf Devices


Keeps The Contract
    [Tags]    slow
    ${outer} =    Add Iperf Device    outer    ${ALPHA.url}
    Connection Should Conform    ssh://root@${BETA.address()}    ${BETA}    through=${outer}    large=200000    file=200000    word=20000

*** Keywords ***
Open Lab With Keys On Alpha
    Open Lab
    Require Lab Feature    netns
    ${key} =    Get File    ${LAB.keys.client}
    ${known} =    Get File    ${LAB.keys.known_hosts}
    Create Lab Program    alpha    /root/.ssh/id_ed25519    ${key}    600
    Create Lab Program    alpha    /root/.ssh/known_hosts    ${known}    600
    ${stranger} =    Get File    ${LAB.keys.stranger}
    Create Lab Program    alpha    /root/.ssh/stranger    ${stranger}    600
    ${small} =    Catenate    mkdir -p /tmp/small && cd /tmp/small &&
    ...    for p in sh cat sleep setsid env dbclient; do ln -sf "$(command -v $p)" $p; done
    VAR    ${SMALL}    ${small}    scope=SUITE

Skip Without Dropbear
    ${rc} =    Run And Return Rc    command -v dbclient && command -v dropbearconvert
    Skip If    ${rc} != 0    dropbear's client is not installed: dropbear-bin

Add Outer
    Add Iperf Device    outer    ${ALPHA.url}    address=${ALPHA.address()}

Add Outer And Inner
    [Arguments]    ${inner}=ssh://root@${BETA.address()}
    Add Outer
    Add Iperf Device    inner    ${inner}    through=outer

Inner Should Fail
    [Arguments]    @{texts}
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    inner
    Message Should Have    ${message}    Cannot log in to inner    from outer    @{texts}

Nothing Of Ours Should Run
    [Documentation]    No shell of a leash or a relay, and no ssh.
    [Arguments]    ${host}
    Wait Until Keyword Succeeds    5s    100ms    No Shell Or Ssh    ${host}

No Shell Or Ssh
    [Arguments]    ${host}
    FOR    ${program}    IN    sh    ssh    dbclient    cat    sleep
        ${found} =    Lab Processes    ${host}    ${program}
        ${ours} =    Evaluate    [p for p in $found if p.argv != ['cat']] if $program == 'cat' else $found
        Should Be Empty    ${ours}
    END
