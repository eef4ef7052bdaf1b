"""Does the faults of a plan to a house, and undoes them.

A fault is over when what it did is undone and the programs serve again: what this took
after a kill −9 is noted. Start at ``Striker.strike``.
"""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from storm import wires
from storm.disk import Disk, cut_power, filled, read_only
from storm.history import History
from storm.house import PROGRAMS, NotUp, StormHouse, is_running, words_of
from storm.others import Other
from storm.plan import Fault
from storm.report import Findings
from storm.turns import Places

READY_SECONDS = 120.0
POINT_SECONDS = 20.0
"""How long a named step is waited for before the fault counts as not met."""


@dataclass
class Striker:
    house: StormHouse
    history: History
    findings: Findings
    disks: list[Disk] = field(default_factory=list)
    others: dict[str, Other] = field(default_factory=dict)
    """Servers beside the house: PostgreSQL, versitygw."""
    tsa: Callable[[str], None] = lambda _how: None
    store: Callable[[str], None] = lambda _how: None
    clock: Path | None = None
    """The file that tells libfaketime what time it is."""
    struck: int = 0
    going: int = 0
    """Faults that are on just now."""
    places: Places = field(init=False)
    cuts: int = 0
    first_minute_cuts: int = 0
    first_start: float = 0.0

    def __post_init__(self) -> None:
        self.places = Places()

    def started(self) -> None:
        """The house is up for the first time."""
        self.first_start = time.monotonic()

    async def strike(self, fault: Fault) -> str:
        """How it went: ``recovered``, or what did not come back. It waits for its turn
        while what it strikes is struck already.
        """
        async with self.places.reserved(fault):
            await asyncio.sleep(fault.pause)
            self.struck += 1
            self.going += 1
            try:
                return await self._strike(fault)
            finally:
                self.going -= 1

    async def _strike(self, fault: Fault) -> str:
        self.history.note("fault", fault=str(fault), beside=self.going - 1)
        act = getattr(self, "_" + fault.kind.replace("-", "_"))
        try:
            outcome = await act(fault) or "recovered"
        except NotUp as not_up:
            outcome = "did not start"
            said = str(not_up).strip()[-600:]
            self.findings.broken("stuck", f"{fault}: {said}")
        self.findings.beside += self.going > 1
        target = "+".join(fault.targets) + (f" {fault.how}" if fault.how else "")
        self.findings.outcomes[(fault.kind, target)][outcome] += 1
        self.history.note("over", fault=str(fault), outcome=outcome)
        return outcome

    async def _kill(self, fault: Fault) -> str:
        return await self._kill_all(fault.targets)

    async def _calm(self, fault: Fault) -> str:
        """Nothing is struck: the control, and what people do on a quiet machine."""
        await asyncio.sleep(fault.seconds)
        return await self._back(PROGRAMS)

    async def _kill_pair(self, fault: Fault) -> str:
        return await self._kill_all(fault.targets)

    async def _kill_again(self, fault: Fault) -> str:
        """A second time while the first is not over."""
        self._end(fault.targets[0])
        for _ in range(100):
            await asyncio.sleep(0.02)
            if self._alive(fault.targets[0]):
                break
        return await self._kill_all(fault.targets)

    async def _crash_point(self, fault: Fault) -> str:
        service = fault.targets[0]
        self.house.arm(service, fault.how)
        armed = await self._after_kill(service)
        began = time.monotonic()
        while self.house.pid(service) == armed:
            if time.monotonic() - began > POINT_SECONDS:
                return "not reached"
            await asyncio.sleep(0.05)
        return await self._back((service,))

    async def _after_kill(self, service: str) -> int | None:
        """The process that has taken the place of the killed one."""
        before = self.house.send(service, signal.SIGKILL)
        while (now := self.house.pid(service)) in (before, None):
            await asyncio.sleep(0.05)
        await self.house.ready(service)
        return now

    async def _stop(self, fault: Fault) -> str:
        name = fault.targets[0]
        pid = self._pid(name)
        if pid is None:
            return "nobody there"
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(fault.seconds)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        return await self._back(fault.targets)

    async def _drop(self, fault: Fault) -> str:
        await wires.partitioned(fault.kind, self._port(fault), fault.seconds)
        return await self._back(fault.targets)

    _reset = _lossy = _drop

    async def _reorder(self, fault: Fault) -> str:
        segments = await wires.reordered(self._port(fault), fault.seconds)
        self.history.note("reordered", segments=segments)
        return await self._back(fault.targets)

    async def _slow(self, fault: Fault) -> str:
        await wires.slowed(fault.seconds)
        return await self._back(PROGRAMS)

    async def _full_disk(self, fault: Fault) -> str:
        await filled(self.disks[0], fault.seconds)
        return await self._back(PROGRAMS)

    async def _read_only(self, fault: Fault) -> str:
        if not await read_only(self.disks[0], fault.seconds):
            return "not reached"
        return await self._back(PROGRAMS)

    async def _tsa(self, fault: Fault) -> str:
        return await self._party(fault, self.tsa)

    async def _store(self, fault: Fault) -> str:
        return await self._party(fault, self.store)

    async def _directory(self, fault: Fault) -> str:
        """The archive's folder says that it has written (``site/sitecustomize.py``)."""
        return await self._party(fault, self.house.behave)

    async def _supervisor(self, fault: Fault) -> str:
        """kill −9 of ``ecopy up`` itself, and a person who starts it again at once."""
        old = self.house.end_supervisor()
        took = await self.house.start_again()
        left = {pid: words_of(pid) for pid in old if is_running(pid)}
        self.history.note("started", seconds=round(took, 1), left=left)
        if left:
            self.findings.broken("stuck", f"{fault}: outlived it: {left}")
            return "programs left"
        return "recovered"

    async def _party(self, fault: Fault, party: Callable[[str], None]) -> str:
        party(fault.how)
        try:
            await asyncio.sleep(fault.seconds)
        finally:
            party("")
        return "recovered"

    async def _clock(self, fault: Fault) -> str:
        """Every process of the house is off, but for nats-server (Go reads no libc)."""
        assert self.clock is not None
        self.clock.write_text(f"{fault.how}s\n")
        try:
            await asyncio.sleep(fault.seconds)
        finally:
            self.clock.write_text("+0s\n")
        return await self._back(PROGRAMS)

    async def _database(self, fault: Fault) -> str:
        await self.others["postgresql"].struck(fault.how, fault.seconds)
        return await self._back(PROGRAMS)

    async def _power_cut(self, fault: Fault) -> str:
        await self._cut()
        if fault.how == "again":
            await self._cut_while_it_starts(fault.seconds)
        took = await self.house.start()
        self.history.note("started", seconds=round(took, 1))
        return "recovered"

    async def _cut_while_it_starts(self, seconds: float) -> None:
        starting = asyncio.create_task(self.house.start())
        await asyncio.wait([starting], timeout=seconds)
        if starting.done():
            starting.result()  # it is up, or it says why it is not
        starting.cancel()
        await asyncio.wait([starting])
        await self._cut()

    async def _cut(self) -> None:
        self.cuts += 1
        self.first_minute_cuts += time.monotonic() - self.first_start < 60
        others = list(self.others.values())
        await asyncio.to_thread(cut_power, self.house, self.disks, others)
        for other in others:
            await other.back()

    async def _kill_all(self, names: tuple[str, ...]) -> str:
        for name in names:
            self._end(name)
        return await self._back(names, killed=True)

    async def _back(self, names: tuple[str, ...], *, killed: bool = False) -> str:
        """Wait until each of *names* serves again."""
        began, others = time.monotonic(), (self.struck, self.going)
        for name in names:
            if name in self.others:
                await self.others[name].back()
        ours = [name for name in names if name in PROGRAMS]
        if killed:
            # The port still answers for a moment where a process has just been killed.
            await asyncio.sleep(0.05)
        if await self.house.ready(*(ours or PROGRAMS), seconds=READY_SECONDS) is None:
            self.findings.broken("stuck", f"{'+'.join(names)} not ready again")
            return "not ready again"
        if killed and ours:
            alone = others == (self.struck, 1)
            took = self.findings.recovery if alone else self.findings.recovery_beside
            took.append(time.monotonic() - began)
        return "recovered"

    def _end(self, name: str) -> None:
        if name in self.others:
            self.others[name].end()
        else:
            self.house.send(name, signal.SIGKILL)

    def _port(self, fault: Fault) -> int:
        return self.house.ports.named()[fault.targets[0]]

    def _alive(self, name: str) -> bool:
        return self._pid(name) is not None

    def _pid(self, name: str) -> int | None:
        return self.others[name].pid() if name in self.others else self.house.pid(name)
