"""The lab's own tests: ``python -m pytest atest/lab``; those of namespaces need root."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import paramiko
import pytest

from . import keeper, leftovers, loopback, netns, procfs, sshd
from . import lab as lab_module
from .host import Host, Process
from .lab import FEATURES, Lab
from .shell import LabError, execute, find, until

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = Path(__file__).with_name("LabLibrary.py")
OBSTACLE = {"netns": netns.obstacle(), "loopback": loopback.obstacle()}
IPERF3 = pytest.mark.skipif(find("iperf3") is None, reason="iperf3 is not installed")
CONTROLLER = """
import sys
from atest.lab.lab import Lab
lab = Lab(sys.argv[1]).up()
print(lab.folder, lab.host("alpha").ssh_host, sep="\\n", flush=True)
input()
"""


def _lab(mode: str) -> Lab:
    if OBSTACLE[mode]:
        pytest.skip(f"no {mode} lab here: {OBSTACLE[mode]}")
    return Lab(mode)


@pytest.fixture(scope="module", params=["netns", "loopback"])
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with _lab(request.param) as up:
        yield up


@pytest.fixture(scope="module")
def net() -> Iterator[Lab]:
    with _lab("netns") as up:
        yield up


@pytest.fixture
def port() -> int:
    return loopback.free_port()


def ssh(lab: Lab, host: Host, command: str, **changes: Path) -> subprocess.CompletedProcess[str]:
    exchange = {str(getattr(lab.keys, name)): str(new) for name, new in changes.items()}
    words = [lab_word(word, exchange) for word in lab.ssh(host)]
    return subprocess.run([*words, command], check=False, text=True, capture_output=True, timeout=10)


def lab_word(word: str, exchange: dict[str, str]) -> str:
    option, equals, value = word.rpartition("=")
    return option + equals + exchange.get(value, value)


def connect(lab: Lab, host: Host, user: str, **login: Any) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.load_host_keys(str(lab.keys.known_hosts))
    client.connect(
        host.ssh_host,
        host.ssh_port,
        user,
        look_for_keys=False,
        allow_agent=False,
        **{"timeout": 5, **login},
    )
    return client


def said(client: paramiko.SSHClient, command: str) -> str:
    with client:
        return client.exec_command(command, timeout=5)[1].read().decode().strip()


def iperf3(lab: Lab, link: str, *options: str, family: int = 4) -> dict[str, Any]:
    alpha, beta = lab.host("alpha"), lab.host("beta")
    port = loopback.free_port()
    server = beta.spawn(["iperf3", "-s", "-1", "-p", str(port)])
    beta.wait_for_listener(port)
    target = ["-c", beta.address(link, family), "-p", str(port)]
    done = alpha.run(["iperf3", *target, "-J", "-t", "1", *options])
    server.communicate(timeout=5)
    result: dict[str, Any] = json.loads(done.stdout)["end"]
    return result


def assert_nothing_left(folder: Path, hosts: list[Host], namespaces: set[str]) -> None:
    assert not folder.exists()
    assert not leftovers.marked(folder.name)
    assert not [host for host in hosts if host.processes()]
    assert not namespaces & {procfs.pid_namespace(pid) for pid in procfs.pids()}
    assert folder.name not in Path("/proc/self/mountinfo").read_text()


def net_namespaces(lab: Lab) -> set[str]:
    pids = [pid for host in lab.hosts.values() for pid in host.pids()]
    return {procfs.pid_namespace(pid) for pid in pids} - {procfs.pid_namespace()}


def network_of_controller() -> str:
    return "".join(execute(["ip", *words]) for words in (["link"], ["route"], ["netns", "list"]))


def devices(address: str) -> list[str]:
    _, second, third, _ = address.split(".")
    return [f"iperf-{second}-{third}-{index}" for index in range(2)]


# Logging in


def test_key_login(lab: Lab) -> None:
    for host in lab.hosts.values():
        done = ssh(lab, host, "echo $LAB_HOST")
        assert (done.returncode, done.stdout.strip()) == (0, host.mark), done.stderr


def test_url_names_user_and_port(lab: Lab) -> None:
    host = lab.host("alpha")
    port = "" if lab.mode == "netns" else f":{host.ssh_port}"
    assert host.url == f"ssh://{host.user}@{host.ssh_host}{port}"


def test_encrypted_key_login(lab: Lab) -> None:
    host, keys = lab.host("beta"), lab.keys
    login = {"key_filename": str(keys.encrypted), "passphrase": keys.passphrase}
    assert said(connect(lab, host, host.user, **login), "echo in") == "in"
    with pytest.raises(paramiko.SSHException):
        connect(lab, host, host.user, **{**login, "passphrase": "wrong"})


def test_stranger_is_refused(lab: Lab) -> None:
    done = ssh(lab, lab.host("alpha"), "true", client=lab.keys.stranger)
    assert "Permission denied" in done.stderr


def test_wrong_known_hosts(lab: Lab) -> None:
    done = ssh(lab, lab.host("alpha"), "true", known_hosts=lab.keys.wrong_known_hosts)
    assert "Host key verification failed" in done.stderr


def test_password_login(net: Lab) -> None:
    tester, host = net.tester, net.host("alpha")
    client = connect(net, host, tester.name, password=tester.password)
    assert said(client, "id -un; pwd; touch it; ls") == f"{tester.name}\n{tester.home}\nit"
    with pytest.raises(paramiko.AuthenticationException):
        connect(net, host, tester.name, password="wrong")


def test_sftp(lab: Lab) -> None:
    host = lab.host("alpha")
    with connect(lab, host, host.user, key_filename=str(lab.keys.client)) as client:
        assert "etc" in client.open_sftp().listdir("/")


# Hosts


def test_hosts_are_separate(net: Lab) -> None:
    alpha, beta = net.host("alpha"), net.host("beta")
    alpha.run(["touch", "/tmp/mine", "/root/mine"])
    assert "mine" not in beta.run(["ls", "/tmp", "/root"]).stdout
    assert not Path("/tmp/mine").exists()
    assert [host.run(["uname", "-n"]).stdout for host in (alpha, beta)] == ["alpha\n", "beta\n"]


def test_hosts_cannot_change_the_machine(net: Lab) -> None:
    done = net.host("alpha").run(["touch", "/etc/mine"], check=False)
    assert "Read-only file system" in done.stderr


def test_hosts_can_read_the_project(lab: Lab) -> None:
    lab.host("alpha").run(["test", "-r", __file__])


def test_hosts_have_no_way_out(net: Lab) -> None:
    for family in ("-4", "-6"):
        assert "default" not in net.host("alpha").run(["ip", family, "route"]).stdout


def test_run(lab: Lab) -> None:
    host = lab.host("alpha")
    assert host.run(["echo", "two words", "*"]).stdout == "two words *\n"
    assert host.run(["false"], check=False).returncode == 1
    with pytest.raises(LabError, match=r"alpha: sh -c .*: exit code 3: oops"):
        host.run(["sh", "-c", "echo oops >&2; exit 3"])


def test_run_as_another_user(net: Lab, lab: Lab) -> None:
    name = net.tester.name
    assert net.host("alpha").run(["id", "-un"], user=name).stdout == f"{name}\n"
    if lab.mode == "loopback":
        with pytest.raises(LabError, match="no other user"):
            lab.host("alpha").run(["id"], user=name)


def test_sigint_is_not_ignored(lab: Lab) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        status = lab.host("alpha").run(["cat", "/proc/self/status"]).stdout
    finally:
        signal.signal(signal.SIGINT, before)
    assert "SigIgn:\t0000000000000000" in status


def test_spawned_is_found_and_ends_when_terminated(lab: Lab) -> None:
    alpha, beta = lab.host("alpha"), lab.host("beta")
    sleeper = alpha.spawn(["sleep", "1234"])
    until(lambda: running(alpha, "sleep"), 2, "sleep")
    assert not running(beta, "sleep")
    sleeper.terminate()
    sleeper.communicate(timeout=2)
    until(lambda: not running(alpha, "sleep"), 2, "the end of sleep")


def running(host: Host, program: str) -> list[Process]:
    return [process for process in host.processes() if process.argv[:1] == [program]]


@IPERF3
def test_iperf_daemon_is_found_and_leaves_no_zombie(lab: Lab, port: int) -> None:
    alpha, beta = lab.host("alpha"), lab.host("beta")
    assert ssh(lab, alpha, f"iperf3 -s -D -p {port}").returncode == 0
    alpha.wait_for_listener(port)
    (daemon,) = alpha.iperf_processes()
    assert daemon.argv == ["iperf3", "-s", "-D", "-p", str(port)]
    assert not beta.iperf_processes()
    os.kill(daemon.pid, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{daemon.pid}").exists(), 2, "the daemon to be reaped")


def test_iperf_is_known_by_its_name() -> None:
    assert Process(os.getpid(), ["/opt/iperf-2.1.8/src/iperf", "-s"]).is_iperf()
    assert not Process(os.getpid(), ["/opt/iperf/wrapper"]).is_iperf()
    assert not Process(os.getpid(), ["sleep", "8", "iperf"]).is_iperf()
    assert not Process(os.getpid(), []).is_iperf()


@IPERF3
def test_iperf_through_a_loader_of_its_own(lab: Lab, port: int) -> None:
    loader = next(Path("/").glob("lib*/ld-*.so.*"))
    alpha = lab.host("alpha")
    program = find("iperf3") or ""
    server = alpha.spawn([str(loader), "--inhibit-cache", program, "-s", "-p", str(port)])
    alpha.wait_for_listener(port)
    assert len(alpha.iperf_processes()) == 1
    server.kill()
    server.communicate(timeout=2)


def test_another_log_in(net: Lab) -> None:
    host = net.host("alpha")
    host.log_in_with(shell="/bin/false")
    assert ssh(net, host, "echo works").stdout == ""
    host.log_in_with(command="echo forced")
    assert ssh(net, host, "echo works").stdout == "forced\n"
    host.log_in_with()
    assert ssh(net, host, "echo works").stdout == "works\n"
    with pytest.raises(LabError, match="no log-in of its own"):
        loopback.LoopbackHost("gamma", net.folder / "gamma", "127.0.0.3").log_in_with()


def test_kill_and_start_sshd(lab: Lab) -> None:
    host = lab.host("beta")
    client = connect(lab, host, host.user, key_filename=str(lab.keys.client))
    host.kill_sshd()
    transport = client.get_transport()
    assert transport
    until(lambda: not transport.is_active(), 2, "the session to drop")
    assert "Connection refused" in ssh(lab, host, "true").stderr
    host.start_sshd()
    assert ssh(lab, host, "true").returncode == 0


# Links


@IPERF3
def test_plain_link(lab: Lab) -> None:
    assert iperf3(lab, "plain")["sum_received"]["bits_per_second"] > 500e6


@IPERF3
def test_plain_link_ipv6(net: Lab) -> None:
    end = iperf3(net, "plain", family=6)
    assert end["sum_received"]["bits_per_second"] > 500e6


@IPERF3
@pytest.mark.parametrize("options", [["-P", "1"], ["-P", "4", "-R"]], ids=["one", "reverse"])
def test_shaped_link_tcp(net: Lab, options: list[str]) -> None:
    assert 90e6 < iperf3(net, "shaped", *options)["sum_received"]["bits_per_second"] < 100e6


@IPERF3
def test_shaped_link_loses_udp(net: Lab) -> None:
    end = iperf3(net, "shaped", "-u", "-b", "200M")["sum"]
    assert 40 < end["lost_percent"] < 60


def test_cut_link_is_silent_until_restored(net: Lab) -> None:
    alpha, beta = net.host("alpha"), net.host("beta")
    sshd_of_beta = ["timeout", "0.3", "bash", "-c", f"echo </dev/tcp/{beta.address('plain')}/22"]
    for end in ("alpha", "beta"):
        assert alpha.run(sshd_of_beta).returncode == 0
        net.cut(end, "plain")
        assert alpha.run(sshd_of_beta, check=False).returncode == 124
        net.restore(end, "plain")
    assert alpha.run(sshd_of_beta).returncode == 0


def test_cut_management_link(net: Lab) -> None:
    host = net.host("alpha")
    client = connect(net, host, "root", key_filename=str(net.keys.client))
    stdin, stdout, _ = client.exec_command("read line; echo $line")
    net.cut("alpha", "mgmt")
    net.cut("alpha", "mgmt")
    stdin.write("through\n")
    with pytest.raises(TimeoutError):
        connect(net, host, "root", key_filename=str(net.keys.client), timeout=0.5)
    net.restore("alpha", "mgmt")
    net.restore("alpha", "mgmt")
    with client:
        assert stdout.read() == b"through\n"


def test_unknown_names(lab: Lab) -> None:
    with pytest.raises(LabError, match="no host 'gamma', only alpha, beta"):
        lab.host("gamma")
    with pytest.raises(LabError):
        lab.host("alpha").address("nowhere")
    with pytest.raises(LabError, match="no such feature"):
        lab.require("teleport")


def test_features(lab: Lab) -> None:
    assert lab.features | set(lab.missing) == set(FEATURES)
    if lab.mode == "loopback":
        with pytest.raises(LabError, match="no 'cut': the lab is on loopback"):
            lab.cut("alpha", "plain")


# Up and down


@pytest.mark.parametrize("mode", ["netns", "loopback"])
def test_down_leaves_nothing(mode: str) -> None:
    lab = _lab(mode).up()
    folder, hosts, namespaces = lab.folder, list(lab.hosts.values()), net_namespaces(lab)
    links = devices(hosts[0].ssh_host) if mode == "netns" else []
    assert [link for link in links if link not in network_of_controller()] == []
    for host in hosts:
        ssh(lab, host, "nohup sleep 1234 >/dev/null 2>&1 & setsid sleep 1234 >/dev/null 2>&1 &")
        host.spawn(["sleep", "1234"])
    lab.down()
    lab.down()
    assert_nothing_left(folder, hosts, namespaces)
    assert [link for link in links if link in network_of_controller()] == []
    with pytest.raises(LabError, match="not up"):
        lab.host("alpha")


@pytest.mark.parametrize("mode", ["netns", "loopback"])
def test_failed_up_leaves_nothing(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Path] = []

    def fail(folder: Path, _: object) -> None:
        seen.append(folder.parent)
        raise LabError("no keys today")

    monkeypatch.setattr(lab_module, "make_keys", fail)
    lab = _lab(mode)
    with pytest.raises(LabError, match="no keys today"):
        lab.up()
    assert not lab.is_up
    assert_nothing_left(seen[0], [], set())


def test_sshd_that_cannot_start_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sshd, "config", lambda *_, **__: "NoSuchOption yes\n")
    with pytest.raises(LabError, match=r"sshd of .* has ended: .*NoSuchOption"):
        _lab("netns").up()


@pytest.mark.parametrize("mode", ["netns", "loopback"])
def test_labs_at_the_same_time(mode: str) -> None:
    labs = [_lab(mode) for _ in range(3)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(Lab.up, labs))
        try:
            hosts = [host for lab in labs for host in lab.hosts.values()]
            assert len({(host.ssh_host, host.ssh_port) for host in hosts}) == 6
            jobs = [(lab, host) for lab in labs for host in lab.hosts.values()]
            marks = pool.map(lambda job: ssh(job[0], job[1], "echo $LAB_HOST").stdout, jobs)
            assert list(marks) == [f"{host.mark}\n" for host in hosts]
        finally:
            list(pool.map(Lab.down, labs))


@pytest.mark.parametrize("mode", ["netns", "loopback"])
def test_killed_controller_leaves_little_and_the_next_lab_cleans_up(mode: str) -> None:
    _lab(mode)
    controller = python("-c", CONTROLLER, mode)
    folder = Path(first_line(controller))
    links = devices(first_line(controller)) if mode == "netns" else []
    assert all(link in network_of_controller() for link in links)
    assert len(leftovers.marked(folder.name)) >= 2
    controller.kill()
    controller.communicate()
    until(lambda: not leftovers.marked(folder.name), 2, "the end of all processes of the lab")
    if links:
        until(lambda: links[0] not in network_of_controller(), 2, "the end of its links")
    with Lab(mode):
        assert not folder.exists()


def test_exit_takes_the_lab_down() -> None:
    code = "from atest.lab.LabLibrary import LabLibrary; print(LabLibrary().bring_up_lab().folder)"
    done = subprocess.run([sys.executable, "-c", code], check=True, text=True, capture_output=True, cwd=ROOT)
    assert done.stderr == ""
    assert_nothing_left(Path(done.stdout.strip()), [], set())


def test_survivors_of_a_dead_lab_are_ended() -> None:
    space = leftovers._pid_namespace()
    folder = Path(tempfile.mkdtemp(prefix=f"iperf-lab-{space}-{os.getpid()}-1-"))
    environment = {**os.environ, leftovers.MARK: f"{folder.name}/alpha"}
    with subprocess.Popen(["sleep", "1234"], env=environment) as survivor:
        leftovers.sweep()
        assert survivor.wait(2) == -signal.SIGKILL
    assert not folder.exists()


def test_living_labs_are_not_swept(lab: Lab) -> None:
    leftovers.sweep()
    assert lab.folder.exists()
    assert ssh(lab, lab.host("alpha"), "true").returncode == 0


@pytest.mark.parametrize("end", ["input", "SIGINT", "SIGTERM"])
def test_interactive_lab(end: str) -> None:
    controller = python("-m", "atest.lab")
    line = first_line(controller)
    assert "lab is up" in line
    folder = Path(line.split(" is up, in ")[1].split(";")[0])
    if end != "input":
        controller.send_signal(getattr(signal, end))
    assert controller.stdin
    assert controller.stdout
    controller.stdin.close()
    assert "alpha: ssh://" in controller.stdout.read()
    assert controller.wait(5) == 0
    assert_nothing_left(folder, [], set())


def test_wrong_mode() -> None:
    with pytest.raises(LabError, match="no such kind of lab: 'moon'"):
        Lab("moon")


def python(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


# The keeper and the library


def test_keeper_ends_what_has_left_it(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    script = f"setsid setsid sleep 1234 & echo $! >{pid_file}.new; mv {pid_file}.new {pid_file}"
    words = [sys.executable, keeper.__file__, "sh", "-c", script]
    with subprocess.Popen(words, stdin=subprocess.PIPE) as process:
        until(pid_file.exists, 2, "the daemon")
        sleeper = int(pid_file.read_text())
        assert process.poll() is None
        process.communicate(timeout=2)
    assert not procfs.is_alive(sleeper)


def test_keeper_ends_with_its_last_child() -> None:
    words = [sys.executable, keeper.__file__, "true"]
    with subprocess.Popen(words, stdin=subprocess.PIPE) as process:
        assert process.wait(2) == 0


SUITE = """
*** Settings ***
Library           {library}
Library           Collections
Suite Teardown    Take Down Lab

*** Test Cases ***
Hosts
    ${{lab}} =    Bring Up Lab
    ${{again}} =    Bring Up Lab
    Should Be Equal    ${{lab}}    ${{again}}
    ${{alpha}} =    Get Lab Host    alpha
    Should Start With    ${{alpha.url}}    ssh://
    ${{out}} =    Run On Lab Host    alpha    echo    a b
    Should Be Equal    ${{out}}    a b
    Host Should Have No Iperf    ${{alpha}}

Iperf
    Run On Lab Host    beta    iperf3    -s    -D    -p    {port}
    ${{found}} =    Lab Iperf Processes    beta
    Length Should Be    ${{found}}    1
    Run Keyword And Expect Error
    ...    Host beta still has iperf after 0.1 s:*{port}
    ...    Host Should Have No Iperf    beta    within=0.1s

Cut
    Require Lab Feature    cut
    Cut Lab Link    alpha    plain
    Restore Lab Link    alpha    plain
"""


@IPERF3
@pytest.mark.parametrize("mode", ["netns", "loopback"])
def test_library(mode: str, tmp_path: Path, port: int) -> None:
    _lab(mode)
    suite = tmp_path / "suite.robot"
    suite.write_text(textwrap.dedent(SUITE).format(library=LIBRARY, port=port))
    words = [sys.executable, "-m", "robot", "--outputdir", str(tmp_path), str(suite)]
    environment = {**os.environ, "IPERF_LAB": mode}
    done = subprocess.run(words, check=False, text=True, capture_output=True, env=environment, cwd=tmp_path)
    skipped = 0 if mode == "netns" else 1
    assert f"{3 - skipped} passed, 0 failed" in done.stdout, done.stdout
    if skipped:
        assert "This lab has no 'cut': the lab is on loopback, since" in done.stdout
