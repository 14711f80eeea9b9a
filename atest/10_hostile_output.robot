*** Settings ***
Documentation       Output that no iperf prints: endless, without line ends, noise, cut, too late. Each keyword ends within its limit and
...                 five seconds, with an error that tells; the device is clean, the raw file is there, and the next run works.
Resource            resources/lab.resource
Test Tags           fault
Suite Setup         Open Lab With A Hostile Device
Suite Teardown      Close Devices


*** Variables ***
${PROGRAM}      ${CURDIR}/programs/iperf3_hostile.py
${SLACK}        ${5}


*** Test Cases ***
Flood Of A Client
    [Documentation]    It is ended long before its limit.
    [Template]    Client Should Be Ended For A Flood
    rows=300000
    garbage=1000000
    line
    noise
    empty=16000000
    stderr=1000000
    endless-stderr
    open-document

Flood Of Ten Million Lines
    [Tags]    slow
    [Template]    Client Should Be Ended For A Flood
    rows=10000000
    garbage=10000000
    stderr=10000000

As Much As A Run May Print And No End
    [Documentation]    The limit strikes; what was printed is read before the keyword returns.
    [Template]    Client Should Be Stopped At Its Limit
    rows-and-stay=15000
    noise-and-stay=10
    drip

More Of What A Run May Print And No End
    [Tags]    slow
    [Template]    Client Should Be Stopped At Its Limit
    long-line-and-stay=3000000
    empty=200000
    garbage-and-stay=40000
    banner-and-garbage=30000
    stay

Output That Is None Of Iperf
    [Template]    Client Should Fail In Time
    garbage=1000    its output cannot be understood
    stderr=1000    its output cannot be understood
    rows=100    its result is incomplete    the output ends before its summary
    deep-document=100000    its output cannot be understood

Real Output That Is Cut
    [Template]    Client Should Fail In Time
    half-a-document    its result is incomplete    the output ends before its summary
    start-of-a-document    its output cannot be understood
    half-a-summary    its result is incomplete    the output ends before its summary    live=True
    error-after    unable to receive results

More Than One Run Should Have Printed
    [Documentation]    The figures are those of the last run, and true.
    [Template]    Figures Should Be Those Of The Last Document
    after
    twice

Hostile Server
    [Template]    Server Should Be Stopped In Time
    served=15000
    garbage-and-stay=40000
    noise-and-stay=10
    long-line-and-stay=3000000

Flood Of A Server
    [Template]    Server Should Be Ended For A Flood
    served=300000
    line
    noise
    endless-stderr

Probe That Prints Without End
    [Documentation]    What is asked for its version floods, too.
    Add Iperf Device    probed    ${BETA.url}    iperf3=${CURDIR}/programs/endless
    ${message} =    Should Fail Within    ${15}    Run Iperf Client    probed    alpha
    Message Should Have    ${message}    A short command on probed printed without end    it said:    endless -v
    Host Should Have No Process    beta    yes
    [Teardown]    Forget Device    probed


*** Keywords ***
Open Lab With A Hostile Device
    Open Lab With Devices
    Add Iperf Device    hostile    ${BETA.url}    address=${BETA.address()}    role=tpc    iperf3=${PROGRAM}    iperf2=
    Start Iperf Server    alpha

Should Fail Within
    [Documentation]    The keyword fails before its limit and five seconds are over; returns the message.
    [Arguments]    ${limit}    ${keyword}    @{arguments}    &{options}
    ${start} =    Evaluate    time.monotonic()
    ${message} =    Run Keyword And Expect Error    *    ${keyword}    @{arguments}    &{options}
    ${seconds} =    Evaluate    time.monotonic() - ${start}
    Log    ${seconds} s\n${message}
    Should Be True    ${seconds} <= ${limit} + ${SLACK}    It took ${seconds} s.
    RETURN    ${message}

Client Should Fail In Time
    [Arguments]    ${way}    @{texts}    ${limit}=${3}    ${live}=False
    ${message} =    Should Fail Within    ${limit}    Run Iperf Client    hostile    alpha    time=1s    bitrate=1M
    ...    timeout=${limit}    extra=--behave ${way}    live=${live}
    Message Should Have    ${message}    hostile    raw file:    @{texts}
    Raw File Should Be Readable    hostile
    Host Should Have No Iperf    beta    within=5s
    Next Run Should Pass

Client Should Be Ended For A Flood
    [Arguments]    ${way}
    Client Should Fail In Time    ${way}    printed far more than it could have to say    limit=${20}

Client Should Be Stopped At Its Limit
    [Arguments]    ${way}
    Client Should Fail In Time    ${way}    was not done after 1 s, so it was stopped    limit=${1}

Server Should Be Stopped In Time
    [Documentation]    It serves no test that came to its end.
    [Arguments]    ${way}
    ${server} =    Start Iperf Server    hostile    extra=--behave ${way}
    ${start} =    Evaluate    time.monotonic()
    ${served} =    Stop Iperf Server    ${server}
    ${seconds} =    Evaluate    time.monotonic() - ${start}
    Should Be True    ${seconds} <= ${SLACK}    It took ${seconds} s.
    Should Be True    all(result.partial for result in $served)
    Raw File Should Be Readable    hostile
    Host Should Have No Iperf    beta
    Next Run Should Pass

Server Should Be Ended For A Flood
    [Documentation]    It is told by the keyword that starts it, where it comes so early, or by the one that stops it.
    [Arguments]    ${way}
    ${message} =    Should Fail Within    ${10}    Start And Stop A Server    ${way}
    Message Should Have    ${message}    printed far more than it could have to say    hostile    raw file:
    Raw File Should Be Readable    hostile
    Host Should Have No Iperf    beta
    Next Run Should Pass

Start And Stop A Server
    [Arguments]    ${way}
    ${server} =    Start Iperf Server    hostile    extra=--behave ${way}
    Wait Until Keyword Succeeds    10s    50ms    Should Not Be True    ${server.running}
    Stop Iperf Server    ${server}

Figures Should Be Those Of The Last Document
    [Arguments]    ${way}
    ${result} =    Run Iperf Client    hostile    alpha    time=1s    bitrate=1M    extra=--behave ${way}
    ${text} =    Get File    ${result.raw_file}
    ${last} =    Evaluate    json.JSONDecoder().raw_decode($text[$text.rindex('\\n{') + 1 if '\\n{' in $text else 0:])[0]
    ...    modules=json
    Should Be Equal    ${last}[end][sum_received][bytes]    ${result.received.bytes}
    Should Be Equal    ${last}[start][cookie]    ${result.cookie}

Raw File Should Be Readable
    [Arguments]    ${device}
    ${path} =    Get Last Filename    ${device}
    File Should Exist    ${path}
    Should Be True    os.access($path, os.R_OK)    modules=os

Next Run Should Pass
    ${result} =    Run Iperf Client    beta    alpha    bytes=10M
    Should Be True    $result.received.bytes > 0

Host Should Have No Process
    [Arguments]    ${host}    ${name}
    Wait Until Keyword Succeeds    5s    50ms    Run On Lab Host    ${host}    sh    -c    ! pgrep -x ${name}
