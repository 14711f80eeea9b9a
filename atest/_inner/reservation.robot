*** Settings ***
Documentation       Run by another suite: a CI job that wants a device for itself.
Library             IperfLibrary
Library             OperatingSystem


*** Variables ***
${ALPHA}        not set
${WAIT}         0s
${UNTIL}        ${EMPTY}


*** Test Cases ***
Works Alone
    Add Iperf Device    dut    ${ALPHA}    exclusive=True    wait=${WAIT}
    Start Iperf Server    dut
    Log To Console    works alone
    IF    $UNTIL    Wait Until Created    ${UNTIL}    timeout=60s
