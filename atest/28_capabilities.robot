*** Settings ***
Documentation       What a device can do is known before a test relies on it, with reasons for what it cannot do.
Resource            resources/lab.resource
Suite Setup         Open Lab With Devices
Suite Teardown      Close Devices


*** Test Cases ***
Tools Features And Options
    ${caps} =    Get Iperf Capabilities    alpha
    ${version} =    Run On Lab Host    alpha    iperf3    --version
    Should Start With    ${version}    iperf ${caps.iperf3.version} (
    ${listed} =    Catenate    SEPARATOR=,${SPACE}    @{caps.iperf3.features}
    Should Contain    ${version}    Optional features available: ${listed}
    Should Contain    ${caps.iperf3.client_options}    parallel
    Should Not Contain    ${caps.iperf3.server_options}    parallel
    Should Contain    ${caps.iperf3.server_options}    one_off
    Should Be Equal    ${caps.iperf3.lacking}[dualtest]    iperf3 has no such option
    Should Be True    ${caps.servers}
    Should Be True    ${caps.daemon}
    Should Be Equal    ${caps.files.reason}    SFTP
    ${system} =    Run On Lab Host    alpha    uname    -srm
    Should Be Equal    ${caps.system}    ${system}
    Should Be Equal    ${caps.user}    ${ALPHA.user}

What It Says Holds
    [Documentation]    Each option of a client that is said to be lacking is refused, and one that is there works.
    ${caps} =    Get Iperf Capabilities    beta
    Start Iperf Server    alpha
    FOR    ${option}    ${why}    IN    &{caps.iperf3.lacking}
        IF    $option in ('gsro', 'mptcp', 'skip_rx_copy', 'dualtest')
            ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    beta    alpha    time=1s    tool=iperf3    &{{{$option: True}}}
            Should Match Regexp    ${message}    needs iperf3|has no option|for UDP only
        END
    END
    Should Contain    ${caps.iperf3.client_options}    zerocopy
    Run Iperf Client    beta    alpha    time=1s    bitrate=1M    zerocopy=True
    [Teardown]    Stop All Iperf Processes

Missing Tools Are No Failure
    Add Iperf Device    bare    ${ALPHA.url}    iperf3=/nowhere/iperf3    iperf2=${EMPTY}
    ${caps} =    Get Iperf Capabilities    bare
    Should Be Equal    ${caps.iperf3.version}    ${None}
    Should Not Be True    ${caps.iperf3.available}
    Should Contain    ${caps.iperf3.reason}    The program '/nowhere/iperf3' was not found on bare
    Should Be Equal    ${caps.iperf2.reason}    bare has no iperf2, as Add Iperf Device says.
    Should Be Equal    ${caps.iperf3.lacking}[time]    ${caps.iperf3.reason}
    [Teardown]    Remove Iperf Device    bare

No Directory For Daemons
    Require Lab Feature    netns
    Add Iperf Device    tied    ssh://${LAB.tester.name}@${ALPHA.ssh_host}    password=${LAB.tester.password}
    Run On Lab Host    alpha    chmod    755    /tmp
    ${caps} =    Get Iperf Capabilities    tied
    Should Not Be True    ${caps.daemon}
    Should Contain    ${caps.daemon.reason}    /tmp may not be written
    Should Be Equal    ${caps.user}    ${LAB.tester.name}
    [Teardown]    Free Directory

A Device That Cannot Be Reached
    Add Iperf Device    gone    ssh://root@127.0.0.1:9
    ${message} =    Run Keyword And Expect Error    *    Get Iperf Capabilities    gone
    Message Should Have    ${message}    Cannot log in to gone    what to do:
    [Teardown]    Remove Iperf Device    gone


*** Keywords ***
Free Directory
    [Documentation]    Hosts that are namespaces have a /tmp of their own; without them the test was skipped.
    IF    'netns' in $LAB.features    Run On Lab Host    alpha    chmod    1777    /tmp
    Forget Device    tied
