*** Settings ***
Documentation       A gate for CI: a build that is slower than the baseline does not get through.
...
...                 The baselines are lines of ``iperf-baselines.jsonl`` beside this file; commit it. Record it once at your desk, and let CI, which
...                 has ``CI`` in its environment, compare. After a change that is meant, record it anew:
...
...                 | robot --variable LAB:my-lab.yaml regression_gate.robot
...                 | robot --variable LAB:my-lab.yaml --variable IPERF_BASELINE:update regression_gate.robot
...
...                 In CI, with JUnit's format for the list of tests and a page with the trends of all runs:
...
...                 | robot --variable LAB:ci-lab.yaml --outputdir results/$BUILD --xunit junit.xml regression_gate.robot
...                 | python -m IperfLibrary report results/* -o iperf-report.html
Library             IperfLibrary
Suite Setup         Reserve The Lab
Suite Teardown      Remove All Iperf Devices
Test Timeout        10 min
Test Tags           gate


*** Variables ***
${LAB}              ${CURDIR}/lab.yaml
${BASELINES}        ${CURDIR}/iperf-baselines.jsonl
${DURATION}         10s
# As much as goes, unless a rate is given.
${RATE}             ${None}
# Runs of each test, and how much slower than the baseline their mean may be: five runs show 5 % where they scatter by 2 %.
${REPEAT}           5
${RECOVERY_TIME}    2s
${TOLERANCE}        5%
${UDP_RATE}         50 Mbit/s
${MORE_LOSS}        0.1 points
# How long this job waits for another one that has the lab.
${WAIT}             30 min


*** Test Cases ***
Downlink Is As Fast As Before
    [Tags]    tcp    downlink
    Throughput Should Be As Before    downlink

Uplink Is As Fast As Before
    [Tags]    tcp    uplink
    Throughput Should Be As Before    uplink

UDP Loses No More Than Before
    [Tags]    udp    downlink
    ${runs} =    Run Iperf Test    dut    pc    downlink    udp=True    bitrate=${UDP_RATE}    time=${DURATION}    repeat=${REPEAT}
    Compare With Iperf Baseline    ${runs}    udp-downlink    tolerance=${MORE_LOSS}    figure=loss    file=${BASELINES}


*** Keywords ***
Reserve The Lab
    [Documentation]    For this job alone until the suite ends; the figures of two jobs at once would be worth nothing.
    Add Iperf Devices From File    ${LAB}
    Reserve Iperf Devices    dut    pc    wait=${WAIT}

Throughput Should Be As Before
    [Arguments]    ${direction}
    ${runs} =    Run Iperf Test    dut    pc    ${direction}    bitrate=${RATE}    time=${DURATION}    repeat=${REPEAT}
    ...    recovery_time=${RECOVERY_TIME}
    Compare With Iperf Baseline    ${runs}    ${direction}    tolerance=${TOLERANCE}    file=${BASELINES}
