*** Settings ***
Documentation       An iperf that is brought along to a device which has none, or an old one.
Resource            resources/routers.resource
Suite Setup         Open Lab With Routers
Suite Teardown      Close Devices
Test Teardown       Close Router


*** Variables ***
${MIPS}     ${{bytes.fromhex('7f454c46010201').ljust(16, bytes(1)) + bytes.fromhex('00020008') + bytes(100)}}


*** Test Cases ***
Router Without Iperf
    [Documentation]    Through the shell, as it has no SFTP.
    Add Router    iperf3=False
    ${message} =    Run Keyword And Expect Error    *    Start Iperf Server    router
    Message Should Have    ${message}    'iperf3' was not found
    ${installed} =    Install
    Should Be Equal    ${installed.checked}    sha256sum compared
    Server And Client Should Work
    Daemon Should Work
    Call Method    ${installed}    remove
    Run Keyword And Expect Error    *'iperf3' was not found*    Start Iperf Server    router
    Nothing Should Be Left

Router That Has Next To Nothing
    [Documentation]    No check sums and no df.
    Add Router    iperf3=False    without=cksum df md5sum sha256sum uname wc setsid head grep
    ${installed} =    Install
    Should Be Equal    ${installed.checked}    size compared
    Server And Client Should Work
    Call Method    ${installed}    remove
    Nothing Should Be Left

Device With SFTP
    Add Iperf Device    router    ${ALPHA.url}    address=${ALPHA.address()}    iperf3=/opt/nothing
    ${installed} =    Install    directory=/var/tmp
    Should Start With    ${installed.path}    /var/tmp/iperflibrary_iperf3_
    Server And Client Should Work
    Call Method    ${installed}    remove
    ${left} =    Run On Lab Host    alpha    ls    /var/tmp
    Should Be Empty    ${left}

Where Nothing May Be Executed
    Add Router    iperf3=False    noexec=True
    Install Should Fail    nothing in /tmp may be executed there (noexec)    directory=

Another Processor
    Add Router    iperf3=False
    Create Binary File    ${LAB.folder}/iperf3    ${MIPS}
    Install Should Fail    built for MIPS (32 bits, big endian)    file=${LAB.folder}/iperf3

No Room
    [Template]    Install Should Fail For Want Of Room
    ${EMPTY}    There is no room for the program in /tmp of router
    df    No space left on device

By Keyword
    [Documentation]    It is removed with its device.
    Add Router    iperf3=False
    ${path} =    Install Iperf On Device    router    /usr/bin/iperf3    directory=/tmp
    Should Start With    ${path}    /tmp/iperflibrary_iperf3_
    Server And Client Should Work
    Remove Iperf Device    router
    Add Iperf Device    router    ${ROUTER.url}    address=${ROUTER.address()}    host_key=ignore
    Nothing Should Be Left


*** Keywords ***
Install
    [Arguments]    ${file}=/usr/bin/iperf3    ${directory}=${None}
    ${device} =    Get Iperf Device    router
    ${installed} =    Evaluate
    ...    IperfLibrary.installing.install($device, pathlib.Path($file), directory=$directory)
    ...    modules=IperfLibrary.installing, pathlib
    RETURN    ${installed}

Install Should Fail
    [Arguments]    @{texts}    ${file}=/usr/bin/iperf3
    ${message} =    Run Keyword And Expect Error    *    Install    ${file}
    Message Should Have    ${message}    @{texts}
    Nothing Should Be Left

Install Should Fail For Want Of Room
    [Arguments]    ${without}    ${text}
    Add Router    iperf3=False    without=${without}
    On Router    cat /dev/zero >/tmp/filler
    ${message} =    Run Keyword And Expect Error    *    Install
    Message Should Have    ${message}    ${text}
    Nothing Should Be Left    filler
    [Teardown]    Close Router

On Router
    [Arguments]    ${script}
    ${device} =    Get Iperf Device    router
    ${done} =    Evaluate    $device.connection.run(('sh', '-c', $script))
    RETURN    ${done.stdout}

Nothing Should Be Left
    [Arguments]    @{but}
    ${left} =    On Router    ls -a /tmp
    ${left} =    Evaluate    sorted(set($left.split()) - {'.', '..'})
    Should Be Equal    ${left}    ${but}
