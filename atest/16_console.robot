*** Settings ***
Documentation       On a terminal a running client has a line of its own, which is gone when it is done. Elsewhere there is nothing of it.
Library             terminal.py
Library             Process
Library             Collections


*** Variables ***
${INNER}        ${CURDIR}/_inner/console.robot
@{NO FILES}     --outputdir    ${OUTPUT_DIR}/inner    --output    NONE    --log    NONE    --report    NONE


*** Test Cases ***
A Line For Each Client That Runs
    @{screens} =    Run Robot On Terminal    @{NO FILES}    ${INNER}
    ${two} =    Evaluate    [s for s in $screens if s.count('here to here') == 2]
    Should Not Be Empty    ${two}
    Should Match Regexp    ${{'|'.join($screens)}}    here to here +1/2 s +now [\\d.]+ Mbit/s +mean [\\d.]+ Mbit/s
    Should Not Contain    ${screens}[-1]    here to here
    Should Match Regexp    ${screens}[-1]    (?m)^Live Line +\\| PASS \\|$

Nothing Of It
    [Template]    Terminal Should Show No Line
    --console    quiet
    --console    none
    --variable    PROGRESS:False

With Dots
    @{screens} =    Run Robot On Terminal    @{NO FILES}    --console    dotted    ${INNER}
    Should Contain    ${{'|'.join($screens)}}    here to here
    Should Not Contain    ${screens}[-1]    here to here

Without A Terminal
    ${ran} =    Run Process    ${{sys.executable}}    -m    robot    @{NO FILES}    ${INNER}
    Should Be Equal As Integers    ${ran.rc}    0
    Should Not Contain    ${ran.stdout}${ran.stderr}    here to here
    Should Not Contain    ${ran.stdout}${ran.stderr}    \x1b


*** Keywords ***
Terminal Should Show No Line
    [Arguments]    @{arguments}
    @{screens} =    Run Robot On Terminal    @{NO FILES}    @{arguments}    ${INNER}
    Should Not Contain    ${{'|'.join($screens)}}    here to here
