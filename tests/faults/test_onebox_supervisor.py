"""The supervisor over real processes: keeps them up, stops them all, leaves nothing."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from chassis.starting import CannotStart
from onebox.once import run_once
from onebox.places import Places
from onebox.settings import for_child
from onebox.supervisor import GRACES, Pace, Supervisor
from onebox.watching import WatchedProgram
from support.servers import free_port
from support.waiting import LONG_SECONDS, until

SERVER = """
import http.server, pathlib, signal, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if pathlib.Path(sys.argv[2]).exists() else 200)
        self.end_headers()
if len(sys.argv) > 3:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("serving", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def server(tmp_path, name="one", *options):
    port = free_port()
    unwell = str(tmp_path / f"{name}-unwell")
    command = (sys.executable, "-c", SERVER, str(port), unwell, *options)
    return WatchedProgram(name, command, f"http://127.0.0.1:{port}/")


def alive(pid):
    """Runs still: neither gone nor a zombie that nobody has asked about."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_killed_is_started_again(tmp_path):
    """kill −9 of a program: it serves again, as another process; its log goes on."""
    supervisor = Supervisor(Places(tmp_path))
    program = server(tmp_path)
    await supervisor.start(program)
    await supervisor.ready("one")
    first = supervisor.pid("one")

    os.kill(first, signal.SIGKILL)
    await until(lambda: supervisor.pid("one") != first)
    await supervisor.ready("one")

    await supervisor.stop()
    assert (tmp_path / "log" / "one.log").read_text().count("serving") == 2


async def test_stop_leaves_nothing(tmp_path):
    """After stop every process has ended, also one that ignores SIGTERM.

    Systemd and Docker give ten seconds; the graces are what the supervisor waits.
    """
    supervisor = Supervisor(Places(tmp_path), graces=(0.5, 0.5))
    await supervisor.start(server(tmp_path, "good"))
    await supervisor.start(server(tmp_path, "stubborn", "ignore"))
    await supervisor.ready("good", "stubborn")
    pids = [supervisor.pid(name) for name in ("good", "stubborn")]

    async with asyncio.timeout(LONG_SECONDS):
        await supervisor.stop()

    assert sum(GRACES) < 10
    assert not any(alive(pid) for pid in pids)


async def test_unwell_is_started_again(tmp_path):
    """A watched program that runs but answers 503 is ended and started again."""
    supervisor = Supervisor(Places(tmp_path))
    await supervisor.start(server(tmp_path))
    await supervisor.ready("one")
    first = supervisor.pid("one")
    supervisor.watch("one", pace=Pace(every=0.05))

    (tmp_path / "one-unwell").touch()
    await until(lambda: supervisor.pid("one") != first)
    (tmp_path / "one-unwell").unlink()
    await supervisor.ready("one")

    await supervisor.stop()


async def test_what_does_not_come_up_is_said(tmp_path):
    """A program that ends at once: its name, its log and the log's last words."""
    supervisor = Supervisor(Places(tmp_path))
    command = (sys.executable, "-c", "raise SystemExit('no such table')")
    await supervisor.start(WatchedProgram("broken", command, "http://127.0.0.1:1/"))
    with pytest.raises(CannotStart) as refused:
        await supervisor.ready("broken")
    await supervisor.stop()
    assert "broken" in refused.value.en
    assert "no such table" in refused.value.vi
    assert str(tmp_path / "log" / "broken.log") in refused.value.vi


@pytest.mark.parametrize(
    ("code", "vi", "en"),
    [
        (
            "raise SystemExit('no room')",
            "các dòng cuối:\n  no room",
            "last lines above.",
        ),
        ("raise SystemExit(3)", "còn trống.", "is empty."),
    ],
)
async def test_step_that_fails_is_said(tmp_path, code, vi, en):
    """Its log's last lines, or that there are none: never 'above' without any."""
    places = Places(tmp_path)
    with pytest.raises(CannotStart) as refused:
        await run_once("one", (sys.executable, "-c", code), {}, places)
    assert refused.value.vi.endswith(vi)
    assert refused.value.en.endswith(en)
    assert str(places.log("one")) in refused.value.en


PARENT = """
import asyncio, signal, sys
from pathlib import Path
from onebox.places import Places
from onebox.supervisor import Supervisor
from onebox.watching import WatchedProgram
async def main():
    supervisor = Supervisor(Places(Path(sys.argv[1])))
    number = signal.Signals[sys.argv[3]]
    await supervisor.start(
        WatchedProgram("one", tuple(sys.argv[4:]), sys.argv[2], orphaned=number)
    )
    await supervisor.ready("one")
    print(supervisor.pid("one"), flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
@pytest.mark.parametrize(
    ("number", "options"), [("SIGTERM", ()), ("SIGKILL", ("deaf",))]
)
async def test_children_die_with_their_parent(tmp_path, number, options):
    """kill −9 of the supervisor itself takes its programs along; one that has no bound
    of its own for its end, as the bus, is killed instead of asked.
    """
    program = server(tmp_path, "one", *options)
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            PARENT,
            tmp_path,
            program.ready,
            number,
            *program.command,
        ],
        stdout=subprocess.PIPE,
        text=True,
        env=for_child({}),
    ) as parent:
        line = await asyncio.to_thread(parent.stdout.readline)
        child = int(line)
        assert alive(child)
        async with httpx.AsyncClient() as client:
            assert (await client.get(program.ready)).status_code == 200
        parent.kill()
    await until(lambda: not alive(child))
