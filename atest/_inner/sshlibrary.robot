*** Settings ***
Documentation       A suite as it was before iperf came: its own sessions, its own shell. Two lines were added to its settings and its setup.
Library             SSHLibrary    timeout=10s
Library             IperfLibrary
Suite Setup         Open Sessions
Suite Teardown      Close All Connections


*** Variables ***
${PORT}             22


*** Test Cases ***
Shell Before
    Write    cd /usr; mine=kept
    Read Until Prompt

Throughput
    Start Iperf Server    dut
    ${result} =    Run Iperf Client    pc    dut    time=1s    bitrate=10M
    Get Iperf Bitrate    ${result}    >    1 Mbit/s

Shell After
    Write    echo "$mine $PWD"
    ${out} =    Read Until Prompt
    Should Contain    ${out}    kept /usr


*** Keywords ***
Open Sessions
    Open Connection    ${HOST}    port=${PORT}
    Login With Public Key    ${USER}    ${KEY}
    Write    PS1='ready''>'
    Set Client Configuration    prompt=ready>
    Read Until Prompt
    Add Iperf Device    dut    sshlibrary:    address=${ADDRESS}
    Add Iperf Device    pc    ${PC}
