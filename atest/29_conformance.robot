*** Settings ***
Documentation       Every connection keeps the contract of connections, on a real device that is looked at from outside. A new connection is one more line here;
...                 those that need something started for them have theirs in their own suites, by the same keyword.
Resource            resources/lab.resource
Library             resources/Conformance.py
Suite Setup         Open Lab
Suite Teardown      Hosts Should Be Clean
Test Tags           once
Test Template       Connection Should Conform


*** Test Cases ***                      URL             HOST        MORE
Over SSH                                ${ALPHA.url}    ${ALPHA}
Over SSH With Words In Front            ${BETA.url}     ${BETA}     prefix=${{('env', 'X=1')}}    large=200000    file=200000
