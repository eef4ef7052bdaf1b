"""Starts programs, keeps them up, stops them all: nothing outlives it.

Only processes that it started are ever signalled, by their id. What keeps a program up
bears whatever the machine refuses it for a while: a log, a terminal, a fork. Start at
``Supervisor``.
"""

import asyncio
import contextlib
import signal
import subprocess
from asyncio.subprocess import Process
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Final

import httpx

from chassis.clock import utc_now
from chassis.starting import CannotStart
from onebox import settings
from onebox.once import ending, last_words, log_of
from onebox.places import Places
from onebox.plain import say
from onebox.processes import dying_with_parent
from onebox.watching import READY_SECONDS, Strikes, WatchedProgram, answers

POLL_SECONDS: Final = 0.1
PROBE_TIMEOUT_SECONDS: Final = 2.0
GRACE_SECONDS: Final = 8.3
"""A service ends by itself within 8 s (chassis.process)."""
LAST_GRACE_SECONDS: Final = 1.2
GRACES: Final = (GRACE_SECONDS, LAST_GRACE_SECONDS)
"""How long the services have to end by themselves, and the bus after them."""
BACK_OFF_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
STEADY_SECONDS: Final = 3.0
"""Up for so long, it begins with the shortest pause again."""
TRIES_AT_START: Final = 3


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of the watch over a program."""

    every: float = 5.0
    timeout: float = 5.0
    """Longer than a probe at the start: a loaded machine is slow to answer, and a
    restart makes it slower."""
    grace: float = GRACE_SECONDS


PACE: Final = Pace()


@dataclass(slots=True)
class _Kept:
    program: WatchedProgram
    process: Process | None = None
    ended: int = 0
    """Times it has ended by itself, or could not be started."""
    tried: asyncio.Event = field(default_factory=asyncio.Event)
    strikes: Strikes = field(default_factory=Strikes)


class Supervisor:
    """*on_lost* is called when one of its own tasks ends, which none ever should:
    ``lost`` says which, and the house must not go on without it.
    """

    def __init__(
        self,
        places: Places,
        *,
        back_off: Sequence[float] = BACK_OFF_SECONDS,
        steady_seconds: float = STEADY_SECONDS,
        graces: tuple[float, float] = GRACES,
        on_lost: Callable[[], object] = lambda: None,
    ) -> None:
        self._places = places
        self._back_off = tuple(back_off)
        self._steady_seconds = steady_seconds
        self._graces = graces
        self._on_lost = on_lost
        self._kept: dict[str, _Kept] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.lost: CannotStart | None = None

    async def start(self, program: WatchedProgram) -> None:
        """Keep *program* up from now on; return when it has been started once."""
        kept = self._kept[program.name] = _Kept(program)
        self.tend(program.name, self._keep(kept))
        await kept.tried.wait()

    def watch(self, *names: str, pace: Pace = PACE) -> None:
        """End each of *names* when it runs but does not answer, so that it is started
        again: nats-server after a full disk, a service that hangs.
        """
        for name in names:
            self.tend(f"{name}: watch", self._watch(self._kept[name], pace))

    def tend(self, name: str, work: Coroutine[object, object, None]) -> None:
        """Run *work*, which never ends, until the house does."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    async def ready(self, *names: str) -> None:
        """Wait until all of *names* serve; CannotStart if one does not come up."""
        async with httpx.AsyncClient(timeout=PROBE_TIMEOUT_SECONDS) as client:
            await asyncio.gather(*(self._ready(client, name) for name in names))

    def pid(self, name: str) -> int | None:
        """Which process is *name* just now; tests and the bench end it by this."""
        process = self._kept[name].process
        return process.pid if process else None

    def say(self, line: str) -> None:
        """To the terminal and to a log of its own: one of them may be gone."""
        say(line)
        with (
            contextlib.suppress(OSError),
            self._places.log("onebox").open("a", encoding="utf-8") as log,
        ):
            log.write(f"{utc_now().isoformat(timespec='seconds')} {line}\n")

    async def stop(self) -> None:
        """Services first, the bus last; whoever does not end in time is killed."""
        # First the keepers, or they would start again what is ended below.
        for task in self._tasks:
            task.cancel()  # from now on its end is its end
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # The bus stays up until nobody can want to publish any more.
        names = [name for name in self._kept if name != "nats"]
        services, bus = self._graces
        await self._end(names, services)
        await self._end(["nats"], bus)

    async def _ready(self, client: httpx.AsyncClient, name: str) -> None:
        kept = self._kept[name]
        deadline = asyncio.get_running_loop().time() + READY_SECONDS
        while not await answers(client, kept.program.ready):
            late = asyncio.get_running_loop().time() > deadline
            if late or kept.ended >= TRIES_AT_START:
                raise CannotStart(*self._not_up(name))
            await asyncio.sleep(POLL_SECONDS)
        if kept.process is not None:
            kept.strikes.out(kept.process.pid, well=True, now=deadline)

    def _not_up(self, name: str) -> tuple[str, str]:
        vi, en = last_words(self._places.log(name))
        return f"{name} không khởi động được; {vi}", f"{name} does not start; {en}"

    async def _keep(self, kept: _Kept) -> None:
        loop = asyncio.get_running_loop()
        pauses = iter(self._back_off)
        while True:
            started = loop.time()
            how = await self._run(kept)
            kept.ended += 1
            # A program that ran for a while has met something new: it deserves the
            # shortest pause again.
            if loop.time() - started > self._steady_seconds:
                pauses = iter(self._back_off)
            pause = next(pauses, self._back_off[-1])
            self.say(
                f"{kept.program.name}: {how}; khởi động lại · again in {pause:g} s"
            )
            await asyncio.sleep(pause)

    async def _run(self, kept: _Kept) -> str:
        """How it ended, or why there was no process for it."""
        try:
            kept.process = await self._spawn(kept.program)
        # A fork that fails for want of memory or processes is tried again like a crash;
        # the keeper itself must not end by it.
        except (OSError, subprocess.SubprocessError) as error:
            return f"không khởi động được · not started: {error}"
        finally:
            kept.tried.set()
        return ending(await kept.process.wait())

    async def _spawn(self, program: WatchedProgram) -> Process:
        with log_of(program.name, self._places) as log:
            if log == subprocess.DEVNULL:
                self.say(f"{program.name}: không ghi được nhật ký · runs without a log")
            return await asyncio.create_subprocess_exec(
                *program.command,
                env=settings.for_child(program.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone
                preexec_fn=dying_with_parent(program.orphaned),
            )

    async def _watch(self, kept: _Kept, pace: Pace) -> None:
        loop, name = asyncio.get_running_loop(), kept.program.name
        async with httpx.AsyncClient(timeout=pace.timeout) as client:
            while True:
                process = kept.process
                well = await answers(client, kept.program.pulse)
                if (
                    process is not None
                    and process.returncode is None
                    and kept.strikes.out(process.pid, well=well, now=loop.time())
                ):
                    self.say(f"{name}: không trả lời, dừng để khởi động lại · unwell")
                    await _end_one(process, pace.grace)
                await asyncio.sleep(pace.every)

    async def _end(self, names: list[str], grace: float) -> None:
        kept = (self._kept[name] for name in names if name in self._kept)
        running = [each.process for each in kept if each.process is not None]
        await asyncio.gather(*(_end_one(process, grace) for process in running))

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            return
        name, why = task.get_name(), task.exception()
        self.lost = CannotStart(
            f"Phần trông coi {name} đã ngừng ({why!r}), ecopy dừng theo: chạy lại;"
            f" nhật ký ở {self._places.log('onebox')}.",
            f"What keeps {name} up has ended ({why!r}), so ecopy stops: run it again;"
            f" its log is {self._places.log('onebox')}.",
        )
        self.say(str(self.lost))
        self._on_lost()


async def _end_one(process: Process, grace: float) -> None:
    """A stopped process does not hear SIGTERM; SIGKILL ends it all the same."""
    _signal(process, signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), grace)
    _signal(process, signal.SIGKILL)
    await process.wait()


def _signal(process: Process, number: signal.Signals) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
