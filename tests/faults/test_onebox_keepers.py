"""What keeps programs up bears what the machine refuses it: a log, a terminal, a fork,
an answer. Real refusals, in a supervisor of its own process where they would hurt.
"""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from onebox.places import Places
from onebox.settings import for_child
from onebox.supervisor import Pace, Supervisor
from onebox.watching import WatchedProgram
from support.servers import free_port
from support.settings import REQUIRED, found
from support.waiting import until

SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
PARENT = """
import asyncio, resource, sys
from pathlib import Path
from onebox.running import _end_on_signals
from onebox.places import Places
from onebox.supervisor import Supervisor
from onebox.watching import WatchedProgram

async def main():
    _end_on_signals()
    supervisor = Supervisor(Places(Path(sys.argv[1])), back_off=(0.1,))
    command = tuple(sys.argv[3:])
    await supervisor.start(WatchedProgram("one", command, f"http://127.0.0.1:{sys.argv[2]}/"))
    await supervisor.ready("one")
    pids = Path(sys.argv[1]) / "pids"
    pids.touch()
    _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    try:
        while True:
            pids.write_text(str(supervisor.pid("one")))
            most = 0 if pids.with_name("no-forks").exists() else hard
            resource.setrlimit(resource.RLIMIT_NPROC, (most, hard))
            await asyncio.sleep(0.05)
    except asyncio.CancelledError:
        await supervisor.stop()
        return 130

sys.exit(asyncio.run(main()))
"""
NOBODY = 65534


def server(port):
    return (sys.executable, "-c", SERVER, str(port))


def program(port):
    return WatchedProgram("one", server(port), f"http://127.0.0.1:{port}/")


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
async def supervised(tmp_path, port):
    """A supervisor with one program that serves."""
    supervisor = Supervisor(Places(tmp_path), back_off=(0.1,))
    await supervisor.start(program(port))
    await supervisor.ready("one")
    try:
        yield supervisor
    finally:
        await supervisor.stop()


async def killed(supervisor):
    first = supervisor.pid("one")
    os.kill(first, signal.SIGKILL)
    await until(lambda: supervisor.pid("one") != first)
    await supervisor.ready("one")


async def test_a_log_that_cannot_be_opened(supervised, tmp_path, capsys):
    """The program runs without it, that is said, and the next start logs again."""
    log = tmp_path / "log" / "one.log"
    log.unlink()
    log.mkdir()  # nobody, not even root, opens it for writing
    await killed(supervised)
    assert "runs without a log" in capsys.readouterr().out
    log.rmdir()
    await killed(supervised)
    assert log.is_file()
    assert supervised.lost is None


async def test_a_disk_that_turned_read_only_and_back(supervised, tmp_path):
    """Neither log can be written: it is started again all the same."""
    mounted = subprocess.run(
        ["mount", "--bind", "-o", "ro", tmp_path / "log", tmp_path / "log"],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        reason = "missing: root, which a read-only mount needs"
        (pytest.fail if REQUIRED else pytest.skip)(reason)
    try:
        with pytest.raises(OSError, match="Read-only"):
            (tmp_path / "log" / "trial").touch()
        await killed(supervised)
    finally:
        subprocess.run(["umount", tmp_path / "log"], check=True)
    assert supervised.lost is None


async def test_words_are_in_the_log_when_nobody_hears_them(supervised, tmp_path):
    """What the terminal is told stands in the supervisor's own log as well."""
    await killed(supervised)
    words = (tmp_path / "log" / "onebox.log").read_text()
    assert "one: bị dừng bởi tín hiệu 9 · ended by signal 9" in words


class Parent:
    """A supervisor in a process of its own, its standard output where a test says."""

    def __init__(self, folder: Path, port: int, stdout: int, *, before=()):
        self.folder, served = folder, server(port)
        with (folder / "stderr").open("w") as stderr:
            self.process = subprocess.Popen(
                [*before, sys.executable, "-c", PARENT, folder, str(port), *served],
                stdout=stdout,
                stderr=stderr,
                env=for_child({}),
            )

    @property
    def child(self) -> int:
        try:
            return int((self.folder / "pids").read_text() or 0)
        except FileNotFoundError:
            return 0

    @property
    def words(self) -> str:
        path = self.folder / "log" / "onebox.log"
        return path.read_text() if path.exists() else ""

    async def up(self) -> int:
        await until(lambda: self.child)
        return self.child

    async def another_than(self, first: int) -> None:
        await until(lambda: self.child not in {first, 0})

    def ends(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(15)
        finally:
            self.process.kill()
            self.process.wait()


@pytest.mark.parametrize("where", ["closed pipe", "full disk"])
async def test_a_terminal_that_takes_no_words(tmp_path, port, where):
    """A child that is killed is started again; SIGTERM ends all of it, in order."""
    if where == "full disk":
        writing = os.open("/dev/full", os.O_WRONLY)
    else:
        reading, writing = os.pipe()
        os.close(reading)
    parent = Parent(tmp_path, port, writing)
    os.close(writing)
    try:
        first = await parent.up()
        os.kill(first, signal.SIGKILL)
        await parent.another_than(first)
    finally:
        status = await asyncio.to_thread(parent.ends)
    assert "ended by signal 9" in parent.words
    assert "Traceback" not in (tmp_path / "stderr").read_text()
    # 120: Python could not write its last words to a full disk, which is so.
    assert status in ({130} if where == "closed pipe" else {130, 120})
    assert not Path(f"/proc/{parent.child}").exists()


async def test_forks_that_the_kernel_refuses(tmp_path, port):
    """EAGAIN for a while: said, tried again, and up once forks succeed."""
    parent = Parent(tmp_path, port, subprocess.DEVNULL, before=_counted())
    try:
        first = await parent.up()
        (tmp_path / "no-forks").touch()
        await asyncio.sleep(0.5)  # ten turns of its loop
        os.kill(first, signal.SIGKILL)
        await until(lambda: parent.words.count("not started") >= 2)
        assert "temporarily unavailable" in parent.words
        (tmp_path / "no-forks").unlink()
        await parent.another_than(first)
    finally:
        status = await asyncio.to_thread(parent.ends)
    assert status == 130


def _counted():
    """Root's forks are never counted: its process takes another real user, and goes
    without the two capabilities that would excuse it too.
    """
    if os.geteuid() != 0:
        return []
    setpriv = str(found("setpriv", "usr/bin/setpriv"))
    without = "--bounding-set=-sys_resource,-sys_admin"
    return [setpriv, f"--ruid={NOBODY}", without]


async def test_a_program_that_hangs_is_started_again(supervised, capsys):
    """SIGSTOP: alive, silent, deaf to SIGTERM. Three silences, and it is another."""
    first = supervised.pid("one")
    supervised.watch("one", pace=Pace(every=0.05, timeout=0.2, grace=0.3))
    os.kill(first, signal.SIGSTOP)
    await until(lambda: supervised.pid("one") != first)
    await supervised.ready("one")
    assert "unwell" in capsys.readouterr().out


async def test_a_keeper_that_ends_is_said(tmp_path):
    """It never should: the house hears which one, and is not left without it."""
    losses = []
    supervisor = Supervisor(Places(tmp_path), on_lost=lambda: losses.append(True))

    async def broken():
        raise RuntimeError("no more")

    supervisor.tend("bus", broken())
    await until(lambda: losses)
    assert "What keeps bus up has ended (RuntimeError('no more'))" in (
        supervisor.lost.en
    )
    assert "Phần trông coi bus" in supervisor.lost.vi
    await supervisor.stop()
