*** Settings ***
Documentation       Many devices and many flows at once.
Library             IperfLibrary    auto_stop=RUN
Library             Crowd.py    ${DEVICES}


*** Variables ***
${DEVICES}      ${100}
${FLOWS}        ${50}
${STEPS}        1 10 50 100
${TIME}         10s
${TURNS}        ${3}


*** Test Cases ***
Connect
    Connect All Devices

Many Flows Beside Each Other
    One Flow And Many    ${TURNS}    ${FLOWS}    ${TIME}

Cost Of A Flow
    FOR    ${count}    IN    @{{map(int, $STEPS.split())}}
        Cost Of Flows    ${TURNS}    ${count}
    END

Stop
    Stop One And Many    ${TURNS}    ${FLOWS}
