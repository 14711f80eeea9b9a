*** Settings ***
Documentation       Run by another suite, which looks at the log in a browser.
Library             RecordedBlocks.py
Library             SeveralRuns.py
Library             Judgements.py


*** Test Cases ***
Blocks
    Log Recorded Run    iperf3-3.16/json-bidir
    Log Recorded Run    iperf3-3.16/json-udp    server
    Log Recorded Run    iperf3-3.12/kill-sTERM-J
    Log Recorded Run    cross/i2_2.0.13-to-i3_sys_tcp
    Log Hostile Run
    Log Long Run

Blocks Of Several Runs
    Log Repeats    ${1}
    Log Repeats    ${5}
    Log Repeats    ${30}
    Log Parallel    ${2}
    Log Parallel    ${9}
    Log Search    ${True}
    Log Search    ${False}
    Log Sweeps
    Log Hostile Runs

Blocks Of Baselines
    Log Judgements
