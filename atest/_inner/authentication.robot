*** Settings ***
Documentation       Run by another suite, which looks for the password in all that this one leaves behind.
Library             IperfLibrary


*** Variables ***
${ALPHA}        not set
${BETA}         not set
${ADDRESS}      not set
${KEYS}         not set


*** Test Cases ***
Log In To A Server
    Add Iperf Device    alpha    ${ALPHA}    address=${ADDRESS}
    Add Iperf Device    beta    ${BETA}
    Start Iperf Server    alpha    rsa_private_key_path=${KEYS}/private.pem    authorized_users_path=${KEYS}/users.csv
    ${result} =    Run Iperf Client    beta    alpha    time=2s    bitrate=10M
    ...    username=tester    password=%{LAB_PASSWORD}    rsa_public_key_path=${KEYS}/public.pem
    Log    ${result}
    Log Many    &{result.options}
    Run Keyword And Expect Error    *the server did not accept it*    Run Iperf Client    beta    alpha    time=1s
    ...    username=somebody    password=%{LAB_PASSWORD}    rsa_public_key_path=${KEYS}/public.pem
