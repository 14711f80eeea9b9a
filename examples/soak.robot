*** Settings ***
Documentation       Traffic for hours, with a watchdog: it fails within minutes of the moment when traffic stalls or gets too slow, and not in the morning.
...
...                 ``auto_stop=SUITE`` keeps server and client from the first test to the last; tests of your own may stand in between.
...
...                 | robot --variable LAB:my-lab.yaml --variable DURATION:24h --variable FLOOR:300e6 --exitonfailure soak.robot
Library             IperfLibrary    auto_stop=SUITE
Suite Setup         Add Iperf Devices From File    ${LAB}
Suite Teardown      Remove All Iperf Devices
Test Tags           soak


*** Variables ***
${LAB}              ${CURDIR}/lab.yaml
${DURATION}         8h
# As much as goes, unless a rate is given.
${RATE}             ${None}
# How often the watchdog looks: it has to be longer than an interval.
${LOOK_EVERY}       1 min
${INTERVAL}         10s
# What each interval has to reach, in bits/s.
${FLOOR}            100e6
# At the end: 95 % of the intervals are faster than this, and how much they vary.
${P5}               200 Mbit/s
${MAX_CV}           20%


*** Test Cases ***
Traffic Starts
    Start Iperf Server    dut    name=soak-server
    ${client} =    Start Iperf Client    pc    dut    time=${DURATION}    bitrate=${RATE}    interval=${INTERVAL}
    ...    stall=${LOOK_EVERY}    fail_on_zero_interval=True    name=soak
    VAR    ${CLIENT}    ${client}    scope=SUITE

It Keeps Its Rate
    VAR    ${seen}    ${0}
    Sleep    ${LOOK_EVERY}
    WHILE    $CLIENT.running    limit=NONE
        @{fresh} =    Set Variable    ${{$CLIENT.intervals[$seen:]}}
        Should Not Be Empty    ${fresh}    iperf has told nothing for ${LOOK_EVERY}, after ${seen} intervals.
        FOR    ${interval}    IN    @{fresh}
            Should Be True    ${interval.bits_per_second} >= ${FLOOR}
            ...    From ${interval.start} s to ${interval.end} s there were ${interval.bits_per_second} bit/s, not ${FLOOR}.
        END
        VAR    ${seen}    ${{$seen + len($fresh)}}
        Log To Console    ${CLIENT.progress}
        Sleep    ${LOOK_EVERY}
    END
    [Teardown]    Run Keyword If Test Failed    Stop Iperf Client    ${CLIENT}

It Ends Well
    Skip If    $PREV_TEST_STATUS == 'FAIL'    It was ended before.
    ${result} =    Wait For Iperf Client    ${CLIENT}
    Get Iperf Bitrate    ${result}    >=    ${P5}    aggregate=p5
    Iperf Result Should Be Stable    ${result}    max_cv=${MAX_CV}
    Iperf Result Should Have No Outage    ${result}    longer_than=${INTERVAL}
    Stop Iperf Server    dut
