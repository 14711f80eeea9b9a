*** Settings ***
Documentation       The lab is a file: a run gets another one by a variable, and a mistake in it is told before anything runs.
Resource            resources/lab.resource
Library             Process
Suite Setup         Open Lab In Files
Suite Teardown      Close Devices
Test Teardown       Remove All Iperf Devices


*** Variables ***
${INNER}            ${CURDIR}/_inner/inventory.robot
${FILES}            ${OUTPUT_DIR}/inventory


*** Test Cases ***
Devices From A File
    [Template]    Devices Should Work
    lab.yaml
    lab.toml
    lab.json

Another Lab By One Variable
    [Documentation]    The same suite, in two labs whose devices are not the same machines.
    ${output} =    Run In Lab    lab.yaml
    Should Contain    ${output}    traffic at ${ALPHA.address()}, role node
    ${output} =    Run In Lab    other.yaml
    Should Contain    ${output}    traffic at ${BETA.address()}, role node

Faults Of A File
    ${message} =    Run Keyword And Expect Error    *    Add Iperf Devices From File    ${FILES}/wrong.yaml
    Message Should Have    ${message}    The inventory wrong.yaml has 4 faults, so no device of it was added.
    ...    wrong.yaml:3:5: 'conection' is nothing that a device takes. Did you mean 'connection'?
    ...    wrong.yaml:4:5: 'role' is a text, not a number: write it in quotes
    ...    wrong.yaml:5:5: 'password' cannot be known: Variable '\${NO_SUCH}' not found.
    ...    wrong.yaml:7:5: 'address' is there twice, first in line 6
    ...    what to do:    a device takes: connection, address, role, password
    ${message} =    Run Keyword And Expect Error    *    Add Iperf Devices From File    ${FILES}/refused.yaml
    Message Should Have    ${message}    refused.yaml:4:8: There is no connection 'shh' (for pc). Did you mean 'ssh'?
    ...    refused.yaml:5:9: The role of bad is 'node', 'tpc' or none, not 'boss'.
    ${message} =    Run Keyword And Expect Error    *    Get Iperf Device    dut
    Should Contain    ${message}    devices known are: none

Passwords Stay Where They Are
    [Documentation]    Neither a variable of the environment nor one of Robot's Secrets gets into a log, at no level.
    Require Lab Feature    password
    Set Environment Variable    LAB_PASSWORD    ${LAB.tester.password}
    Run In Lab    password.yaml    --loglevel    TRACE    --debugfile    debug.txt
    Nothing Should Have    ${FILES}/run    ${LAB.tester.password}
    ${has} =    Evaluate    tuple(map(int, robot.version.VERSION.split('.')[:2])) >= (7, 4)    modules=robot.version
    IF    ${has}
        Run In Lab    secret.yaml    --loglevel    TRACE    --debugfile    debug.txt    --variable    SECRET: Secret:${LAB.tester.password}
        Nothing Should Have    ${FILES}/run    ${LAB.tester.password}
    END
    [Teardown]    Remove Environment Variable    LAB_PASSWORD


*** Keywords ***
Open Lab In Files
    Open Lab
    Create Lab    lab.yaml    ${ALPHA}    ${BETA}
    Create Lab    other.yaml    ${BETA}    ${ALPHA}
    ${devices} =    Evaluate    yaml.safe_load(open($FILES + '/lab.yaml'))    modules=yaml
    ${json} =    Evaluate    json.dumps($devices, indent=1)
    Create File    ${FILES}/lab.json    ${json}
    ${tables} =    Evaluate    '\\n'.join('[devices.' + name + ']\\n' + ''.join(f'{key} = {json.dumps(value)}\\n' for key, value in device.items()) for name, device in $devices['devices'].items())    modules=json
    Create File    ${FILES}/lab.toml    ${tables}
    Create File    ${FILES}/wrong.yaml
    ...    devices:\n${SPACE*2}dut:\n${SPACE*4}conection: local\n${SPACE*4}role: 1\n${SPACE*4}password: \${NO_SUCH}\n${SPACE*4}address: a\n${SPACE*4}address: b\n
    Create File    ${FILES}/refused.yaml
    ...    devices:\n${SPACE*2}dut:\n${SPACE*4}role: node\n${SPACE*2}pc: {connection: "shh://x"}\n${SPACE*2}bad: {role: boss}\n
    IF    'password' in $LAB.features    Create Labs With Passwords

Create Lab
    [Arguments]    ${name}    ${dut}    ${pc}
    ${text} =    Catenate    SEPARATOR=\n
    ...    devices:
    ...    ${SPACE*2}dut:
    ...    ${SPACE*4}connection: ${dut.url}
    ...    ${SPACE*4}address: "${dut.address()}"
    ...    ${SPACE*4}role: node
    ...    ${SPACE*2}pc:
    ...    ${SPACE*4}connection: ${pc.url}
    ...    ${SPACE*4}address: "${pc.address()}"
    ...    ${SPACE*4}role: tpc
    ...    ${SPACE*4}host_key: \${HOST_KEY}
    Create File    ${FILES}/${name}    ${text}

Create Labs With Passwords
    FOR    ${name}    ${password}    IN    password    \%{LAB_PASSWORD}    secret    \${SECRET}
        ${text} =    Catenate    SEPARATOR=\n
        ...    defaults: {password: "${password}"}
        ...    devices:
        ...    ${SPACE*2}dut: {connection: "ssh://${LAB.tester.name}@${ALPHA.ssh_host}", address: "${ALPHA.address()}"}
        ...    ${SPACE*2}pc: {connection: "ssh://${LAB.tester.name}@${BETA.ssh_host}", address: "${BETA.address()}"}
        Create File    ${FILES}/${name}.yaml    ${text}
    END

Devices Should Work
    [Arguments]    ${file}
    VAR    ${HOST_KEY}    check    scope=TEST
    ${names} =    Add Iperf Devices From File    ${FILES}/${file}
    Should Be Equal    ${names}    ${{['dut', 'pc']}}
    ${dut} =    Get Iperf Device    dut
    Should Be Equal    ${dut.role}    node
    Start Iperf Server    dut
    ${result} =    Run Iperf Client    pc    server=dut    time=1s    bitrate=2M
    Should Be Equal    ${result.flows[0].direction}    downstream
    Remove All Iperf Devices

Run In Lab
    [Documentation]    Runs the inner suite in a Robot of its own; returns its output file's text.
    [Arguments]    ${lab}    @{options}
    Remove Directory    ${FILES}/run    recursive=True
    ${result} =    Run Process    ${{sys.executable}}    -m    robot    --outputdir    ${FILES}/run    @{options}
    ...    --variable    LAB:${FILES}/${lab}    ${INNER}    stdout=${FILES}/console.txt    stderr=STDOUT    timeout=60s
    Should Be Equal As Integers    ${result.rc}    0    ${result.stdout}
    ${output} =    Get File    ${FILES}/run/output.xml
    RETURN    ${output}

Nothing Should Have
    [Arguments]    ${directory}    ${secret}
    ${result} =    Run Process    grep    -rlF    ${secret}    ${directory}
    Should Be Empty    ${result.stdout}
    Should Be Equal As Integers    ${result.rc}    1    grep found nothing, and went through everything.
