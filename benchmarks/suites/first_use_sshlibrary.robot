*** Settings ***
Documentation       The same with SSHLibrary.
Library             SSHLibrary    timeout=20s
Library             OperatingSystem


*** Test Cases ***
Downlink
    ${begin} =    Evaluate    time.perf_counter()
    SSHLibrary.Open Connection    ${{urllib.parse.urlsplit($ALPHA).hostname}}    alias=client
    Login With Public Key    ${{urllib.parse.urlsplit($ALPHA).username}}    ${KEY}
    SSHLibrary.Open Connection    ${{urllib.parse.urlsplit($BETA).hostname}}    alias=server
    Login With Public Key    ${{urllib.parse.urlsplit($BETA).username}}    ${KEY}
    SSHLibrary.Execute Command    pkill -f "iperf3 -s -p ${PORT}"
    SSHLibrary.Start Command    iperf3 -s -p ${PORT}
    Sleep    2s
    SSHLibrary.Switch Connection    client
    ${output} =    SSHLibrary.Execute Command    iperf3 -c ${ADDRESS} -p ${PORT} -t 1 -f m
    Should Be True    float(re.search(r'([\\d.]+) Mbits/sec.*receiver', $output)[1]) > 0
    SSHLibrary.Switch Connection    server
    SSHLibrary.Execute Command    pkill -f "iperf3 -s -p ${PORT}"
    SSHLibrary.Close All Connections
    ${took} =    Evaluate    time.perf_counter() - $begin
    OperatingSystem.Create File    ${OUTPUT_DIR}/seconds    ${took}
