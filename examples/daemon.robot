*** Settings ***
Documentation       A server that goes on while nobody is logged in: for a device whose management port is gone while traffic runs, and across two runs of Robot.
...
...                 | robot --variable LAB:my-lab.yaml daemon.robot
...                 | robot --variable LAB:my-lab.yaml --include begin daemon.robot
...                 | robot --variable LAB:my-lab.yaml --include end daemon.robot
Library             IperfLibrary
Suite Setup         Add Iperf Devices From File    ${LAB}
Suite Teardown      Remove All Iperf Devices
Test Timeout        10 min
Test Tags           daemon


*** Variables ***
${LAB}              ${CURDIR}/lab.yaml
${DURATION}         60s
${RATE}             100 Mbit/s
# Where the server's output goes on the device: a directory with room, that a restart of the device does not empty.
${DIRECTORY}        /tmp


*** Test Cases ***
Traffic While Nobody Is Logged In
    Start Iperf Server    dut    daemon=True    remote_directory=${DIRECTORY}
    Close Iperf Connection    dut
    ${result} =    Run Iperf Client    pc    dut    time=${DURATION}    bitrate=${RATE}
    @{served} =    Stop Iperf Server    dut
    Length Should Be    ${served}    1
    # What was received is what the client had heard of the server.
    Get Iperf Transfer    ${served}[0]    ==    ${result.received.bytes}
    ${path} =    Get Last Filename    dut
    Log    The server's output was fetched to ${path}

A Server Begins And Stays
    [Documentation]    ``keep=True``: it goes on after this test, and after this run of Robot Framework. What an earlier run left is ended first.
    [Tags]    begin
    @{old} =    Adopt Iperf Servers    dut    name=overnight    remote_directory=${DIRECTORY}
    IF    $old    Stop Iperf Server    dut
    Start Iperf Server    dut    daemon=True    keep=True    name=overnight    remote_directory=${DIRECTORY}
    ${result} =    Run Iperf Client    pc    dut    time=${DURATION}    bitrate=${RATE}
    Log    ${result}

Its Results Are Fetched
    [Documentation]    In this run or another one, from this machine or another one.
    [Tags]    end
    Adopt Iperf Servers    dut    name=overnight    remote_directory=${DIRECTORY}
    @{served} =    Stop Iperf Server    dut
    Should Not Be Empty    ${served}    There is no server 'overnight' on dut that anybody has used.
    FOR    ${result}    IN    @{served}
        Log Iperf Result    ${result}
        Get Iperf Bitrate    ${result}    >    0
    END
