*** Settings ***
Documentation       Run by another suite, in a Robot of its own: three instances, each of which leaves a server to its own scope. ${PIDS} is where
...                 their numbers go.
Library             IperfLibrary    AS    Brief
Library             IperfLibrary    auto_stop=SUITE    directory=${OUTPUT_DIR}/long    progress=False    AS    Long
Library             OperatingSystem
Resource            compatibility.resource


*** Variables ***
${PIDS}     ${OUTPUT_DIR}/pids.txt


*** Test Cases ***
Each Starts A Server
    FOR    ${instance}    IN    Brief    Long    Lab
        Run Keyword    ${instance}.Add Iperf Device    same    local
        ${server} =    Run Keyword    ${instance}.Start Iperf Server    same
        ${result} =    Run Keyword    ${instance}.Run Iperf Client    same    ${server}    time=1s    bitrate=20M
        ${last} =    Run Keyword    ${instance}.Get Last Filename
        Should Be Equal    ${last}    ${result.raw_file}
        VAR    ${${instance}}    ${server}    scope=SUITE
        Append To File    ${PIDS}    ${instance} ${server.pid}\n
    END
    Should Start With    ${Brief.filename}    ${OUTPUT_DIR}${/}raw_iperf
    Should Start With    ${Long.filename}    ${OUTPUT_DIR}${/}long
    Should Start With    ${Lab.filename}    ${OUTPUT_DIR}${/}of_resource

Each Ends In Its Own Scope
    Should Be True    not $Brief.running
    Should Be True    $Long.running and $Lab.running

What One Does Is Not The Other's
    Brief.Stop All Iperf Processes
    Brief.Remove Iperf Device    same
    Run Keyword And Expect Error    There is no device 'same'.*    Brief.Get Iperf Device    same
    Long.Get Iperf Device    same
    Should Be True    $Long.running and $Lab.running

A Password Is Masked By Each
    Brief.Add Iperf Device    secret    ssh://u@192.0.2.1    password=s3cr3t-plain
    Long.Add Iperf Device    secret    ssh://u@192.0.2.1    password=s3cr3t-plain
