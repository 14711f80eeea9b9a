*** Settings ***
Documentation       The highest rate without loss, on a link whose rate is known: 100 Mbit/s of Ethernet frames.
Resource            resources/lab.resource
Suite Setup         Open Shaped Lab
Suite Teardown      Close Devices
Test Tags           slow


*** Test Cases ***
The Answer Is The Rate Of The Link
    [Documentation]    A payload of 1448 bytes makes a frame of 1490: 97.2 Mbit/s of payload fit, and with 3 % of loss 100. A busy machine sends in bursts, which
    ...    the queue of the link drops: so the lower bound has room.
    ${found} =    Find Iperf Throughput    near    far    max_rate=400M    min_rate=10M    duration=1s    trials=3    precision=2%    max_loss=3%
    Should Be Rate    ${found.bits_per_second}    50e6    101e6
    Should Be True    ${found.above} <= ${found.bits_per_second} * 1.021
    Should Be True    len($found.trials) > 2

A Path That Carries All Is Told
    [Documentation]    The plain link: its queue takes what a busy machine sends in bursts.
    Add Iperf Device    alpha    ${ALPHA.url}    address=${ALPHA.address()}    role=node
    Add Iperf Device    beta    ${BETA.url}    address=${BETA.address()}    role=tpc
    ${found} =    Find Iperf Throughput    alpha    beta    max_rate=20M    min_rate=1M    duration=1s    trials=1    precision=5%
    Should Be True    ${found.reached_highest}
    Should Be Equal    ${found.above}    ${None}

A Path That Carries Nothing Of It Is Told
    ${message} =    Run Keyword And Expect Error    *    Find Iperf Throughput    near    far    max_rate=600M    min_rate=300M    duration=1s    trials=1
    Message Should Have    ${message}    No rate between 300 Mbit/s and 600 Mbit/s was found that loses at most 0.1 %    even 300 Mbit/s loses more

What It Sets Itself Cannot Be Given
    [Template]    Search Should Be Refused
    The search sets 'bitrate' by itself     max_rate=1G    bitrate=10M
    needs a rate that is surely too high
    the second is to be higher              max_rate=1M    min_rate=2M


*** Keywords ***
Open Shaped Lab
    Open Lab
    Require Lab Feature    shaped
    Add Iperf Device    near    ${ALPHA.url}    address=${ALPHA.address('shaped')}    role=node
    Add Iperf Device    far    ${BETA.url}    address=${BETA.address('shaped')}    role=tpc

Search Should Be Refused
    [Arguments]    ${text}    &{arguments}
    Run Keyword And Expect Error    *${text}*    Find Iperf Throughput    near    far    &{arguments}
