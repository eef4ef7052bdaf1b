"""One storm from its first case to its last judgement.

Rounds: some faults while people work, then quiet, then the judge. Start at
``Weather.run``.
"""

import asyncio
import random
import time
from dataclasses import dataclass, field

from storm.checker import Judge
from storm.client import Counter
from storm.faults import Striker
from storm.history import History, Paper
from storm.house import StormHouse
from storm.plan import Fault
from storm.report import Findings
from storm.scans import scan
from storm.visitor import GaveUp, Visitor

ROUND = 12
"""Faults between two judgements."""


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
    pace: float = 0.0
    """Seconds that each worker rests between two papers."""

    async def run(self, faults: list[Fault], judge: Judge, until: float) -> None:
        """Until *faults* or the time are over, or something is broken."""
        while faults and time.monotonic() < until:
            batch, faults = faults[:ROUND], faults[ROUND:]
            await self._round(batch, until)
            if not self.house.family():
                break  # it did not start again: nobody is there to be judged
            await judge.settle(self.papers, self.drain_seconds)
            await judge.judge(self.papers, wholly=not faults)
            if self.findings.violations:
                break

    async def _round(self, batch: list[Fault], until: float) -> None:
        """Some faults, with people at work; nothing is on its way afterwards."""
        stop = asyncio.Event()
        work = [asyncio.create_task(self._work(n, stop)) for n in range(self.workers)]
        try:
            for fault in batch:
                if time.monotonic() > until:
                    break
                outcome = await self.striker.strike(fault)
                print(f"{fault}: {outcome}", flush=True)
                if outcome == "did not start":
                    self.house.end_at_once()
                    break
        finally:
            stop.set()
            await self._end(work)

    async def _end(self, work: "list[asyncio.Task[None]]") -> None:
        """Everybody finishes what is in hand, for as long as the drain may take."""
        _, late = await asyncio.wait(work, timeout=self.drain_seconds)
        for task in late:
            task.cancel()
        for result in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(result, Exception) and not isinstance(result, GaveUp):
                raise result

    async def _work(self, worker: int, stop: asyncio.Event) -> None:
        counter = counter_of(self.house, self.history, str(worker))
        chance = random.Random(f"{self.seed}/{worker}/{len(self.papers)}")
        try:
            while not stop.is_set():
                await counter.carry(self.new_paper())
                await asyncio.sleep(chance.uniform(0, self.pace))
        finally:
            await counter.close()

    def new_paper(self) -> Paper:
        n = len(self.papers) + 1
        paper = Paper(n, f"Bằng {self.seed}-{n:05}", scan(self.seed, n))
        self.papers.append(paper)
        return paper


def counter_of(house: StormHouse, history: History, name: str) -> Counter:
    """Three people of their own sessions."""
    return Counter(
        Visitor(house.desk, history, f"clerk-{name}", house.person("clerk")),
        Visitor(house.desk, history, f"certifier-{name}", house.person("certifier")),
        Visitor(house.public, history, f"citizen-{name}"),
        history,
    )
