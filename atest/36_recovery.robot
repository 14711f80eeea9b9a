*** Settings ***
Documentation       How long traffic fails when something happens to it, against cuts of known length; and events that one process sets and another waits for.
Resource            resources/lab.resource
Library             Process
Suite Setup         Open Lab For Cuts
Suite Teardown      Close Devices
Test Teardown       Run Keywords    Restore Lab Link    alpha    plain    AND    Hosts Should Be Clean
Test Tags           once


*** Variables ***
${MISSED}       ${EMPTY}


*** Test Cases ***
A Cut Is Measured
    [Documentation]    While the link is cut nothing flows, so what is measured covers the cut, always. What is longer than the cut is a machine that has no time for
    ...    iperf; among three cuts there is one without that.
    [Template]    Wait Until Keyword Succeeds
    3x    0s    Cut Should Be Measured    1.2s
    3x    0s    Cut Should Be Measured    0.8s    direction=downlink
    3x    0s    Cut Should Be Measured    0.8s    tool=iperf2
    3x    0s    Cut Should Be Measured    0.8s    interval=0.2s    udp=False    longer=3
    [Teardown]    Run Keywords    Should Be Empty    ${MISSED}    AND    Restore Lab Link    alpha    plain    AND    Hosts Should Be Clean

An Event That Does Nothing
    [Documentation]    Intervals of a second, in which a busy machine sends something.
    ${recovery} =    Measure Iperf Recovery Time    alpha    beta    No Operation    failure_limit=0.5s    interval=1s
    Should Be Equal    ${recovery.failure}    ${None}
    Should Be Equal    ${recovery.recovery}    ${None}
    Should Be Equal As Numbers    ${recovery.outage}    0
    Should Be True    2 <= ${recovery.outage_at_most}
    Should Be True    ${recovery.recovered}

A Receiver That Hangs While The Link Is Cut
    [Documentation]    iperf3 writes one long interval of it, which has data at both ends: nothing shows, so the bound has to be as long.
    ${recovery} =    Measure Iperf Recovery Time    alpha    beta    Hang And Cut For    0.8s    failure_limit=0.5s    tool=iperf3
    Should Be True    ${recovery.outage_at_most} >= ${CUT}[2] - ${CUT}[1]

A Link That Stays Cut
    ${recovery} =    Measure Iperf Recovery Time    alpha    beta    Cut Lab Link    alpha    plain    recovery_limit=1s
    Should Be True    0 <= ${recovery.failure}
    Should Be Equal    ${recovery.recovery}    ${None}
    Should Be Equal    ${recovery.outage}    ${None}
    Should Be Equal    ${recovery.outage_at_most}    ${None}
    Should Not Be True    ${recovery.recovered}
    Log Should Warn    alpha to beta: failed    had not recovered

The Sender's Iperf Is Killed
    [Documentation]    As when its device reboots: the first client never gets anything again, so another one is tried.
    ${recovery} =    Measure Iperf Recovery Time    alpha    beta    Signal Lab Iperf    alpha    KILL
    Should Be True    ${recovery.recovered}
    Should Be True    ${recovery.clients} > 1
    Should Be True    0 <= ${recovery.failure} <= ${recovery.event_seconds} + ${recovery.uncertainty}
    Should Be True    ${recovery.failure} < ${recovery.recovery}

The Receiver Is Gone With Its Log-In
    [Documentation]    Its sshd goes with all that it had started, and comes back a second later.
    ${recovery} =    Measure Iperf Recovery Time    alpha    beta    Restart Sshd After    1s
    Should Be True    ${recovery.recovered}
    Should Be True    ${recovery.clients} > 1
    Should Be True    ${recovery.failure} - ${recovery.uncertainty} <= ${GONE}
    Should Be True    ${recovery.recovery} + ${recovery.uncertainty} >= ${BACK}
    Should Be True    ${recovery.outage_at_most} >= ${BACK} - ${GONE}
    [Teardown]    Run Keywords    Start Lab Sshd    beta    AND    Hosts Should Be Clean

An Event That Fails
    Run Keyword And Expect Error    The access point is on fire.    Measure Iperf Recovery Time    alpha    beta    Fail    The access point is on fire.

What Cannot Be Measured
    [Template]    Should Be Refused
    There is no event.
    'time' cannot be given                            No Operation    time=10s
    One direction is watched at a time                No Operation    direction=both
    is not seen while alpha is the client             No Operation    direction=uplink    reverse=True

An Event Of Another Process
    ${directory} =    Set Variable    ${OUTPUT DIR}
    ${other} =    Start Process    ${PYTHON}    -c    import sys, time, IperfLibrary; time.sleep(1); IperfLibrary.set_event('ap-up', sys.argv[1])    ${directory}
    ${result} =    Run Iperf Test    alpha    beta    time=1s    bitrate=1M    wait_for_event=ap-up    wait_timeout=30s
    Wait For Process    ${other}
    Should Be True    $result.received.bytes > 0
    Clear Iperf Event    ap-up
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Test    alpha    beta    wait_for_event=ap-up    wait_timeout=0.1s
    Message Should Have    ${message}    The event 'ap-up' did not happen within 0.1 s.    Set Iperf Event${SPACE * 4}ap-up    ${directory}/iperf-events/ap-up
    Set Iperf Event    ap-up
    Wait For Iperf Event    ap-up    timeout=0s


*** Keywords ***
Open Lab For Cuts
    Open Lab With Devices
    Require Lab Feature    cut
    VAR    ${PYTHON}    ${{sys.executable}}    scope=SUITE

Cut Should Be Measured
    [Documentation]    The truth lies between the moments before and after each command; TCP may need longer than the cut to try again.
    [Arguments]    ${seconds}    ${longer}=0    &{options}
    ${recovery} =    Measure Iperf Recovery Time    alpha    beta    Cut For    ${seconds}    &{options}
    Log    ${recovery} ${CUT} ${recovery.outages}
    VAR    ${error}    ${recovery.uncertainty}
    ${seen} =    Evaluate    any(o.start - ${error} <= ${CUT}[1] and o.end + ${error} >= ${CUT}[2] for o in $recovery.outages)
    IF    not $seen    Set Test Variable    ${MISSED}    ${CUT}: ${recovery}
    Length Should Be    ${recovery.outages}    1
    Should Be True    ${CUT}[0] - ${error} <= ${recovery.failure} <= ${CUT}[1] + ${error}
    Should Be True    ${CUT}[2] - ${error} <= ${recovery.recovery} <= ${CUT}[3] + ${error} + ${longer}
    Should Be True    ${CUT}[2] - ${CUT}[1] - ${error} <= ${recovery.outage} <= ${CUT}[3] - ${CUT}[0] + ${error} + ${longer}
    Should Be True    ${CUT}[2] - ${CUT}[1] <= ${recovery.outage_at_most}
    Should Be True    ${error} <= 0.35
    Should Be True    len($recovery.result.intervals) > 10

Cut For
    [Arguments]    ${seconds}
    ${begun} =    Evaluate    time.monotonic()
    Cut Lab Link    alpha    plain
    ${cut} =    Evaluate    time.monotonic()
    Sleep    ${seconds}
    ${restoring} =    Evaluate    time.monotonic()
    Restore Lab Link    alpha    plain
    ${restored} =    Evaluate    time.monotonic()
    VAR    ${CUT}    ${{[0, $cut - $begun, $restoring - $begun, $restored - $begun]}}    scope=TEST

Hang And Cut For
    [Arguments]    ${seconds}
    Signal Lab Iperf    beta    STOP
    TRY
        Cut For    ${seconds}
    FINALLY
        Signal Lab Iperf    beta    CONT
    END

Restart Sshd After
    [Arguments]    ${seconds}
    ${begun} =    Evaluate    time.monotonic()
    Kill Lab Sshd    beta
    ${gone} =    Evaluate    time.monotonic() - $begun
    Sleep    ${seconds}
    ${back} =    Evaluate    time.monotonic() - $begun
    Start Lab Sshd    beta
    VAR    ${GONE}    ${gone}    scope=TEST
    VAR    ${BACK}    ${back}    scope=TEST

Should Be Refused
    [Arguments]    ${text}    @{event}    &{options}
    Run Keyword And Expect Error    *${text}*    Measure Iperf Recovery Time    alpha    beta    @{event}    &{options}
