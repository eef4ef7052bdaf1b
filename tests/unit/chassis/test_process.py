"""What becomes of a service's other tasks when one of them breaks, and of a process
that was told to stop and hangs in what it closes.
"""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys

import pytest

from chassis import process
from support.waiting import LONG_SECONDS, until

CHILD = """
import asyncio, contextlib, os, signal, sys, threading, time
from chassis import process
GRACE_SECONDS = 0.2

async def until_stopped(stop):
    print("up", flush=True)
    await stop.wait()

def serve(*tasks, closing=None):
    async def main():
        async with contextlib.AsyncExitStack() as opened:
            if closing:
                opened.push_async_callback(closing)
            await process.run([*tasks, until_stopped], grace_seconds=GRACE_SECONDS)
    asyncio.run(main())
"""
PARENT = """
import os, subprocess, sys
from onebox.processes import dying_with_parent
end = dying_with_parent()
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], preexec_fn=end)
child.wait()
"""
LISTENING = """
from chassis import http
from chassis.starting import CannotStart, not_started
async def listen(stop):
    await http.serve(None, "127.0.0.1", int(sys.argv[1]), stop)
try:
    serve(listen)
except CannotStart as error:
    print(not_started("one", error))
    sys.exit(1)
"""
HANGING_COROUTINE = """
async def never_closed():
    await asyncio.Event().wait()
serve(closing=never_closed)
"""


class BrokenTaskError(Exception):
    """What one of the tasks ends with."""


async def test_a_task_that_loses_its_cancellation_ends_all_the_same():
    """``asyncio.wait_for`` loses one in Python 3.11; who looks at *stop* still ends."""
    running, stop = asyncio.Event(), asyncio.Event()

    async def deaf(stopped):
        with contextlib.suppress(asyncio.CancelledError):
            running.set()
            await asyncio.Event().wait()
        await stopped.wait()

    async def broken(_stopped):
        await running.wait()
        raise BrokenTaskError

    whole = asyncio.create_task(process.side_by_side([deaf, broken], stop))
    try:
        await until(whole.done)
    finally:
        stop.set()
    with pytest.raises(ExceptionGroup) as caught:
        await whole
    assert caught.group_contains(BrokenTaskError)


async def test_a_task_that_returns_stops_no_other():
    """A part may be done before the service is."""
    stop, ended = asyncio.Event(), asyncio.Event()

    async def short(_stopped):
        ended.set()

    async def long(_stopped):
        await ended.wait()
        await asyncio.sleep(0)

    await process.side_by_side([short, long], stop)
    assert not stop.is_set()


@contextlib.contextmanager
def running(*command):
    """A Python process that says when it is up; killed at the end, if it still is."""
    path = os.pathsep.join(sys.path)
    with subprocess.Popen(
        [sys.executable, "-c", *command],
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": path, "PYTHONUTF8": "1"},
        text=True,
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def told_to_stop(course):
    """(exit status, what it wrote) of a service that is sent SIGTERM once it is up."""
    with running(CHILD + course) as child:
        assert child.stdout.readline() == "up\n"
        child.send_signal(signal.SIGTERM)
        wrote, _ = child.communicate(timeout=LONG_SECONDS)
        return child.returncode, wrote


def test_a_closing_that_waits_for_ever_ends_and_says_where():
    """A connection whose other end is gone: its tasks have all ended in time."""
    status, wrote = told_to_stop(HANGING_COROUTINE)
    assert status == 1
    assert "stopped_hard" in wrote
    assert " never_closed > asyncio.locks" in wrote


def test_a_closing_that_blocks_the_loop_ends():
    """What would end it in the loop would never come to it."""
    status, wrote = told_to_stop("""
async def blocked():
    time.sleep(600)
serve(closing=blocked)
""")
    assert status == 1
    assert "MainThread at __main__:" in wrote
    assert " blocked" in wrote


def test_a_thread_that_python_joins_on_its_way_out_is_not_waited_for():
    """The loop is closed by then."""
    status, wrote = told_to_stop("""
threading.Thread(target=time.sleep, args=(600,), name="left open").start()
serve()
""")
    assert status == 1
    assert "left open" in wrote


def test_a_call_in_the_loops_own_pool_is_not_waited_for():
    """``asyncio.run`` joins that pool, whoever has given up the call."""
    status, wrote = told_to_stop("""
async def reading(_stop):
    await asyncio.wait_for(asyncio.to_thread(time.sleep, 600), 0.01)
async def given_up(stop):
    with contextlib.suppress(TimeoutError):
        await reading(stop)
serve(given_up)
""")
    assert status == 1
    assert "asyncio_0" in wrote


def test_a_signal_is_heard_while_the_loop_is_blocked():
    """SIGTERM then reaches no task at all, and the end comes all the same."""
    status, wrote = told_to_stop("""
async def stuck(_stop):
    print("up", flush=True)
    time.sleep(600)
serve(stuck)
""")
    assert status == 1
    assert " stuck" in wrote


def test_where_a_task_breaks_a_closing_that_hangs_ends_too():
    """Nobody sends a signal then; the supervisor waits for the end to start it anew."""
    course = """
async def broken(_stop):
    raise LookupError
async def never_closed():
    await asyncio.Event().wait()
serve(broken, closing=never_closed)
"""
    with running(CHILD + course) as child:
        wrote, _ = child.communicate(timeout=LONG_SECONDS)
    assert child.returncode == 1
    assert "stopped_hard" in wrote


def test_a_log_that_takes_nothing_does_not_hold_the_end_up():
    """The kernel's timer stands behind the thread."""
    status, _ = told_to_stop("""
def fill():
    left, right = os.pipe()
    os.set_blocking(right, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(right, bytes(4096))
    os.set_blocking(right, True)
    os.dup2(right, 1)
async def never_closed():
    fill()
    await asyncio.Event().wait()
serve(closing=never_closed)
""")
    assert status == -signal.SIGALRM


def test_what_lost_its_parent_ends_though_its_closing_hangs():
    """Nobody is left who would kill it. Its end closes the pipe that it writes to."""
    with running(PARENT, CHILD + HANGING_COROUTINE) as parent:
        assert parent.stdout.readline() == "up\n"
        parent.kill()
        wrote, _ = parent.communicate(timeout=LONG_SECONDS)
    assert "stopped_hard" in wrote


def test_an_end_in_time_has_its_own_status():
    """Also where Python's own end lasts until just before the time is over."""
    status, wrote = told_to_stop("""
GRACE_SECONDS = 60.0
async def closed():
    await asyncio.sleep(0.01)
threading.Thread(target=time.sleep, args=(0.3,)).start()
serve(closing=closed)
sys.exit(7)
""")
    assert status == 7
    assert "stopped_hard" not in wrote


def test_a_port_that_is_taken_is_said_in_one_sentence():
    """Not by a traceback of every task; and not by uvicorn's way out of the process."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with running(CHILD + LISTENING, str(port)) as child:
            wrote, _ = child.communicate(timeout=LONG_SECONDS)
    assert f"Port {port} of 127.0.0.1 is taken" in wrote
    assert child.returncode == 1
