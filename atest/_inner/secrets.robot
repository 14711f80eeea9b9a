*** Settings ***
Documentation       Run by another suite, which looks for the password in everything that this one leaves.
Library             IperfLibrary


*** Variables ***
${URL}          not set
${KEY}          not set


*** Test Cases ***
Good Password From A Variable
    Add Iperf Device    one    ${URL}    password=${GOOD}
    Start Iperf Server    one

Good Password Of Another Kind
    Add Iperf Device    two    ${URL}    password=%{LAB_PASSWORD}
    Start Iperf Server    two

Wrong Password
    Add Iperf Device    three    ${URL}    password=${WRONG}
    Start Iperf Server    three

Plain Text In The Suite
    Add Iperf Device    four    ${URL}    password=plain-text-password
    Start Iperf Server    four

Passphrase
    Add Iperf Device    five    ${URL}    key_file=${KEY}    password=${WRONG}
    Start Iperf Server    five
