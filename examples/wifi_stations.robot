*** Settings ***
Documentation       Wi-Fi with several stations: each one alone, then all at once, up and down; and how long traffic fails when the radio restarts.
...
...                 *wired* is a PC at a wired port of the access point, the stations are in ${STATIONS}; see wifi.yaml. Give more stations by an
...                 argument file or a variable file, and say how your access point restarts its radio:
...
...                 | robot --variable LAB:my-wifi.yaml --variable RESTART_RADIO:"ssh root@ap 'wifi down; wifi up'" wifi_stations.robot
...                 | robot --variablefile stations.py wifi_stations.robot
Library             IperfLibrary
Library             Process
Suite Setup         Add Iperf Devices From File    ${LAB}
Suite Teardown      Remove All Iperf Devices
Test Timeout        10 min
Test Tags           wifi


*** Variables ***
${LAB}                  ${CURDIR}/wifi.yaml
@{STATIONS}             station1    station2
${DURATION}             10s
# What each station has to get when it is alone.
${ALONE}                200 Mbit/s
# What all stations have to get together, in bits/s, and how evenly: 1 is all the same, 1/n is one that gets all.
${TOGETHER}             250e6
${MIN_FAIRNESS}         0.8
# A call beside a download.
${MAX_CALL_LOSS}        1%
${BESIDE_A_CALL}        100 Mbit/s
# A command of this machine that restarts the radio and returns at once, and how long traffic may fail then.
${RESTART_RADIO}        ${EMPTY}
${MAX_RADIO_OUTAGE}     30s


*** Test Cases ***
Each Station Alone Down
    [Tags]    downlink
    Each Station Should Reach    ${ALONE}    downlink

Each Station Alone Up
    [Tags]    uplink
    Each Station Should Reach    ${ALONE}    uplink

All Stations Down
    [Tags]    downlink    parallel
    All Stations Should Share    ${TOGETHER}    downlink

All Stations Up
    [Tags]    uplink    parallel
    All Stations Should Share    ${TOGETHER}    uplink

Voice Beside A Download
    [Documentation]    A call of one station (UDP in small packets, marked EF) while another one downloads; TCP may slow down, the call may not suffer.
    [Tags]    downlink    parallel    voice
    &{voice} =    Create Dictionary    first=${STATIONS}[0]    second=wired    udp=True    bitrate=100k    length=160    dscp=ef
    &{download} =    Create Dictionary    first=${STATIONS}[1]    second=wired
    ${all} =    Run Iperf Tests In Parallel    ${voice}    ${download}    direction=downlink    time=${DURATION}
    Get Iperf Loss    ${all.results}[0]    <=    ${MAX_CALL_LOSS}
    Get Iperf Bitrate    ${all.results}[1]    >=    ${BESIDE_A_CALL}

Traffic Comes Back After The Radio
    [Tags]    radio
    Skip If    $RESTART_RADIO == ''    Give --variable RESTART_RADIO:command to restart the radio.
    ${seen} =    Measure Iperf Recovery Time    ${STATIONS}[0]    wired    Restart Radio    direction=downlink
    ...    recovery_limit=${MAX_RADIO_OUTAGE}
    Should Be True    ${seen.recovered}    No traffic ${MAX_RADIO_OUTAGE} after the radio: ${seen}
    Should Be True    ${seen.outage} > 0    The radio was not restarted: ${seen}
    Log    Traffic failed for ${seen.outage} s, at most for ${seen.outage_at_most} s.


*** Keywords ***
Each Station Should Reach
    [Documentation]    All stations are measured before it fails, so that the log has all of them.
    [Arguments]    ${rate}    ${direction}
    VAR    @{failures}
    FOR    ${station}    IN    @{STATIONS}
        TRY
            ${result} =    Run Iperf Test    ${station}    wired    ${direction}    time=${DURATION}
            Get Iperf Bitrate    ${result}    >=    ${rate}
        EXCEPT    AS    ${failure}
            VAR    @{failures}    @{failures}    ${station}: ${failure}
        END
    END
    IF    $failures    Fail    ${{'\n'.join($failures)}}

All Stations Should Share
    [Arguments]    ${rate}    ${direction}
    VAR    @{flows}
    FOR    ${station}    IN    @{STATIONS}
        VAR    @{flows}    @{flows}    ${station} -> wired
    END
    ${all} =    Run Iperf Tests In Parallel    @{flows}    direction=${direction}    time=${DURATION}
    Should Not Be Equal    ${all.bits_per_second}    ${None}    There was no whole second in which all stations were measured: give a longer DURATION.
    Should Be True    ${all.bits_per_second} >= ${rate}    All stations together got ${all.bits_per_second} bit/s, not ${rate}
    Should Be True    ${all.fairness} >= ${MIN_FAIRNESS}    The share of the stations is uneven: ${all.fairness}

Restart Radio
    ${done} =    Run Process    ${RESTART_RADIO}    shell=True    timeout=30s    on_timeout=kill
    Should Be Equal As Integers    ${done.rc}    0    ${done.stderr}
