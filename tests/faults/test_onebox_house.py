"""A house that stays up after its story: its words, its refusals, hands that take its
programs and its bus, its end. That ``make demo`` works at all is in ``make test``
(``test_onebox_demo``).
"""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import httpx
import pytest

from chassis.monitor import missing
from chassis.starting import CannotStart
from onebox import sample, story
from onebox.browser import Browser
from onebox.people import people
from onebox.places import Ports, url
from onebox.settings import for_child
from onebox.watching import answers
from support.houses import announcements, demo_once, ecopy, open_to_others, run
from support.waiting import LONG_SECONDS, until

LINES = ("copy", "trust", "link", "verify", "verdict", "desk")
OWN = "bản quét 'của tôi'"
"""Name of a person's own scan, and so the title of its document."""


@dataclass
class Demo:
    var: Path
    port: int
    process: subprocess.Popen
    announced: dict[str, str]
    """Word before the colon → rest of the line."""

    def ecopy(self, *words: str) -> subprocess.CompletedProcess:
        """Another ``ecopy`` on the same var/."""
        return run([*ecopy(self.var, self.port), *words])


def programs_of(demo):
    """Name → process id of each child of this house, from the kernel's own list."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
            command = (stat.parent / "cmdline").read_text().split("\0")
            if parent == demo.process.pid:
                name = command[2] if command[1] == "-m" else Path(command[0]).name
                found[name] = int(stat.parent.name)
    return found


async def all_ready(demo):
    """Every program serves, and the bus has its stream and all its consumers."""
    ports = Ports.starting_at(demo.port)
    async with httpx.AsyncClient(timeout=2) as client:
        for port, path in (
            (ports.intake, "readyz"),
            (ports.storage, "readyz"),
            (ports.signing, "healthz"),
            (ports.pki, "healthz"),
            (ports.nats_monitor, "healthz"),
        ):
            if not await answers(client, f"{url(port)}/{path}"):
                return False
    return not await asyncio.to_thread(missing, url(ports.nats_monitor))


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return demo_once(tmp_path_factory.mktemp("onebox") / "var")


@pytest.fixture(scope="module")
def demo(once, tmp_path_factory):
    """A second demo on the same var/, with a person's own file; it stays up."""
    own = tmp_path_factory.mktemp("own") / f"{OWN}.pdf"
    shutil.copy(once.var / "demo" / "sample-scan.pdf", own)
    for path in (once.var / "db" / "intake.db", once.var / "demo", once.var):
        path.chmod(0o755)  # as an earlier version made them
    with subprocess.Popen(
        [*ecopy(once.var, once.port), "demo", "--file", own],
        env=for_child({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Demo(once.var, once.port, process, dict(announcements(process)))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(LONG_SECONDS)


def test_prints_where_everything_is(demo):
    """One line each: copy, trust, link, verify, verdict, desk, and names to sign in."""
    assert demo.announced.keys() >= {*LINES, "sign-in"}
    assert demo.announced["verdict"] == "GENUINE"
    assert Path(demo.announced["copy"]).read_bytes().startswith(b"%PDF-1.7")
    assert "BEGIN CERTIFICATE" in Path(demo.announced["trust"]).read_text()
    assert re.fullmatch(
        rf"http://127\.0\.0\.1:{demo.port + 1}/c/[\w-]{{27}}", demo.announced["link"]
    )


async def test_one_changed_byte_is_not_genuine(demo, tmp_path):
    """The verdict is the file's: the same copy with one byte changed is *changed*."""
    bent = bytearray(Path(demo.announced["copy"]).read_bytes())
    bent[len(bent) // 2] ^= 1
    file = tmp_path / "bent.pdf"
    file.write_bytes(bent)
    browser = Browser(demo.announced["verify"].removesuffix("/kiem-tra"))
    try:
        assert await story.verify(browser, file) == "changed"
    finally:
        await browser.close()


async def test_a_refused_file_is_said(demo, tmp_path):
    """FILE= of a text file named .pdf: the story ends with the desk's own sentence."""
    file = tmp_path / "giay-khai-sinh.pdf"
    file.write_text("not a PDF")
    clerk = people(demo.var / "demo")[0]
    browser = Browser(demo.announced["desk"])
    try:
        await story.sign_in(browser, clerk)
        with pytest.raises(CannotStart) as refused:
            await story.file_case(browser, story.Scan(file, 1, "Giấy khai sinh"))
    finally:
        await browser.close()
    assert file.name in str(refused.value)
    assert len(refused.value.vi) > len(file.name) + 40


async def test_second_demo_shows_the_first_ones_case(demo):
    """Numbers 1 and 2, on the board and in the register: the sample, the own file."""
    assert re.fullmatch(r"2-\d{4}\.pdf", Path(demo.announced["copy"]).name)
    browser = Browser(demo.announced["desk"])
    try:
        await story.sign_in(browser, people(demo.var / "demo")[0])
        register = unescape((await browser.look("/register")).text)
        board = (await browser.look("/?state=issued")).text
    finally:
        await browser.close()
    assert register.count(story.REQUESTER["requester"]) == 2
    assert register.index(sample.TITLE) < register.index(OWN)
    assert sorted(re.findall(r"số (\d)/\d{4}", board)) == ["1", "2"]


@pytest.mark.parametrize("words", [("demo", "--once"), ("reset",)])
def test_only_one_on_a_var(demo, words):
    """A second demo, or a reset, is refused in one sentence while this one runs."""
    done = demo.ecopy(*words)
    assert done.returncode == 1
    assert "already runs" in done.stderr
    assert "Traceback" not in done.stderr


def test_taken_port(demo, tmp_path):
    """Another var/ on the same ports: which port, and what to do."""
    done = run([*ecopy(tmp_path / "var", demo.port), "demo", "--once"])
    assert done.returncode == 1
    assert f"PORT={demo.port + 1000}" in done.stderr
    assert "Traceback" not in done.stderr


def test_production_refuses_the_development_authority(demo):
    """``ecopy up`` without --demo says why it does not."""
    done = demo.ecopy("up")
    assert done.returncode == 1
    assert "development authority" in done.stderr


async def test_secrets_are_nobody_elses(demo):
    """Keys and passwords are readable by their owner only, and in no log."""
    secret = [
        *demo.var.glob("pki/*.key"),
        *demo.var.glob("pki/*.p12"),
        *demo.var.glob("pki/*.password"),
        *demo.var.glob("keys/**/*.key"),
        demo.var / "demo" / "people.json",
    ]
    assert {path.stat().st_mode & 0o077 for path in secret} == {0}
    logs = b"".join(p.read_bytes() for p in demo.var.glob("log/*.log"))
    passwords = [p.password.encode() for p in people(demo.var / "demo")]
    passwords += [p.read_bytes() for p in demo.var.glob("pki/*.password")]
    assert not any(password in logs for password in passwords)
    assert demo.announced["link"].rsplit("/", 1)[1].encode() not in logs


def test_the_next_start_closes_what_was_open(demo):
    """What an earlier version had left readable for other accounts of the machine."""
    assert open_to_others(demo.var) == []


async def test_hanging_programs_are_started_again(demo):
    """SIGSTOP of all five, nobody does anything: other processes serve in their place
    within a minute (more on a loaded machine, where their start is slow).
    """
    stopped = programs_of(demo)
    assert len(stopped) == 5
    for pid in stopped.values():
        os.kill(pid, signal.SIGSTOP)

    async def others():
        now = programs_of(demo)
        fresh = now.keys() == stopped.keys() and not (now.items() & stopped.items())
        return fresh and await all_ready(demo)

    await until(others, seconds=LONG_SECONDS * 2)


async def test_a_bus_that_came_back_empty(demo, tmp_path):
    """nats/ deleted while the bus is killed: made again without a person, and a case
    goes through to its copy.
    """
    os.kill(programs_of(demo)["nats-server"], signal.SIGKILL)
    shutil.rmtree(demo.var / "nats")
    await until(lambda: all_ready(demo))
    known = {person.role: person for person in people(demo.var / "demo")}
    result = await story.tell(
        story.Scan(demo.var / "demo" / "sample-scan.pdf", 3, sample.TITLE),
        desk=demo.announced["desk"],
        public=demo.announced["verify"].removesuffix("/kiem-tra"),
        clerk=known["clerk"],
        certifier=known["certifier"],
        keep_in=tmp_path,
    )
    assert result.verdict == story.GENUINE


def test_stops_in_order(demo):
    """SIGTERM: everything ends, every port is free, the state stays.

    The last test of this file: it ends the house. Within how many seconds, the
    supervisor's own tests say.
    """
    demo.process.send_signal(signal.SIGTERM)
    demo.process.wait(LONG_SECONDS)
    for port in Ports.starting_at(demo.port).named().values():
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert (demo.var / "db" / "intake.db").exists()
    assert demo.ecopy("reset").returncode == 0
    assert [path.name for path in demo.var.iterdir()] == ["lock"]
