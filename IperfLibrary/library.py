"""The library itself: its documentation, its settings, and what Robot Framework tells it while a run goes on.

It is put together of the mixins of ``keywords``, in the order in which people look for them. As a listener it hears where tests and suites end.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from robot.api.deco import library

from .keywords.arguments import CONVERTERS, masked
from .keywords.assertions import Assertions
from .keywords.baselines import BaselineKeywords
from .keywords.capabilities import CapabilityKeywords
from .keywords.companions import CompanionKeywords
from .keywords.devices import DeviceKeywords
from .keywords.inventory import InventoryKeywords
from .keywords.parallel import ParallelKeywords
from .keywords.recovery import RecoveryKeywords
from .keywords.reserving import ReservationKeywords
from .keywords.results import ResultKeywords
from .keywords.searches import SearchKeywords
from .keywords.servers import ServerKeywords
from .keywords.state import State
from .keywords.sweeps import SweepKeywords
from .version import __version__


@library(scope="GLOBAL", version=__version__, listener="SELF", converters=CONVERTERS, doc_format="ROBOT")
class IperfLibrary(
    DeviceKeywords,
    InventoryKeywords,
    ReservationKeywords,
    CapabilityKeywords,
    ServerKeywords,
    SearchKeywords,
    CompanionKeywords,
    ParallelKeywords,
    RecoveryKeywords,
    SweepKeywords,
    ResultKeywords,
    Assertions,
    BaselineKeywords,
):
    """Keywords for network throughput tests with iperf: figures that can be trusted, failures that explain themselves.

    Name two devices, run traffic between them, and assert on what the *receiver* got. iperf3 and iperf2 are used in all their versions, on devices that are reached by SSH, telnet, a serial line or adb.

    - What iperf did not say is ``None``, never 0, and a run is no success because of an exit code: see `Results` and `Errors`.
    - A failure says what failed, where, what iperf said, the probable cause, and what to do.
    - Devices are left clean, also when a test times out or Robot Framework is killed: see `Life of processes`.

    %TOC%

    = Quick start =

    Two devices are named, an iperf server is started on one, a client runs on the other, and the result is held against a target:

    | ***** Settings *****
    | Library    IperfLibrary
    |
    | ***** Test Cases *****
    | Downlink Reaches The Target
    |     Add Iperf Device    dut    ssh://root@192.168.1.1    role=node
    |     Add Iperf Device    pc     local    address=192.168.1.2    role=tpc
    |     Start Iperf Server    dut
    |     ${result} =    Run Iperf Client    pc    server=dut    time=10s    parallel=4
    |     Get Iperf Bitrate    ${result}    >=    900 Mbit/s
    |     [Teardown]    Stop Iperf Server    dut

    `Run Iperf Test` is all of that in one line, with a server that is gone afterwards:

    | ${result} =    Run Iperf Test    dut    pc    downlink    time=10s
    | Get Iperf Bitrate    ${result}    >=    900 Mbit/s

    With no other machine at hand, add both devices as ``local``. The project has a user guide in ``docs/guide``, and suites to copy in ``examples``: router, Wi-Fi, UDP loss, soak, regression gate, Android.

    = Groups of keywords =

    | =Tag= | =Keywords for= |
    | ``Devices`` | naming devices and inventories, what they can do, bringing iperf along, reserving them |
    | ``Traffic`` | single servers and clients, in the foreground, in the background and in daemon mode; what is sampled beside them |
    | ``Tests`` | whole tests: repeated, beside each other, swept, searched, through an outage |
    | ``Results`` | files, stored output, the log |
    | ``Assertions`` | figures of a result and what they have to be; baselines |
    | ``Events`` | what one process tells another one |

    = Devices =

    A device is a name for a machine that can run iperf. `Add Iperf Device` says how it is reached, by a URL:

    | =URL= | =Reaches= |
    | ``local`` | this machine |
    | ``ssh://user@host:port`` | a machine with an SSH server; ``~/.ssh/config`` is read (HostName, User, Port, IdentityFile, UserKnownHostsFile, ProxyJump, ProxyCommand). ``?jump=user@first,user@second`` goes through jump hosts without a file |
    | ``sshlibrary:``, ``sshlibrary:alias`` | the session that the suite has opened with SSHLibrary: the one that is current when the device is added, or the one with this alias or index. It is left as it is, and never closed. With several SSHLibraries: ``sshlibrary:alias?library=Router`` |
    | ``telnet://user@host:port`` | the console of a device, by telnet: the password crosses the network in the clear |
    | ``serial:///dev/ttyUSB0?baudrate=115200`` | the console of a device at a serial line; the user is ``serial://user@/dev/ttyUSB0`` |
    | ``adb:SERIAL``, ``adb:HOST:PORT``, ``adb:`` | an Android device (7 or later), the only one where none is named. The adb server has to run already: ``adb start-server`` |
    | ``dummy:HOST`` | a device on which something else runs iperf, as an app or an appliance does: clients run against it |
    | ``fake:dut.yaml`` | no device: recorded outputs are told once more, to try suites without a lab. Nothing is measured, and each result says so (``fake``). The format is in ``docs/fake.md`` |

    Other schemes may be installed beside this library. The traffic goes to the host of the URL unless ``address`` names another; serial lines and USB have none.

    A device needs a POSIX shell, ``cat``, ``sleep``, ``rm``, and ``ls`` or ``readlink``: busybox and dropbear will do. `Install Iperf On Device` brings iperf along where there is none.
    A server is ready when the device shows that it listens: in ``/proc``, else by ``lsof``, ``sockstat``, ``fstat``, ``ss`` or ``netstat``. Where none of them works it can only be a client.
    A console needs, besides, ``mkfifo`` or ``mknod``, one of ``base64``, ``uuencode``, ``xxd``, ``hexdump``, ``od``, and one of ``cksum``, ``md5sum``, ``sha1sum``, ``sha256sum``; nobody else should use it meanwhile.

    With ``through=pc`` the ``ssh`` or ``adb`` program of the device ``pc`` is the way, with the keys and known hosts there; such ways may be chained.

    A lab fits into a file, which one ``--variable`` swaps: see `Add Iperf Devices From File`. `Get Iperf Capabilities` tells what a device can do.

    The ``role`` is ``node`` for the device under test or ``tpc`` for the traffic PC. With roles, results and files have a
    direction: ``upstream`` when the node sends, ``downstream`` when the traffic PC does.

    = Prefixes =

    ``prefix`` of `Add Iperf Device` puts words in front of every command on that device, so that iperf runs as another user, in a network namespace, in a container, on one CPU:

    | Add Iperf Device    dut     ssh://tester@192.168.1.1    prefix=sudo -n
    | Add Iperf Device    blue    local    prefix=ip netns exec blue    address=10.0.0.2
    | Add Iperf Device    box     ssh://root@192.168.1.1    prefix=docker exec -i box    address=172.17.0.2

    The words are split as a shell splits them, and nothing in them is expanded. What they start must take a command behind them, hand its standard input on
    (``docker exec`` needs ``-i``), and ask for nothing (``sudo`` needs ``-n``).

    = Tools =

    Both tools are used, in all versions: iperf3 from 3.0 and iperf2 from 2.0.4 on. The version on each device is asked once. With ``tool=auto`` a client takes
    the tool of the server that it is run against; a server is iperf3 where that is there and, with two devices, where both have it, else iperf2.

    - iperf3 tells what both ends counted. With UDP, versions up to 3.10 tell the rate of the sender and the loss, but not the receiver's rate, which is ``None``.
    - An iperf2 client knows only its own end of a TCP connection. What the receiver got comes from the server's output, where this library has started it;
      else it is ``None``.
    - iperf2 has no common language with iperf3. A client of one against a server of the other fails, or knows no receiver's figure.

    = Options =

    The options of iperf are named arguments with iperf's own long names: ``time=10s``, ``bitrate=50M``, ``udp=True``.
    Wrong names, values, units and clashes fail before anything runs. What has no argument here goes through ``extra``.
    Each keyword that takes them has the list, with the versions that have each first: see `Run Iperf Client` and `Start Iperf Server`. So has ``python -m IperfLibrary options``.

    = Units =

    - Rates are bits per second: ``900 Mbit/s``, ``10M``, ``1.5 Gbps``, ``100 MByte/s``. Prefixes of bits are decimal: M is 1,000,000.
    - Sizes are bytes: ``128K``, ``10 MByte``, ``1470``. Prefixes of bytes are binary, as in iperf: K is 1024.
    - Times are [https://robotframework.org/robotframework/latest/RobotFrameworkUserGuide.html#time-format|Robot's]: ``10``, ``10s``, ``1 min 30 s``, ``500ms``.

    = Results =

    `Run Iperf Client` returns a result. The headline is what the *receiver* got. What iperf did not say is ``None``, never 0.

    | =Attribute= | =Meaning= |
    | ``bits_per_second`` | rate at the receiver, in bits/s |
    | ``received``, ``sent`` | what the receiver and the sender counted: ``bytes``, ``bits_per_second``, ``seconds`` |
    | ``retransmits`` | segments that the sender sent again (TCP) |
    | ``jitter_ms``, ``lost_packets``, ``packets``, ``lost_percent``, ``out_of_order`` | what the receiver found (UDP) |
    | ``flows`` | one for each direction: ``direction``, ``reverse``, ``sender``, ``receiver``, ``streams``, ``intervals``, ``measured_at`` |
    | ``upstream``, ``downstream`` | the flow of that direction, where roles are known |
    | ``intervals`` | the periodic reports: ``start``, ``end``, ``bytes``, ``bits_per_second``, ``omitted`` ..., by the receiver where it is the client or a server that this run has started, else by the sender (``measured_at``) |
    | ``protocol``, ``options``, ``client``, ``server`` | what was run and where |
    | ``client_version``, ``server_version`` | of iperf on both ends |
    | ``client_cpu_percent``, ``server_cpu_percent`` | CPU time that iperf used |
    | ``raw_file``, ``parsed_file`` | paths of the tool's output byte for byte, and of its figures as CSV |
    | ``companions``, ``latency``, ``checks`` | what was found beside the run: `Companions`, `Latency under load`, `Cross-check` |
    | ``partial`` | true when the run was stopped before its end |
    | ``fake`` | true when a fake device told recorded figures: nothing was measured |

    After a run in both directions (``bidir``) the attributes of the result itself are those of the *worse* direction, so that an assertion
    on them holds for both: the lower rate, the higher loss and jitter. Retransmits and packets are summed. Look at ``flows`` for each.

    = Repeats =

    `Run Iperf Test` with ``repeat`` or ``until_ci`` returns several results as one value:

    | =Attribute= | =Meaning= |
    | ``results`` | each result, in order; nothing is dropped |
    | ``bitrate`` | the bit rates at the receiver in bits/s, with the attributes below |
    | ``.mean``, ``.median``, ``.values`` | mean, median, and each value |
    | ``.stdev``, ``.cv`` | standard deviation (n - 1), and the same in per cent of the mean |
    | ``.interval``, ``.uncertainty`` | 95 % confidence interval of the mean, by Student's t, and half of it in per cent of the mean |
    | ``.outliers`` | which runs lie outside Tukey's fences, counted from 1 |
    | ``figures`` | the same for every figure that all runs reported, by the name of its keyword: ``${runs.figures['loss'].mean}`` |

    The log has all of it in one block, with a chart of the runs.

    - The interval is [https://www.itl.nist.gov/div898/handbook/eda/section3/eda352.htm|Student's t interval]: it holds where single runs are independent of each other and about normally
      distributed. Runs right after each other often are not independent: ``recovery_time`` helps.
    - Outliers lie outside [https://www.itl.nist.gov/div898/handbook/prc/section1/prc16.htm|Tukey's inner fences], 1.5 interquartile ranges beyond the quartiles; they are told among four runs or more, and count like all others.
    - Who repeats until an interval is narrow stops a little too early where the runs happen to agree. With ``until_ci``, 92 % to 95 % of the intervals that say 95 % have the true mean in them
      (simulated with normally distributed runs): the fewest where it takes many runs. ``repeat`` has no such error.

    = Sweeps =

    `Run Iperf Sweep` runs a test with every combination of the options that have several values:

    | @{LENGTHS} =    Create List    128    512    1448
    | ${sweep} =    Run Iperf Sweep    dut    pc    length=@{LENGTHS}    parallel=[1, 4]    time=5s
    | Get Iperf Bitrate    ${sweep.at(length=1448, parallel=4)}    >=    900 Mbit/s

    A list is a variable, or is written in brackets as Robot's own conversion takes lists, with texts in quotes: ``['128K', '1M']``. A comma alone makes no list: ``length=1,024`` is a number.

    = Cross-check =

    `Run Iperf Test` also reads what the kernels of both devices counted on the interface that leads to the other one, right before and after the run, and compares that with what iperf claims. They must have counted
    at least what the receiver got, and at most what was sent, with all headers, what was sent again, and some other traffic (5 % and 1 MB). A gap is a warning with figures, and in the log's block of the result: too little hints
    at traffic that took another way, or at a wrong figure; too much at other traffic beside the test.

    ``checks`` of the result has for each device and direction ``device``, ``counter`` (``tx`` or ``rx``), ``interface``, ``counted_bytes``, ``least_bytes``, ``most_bytes``, ``gap_bytes`` and ``agrees``, which is ``None``
    where that cannot be known, as without ``/proc``; ``unknown`` says why. ``cross_check=False`` leaves it out, and ``cross_check=True`` asks `Run Iperf Client` for it.

    = Companions =

    `Add Iperf Companion` names something that is sampled beside every run: a command of any device, or a keyword. Each result has it in ``companions``:

    | =Attribute= | =Meaning= |
    | ``name``, ``unit``, ``source``, ``device`` | what it is |
    | ``points`` | each with ``seconds`` since the traffic began, as of intervals, and ``value``, which is ``None`` where it could not be read. What was before the traffic and in the warm-up has seconds below 0 |
    | ``min``, ``mean``, ``max``, ``values`` | of the known values from 0 s on |
    | ``unknown``, ``said`` | how often it could not be read, and why the last time |

    `Get Iperf Companion` asserts on them. The chart in the log has a panel for each, the record for CI its least, mean and most.

    - A *command* is one process on the connection of its device, which loops there: no log-in for each sample. It runs while the run does, also in the background.
      Where the device has ``/proc/uptime``, values are placed by its own clock, so neither a slow network nor a slow command moves them.
    - A *keyword* is run by the main thread while a keyword of this library waits for a run, so not between `Start Iperf Client` and `Wait For Iperf Client`. The run is
      not looked at meanwhile: keep it short. A test timeout that strikes in it may have to wait for its end. One that takes longer than its pause is run half of the time at most.
    - What fails is unknown at that moment and told in a warning; it never fails a run, nor hides how that ended. At the end nobody waits for companions: the leash ends them on their device.
    - 0 s is exact where iperf tells its intervals while it runs (iperf2, iperf3 from 3.18 on or with ``live=True``); else it is when the client was started, so earlier by the time that it took to connect.

    = Latency under load =

    `Run Iperf Client`, `Start Iperf Client` and `Run Iperf Test` with ``latency=True`` measure the round trip from the client's device to the server's address by ``ping``, five times a second:
    for ``latency_idle`` (2 s) before the traffic, and while it runs. What a full queue on the way adds (bufferbloat) is the difference.

    | =Attribute= | =Meaning= |
    | ``latency.idle``, ``latency.loaded`` | ``median_ms``, ``mean_ms``, ``min_ms``, ``max_ms``, ``p95_ms``, ``p99_ms``, ``sent_probes``, ``lost_probes``, ``lost_percent`` before and during the traffic |
    | ``latency.added_ms`` | by how much the median became longer |
    | ``latency.probes`` | each with ``seconds``, ``rtt_ms`` (``None`` is lost) and ``phase`` |

    `Get Iperf Latency` and `Get Iperf Probe Loss` assert on them.

    - The very first probe, which has to find its way, and those of the warm-up (``omit``) count as neither idle nor loaded.
    - Where there is no ping, where it may not run, or where nothing answers, the keyword fails before any traffic, and says why.
    - The pings of iputils, busybox, toybox, macOS and the BSDs are understood. An old one of busybox probes once a second. That of toybox tells whole milliseconds only, rounded down.
    - Probes have no DSCP, whatever the traffic has. After the traffic, replies that are on their way get at most 5 s.
    - `Run Iperf Tests In Parallel` does not take it.

    = Assertions =

    `Get Iperf Bitrate` and its sisters return one figure of a result, and check it when they are given an operator and what it should be, with a unit:

    | Get Iperf Bitrate    ${result}    >=    900 Mbit/s
    | Get Iperf Loss    ${result}    <    0.1%    The Wi-Fi loses too much
    | Get Iperf Jitter    ${result}    <=    2 ms    direction=downstream
    | Get Iperf Bitrate    ${result}    validate    4e8 < value < 6e8

    The operators are those of [https://github.com/MarketSquare/AssertionEngine|Robot Framework's assertion engine] for numbers: ``==``, ``!=``, ``<``, ``>``, ``<=``, ``>=``, ``validate``, ``then``.
    After them come the expected value and a message for the failure, which may have ``{value}`` and ``{expected}``. ``validate`` takes a Python expression that is true or false, in which ``value`` is the figure
    as a plain number; ``then`` returns what its expression gives, and judges nothing.

    An expected rate or size has its unit: a bare ``1000`` is refused, as it would be 1 kbit/s. Per cent are per cent with and without the sign: ``0.05`` is 0.05 %. Bare times are milliseconds for jitter, round trips
    and latency, else seconds.

    `Get Iperf Loss` and `Get Iperf Lost Packets` fail where a limit holds only since the sender did not reach 90 % of its ``bitrate``: its own link or CPU was too slow, so it sent less and lost nothing.

    | =Argument= | =Meaning= |
    | ``end`` | ``receiver`` or ``sender``, where both know the figure. Of intervals those of the receiver are meant; where only a TCP sender at full speed has told its own, these, and the verdict says so. A sender over UDP, or with a ``bitrate``, goes on counting while nothing arrives: its intervals are only taken with ``end=sender`` |
    | ``direction`` | ``upstream``, ``downstream`` or another word for them as `Run Iperf Test` takes it, ``forward`` or ``reverse``; with two directions and none named, it is the worse figure, or the sum of what is counted |
    | ``stream`` | one of the parallel streams; the first is 1 |
    | ``aggregate`` | of the intervals: ``mean``, ``min``, ``max``, ``median``, ``p1`` to ``p99`` (percentiles), ``stdev`` (of a sample), ``cv`` (``stdev`` in per cent of the mean). The warm-up and a last moment that is shorter than half an interval are left out |

    A figure that iperf did not report fails, whatever it is compared with. Without an operator it is ``None``.

    To calculate with a figure, keep it in a variable. It is a number that prints itself with its unit, so write it without braces where Python reads it: ``$rate`` and not ``${rate}``.

    | ${rate} =    Get Iperf Bitrate    ${result}
    | Log    The link carries ${rate}.
    | Should Be True    $rate > 0.9 * $expected_rate
    | ${mbits} =    Evaluate    round($rate / 1e6, 1)

    Attributes of a result are plain numbers, in the unit of their name: ``${result.bits_per_second}``, ``${result.jitter_ms}``.

    = Baselines =

    `Compare With Iperf Baseline` tells whether a figure got worse since it was recorded. Baselines are lines of a text file that belongs into the repository of the suite: ``iperf-baselines.jsonl`` in the directory of the
    suite file (``${SUITE SOURCE}``), unless ``file`` names another one. Each key and figure has its latest line and up to 19 before it, its history. Branches that record different baselines merge; with the line
    ``iperf-baselines.jsonl merge=union`` in ``.gitattributes`` those of the same baseline do, too, and the latest one counts.

    The variable ``IPERF_BASELINE``, of Robot Framework or of the environment, says what is done with baselines. With the first two, those that are there are compared:

    | =Value= | =Meaning= |
    | ``record`` | one that is not there is recorded, with a warning; so it is unless something else is said |
    | ``strict`` | where one is not there, the keyword fails and says how to record it; so it is where the environment has ``CI``, as CI systems set it |
    | ``update`` | all are recorded anew, with a warning, and nothing is compared: ``robot --variable IPERF_BASELINE:update --test Downlink lan.robot`` |

    How it is decided:

    - A figure is as good where it is *shown* that it is not worse by more than the tolerance: a test of non-inferiority. With repeats on both sides it is
      [https://www.itl.nist.gov/div898/handbook/prc/section3/prc31.htm|Welch's t test], on one side at 95 %: of figures that are exactly at the limit, 5 % pass, and of those beyond it fewer. It holds where runs are independent and about normally
      distributed.
    - One run against several is taken to scatter as those do (the t test of Crawford and Howell, 1998). One run against one is compared as it is: nothing is known of the scatter.
    - Where runs scatter too much to tell, the verdict is *not shown*. It fails, too, and says how many runs would tell. With a scatter of 2 % and a tolerance of 5 %, five runs on each side are enough to pass in 98 % of the cases, and three in 76 %.
    - Days differ from each other more than runs of one day do. The tolerance is for that, too.
    - ``5%`` is always a part of the baseline, also of a loss: of 0 % that is nothing. ``0.1 points`` are percentage points.

    Devices, versions and options are kept with a baseline. Another tool, protocol, direction or option that changes the traffic makes another test, so the keyword fails without comparing, unless ``same_options=False``. Other devices and versions are a warning.

    The log has a block with the verdict and a chart of the history; the records have the verdict, too.

    = Errors =

    A client run is a success only when there is a summary for each direction and stream that was asked for, data arrived
    at the receiver, and iperf reported no error, whatever its exit code says. Anything else fails the keyword, with a
    message that says what failed and where, what iperf said, the probable cause, and what to do.

    A wrong name, value, unit or clash of options, and an option that the iperf of a device is too old for, fail before anything runs. After a failure `Get Last Filename` leads to what iperf printed.

    = Files =

    The output of each run is kept in ``${OUTPUT_DIR}/raw_iperf``, a client's under a name like ``downstream_tx_tcp_pc_client_20260102T030405.678901.json``:

    | =Part= | =Meaning= |
    | ``downstream`` | the direction; left out where the roles are not known |
    | ``tx`` | the device of the file sends; ``rx``: it receives; ``txrx``: both |
    | ``tcp`` | the protocol: ``tcp``, ``udp``, ``sctp`` |
    | ``pc`` | the device |
    | ``client`` | the argument ``name`` |
    | ``20260102T030405.678901`` | when it was started, by the clock of the controller |

    A server's file has the device, the name and the time alone, since a server cannot know who will come. The server of a whole test is called ``test-server`` where the test is called ``test``. The files of fake devices begin with ``fake_``.
    The suffix is ``json`` for iperf3, also where it was told to print text (``live=True``), and ``txt`` for iperf2. What iperf printed on stderr stands beside the file, in one with ``.stderr`` behind the whole name. ``${OUTPUT_DIR}/parsed`` has the figures as CSV under the same name.
    Characters that do not belong into file names become ``-``, and so does ``_``.

    = Log and records =

    The log has a block for each result: figures of both ends and directions, streams, a chart of the bit rate over time with loss or retransmits beneath,
    options, versions, and links to the files. Repeats, sweeps, searches and tests in parallel have one more of all together. It works offline, in Robot's light and dark theme. With Robot Framework 7.5 or newer a test has its results among its metadata.

    ``${OUTPUT_DIR}/iperf-results.jsonl`` gets one line of JSON for each result, each recovery and each run that failed, when its test ends, with suite, test, devices, versions, options, figures and
    what was asked of them; ``iperf-results.csv`` beside it has the same as a table. Several processes may write into one directory.
    ``python -m IperfLibrary report DIR...`` makes one page of any number of output directories, with trends.

    Under [https://pabot.org|pabot] raw and parsed files are in the ``${OUTPUT_DIR}`` of their process, and the links in the log of all lead there. Both files of records are in the output
    directory of the whole run, which counts as one. pabot removes the directories of its processes when it runs there again.

    = Life of processes =

    Every iperf that this library starts is ended

    - when it is stopped,
    - when its keyword fails or times out,
    - when the scope that owns it ends (see `Importing`),
    - when the connection to its device drops,
    - when Robot Framework itself is killed: a few words of shell beside iperf on the device notice that.

    Only processes that this library started are ever ended.

    = Timeouts =

    A client must be done within ``max(120 s, 1.5 × duration)``, or within ``timeout`` where that is given. Then it is stopped,
    and the keyword fails. What was measured until then is in the raw file.

    - ``stall``: a client that has printed intervals and then none for so long is stopped, and the keyword fails. Unless given it is 60 s, or three intervals where that is longer; 0 s is never.
      iperf2 prints them while it runs, and iperf3 from 3.18 on; 3.1.5 to 3.17 are told to when ``stall`` is given, and then print as text, with fewer digits.
      An interval without data is no stall. ``stall`` must be longer than ``interval``.
    - ``fail_on_zero_interval=True``: an interval without any data fails the keyword, at once where intervals are seen while the client runs. A client that sends over UDP, or with a ``bitrate``, goes on counting while nothing arrives: there the server tells it, at the end, and has to have intervals as long as the client's.
    - ``retry``: how long a busy server is tried again, with growing pauses. An iperf3 server serves one client at a time.

    A server of this run that still waits for a client that is gone is started anew for the next one, and a warning tells so.

    = Daemon mode =

    `Start Iperf Server` with ``daemon=True`` detaches the server from its connection, so that the device may go out of reach while traffic runs. Its output
    goes to a file on the device, whose path `Get Last Filename` returns. `Stop Iperf Server` connects again if need be, ends exactly that process,
    fetches the file into ``raw_iperf`` and returns the results in it.

    A daemon is the one exception from the rule that nothing outlives its controller. It ends with its test like any other server where the device can be
    reached then; where it cannot, `Stop All Iperf Processes` and the end of the run try again. With ``keep=True``, or when Robot Framework was killed, it goes on until another run takes it over: `Adopt Iperf Servers`. A small file beside
    its output tells which process it is; a process that has got the same number meanwhile is left alone.

    While it runs, the library does not look at its output. What the server saw is not in a client's result, but in those of `Stop Iperf Server`.

    = Reservations =

    A device can be kept for one run alone: `Reserve Iperf Devices` for a test (in a suite setup: for the suite), ``exclusive=True`` of `Add Iperf Device` for as long as the device is known.
    Whoever reserves it as well waits for up to ``wait`` (10 minutes unless given), and fails then with who has it, since when, and for which test.

    | Reserve Iperf Devices    dut    pc    wait=20 min
    | Add Iperf Device    dut    ssh://root@192.168.1.1    exclusive=True

    Where pabot runs with PabotLib, its processes queue by the lock with the name of the device. Besides, a small process on the device and two files in its directory for temporary
    files (``iperflibrary-reserved...``) tell all other controllers. They end with the reservation, with the connection, and with the controller, also when that is killed; if it
    loses power, within about a minute. Each network namespace of a machine is a device of its own. When a reservation was lost, nothing is started on the device any more until it is reserved again.

    Reserve all devices that a test needs in one call: it gets all or none. Who reserves nothing is not hindered.

    = Security =

    - Give a password as Robot's ``Secret`` variable (Robot Framework 7.4 or newer), or as a variable that comes from outside, like ``password=%{DUT_PASSWORD}``: then no log has it at any level.
      A plain ``password=secret`` in a suite is masked in Robot's log, too, but not in a ``--debugfile``, nor in other keywords that take the text by itself, like *Set Variable*.
    - The password for the log-in of iperf3 itself goes there through the environment: it is on no command line and in no file.
    - A host key that is not in ``known_hosts`` is refused, unless ``host_key`` of `Add Iperf Device` says otherwise. By telnet passwords and all else cross the network in the clear.
    - What a suite, a device or iperf says becomes no shell command, no path outside of the output directory, no HTML in the log, and no control sequence on the terminal. ``prefix`` and the
      ``command`` of a companion are commands, of course.

    = Limits =

    - Rates are goodput: the bytes that applications get, without the headers of TCP or UDP, IP and Ethernet. 1 Gbit/s of Ethernet carries 941 Mbit/s of TCP at best.
    - A loss at the very end of a UDP run is counted as loss; iperf itself notices one only by the next packet that comes. With ``bytes`` over TCP the receiver may have counted a little
      less when the run ended.
    - An iperf3 server takes one client at a time. For several at once, start several, as `Run Iperf Tests In Parallel` does.
    - A device needs a POSIX shell. One without, as Windows, can only be a ``dummy:``.
    - The library is tested with real iperf over real SSH on Linux. What is for macOS, the BSDs and Android was tried against look-alikes.
    """

    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self, auto_stop: str = "TEST", directory: Path | None = None, progress: bool = True) -> None:
        """``auto_stop`` says what ends the iperf processes that nobody stopped.

        - ``TEST`` (default): the end of the test that started them; what a suite setup started, the end of that suite.
        - ``SUITE``: the end of the suite.
        - ``RUN``: the end of the whole run.

        ``directory`` is where files go in place of ``${OUTPUT_DIR}``.

        On a terminal, each running client has a line on the console while a keyword waits for one: the time and, where iperf tells its intervals while it runs (iperf2, iperf3 from 3.18 on, older ones with ``live=True``), the current rate and the mean. It is gone when
        the client is done. ``progress=False`` turns it off, and so do ``--console quiet`` and ``none``.

        Example:
        | Library    IperfLibrary    auto_stop=SUITE
        """
        self._state = State(auto_stop, directory, progress)

    # -- Robot Framework calls the methods of a listener

    def _start_keyword(self, data: Any, result: Any) -> None:
        """Masks a password that a suite has as plain text, before Robot writes it into its log."""
        result.args = tuple(masked(argument) for argument in result.args)

    def _end_test(self, data: Any, result: Any) -> None:
        self._state.end_scope(result.full_name)
        self._state.tell_end(result)

    def _end_suite(self, data: Any, result: Any) -> None:
        self._state.end_scope(result.full_name)
        self._state.tell_end()

    def _close(self) -> None:
        self._state.close()
