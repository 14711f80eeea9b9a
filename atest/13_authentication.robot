*** Settings ***
Documentation       iperf3's own log-in: user, password and RSA key; the password is on no command line, in no file and in no log.
Resource            resources/lab.resource
Library             Process
Suite Setup         Open Lab With Keys
Suite Teardown      Close Devices And Remove Keys
Test Teardown       Stop All Iperf Processes


*** Variables ***
${INNER}            ${CURDIR}/_inner/authentication.robot
${PASS_PHRASE}      s3cret-$(id)'"`;


*** Test Cases ***
Right Password
    Start Iperf Server    alpha    rsa_private_key_path=${KEYS}/private.pem    authorized_users_path=${KEYS}/users.csv
    ${result} =    Run Iperf Client    beta    alpha    time=1s    bitrate=10M
    ...    username=tester    password=${PASS_PHRASE}    rsa_public_key_path=${KEYS}/public.pem
    Should Be True    $result.received.bytes > 0
    Should Be Equal    ${{str($result.options['password'])}}    ***

Wrong Password
    Start Iperf Server    alpha    rsa_private_key_path=${KEYS}/private.pem    authorized_users_path=${KEYS}/users.csv
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    beta    alpha    time=1s
    ...    username=tester    password=another-one    rsa_public_key_path=${KEYS}/public.pem
    Message Should Have    ${message}    the server did not accept it    test authorization failed    password
    Should Not Contain    ${message}    another-one

No Password At All
    Start Iperf Server    alpha    rsa_private_key_path=${KEYS}/private.pem    authorized_users_path=${KEYS}/users.csv
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    beta    alpha    time=1s
    Message Should Have    ${message}    the server did not accept it
    ${message} =    Run Keyword And Expect Error    *    Run Iperf Client    beta    alpha    username=tester
    ...    rsa_public_key_path=${KEYS}/public.pem
    Should Be Equal    ${message}    The option 'username' needs the option 'password' as well.

The Password Is Nowhere
    [Documentation]    Not in the processes of any host while the client runs, and not in any file of a whole run at the most talkative log level.
    ${robot} =    Start Process    ${{sys.executable}}    -m    robot    --loglevel    TRACE    --outputdir    ${OUTPUT_DIR}/inner
    ...    --variable    ALPHA:${ALPHA.url}    --variable    BETA:${BETA.url}    --variable    ADDRESS:${ALPHA.address()}
    ...    --variable    KEYS:${KEYS}    --debugfile    ${OUTPUT_DIR}/inner/debug.txt    ${INNER}    env:LAB_PASSWORD=${PASS_PHRASE}
    ...    stdout=${OUTPUT_DIR}/inner.txt    stderr=STDOUT
    ${words} =    Wait Until Keyword Succeeds    20s    20ms    Words While The Client Runs
    Should Not Contain    ${words}    s3cret
    ${ended} =    Wait For Process    ${robot}    timeout=30s    on_timeout=kill
    Should Be Equal As Integers    ${ended.rc}    0    ${ended.stdout}
    ${found} =    Run Process    grep    -rl    s3cret    ${OUTPUT_DIR}/inner    ${OUTPUT_DIR}/inner.txt
    Should Be Empty    ${found.stdout}


*** Keywords ***
Open Lab With Keys
    Open Lab With Devices
    VAR    ${KEYS}    /tmp/iperf-keys    scope=SUITE
    ${hash} =    Evaluate    hashlib.sha256(('{tester}' + $PASS_PHRASE).encode()).hexdigest()    modules=hashlib
    Run On Lab Host    alpha    mkdir    -p    ${KEYS}
    Run On Lab Host    alpha    openssl    genrsa    -out    ${KEYS}/private.pem    2048
    Run On Lab Host    alpha    openssl    rsa    -in    ${KEYS}/private.pem    -pubout    -out    ${KEYS}/public.pem
    Run On Lab Host    alpha    sh    -c    echo tester,${hash} >${KEYS}/users.csv
    ${public} =    Run On Lab Host    alpha    cat    ${KEYS}/public.pem
    Run On Lab Host    beta    sh    -c    mkdir -p ${KEYS} && printf '%s\\n' "$1" >${KEYS}/public.pem    sh    ${public}

Close Devices And Remove Keys
    Close Devices
    Run On Lab Host    alpha    rm    -rf    ${KEYS}
    Run On Lab Host    beta    rm    -rf    ${KEYS}

Words While The Client Runs
    [Documentation]    One look for both: the client may end between two.
    ${words} =    Evaluate    str([' '.join(p.argv) for host in ($ALPHA, $BETA) for p in host.processes()])
    Should Contain    ${words}    --username tester
    RETURN    ${words}
