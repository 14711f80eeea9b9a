*** Settings ***
Documentation       A requirement reads like one: figures by name, with units and operators, and messages that say what was found.
Resource            resources/lab.resource
Suite Setup         Open Lab And Measure
Suite Teardown      Close Devices


*** Test Cases ***
Figures In Their Units
    [Tags]    smoke
    ${rate} =    Get Iperf Bitrate    ${TCP}    >=    5 Mbit/s
    Should Be Equal    ${rate}    ${TCP.bits_per_second}
    Get Iperf Bitrate    ${TCP}    <    20M    end=sender
    Get Iperf Bitrate    ${TCP}    validate    5e6 < value < 20e6
    ${doubled} =    Get Iperf Bitrate    ${TCP}    then    value * 2
    Should Be Equal    ${doubled}    ${{$rate * 2}}
    Get Iperf Transfer    ${TCP}    >    1 MByte
    Get Iperf Duration    ${TCP}    <    1 min
    Get Iperf Retransmits    ${TCP}    <    100000
    Get Iperf Rtt    ${TCP}    <    1 s
    Get Iperf Cpu    ${TCP}    <=    1000%    end=sender

Figures Of UDP
    Get Iperf Loss    ${UDP}    ==    ${UDP.lost_percent}%
    Get Iperf Lost Packets    ${UDP}    ==    ${UDP.lost_packets}
    Get Iperf Out Of Order    ${UDP}    ==    0
    Get Iperf Jitter    ${UDP}    <    500 ms

Directions Streams And Intervals
    [Tags]    smoke
    Get Iperf Bitrate    ${BIDIR}    >=    1M
    Get Iperf Bitrate    ${BIDIR}    >=    1M    direction=upstream
    Get Iperf Bitrate    ${BIDIR}    >=    1M    direction=downstream    stream=2
    Get Iperf Bitrate    ${TCP}    >=    1M    aggregate=min
    Get Iperf Bitrate    ${TCP}    >=    1M    aggregate=p5
    Get Iperf Bitrate    ${TCP}    <    1000%    aggregate=cv
    Iperf Result Should Be Stable    ${UDP}    max_cv=90%
    Iperf Result Should Have No Outage    ${UDP}    longer_than=1s

Without An Operator
    ${loss} =    Get Iperf Loss    ${TCP}
    Should Be Equal    ${loss}    ${None}
    ${rate} =    Get Iperf Bitrate    ${TCP}
    Should Be Equal    ${rate}    ${TCP.bits_per_second}

Failure Says What Was Found
    [Tags]    smoke
    ${message} =    Run Keyword And Expect Error    *    Get Iperf Bitrate    ${TCP}    >=    900 Mbit/s
    Should Match Regexp    ${message}    ^Bit rate \\(receiver\\) '\\S+ Mbit/s' \\(bitrate\\) should be greater than or equal '900 Mbit/s' \\(bitrate\\)\n
    Message Should Have    ${message}    run:    beta to alpha    raw file:    raw_iperf
    ${message} =    Run Keyword And Expect Error    *    Get Iperf Bitrate    ${TCP}    >=    1T    Only {value}, not {expected}
    Should Match Regexp    ${message}    ^Only \\S+ Mbit/s, not 1 Tbit/s\\n
    Message Should Have    ${message}    run:    beta to alpha    raw file:    raw_iperf
    ${message} =    Run Keyword And Expect Error    *    Get Iperf Bitrate    ${TCP}    >=    1T    Only {rate}
    Should Start With    ${message}    Only {rate}\n
    ${message} =    Run Keyword And Expect Error    *    Iperf Result Should Be Stable    ${TCP}    max_cv=0%
    Message Should Have    ${message}    Bit rate (cv, upstream, receiver) '    should be less than or equal '0 %'

What Would Always Hold Is Refused
    [Template]    Assertion Should Be Refused
    is neither true nor false: it gives 'value > 1'    validate    "value > 1"
    is neither true nor false: it gives 5    validate    5
    cannot be evaluated    validate    value > 10M
    is a bit rate without a unit    >=    1000
    which is a bool    >=    ${True}

Unknown Is Never Compared
    [Tags]    smoke
    ${message} =    Run Keyword And Expect Error    *    Get Iperf Loss    ${TCP}    <    1%
    Message Should Have    ${message}    Loss (receiver) is not known of this run: it is a figure of UDP, and this run was TCP.
    ${message} =    Run Keyword And Expect Error    *    Get Iperf Retransmits    ${UDP}    ==    0
    Message Should Have    ${message}    Retransmits (sender) is not known of this run: it is a figure of TCP, and this run was UDP.
    ${message} =    Run Keyword And Expect Error    *    Get Iperf Jitter    ${TCP}    validate    value == 0
    Message Should Have    ${message}    Jitter (receiver) is not known of this run

Wrong Questions
    [Template]    Question Should Be Refused
    900 MHz    >\=    cannot be compared with '900 MHz'    write it like '900 Mbit/s'
    900 ms    >\=    cannot be compared with '900 ms'
    abc    contains    not compared by
    1M    >\=    no direction 'sideways'    direction=sideways
    1M    >\=    aggregate is one of    aggregate=average
    1M    >\=    end is receiver or sender    end=client
    1M    >\=    has two directions    aggregate=mean

Outage Is Told With Its Time
    ${path} =    Set Variable    ${CURDIR}/data/outage.txt
    ${result} =    Parse Iperf Output    ${path}
    ${message} =    Run Keyword And Expect Error    *    Iperf Result Should Have No Outage    ${result}    longer_than=1s
    Message Should Have    ${message}    No data moved from 1 s to 3 s (forward)
    Run Keyword And Expect Error    No data moved from *    Iperf Result Should Have No Outage    ${result}    longer_than=2s
    Iperf Result Should Have No Outage    ${result}    longer_than=2.5s


*** Keywords ***
Assertion Should Be Refused
    [Arguments]    ${text}    ${operator}    ${expected}
    Run Keyword And Expect Error    *${text}*    Get Iperf Bitrate    ${TCP}    ${operator}    ${expected}

Open Lab And Measure
    Open Lab With Devices
    Start Iperf Server    alpha
    ${tcp} =    Run Iperf Client    beta    alpha    time=2s    bitrate=10M    reverse=True
    ${udp} =    Run Iperf Client    beta    alpha    time=2s    udp=True    bitrate=5M
    ${bidir} =    Run Iperf Client    beta    alpha    time=1s    bidir=True    parallel=2    bitrate=5M
    VAR    ${TCP}    ${tcp}    scope=SUITE
    VAR    ${UDP}    ${udp}    scope=SUITE
    VAR    ${BIDIR}    ${bidir}    scope=SUITE

Question Should Be Refused
    [Arguments]    ${expected}    ${operator}    @{texts}    &{arguments}
    ${message} =    Run Keyword And Expect Error    *    Get Iperf Bitrate    ${BIDIR}    ${operator}    ${expected}    &{arguments}
    Message Should Have    ${message}    @{texts}
