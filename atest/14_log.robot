*** Settings ***
Documentation       Results in Robot's log, looked at with a real browser: all is there, fits in, and nothing goes wrong in it.
Library             Collections
Library             OperatingSystem
Library             Process
Library             String
Suite Setup         Log Blocks In A Robot Of Its Own


*** Variables ***
${INNER}        ${CURDIR}/_inner/log.robot
${LOG}          ${OUTPUT_DIR}/inner_log


*** Test Cases ***
Blocks In The Log
    [Template]    Log Should Be Fine
    light    1200
    dark     1200
    light    700
    dark     700

Links Lead To The Files
    ${found} =    Look At Log
    Length Should Be    ${found}[links]    6
    FOR    ${link}    IN    @{found}[links]
        ${path} =    Evaluate    urllib.request.url2pathname(urllib.parse.urlparse($link).path)    modules=urllib.request, urllib.parse
        File Should Exist    ${path}
    END

What Is Wrong Would Be Seen
    [Documentation]    The same look at a log into which something wide and something broken was put.
    ${found} =    Look At Log    break=document.querySelector('.iperf-block').innerHTML += '<p style="width:3000px">wide</p>'
    Should Not Be Empty    ${found}[overflowing]
    Should Be True    ${found}[beyond] > 1000
    ${found} =    Look At Log    break=setTimeout(function () { throw new Error('broken'); }, 0)
    Should Contain    ${found}[console]    broken


*** Keywords ***
Log Blocks In A Robot Of Its Own
    ${browser} =    Evaluate    next(filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))), None)
    Skip If    not $browser    There is no Chromium on this machine.
    VAR    ${BROWSER}    ${browser}    scope=SUITE
    ${result} =    Run Process    ${{sys.executable}}    -m    robot    --pythonpath    ${CURDIR}/..    --outputdir    ${LOG}    ${INNER}
    ...    stdout=${OUTPUT_DIR}/inner_log.txt    stderr=STDOUT    timeout=60s    on_timeout=kill
    Should Be Equal As Integers    ${result.rc}    0    ${result.stdout}

Log Should Be Fine
    [Arguments]    ${theme}    ${width}
    ${found} =    Look At Log    ${theme}    ${width}
    Should Be Equal    ${found}[theme]    ${theme}
    Should Be Equal    ${found}[title]    Log Log
    Should Be Equal As Integers    ${found}[blocks]    25
    Should Be Equal As Integers    ${found}[charts]    23
    Should Be Equal As Integers    ${found}[scripts]    0
    Should Be Empty    ${found}[overflowing]    ${found}[overflowing]
    Should Be True    ${found}[beyond] <= 0    The suite is ${found}[beyond] pixels wider than its box.
    Should Be True    ${found}[contrast] >= 4.5    Texts have a contrast of ${found}[contrast] only.
    Should Be Empty    ${found}[console]

Look At Log
    [Documentation]    Opens a copy of the log and returns what a script in it found, and what the browser's console had.
    [Arguments]    ${theme}=light    ${width}=1200    ${break}=
    ${script} =    Get File    ${CURDIR}/_inner/look.js
    ${script} =    Replace String    ${script}    /* BREAK */    ${break}
    # A keyword that has the whole log as an argument ends in a RecursionError.
    Evaluate    pathlib.Path($LOG, 'copy.html').write_text(pathlib.Path($LOG, 'log.html').read_text('utf-8') + '<script>' + $script + '</script>', 'utf-8')
    ${result} =    Run Process    ${BROWSER}    --headless    --no-sandbox    --disable-gpu    --hide-scrollbars
    ...    --user-data-dir\=${OUTPUT_DIR}/chromium    --window-size\=${width},2000    --virtual-time-budget\=10000
    ...    --enable-logging\=stderr    --dump-dom    file://${LOG}/copy.html?theme\=${theme}
    ...    stdout=${OUTPUT_DIR}/dom.html    stderr=${OUTPUT_DIR}/browser.txt    timeout=120s    on_timeout=kill
    ${found} =    Evaluate    json.loads(html.unescape(re.search('<pre id="found">(.*?)</pre>', $result.stdout).group(1)))
    ...    modules=json, html, re
    ${console} =    Get Lines Containing String    ${result.stderr}    CONSOLE
    Set To Dictionary    ${found}    console=${console}
    RETURN    ${found}
