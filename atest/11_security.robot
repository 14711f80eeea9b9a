*** Settings ***
Documentation       No text of a suite, a device or iperf becomes a command, markup, a path or a terminal's control sequence.
Resource            resources/lab.resource
Library             Process
Test Tags           fault
Suite Setup         Open Lab With Hostile Names
Suite Teardown      Close Devices
Test Setup          Remove Canaries


*** Variables ***
${PROGRAM}      ${CURDIR}/programs/iperf3_hostile.py
${CANARY}       /tmp/iperf-canary-${{os.getpid()}}
@{WORDS}        $(touch ${CANARY})    `touch ${CANARY}`    ;touch ${CANARY};    |touch ${CANARY}    &&touch ${CANARY}
...             '; touch ${CANARY}; '    "; touch ${CANARY}; "    \ntouch ${CANARY}\n    *    a!b    {a,b}    ~    $HOME    \\    \\'    #
${ALL}          ${{' '.join($WORDS)}}


*** Test Cases ***
Words Reach The Device Unharmed
    [Documentation]    Whatever the log-in shell; what arrived stands in the document of the run.
    [Template]    Words Should Arrive Through
    /bin/sh
    /bin/bash
    /bin/tcsh

Words Stay Words On This Machine
    Add Iperf Device    here    local    address=127.0.0.1
    ${server} =    Start Iperf Server    here
    ${result} =    Run Iperf Client    here    ${server}    time=1s    bitrate=1M    title=${ALL}    extra_data=${ALL}    name=${ALL}
    Document Should Have    ${result}
    File Should Not Exist    ${CANARY}
    [Teardown]    Forget Device    here

Values Of Options Are No Commands
    FOR    ${option}    IN    bind    bind_dev    congestion    username    file    xbind    affinity    rsa_public_key_path
        &{options} =    Create Dictionary    ${option}=$(touch ${CANARY});touch ${CANARY}
        Run Should Fail Without A Canary    &{options}
    END

Hosts Are No Commands
    [Template]    Host Should Be No Command
    $(touch ${CANARY})
    ;touch ${CANARY}
    `touch ${CANARY}`
    x${\n}touch ${CANARY}
    -h;touch ${CANARY}

Extra Words Are No Commands
    [Template]    Run Should Fail Without A Canary
    extra='--no-such-option=$(touch ${CANARY})'
    extra=${{['--no-such-option', '`touch ' + $CANARY + '`']}}
    extra=${{['--no-such-option', '\\ntouch ' + $CANARY]}}

Programs Are No Commands
    [Template]    Program Should Be No Command
    iperf3;touch ${CANARY}
    iperf3 $(touch ${CANARY})
    `touch ${CANARY}`
    -c
    --help
    *
    x${\n}touch ${CANARY}

Program With A Path Of All That Is Special
    ${folder} =    Set Variable    /tmp/a 'b' "c" $(touch ${CANARY.rsplit('/')[-1]}) `d` ;e* !f
    Run On Lab Host    beta    mkdir    ${folder}
    Run On Lab Host    beta    ln    -s    /usr/bin/iperf3    ${folder}/iperf3
    Add Iperf Device    special    ${BETA.url}    iperf3=${folder}/iperf3
    Run Iperf Client    special    alpha    time=1s    bitrate=1M
    No Canary On    beta
    [Teardown]    Forget Device    special

NUL Is Refused
    FOR    ${device}    IN    beta    local
        Run Keyword And Expect Error    *can have a NUL in a word*    Run Iperf Client    ${device}    alpha    title=a${{chr(0)}}b
    END

Device With A Hostile Name
    Add Iperf Device    ${ALL}    ${BETA.url}    role=tpc
    ${result} =    Run Iperf Client    ${ALL}    alpha    time=1s    bitrate=1M
    File Should Be In Output    ${result.raw_file}
    No Canary On    beta
    [Teardown]    Forget Device    ${ALL}

Files Stay In The Output Directory
    [Template]    File Of A Run Named So Should Be In Output
    ../../x
    /etc/x
    ..
    .
    CON
    a${{chr(0)}}b
    ${{'x' * 300}}
    ${{'日' * 300}}
    ..\\..\\x
    -rf
    ${ALL}

Links In The Output Directory Are Not Followed
    [Documentation]    Whoever can write there has put one in place of the next file.
    Remove Directory    ${OUTPUT_DIR}/linked    recursive=True
    Create Directory    ${OUTPUT_DIR}/linked/raw_iperf
    ${library} =    Evaluate    IperfLibrary.IperfLibrary(directory=pathlib.Path($OUTPUT_DIR) / 'linked')    modules=IperfLibrary, pathlib
    ${stem} =    Evaluate    unittest.mock.patch('IperfLibrary.filing.stem', return_value='next')    modules=unittest.mock
    Create Symbolic Link    ${OUTPUT_DIR}/linked/raw_iperf/next.json    ${OUTPUT_DIR}/elsewhere
    Call Method    ${stem}    start
    Call Method    ${library}    add_iperf_device    a
    ${server} =    Call Method    ${library}    start_iperf_server    a
    Should End With    ${server.filename}    raw_iperf/next_1.json
    File Should Not Exist    ${OUTPUT_DIR}/elsewhere
    [Teardown]    Run Keywords    Call Method    ${stem}    stop    AND    Call Method    ${library}    stop_all_iperf_processes

Nothing Steers The Terminal And Nothing Is HTML
    [Documentation]    Looked at in the console, the output and the messages of a Robot of its own.
    ${console}    ${output} =    Run Hostile Suite
    Should Contain    ${console}    steered
    Should Be Empty    ${{re.findall('[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f]', $console)}}
    ${html} =    Evaluate    [m.text for m in $output.iter('msg') if m.get('html')]
    # What is HTML is the library's own block: well formed, and without an element that a text of a device has made.
    ${tags} =    Evaluate    {e.tag for text in $html for e in xml.etree.ElementTree.fromstring(text).iter()}    modules=xml.etree.ElementTree
    Should Be True    all(text.startswith('<div class="iperf-block"') for text in $html)
    Should Be Empty    ${{$tags & {'script', 'img', 'iframe', 'style', 'link'}}}
    ${texts} =    Evaluate    [e.text or '' for e in [*$output.iter('msg'), *$output.iter('status')]]
    Should Be True    any('<script>' in text for text in $texts)
    Should Be True    not any(text.lstrip().startswith('*HTML*') for text in $texts)
    ${failed} =    Evaluate    [t.get('name') for t in $output.iter('test') if t.find('status').get('status') == 'FAIL']
    Length Should Be    ${failed}    10    ${failed}


*** Keywords ***
Open Lab With Hostile Names
    Open Lab With Devices
    Add Iperf Device    local
    ${server} =    Start Iperf Server    alpha
    VAR    ${SERVER}    ${server}    scope=SUITE

Remove Canaries
    Run On Lab Host    beta    sh    -c    rm -f /tmp/iperf-canary* /root/iperf-canary*
    Remove File    ${CANARY}

Words Should Arrive Through
    [Arguments]    ${shell}
    Require Lab Feature    netns
    ${there} =    Run Keyword And Return Status    File Should Exist    ${shell}
    IF    not ${there}    Skip    This machine has no ${shell}.
    Log-In Shell Should Be    beta    ${shell}
    Add Iperf Device    shell    ${BETA.url}    address=${BETA.address()}    role=tpc
    ${result} =    Run Iperf Client    shell    alpha    time=1s    bitrate=1M    title=${ALL}    extra_data=${ALL}    name=${ALL}
    Document Should Have    ${result}
    No Canary On    beta
    [Teardown]    Run Keywords    Forget Device    shell    AND    Log-In Shell Should Be    beta    /bin/bash

Log-In Shell Should Be
    [Documentation]    From the next log-in on. The file is mounted, so it must stay the same one.
    [Arguments]    ${host}    ${shell}
    ${host} =    Get Lab Host    ${host}
    ${accounts} =    Get File    ${host.folder}/passwd
    ${accounts} =    Replace String Using Regexp    ${accounts}    (?m)^(root:.*:)[^:]*$    \\1${shell}
    Create File    ${host.folder}/passwd    ${accounts}

Document Should Have
    [Arguments]    ${result}
    ${text} =    Get File    ${result.raw_file}
    ${document} =    Evaluate    json.loads($text)    modules=json
    Should Be Equal    ${document}[title]    ${ALL}
    Should Be Equal    ${document}[extra_data]    ${ALL}
    File Should Be In Output    ${result.raw_file}

No Canary On
    [Arguments]    ${host}
    ${found} =    Run On Lab Host    ${host}    sh    -c    ls -d /tmp/iperf-canary* /root/iperf-canary* /iperf-canary* 2>/dev/null; :
    Should Be Empty    ${found}

Run Should Fail Without A Canary
    [Arguments]    &{options}
    FOR    ${device}    IN    beta    local
        Run Keyword And Expect Error    *    Run Iperf Client    ${device}    127.0.0.1    port=9    &{options}
    END
    No Canary On    beta
    File Should Not Exist    ${CANARY}

Host Should Be No Command
    [Arguments]    ${host}
    Run Keyword And Expect Error    *    Run Iperf Client    beta    ${host}    timeout=10s
    No Canary On    beta

Program Should Be No Command
    [Arguments]    ${program}
    FOR    ${url}    IN    ${BETA.url}    local
        Add Iperf Device    special    ${url}    iperf3=${program}    iperf2=
        Run Keyword And Expect Error    *on special*    Run Iperf Client    special    127.0.0.1    tool=iperf3
        Remove Iperf Device    special
    END
    No Canary On    beta
    File Should Not Exist    ${CANARY}

File Of A Run Named So Should Be In Output
    [Arguments]    ${name}
    Add Iperf Device    ${name}    local
    ${server} =    Start Iperf Server    ${name}    name=${name}
    File Should Be In Output    ${server.filename}
    Stop Iperf Server    ${server}
    [Teardown]    Forget Device    ${name}

File Should Be In Output
    [Arguments]    ${path}
    Should Be Equal    ${{os.path.dirname(os.path.realpath($path))}}    ${{os.path.realpath($OUTPUT_DIR)}}/raw_iperf
    File Should Exist    ${path}

Create Symbolic Link
    [Arguments]    ${link}    ${target}
    Evaluate    os.symlink($target, $link)    modules=os

Run Hostile Suite
    [Documentation]    Returns what it printed, as text, and its output file.
    Run Process    ${{sys.executable}}    -m    robot    --loglevel    TRACE    --outputdir    ${OUTPUT_DIR}/inner
    ...    --variable    ALPHA:${ALPHA.url}    --variable    BETA:${BETA.url}    --variable    ADDRESS:${ALPHA.address()}
    ...    --variable    PROGRAM:${PROGRAM}    ${CURDIR}/_inner/hostile.robot
    ...    stdout=${OUTPUT_DIR}/inner.txt    stderr=STDOUT    timeout=60s
    ${bytes} =    Get Binary File    ${OUTPUT_DIR}/inner.txt
    ${output} =    Evaluate    xml.etree.ElementTree.parse($OUTPUT_DIR + '/inner/output.xml')    modules=xml.etree.ElementTree
    RETURN    ${bytes.decode('utf-8')}    ${output}
