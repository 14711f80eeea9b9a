*** Settings ***
Documentation       Robot's own Secret, which is there from 7.4 on.
Library             IperfLibrary


*** Variables ***
${PASSWORD: Secret}     %{LAB_PASSWORD}
${URL}                  not set


*** Test Cases ***
Secret
    Add Iperf Device    one    ${URL}    password=${PASSWORD}
    Start Iperf Server    one
