"""How the house ends, and how it begins again what ended by itself: real processes that
tell when they were started and when they were asked to end.
"""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import httpx
import pytest

from onebox.places import Places
from onebox.supervisor import Pace, Supervisor
from onebox.watching import WatchedProgram
from support.servers import free_port
from support.waiting import until

PROGRAM = """
import http.server, os, pathlib, signal, sys, threading, time
name, port, folder = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
def end(*_):
    (folder / f"{name}-asked").touch()
    while not (folder / f"{name}-may-end").exists():
        time.sleep(0.01)
    os._exit(0)
signal.signal(signal.SIGTERM, end)
with (folder / "starts").open("a") as starts:
    starts.write(f"{name}\\n")
served = http.server.HTTPServer(("127.0.0.1", port), Handler)
threading.Thread(target=served.serve_forever, daemon=True).start()
while True:
    time.sleep(60)
"""
A_WRONG_START_SECONDS = 0.3
"""Given to what must not happen; that it does not is no matter of time."""


def program(folder, name):
    port = free_port()
    command = (sys.executable, "-c", PROGRAM, name, str(port), str(folder))
    return WatchedProgram(name, command, f"http://127.0.0.1:{port}/")


def ended(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
async def house(tmp_path):
    """Ended at the end of a test too, whatever became of it."""
    supervisor = Supervisor(Places(tmp_path), back_off=(0.0,))
    try:
        yield supervisor
    finally:
        for name in ("nats", "one", "two"):
            (tmp_path / f"{name}-may-end").touch()
        await supervisor.stop()


async def started(supervisor, *programs):
    for each in programs:
        await supervisor.start(each)
    await supervisor.ready(*(each.name for each in programs))
    return {each.name: supervisor.pid(each.name) for each in programs}


async def test_what_ends_while_the_house_stops_is_not_started_again(house, tmp_path):
    """One has ended, the other takes its time: the first stays ended."""
    wrong = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: wrong.append(what))
    pids = await started(house, program(tmp_path, "one"), program(tmp_path, "two"))
    house.watch("one", "two", pace=Pace(every=0.01))
    (tmp_path / "one-may-end").touch()
    stopping = asyncio.create_task(house.stop())
    await until(lambda: ended(pids["one"]))
    await asyncio.sleep(A_WRONG_START_SECONDS)
    (tmp_path / "two-may-end").touch()
    await stopping
    assert sorted((tmp_path / "starts").read_text().split()) == ["one", "two"]
    assert all(map(ended, pids.values()))
    assert house.lost is None
    assert wrong == []


async def test_all_services_are_asked_to_end_at_once(house, tmp_path):
    """Each may need its eight seconds: one after the other would be half a minute."""
    await started(house, program(tmp_path, "one"), program(tmp_path, "two"))
    stopping = asyncio.create_task(house.stop())
    await until(lambda: len(list(tmp_path.glob("*-asked"))) == 2)
    for name in ("one", "two"):
        (tmp_path / f"{name}-may-end").touch()
    await stopping


async def test_the_bus_ends_after_the_services(house, tmp_path):
    """What a service has in hand it still acknowledges, and publishes what it wrote."""
    bus = program(tmp_path, "nats")
    pids = await started(house, bus, program(tmp_path, "one"))
    (tmp_path / "nats-may-end").touch()
    stopping = asyncio.create_task(house.stop())
    await until((tmp_path / "one-asked").exists)
    await asyncio.sleep(A_WRONG_START_SECONDS)
    async with httpx.AsyncClient() as client:
        assert (await client.get(bus.ready)).status_code == 200
    (tmp_path / "one-may-end").touch()
    await stopping
    assert (tmp_path / "nats-asked").exists()
    assert all(map(ended, pids.values()))


async def test_a_program_is_a_session_of_its_own(house, tmp_path):
    """Ctrl-C in the window reaches the supervisor alone, which ends them in order."""
    pids = await started(house, program(tmp_path, "one"))
    assert os.getsid(pids["one"]) == pids["one"]


def pauses(folder):
    log = folder / "log" / "onebox.log"
    words = log.read_text() if log.exists() else ""
    return re.findall(r"again in (\S+) s", words)


async def test_what_ends_again_and_again_is_started_more_and_more_slowly(tmp_path):
    """The last pause stays: a program without a disk must not take a core."""
    supervisor = Supervisor(Places(tmp_path), back_off=(0.01, 0.02, 0.03))
    command = (sys.executable, "-c", "")
    await supervisor.start(WatchedProgram("one", command, "http://127.0.0.1:1/"))
    await until(lambda: len(pauses(tmp_path)) >= 5)
    await supervisor.stop()
    assert pauses(tmp_path)[:5] == ["0.01", "0.02", "0.03", "0.03", "0.03"]


async def test_what_was_up_for_long_is_started_again_soon(tmp_path):
    """A crash a week has the shortest pause each time."""
    supervisor = Supervisor(
        Places(tmp_path), back_off=(0.01, 3600.0), steady_seconds=0.0
    )
    (tmp_path / "one-may-end").touch()
    pid = (await started(supervisor, program(tmp_path, "one")))["one"]
    for _ in range(2):
        os.kill(pid, signal.SIGKILL)
        await until(lambda first=pid: supervisor.pid("one") != first)
        pid = supervisor.pid("one")
    await supervisor.stop()
    assert pauses(tmp_path) == ["0.01", "0.01"]


class Probes:
    """A server that answers each path as told, and counts: one answer a probe, the last
    one for all that follow.
    """

    def __init__(self) -> None:
        self.answers = {"ready": [200], "alive": [200]}
        self.asked, self.port = [], free_port()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def _answer(self, reader, writer):
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = request.split()[1].strip("/")
        self.asked.append(path)
        answers = self.answers[path]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        head = f"HTTP/1.1 {answer} x\r\nContent-Length: 0\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    def program(self, folder: Path) -> WatchedProgram:
        at = f"http://127.0.0.1:{self.port}"
        own = program(folder, "one")
        return WatchedProgram("one", own.command, f"{at}/ready", alive=f"{at}/alive")


async def test_a_service_whose_neighbour_is_away_is_left_alone(house, tmp_path):
    """Not ready and alive: a restart mends a hang, not a bus that is gone."""
    async with Probes() as probes:
        pids = await started(house, probes.program(tmp_path))
        probes.answers["ready"] = [503]
        house.watch("one", pace=Pace(every=0.01))
        await until(lambda: probes.asked.count("alive") > 8)
        assert house.pid("one") == pids["one"]


async def test_a_probe_that_is_well_again_has_no_strikes(house, tmp_path):
    """Two silences, an answer, two silences, for ever: nobody is ended for that."""
    async with Probes() as probes:
        pids = await started(house, probes.program(tmp_path))
        probes.answers["alive"] = [503, 503, 200] * 4
        house.watch("one", pace=Pace(every=0.01))
        await until(lambda: probes.asked.count("alive") > 12)
        assert house.pid("one") == pids["one"]
        assert (tmp_path / "starts").read_text().split() == ["one"]


async def test_a_program_that_went_silent_before_its_first_watch_is_ended(
    house, tmp_path
):
    """It had served: the long patience of a start is over."""
    pids = await started(house, program(tmp_path, "one"))
    os.kill(pids["one"], signal.SIGSTOP)
    house.watch("one", pace=Pace(every=0.01, timeout=0.1, grace=0.1))
    await until(lambda: house.pid("one") != pids["one"])


async def test_a_program_that_waits_for_its_start_is_not_called_silent(tmp_path):
    """It has ended, and its pause is long: there is nobody who could answer."""
    supervisor = Supervisor(Places(tmp_path), back_off=(3600.0,))
    async with Probes() as probes:
        pids = await started(supervisor, probes.program(tmp_path))
        os.kill(pids["one"], signal.SIGKILL)
        await until(lambda: pauses(tmp_path))
        probes.answers["alive"] = [503]
        supervisor.watch("one", pace=Pace(every=0.01))
        await until(lambda: probes.asked.count("alive") > 8)
        await supervisor.stop()
    assert "unwell" not in (tmp_path / "log" / "onebox.log").read_text()
