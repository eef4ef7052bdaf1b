"""Starts programs, keeps them up, stops them all: nothing outlives it.

Only processes that it started are ever signalled, by their id.
"""

import asyncio
import contextlib
import signal
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from onebox import settings
from onebox.places import Places
from onebox.plain import CannotError, say
from onebox.processes import die_with_parent

READY_SECONDS: Final = 90.0
POLL_SECONDS: Final = 0.1
PROBE_TIMEOUT_SECONDS: Final = 2.0
GRACE_SECONDS: Final = 8.3
"""A service ends by itself within 8 s (chassis.process)."""
LAST_GRACE_SECONDS: Final = 1.2
BACK_OFF_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
STEADY_SECONDS: Final = 3.0
"""Up for so long, it begins with the shortest pause again."""
TRIES_AT_START: Final = 3
TAIL_LINES: Final = 12
WATCH_SECONDS: Final = 5.0
UNWELL_LIMIT: Final = 3


@dataclass(frozen=True, slots=True)
class Program:
    name: str
    command: tuple[str, ...]
    ready: str
    """Answers 200 when it serves."""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Kept:
    program: Program
    process: Process | None = None
    ended: int = 0
    """Times it has ended by itself."""
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


class Supervisor:
    def __init__(
        self, places: Places, *, back_off: Sequence[float] = BACK_OFF_SECONDS
    ) -> None:
        self._places = places
        self._back_off = tuple(back_off)
        self._kept: dict[str, _Kept] = {}

    async def start(self, program: Program) -> None:
        """Keep *program* up from now on."""
        kept = self._kept[program.name] = _Kept(program)
        await self._spawn(kept)
        kept.tasks.append(asyncio.create_task(self._keep(kept)))

    def watch(self, name: str, *, every: float = WATCH_SECONDS) -> None:
        """End *name* when it runs but is not well, so that it is started again.

        nats-server after a full disk: alive, answering 503, until its restart.
        """
        kept = self._kept[name]
        kept.tasks.append(asyncio.create_task(_watch(kept, every)))

    async def ready(self, *names: str) -> None:
        """Wait until all of *names* serve; CannotError if one does not come up."""
        async with httpx.AsyncClient(timeout=PROBE_TIMEOUT_SECONDS) as client:
            await asyncio.gather(*(self._ready(client, name) for name in names))

    def pid(self, name: str) -> int | None:
        """For tests and the bench: which process is *name* just now."""
        process = self._kept[name].process
        return process.pid if process else None

    async def stop(self) -> None:
        """Services first, the bus last; whoever does not end in time is killed."""
        for kept in self._kept.values():
            await _forget(kept)
        names = [name for name in self._kept if name != "nats"]
        await self._end(names, GRACE_SECONDS)
        await self._end(["nats"], LAST_GRACE_SECONDS)

    async def _ready(self, client: httpx.AsyncClient, name: str) -> None:
        kept = self._kept[name]
        deadline = asyncio.get_running_loop().time() + READY_SECONDS
        while not await answers(client, kept.program.ready):
            late = asyncio.get_running_loop().time() > deadline
            if late or kept.ended >= TRIES_AT_START:
                raise CannotError(*self._not_up(name))
            await asyncio.sleep(POLL_SECONDS)

    def _not_up(self, name: str) -> tuple[str, str]:
        vi, en = last_words(self._places.log(name))
        return f"{name} không khởi động được; {vi}", f"{name} does not start; {en}"

    async def _spawn(self, kept: _Kept) -> None:
        path = self._places.log(kept.program.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as log:
            kept.process = await asyncio.create_subprocess_exec(
                *kept.program.command,
                env=settings.for_child(kept.program.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone
                preexec_fn=die_with_parent,
            )

    async def _keep(self, kept: _Kept) -> None:
        loop = asyncio.get_running_loop()
        pauses = iter(self._back_off)
        while kept.process is not None:
            started = loop.time()
            status = await kept.process.wait()
            kept.ended += 1
            if loop.time() - started > STEADY_SECONDS:
                pauses = iter(self._back_off)
            pause = next(pauses, self._back_off[-1])
            name = kept.program.name
            say(f"{name}: {ending(status)}; khởi động lại · again in {pause:g} s")
            await asyncio.sleep(pause)
            await self._spawn(kept)

    async def _end(self, names: list[str], grace: float) -> None:
        all_kept = [self._kept[name] for name in names if name in self._kept]
        for kept in all_kept:
            _signal(kept.process, signal.SIGTERM)
        waiting = [k.process.wait() for k in all_kept if k.process is not None]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*waiting), grace)
        for kept in all_kept:
            _signal(kept.process, signal.SIGKILL)
            if kept.process is not None:
                await kept.process.wait()


async def run_once(
    name: str, command: tuple[str, ...], own: Mapping[str, str], places: Places
) -> None:
    """A step that must succeed (migrate, provision); its words go to the log."""
    path = places.log(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=settings.for_child(own),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
            preexec_fn=die_with_parent,
        )
        status = await process.wait()
    if status != 0:
        vi, en = last_words(path)
        raise CannotError(
            f"Bước {name} không xong ({ending(status)}); {vi}",
            f"Step {name} did not succeed; {en}",
        )


async def answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def last_words(log: Path) -> tuple[str, str]:
    """Where the log is and how it ends; it has no lines where the disk was full."""
    lines = "\n".join(f"  {line}" for line in tail(log))
    if not lines:
        return f"nhật ký ở {log} còn trống.", f"its log {log} is empty."
    return (
        f"nhật ký ở {log}, các dòng cuối:\n{lines}",
        f"its log is {log}, last lines above.",
    )


def tail(path: Path) -> list[str]:
    if not path.exists():
        return []
    return path.read_text(errors="replace").splitlines()[-TAIL_LINES:]


def ending(status: int) -> str:
    if status < 0:
        return f"bị dừng bởi tín hiệu {-status} · ended by signal {-status}"
    return f"kết thúc với mã {status} · ended with status {status}"


def _signal(process: Process | None, number: signal.Signals) -> None:
    if process is not None and process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)


async def _forget(kept: _Kept) -> None:
    """From now on its end is its end."""
    for task in kept.tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _watch(kept: _Kept, every: float) -> None:
    unwell = 0
    async with httpx.AsyncClient(timeout=PROBE_TIMEOUT_SECONDS) as client:
        while True:
            await asyncio.sleep(every)
            well = await answers(client, kept.program.ready)
            unwell = 0 if well else unwell + 1
            if unwell >= UNWELL_LIMIT:
                say(f"{kept.program.name}: không khỏe, dừng để khởi động lại · unwell")
                _signal(kept.process, signal.SIGTERM)
                unwell = 0
