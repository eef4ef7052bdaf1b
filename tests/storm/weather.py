"""One storm from its first case to its last judgement.

Rounds: some faults while people work, then quiet, then the judge. Start at
``Weather.run``.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from storm.checker import Judge
from storm.client import Counter
from storm.faults import Striker
from storm.history import History, Paper
from storm.house import StormHouse
from storm.plan import Fault
from storm.report import Findings
from storm.scans import scans
from storm.visitor import GaveUp, Visitor

ROUND = 60
"""Faults between two judgements."""
LANES = 3
"""Faults that may be on at the same time."""
FOLLOW_SECONDS = 1.5
"""A desk looks for a copy so long after the approval, and works on meanwhile."""
SIGNED_IN = 2
"""Desks with sessions of their own; the others are further windows of those browsers.
Argon2 takes as much of the processor as a whole case does.
"""
SIGN_IN_EVERY = 25
"""So many papers, and the clerk who brings the next one comes back from a pause."""
MOST_WAITING = 6
"""Copies that a desk waits for before it stops opening cases."""


@dataclass
class Weather:
    seed: int
    house: StormHouse
    striker: Striker
    history: History
    findings: Findings
    workers: int
    papers: list[Paper] = field(default_factory=list)
    drain_seconds: float = 90.0
    """I8: what is accepted is issued so soon after the last fault."""
    lanes: int = LANES
    apart: float = 0.0
    """Seconds of quiet in a lane between two faults."""
    draw: Callable[[int, int], tuple[bytes, ...]] = scans
    """The pages of a paper, from the seed and its number."""
    over: Callable[[], bool] = lambda: False
    """Whether somebody has asked the run to end early."""
    desks: list[Counter] = field(default_factory=list)

    async def run(self, faults: list[Fault], judge: Judge, until: float) -> None:
        """Until *faults* or the time are over, or something is broken. It is always
        judged: what was struck before an early end counts.
        """
        left = deque(faults)
        await self._open_desks()
        await judge.counter.clerk.look("/account")
        while left and not self._ended(until):
            batch = [left.popleft() for _ in range(min(ROUND, len(left)))]
            await self._round(batch, until)
            if not self.house.family():
                break  # it did not start again: nobody is there to be judged
            await self.house.ready()
            await judge.settle(self.papers, self.drain_seconds)
            await judge.judge(self.papers, wholly=not left or self._ended(until))
            if self.findings.violations:
                break
        await self._close_desks()

    def _ended(self, until: float) -> bool:
        return time.monotonic() > until or self.over()

    async def _round(self, faults: list[Fault], until: float) -> None:
        """Some faults, with people at work; nothing is on its way afterwards."""
        stop = asyncio.Event()
        work = [asyncio.create_task(self._work(desk, stop)) for desk in self.desks]
        left = deque(faults)
        try:
            await asyncio.gather(*(self._lane(left, until) for _ in range(self.lanes)))
        finally:
            stop.set()
            await self._end(work)

    async def _lane(self, left: deque[Fault], until: float) -> None:
        """One fault after another, as soon as what it struck is back."""
        while left and not self._ended(until):
            fault = left.popleft()
            outcome = await self.striker.strike(fault)
            print(f"{fault}: {outcome}", flush=True)
            if outcome == "did not start":
                left.clear()
                self.house.end_at_once()
            await asyncio.sleep(max(0.0, min(self.apart, until - time.monotonic())))

    async def _end(self, work: "list[asyncio.Task[None]]") -> None:
        """Everybody finishes what is in hand, for as long as the drain may take."""
        _, late = await asyncio.wait(work, timeout=self.drain_seconds)
        for task in late:
            task.cancel()
        for result in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(result, Exception) and not isinstance(result, GaveUp):
                raise result

    async def _work(self, desk: Counter, stop: asyncio.Event) -> None:
        """Cases are opened one after another; what is approved is followed meanwhile,
        as nobody at a desk stands before a case until its copy is there.
        """
        waiting: deque[Paper] = deque()
        while not stop.is_set():
            paper = self.new_paper()
            if paper.n % SIGN_IN_EVERY == 0:
                desk.clerk.leave()
            await desk.carry(paper, to="approved")
            waiting.append(paper)
            await self._follow(desk, waiting)
        for paper in waiting:
            await desk.carry(paper)

    async def _follow(self, desk: Counter, waiting: deque[Paper]) -> None:
        """The oldest first: while it is not there, the others are hardly."""
        while waiting and _age(waiting[0]) > FOLLOW_SECONDS:
            paper = waiting[0]
            if len(waiting) >= MOST_WAITING:
                await desk.carry(paper)
            else:
                await desk.look_once(paper)
            if "fetched" not in paper.acknowledged and not paper.trouble:
                return
            waiting.popleft()

    async def _open_desks(self) -> None:
        """The same people all day, at their places before anything is struck."""
        for n in range(self.workers):
            desk = counter_of(self.house, self.history, str(n))
            if n >= SIGNED_IN:
                desk.join(self.desks[n % SIGNED_IN])
            self.desks.append(desk)
            for person in (desk.clerk, desk.certifier):
                await person.look("/account")

    async def _close_desks(self) -> None:
        for desk in self.desks:
            await desk.close()
        self.desks.clear()

    def new_paper(self) -> Paper:
        n = len(self.papers) + 1
        paper = Paper(n, f"Bằng {self.seed}-{n:05}", self.draw(self.seed, n))
        self.papers.append(paper)
        return paper


def _age(paper: Paper) -> float:
    """Seconds since the approval."""
    return time.monotonic() - paper.acknowledged.get("approved", time.monotonic())


def counter_of(house: StormHouse, history: History, name: str) -> Counter:
    """Three people of their own sessions."""
    return Counter(
        Visitor(house.desk, history, f"clerk-{name}", house.person("clerk")),
        Visitor(house.desk, history, f"certifier-{name}", house.person("certifier")),
        Visitor(house.public, history, f"citizen-{name}"),
        history,
    )
