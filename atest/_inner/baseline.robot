*** Settings ***
Documentation       Run by another suite, from a directory of its own where the baselines are, on a link that gets slower meanwhile.
Library             IperfLibrary
Suite Setup         Prepare


*** Variables ***
${ALPHA}        not set
${BETA}         not set
${TO_ALPHA}     not set
${TO_BETA}      not set
${KEY}          uplink
${TIME}         1s
${REPEAT}       ${3}


*** Test Cases ***
Uplink
    ${runs} =    Run Iperf Test    alpha    beta    time=${TIME}    bitrate=8M    repeat=${REPEAT}
    Compare With Iperf Baseline    ${runs}    ${KEY}    tolerance=40%

Downlink
    ${result} =    Run Iperf Test    alpha    beta    downlink    time=${TIME}    udp=True    bitrate=8M    length=1200
    Compare With Iperf Baseline    ${result}    ${KEY}    tolerance=40%    direction=downstream
    Compare With Iperf Baseline    ${result}    ${KEY}    tolerance=50 points    figure=loss


*** Keywords ***
Prepare
    Add Iperf Device    alpha    ${ALPHA}    address=${TO_ALPHA}    role=node
    Add Iperf Device    beta    ${BETA}    address=${TO_BETA}    role=tpc
