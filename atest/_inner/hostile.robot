*** Settings ***
Documentation       Run by another suite, which looks at the console and the log. Each test but the last two fails, with a message that holds what
...                 the device or the suite says.
Library             IperfLibrary
Suite Setup         Add Devices


*** Variables ***
${ALPHA}        not set
${BETA}         not set
${ADDRESS}      not set
${PROGRAM}      not set
${ESCAPES}      \x1b[2J\x1b]0;title\x07\x9b31m\x08\x7f\r
${HTML}         *HTML*<script>document.title='pwned'</script><img src=x onerror="document.title='pwned'">
${NAME}         ${HTML}${ESCAPES}


*** Test Cases ***
Escapes
    [Template]    Client Should Have Failed
    escapes
    stderr-escapes
    error-escapes

HTML
    [Template]    Client Should Have Failed
    html
    stderr-html
    error-html

Names
    [Template]    Client Should Have Failed
    escapes    name=${NAME}
    escapes    server=${NAME}
    escapes    title=${NAME}

Name Of A Device That There Is Not
    Stop Iperf Server    x${NAME}

Several Servers
    Start Iperf Server    ${NAME}    extra=--behave stay
    Start Iperf Server    ${NAME}    extra=--behave stay
    Run Iperf Client    beta    ${NAME}

No Client
    Stop Iperf Client    ${NAME}

Wrong Option
    Run Iperf Client    ${NAME}    alpha    ${HTML}=1

Wrong Tool
    Run Iperf Client    ${NAME}    alpha    tool=${NAME}

Wrong Program
    Add Iperf Device    wrong    ${BETA}    iperf3=${NAME}
    Run Iperf Client    wrong    alpha

Wrong Connection
    Add Iperf Device    ${NAME}2    ${NAME}

Warning
    Stop Iperf Server    ${NAME}

Good Run With Warnings
    Start Iperf Server    alpha
    Run Iperf Client    ${NAME}    alpha    time=1s    bitrate=1M    title=${HTML}    extra=--behave warn


*** Keywords ***
Add Devices
    Add Iperf Device    alpha    ${ALPHA}    address=${ADDRESS}
    Add Iperf Device    beta    ${BETA}
    Add Iperf Device    ${NAME}    ${BETA}    iperf3=${PROGRAM}    iperf2=

Client Should Have Failed
    [Arguments]    ${way}    ${server}=${ADDRESS}    &{options}
    Run Iperf Client    ${NAME}    ${server}    timeout=1s    extra=--behave ${way}    &{options}
