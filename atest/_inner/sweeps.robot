*** Settings ***
Documentation       Run by another suite, which looks into the log. Both devices are this machine.
Library             IperfLibrary


*** Test Cases ***
Several Runs Of Each Kind
    Add Iperf Device    one    local    address=127.0.0.1    role=node
    Add Iperf Device    two    local    address=127.0.0.1    role=tpc
    Run Iperf Test    one    two    time=1s    bitrate=5M    repeat=2
    Run Iperf Tests In Parallel    one -> two    two -> one    time=2s    bitrate=5M
    Run Iperf Sweep    one    two    time=1s    bitrate=5M    parallel=[1, 2]
    Find Iperf Throughput    one    two    max_rate=4M    min_rate=1M    duration=1s    trials=1    precision=50%    max_loss=50%
