*** Settings ***
Documentation       UDP against a loss limit: at one rate in both directions, over several rates, and the highest rate that keeps the limit.
...
...                 | robot --variable LAB:my-lab.yaml --variable RATE:"50 Mbit/s" --variable MAX_LOSS:0.5% udp_loss.robot
...                 | robot --exclude search udp_loss.robot
Library             IperfLibrary
Suite Setup         Add Iperf Devices From File    ${LAB}
Suite Teardown      Remove All Iperf Devices
Test Timeout        30 min
Test Tags           udp


*** Variables ***
${LAB}              ${CURDIR}/lab.yaml
${DURATION}         30s
${RATE}             50 Mbit/s
${MAX_LOSS}         0.1%
${MAX_JITTER}       5 ms
# Bytes of payload: with 1448, IPv4 and Ethernet a packet fits into a frame of 1518.
${LENGTH}           1448
# A list in brackets, with quotes, so that one --variable replaces it.
${RATES}            ['10 Mbit/s', '25 Mbit/s', '50 Mbit/s']
# The search: between which rates, and how long each one is tried.
${MIN_RATE}         1 Mbit/s
${MAX_RATE}         1 Gbit/s
${TRIAL}            2s
${SEARCH_LIMIT}     20 min
# What the search has to find at least, in bits/s of UDP payload.
${NEEDED}           50e6


*** Test Cases ***
Downlink Loses Little
    [Tags]    downlink
    UDP Should Lose Little    downlink

Uplink Loses Little
    [Tags]    uplink
    UDP Should Lose Little    uplink

Several Rates
    [Documentation]    A table and charts of all rates are in the log. Each rate has to keep the limit.
    [Tags]    sweep
    ${sweep} =    Run Iperf Sweep    dut    pc    downlink    udp=True    bitrate=${RATES}    length=${LENGTH}    time=${DURATION}
    FOR    ${test}    IN    @{sweep.tests}
        Get Iperf Loss    ${test.outcome}    <=    ${MAX_LOSS}    ${test.name} loses {value}, which is more than {expected}
    END

Highest Rate
    [Documentation]    Needs the extra: pip install 'robotframework-iperflibrary[search]'
    [Tags]    search
    ${found} =    Find Iperf Throughput    dut    pc    downlink    min_rate=${MIN_RATE}    max_rate=${MAX_RATE}    max_loss=${MAX_LOSS}
    ...    length=${LENGTH}    duration=${TRIAL}    limit=${SEARCH_LIMIT}
    Log    No more than ${MAX_LOSS} is lost up to ${found.bits_per_second} bit/s.
    Should Be True    ${found.bits_per_second} >= ${NEEDED}


*** Keywords ***
UDP Should Lose Little
    [Arguments]    ${direction}
    ${result} =    Run Iperf Test    dut    pc    ${direction}    udp=True    bitrate=${RATE}    length=${LENGTH}    time=${DURATION}
    Get Iperf Loss    ${result}    <=    ${MAX_LOSS}
    Get Iperf Jitter    ${result}    <=    ${MAX_JITTER}
