"""Forked workers from outside: each is alone, ends truthfully, and harms no other."""

import asyncio
import json
import os
import signal
import socket
import sys
from itertools import count
from pathlib import Path

import pytest

from chassis.confined import WorkerAbsent
from chassis.workers import Zygote, open_zygote
from support.prepared import taken_over
from support.waiting import LONG_SECONDS

NUMBERS = count()
WHO = "open('who', 'w').write(f'{os.getpid()} {os.getppid()}')"
SLEEP = f"{WHO}; time.sleep(999)"


@pytest.fixture
def workers():
    """Workers that run their file; a zygote of this test's own."""
    with open_zygote(Zygote("support.taken_over:free")) as zygote:
        yield zygote


async def run(workers, code, root, *, wall_seconds=LONG_SECONDS):
    """The exit code and the worker's folder."""
    into = root / f"into{next(NUMBERS)}"
    into.mkdir()
    source = root / f"{into.name}.code"
    source.write_text(code)
    order = json.dumps({"source": str(source)}).encode()
    return await workers.run(order, into=into, wall_seconds=wall_seconds), into


async def who(workers, root):
    """Process ids of a worker that does nothing else, and of its zygote."""
    code, into = await run(workers, WHO, root)
    assert code == 0
    return _who(into)


def _who(into):
    pid, zygote = (into / "who").read_text().split()
    return int(pid), int(zygote)


async def sleeping(workers, root):
    """A task with a worker that sleeps, its process id and its zygote's."""
    before = set(root.iterdir())
    task = asyncio.create_task(run(workers, SLEEP, root))
    async with asyncio.timeout(LONG_SECONDS):
        while not (found := _written(root, before)):
            await asyncio.sleep(0.01)
    return task, *found


def _written(root, before):
    for into in set(root.iterdir()) - before:
        if (into / "who").exists() and len((into / "who").read_text().split()) == 2:
            return _who(into)
    return None


async def gone(pid):
    """Waits until the process has ended; whoever adopted it may not have looked."""
    async with asyncio.timeout(LONG_SECONDS):
        while _alive(pid):
            await asyncio.sleep(0.01)


def _alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.mark.parametrize(
    ("code", "ended"),
    [
        ("0", 0),
        ("os._exit(3)", 3),
        ("1 / 0", 1),
        ("os.abort()", -signal.SIGABRT),
        ("os.kill(os.getpid(), 9)", -signal.SIGKILL),
        ("os.kill(os.getpid(), 11)", -signal.SIGSEGV),
    ],
)
async def test_how_a_worker_ended_is_what_the_service_hears(code, ended, tmp_path):
    """By itself, by an exception, by a signal."""
    assert (await run(taken_over("free"), code, tmp_path))[0] == ended


async def test_a_worker_has_its_order_its_folder_and_nothing_else(
    workers, tmp_path, monkeypatch
):
    """No handle of the service, of the zygote or of the worker beside it; nothing of
    the service's environment; a session of its own.
    """
    monkeypatch.setenv("INTAKE__SECRET", "secret")
    other, _, _ = await sleeping(workers, tmp_path)
    code, into = await run(
        workers,
        "found = sorted(os.listdir('/proc/self/fd'))\n"
        "names = [os.readlink(f'/proc/self/fd/{n}') for n in found[:3]]\n"
        "facts = [found[:3], len(found), names, sorted(os.environ), os.getcwd(),\n"
        "         os.getsid(0) == os.getpid()]\n"
        "open('facts', 'w').write(repr(facts))",
        tmp_path,
    )
    other.cancel()
    assert code == 0
    facts = eval((into / "facts").read_text())
    numbers, handles, names, environment, folder, leads = facts
    assert (numbers, handles) == (["0", "1", "2"], 4), "the fourth lists them"
    assert names == ["/memfd:order (deleted)", "/dev/null", "/dev/null"]
    assert environment == ["LC_ALL", "PYTHONPATH"]
    assert folder == str(into)
    assert leads


async def test_the_zygote_has_no_handle_but_its_control_socket(workers, tmp_path):
    """Nor any of a worker that has ended, nor a child that nobody waited for."""
    for _ in range(3):
        _, zygote = await who(workers, tmp_path)
    # It answers on a worker's seat, and closes it a moment later.
    async with asyncio.timeout(LONG_SECONDS):
        while _handles(zygote) != OPEN_IN_A_ZYGOTE:
            await asyncio.sleep(0.01)
    assert Path(f"/proc/{zygote}/task/{zygote}/children").read_text() == ""


OPEN_IN_A_ZYGOTE = ["/dev/null", "/dev/null", "the control socket", "the same"]


def _handles(zygote):
    """What it has open, by name; the two ends of one socket are told from two."""
    links = [str(h.readlink()) for h in Path(f"/proc/{zygote}/fd").iterdir()]
    sockets = sorted(link for link in links if link.startswith("socket"))
    others = sorted(link for link in links if not link.startswith("socket"))
    if len(sockets) == 2 and len(set(sockets)) == 1:
        sockets = ["the control socket", "the same"]
    return [*others, *sockets]


HARMS = {
    "crash": "os.kill(os.getpid(), 11)",
    "memory": "resource.setrlimit(resource.RLIMIT_AS, 2 * (1 << 27,))\n"
    "bytearray(1 << 30)",
    "processor": "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass",
    "clock": "time.sleep(999)",
    "a child that stays": "os.fork() or time.sleep(999)",
    "both hang": "os.fork(); time.sleep(999)",
    "signals": "signal.signal(15, signal.SIG_IGN); os.killpg(0, 15)",
    "a full disk": "resource.setrlimit(resource.RLIMIT_FSIZE, 2 * (1 << 20,))\n"
    "open('x', 'wb').write(bytes(9 << 20))",
}
HANG = ("clock", "both hang")


@pytest.mark.parametrize("harm", HARMS)
async def test_what_becomes_of_one_worker_is_nothing_to_the_next(
    harm, workers, tmp_path
):
    """The same zygote forks the next one, and nothing is left of the first one's
    group.
    """
    first, zygote = await who(workers, tmp_path)
    try:
        _, into = await run(
            workers,
            f"{WHO}\n{HARMS[harm]}",
            tmp_path,
            wall_seconds=0.5 if harm in HANG else LONG_SECONDS,
        )
    except TimeoutError:
        assert harm in HANG
        into = max(tmp_path.glob("into*"), key=lambda path: path.stat().st_mtime_ns)
    bad, _ = _who(into)
    await no_group(bad)
    second, same = await who(workers, tmp_path)
    assert same == zygote
    assert len({first, bad, second}) == 3


async def no_group(leader):
    """Waits until the kernel has ended all whom a signal killed, which it does in its
    own time.
    """
    async with asyncio.timeout(LONG_SECONDS):
        while _group(leader):
            await asyncio.sleep(0.01)


def _group(leader):
    """Living processes of a group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(group) == leader and state != "Z":
            found.append(stat.parent.name)
    return found


async def test_several_workers_live_at_once(workers, tmp_path):
    """Each waits for the two others: one after the other they would wait for ever."""
    meet = (
        f"open(os.path.join({str(tmp_path)!r}, f'here{{os.getpid()}}'), 'w')\n"
        f"while sum(n.startswith('here') for n in os.listdir({str(tmp_path)!r})) < 3:\n"
        "    time.sleep(0.01)\n"
    )
    ended = await asyncio.gather(*(run(workers, meet, tmp_path) for _ in range(3)))
    assert [code for code, _ in ended] == [0, 0, 0]


async def test_a_zygote_that_was_killed_takes_its_workers_along_and_is_replaced(
    workers, tmp_path
):
    """Whoever waits hears that there is no worker; nothing is said against the file."""
    task, worker, zygote = await sleeping(workers, tmp_path)
    os.kill(zygote, signal.SIGKILL)
    with pytest.raises(WorkerAbsent):
        await task
    await gone(worker)
    _, other = await who(workers, tmp_path)
    assert other != zygote


async def test_after_so_many_files_another_zygote_forks(tmp_path):
    """With other places in memory; what the first one has in hand still ends."""
    with open_zygote(Zygote("support.taken_over:free", orders=5)) as workers:
        task, worker, zygote = await sleeping(workers, tmp_path)
        for _ in range(4):
            assert (await who(workers, tmp_path))[1] == zygote
        _, other = await who(workers, tmp_path)
        assert other != zygote
        assert _alive(worker)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await gone(zygote)


@pytest.mark.parametrize("killed", ["the service", "nobody"])
async def test_zygote_and_workers_end_with_the_service(killed, tmp_path):
    """Also when it is killed, where nothing of it can act any more."""
    script = (
        "import asyncio, sys; from pathlib import Path\n"
        "from chassis.workers import Zygote, open_zygote\n"
        "async def main():\n"
        "    with open_zygote(Zygote('support.taken_over:free')) as workers:\n"
        "        order = Path(sys.argv[1]).read_bytes()\n"
        "        await workers.run(order, into=Path(sys.argv[2]), wall_seconds=3)\n"
        "asyncio.run(main())\n"
    )
    (tmp_path / "code").write_text(SLEEP)
    (tmp_path / "order").write_text(json.dumps({"source": str(tmp_path / "code")}))
    into = tmp_path / "into"
    into.mkdir()
    service = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script, str(tmp_path / "order"), str(into)),
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(LONG_SECONDS):
        while not (found := _written(tmp_path, set())):
            await asyncio.sleep(0.01)
        if killed == "the service":
            service.kill()
        await service.wait()
    for pid in found:
        await gone(pid)


async def test_an_order_of_another_shape_is_dropped(workers, tmp_path):
    """Too few handles, too many bytes: the next order is served by the same zygote."""
    _, zygote = await who(workers, tmp_path)
    control = workers._forks.control
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for count_of in (1, 2, 4):
            handles = count_of * [theirs.fileno()]
            socket.send_fds(control, [b"\0" * 5000], handles)
    assert (await who(workers, tmp_path))[1] == zygote


async def test_a_module_that_starts_a_thread_forks_nobody(tmp_path):
    """A lock that the thread has would stay shut in each worker."""
    with (
        open_zygote(Zygote("support.taken_over:free", "support.threaded")) as workers,
        pytest.raises(WorkerAbsent),
    ):
        await run(workers, "0", tmp_path)


async def test_an_order_may_be_megabytes_long(workers, tmp_path):
    """A join names every image of two hundred pages."""
    into, source = tmp_path / "into", tmp_path / "code"
    into.mkdir()
    source.write_text("open('size', 'w').write(str(len(order['more'])))")
    order = json.dumps({"source": str(source), "more": "x" * 9_000_000}).encode()
    assert await workers.run(order, into=into, wall_seconds=LONG_SECONDS) == 0
    assert (into / "size").read_text() == "9000000"
