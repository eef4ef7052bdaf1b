"""One run inside the walls: makes the house, lets the storm go, writes what it found.

Start at ``run_session``.
"""

import argparse
import asyncio
import itertools
import random
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from storm import plan
from storm.checker import Judge
from storm.disk import Disk
from storm.drain import measure_drain
from storm.faults import Striker
from storm.history import History
from storm.house import StormHouse
from storm.report import Findings, write
from storm.walls import raise_loopback
from storm.weather import Weather, counter_of

VAR_MEGABYTES = 3000
WITHOUT_HANDS = {
    "database": "", "store": "",
    "drop": "iptables", "reset": "iptables", "lossy": "iptables", "slow": "tc",
}  # fmt: skip
"""Kinds that not every house or machine can have, and the program that each needs."""


@dataclass
class Site:
    """One house on its own disk, and everybody around it."""

    needs: argparse.Namespace
    disks: list[Disk]
    house: StormHouse
    history: History
    findings: Findings
    striker: Striker

    def weather(self) -> Weather:
        return Weather(
            self.needs.seed,
            self.house,
            self.striker,
            self.history,
            self.findings,
            self.needs.workers,
        )

    def judge(self) -> Judge:
        return Judge(
            self.house,
            counter_of(self.house, self.history, "judge"),
            self.history,
            self.findings,
            self.house.var / "objects" / "archive",
            random.Random(self.needs.seed),
        )


def run_session(needs: argparse.Namespace) -> int:
    raise_loopback()
    findings = Findings()
    scenario = SCENARIOS[needs.scenario or "weather"]
    began = time.monotonic()
    asyncio.run(scenario(needs, findings))
    findings.numbers.setdefault("cases", 0)
    print(findings.table())
    print(f"{time.monotonic() - began:.0f} s; seed {needs.seed}")
    for name, figure in findings.figures().items():
        print(f"{name} = {figure['value']} {figure['unit']}  (goal {figure['goal']})")
    write(findings.figures(), needs.figures)
    if findings.violations:
        print(f"again: python -m tests.storm {_words(needs)}")
    return 1 if findings.violations else 0


def _words(needs: argparse.Namespace) -> str:
    said = f"--seed {needs.seed} --faults {needs.faults} --minutes {needs.minutes:g}"
    said += f" --workers {needs.workers}"
    for name in ("only", "scenario"):
        value = getattr(needs, name)
        said += f" --{name} {value}" if value else ""
    return said


def made_site(needs: argparse.Namespace, findings: Findings, name: str = "a") -> Site:
    work = needs.work / name
    work.mkdir(parents=True)
    var = work / "var"
    disk = Disk.make(work / "var.img", var, VAR_MEGABYTES)
    history = History(work / "history.jsonl")
    house = StormHouse(var, needs.port, work / "up.txt")
    striker = Striker(house, history, findings, [disk])
    return Site(needs, [disk], house, history, findings, striker)


async def weather(needs: argparse.Namespace, findings: Findings) -> None:
    """The usual storm: one house, many faults."""
    site = made_site(needs, findings)
    until = time.monotonic() + needs.minutes * 60
    try:
        print(f"up after {await site.house.start():.1f} s", flush=True)
        site.striker.first_start = time.monotonic()
        kinds = [kind for kind in plan.KINDS if _can(kind)]
        if needs.only:
            kinds = [kind for kind in kinds if kind in needs.only.split(",")]
        faults = list(itertools.islice(plan.drawn(needs.seed, kinds), needs.faults))
        course, judge = site.weather(), site.judge()
        done = await course.run(faults, judge, until)
        await judge.counter.close()
        findings.numbers |= {
            "faults": done,
            "cases": len(course.papers),
            "power_cuts": site.striker.cuts,
            "first_minute_cuts": site.striker.first_minute_cuts,
        }
    finally:
        await close(site)


async def fresh_cuts(needs: argparse.Namespace, findings: Findings) -> None:
    """``--faults`` times: a new house, some seconds of work, the power cut, a start."""
    chance = random.Random(needs.seed)
    until = time.monotonic() + needs.minutes * 60
    cuts = cases = 0
    for n in range(needs.faults):
        if time.monotonic() > until or findings.violations:
            break
        site = made_site(needs, findings, f"cut-{n}")
        try:
            await site.house.start()
            site.striker.first_start = time.monotonic()
            fault = plan.Fault(
                n, "power-cut", ("house",), 0, chance.uniform(0.5, 25), "fresh"
            )
            course, judge = site.weather(), site.judge()
            cuts += await course.run([fault], judge, time.monotonic() + 600)
            cases += len(course.papers)
            await judge.counter.close()
        finally:
            await close(site)
        print(f"cut {n}: {len(course.papers)} cases", flush=True)
    findings.numbers |= {
        "faults": cuts,
        "cases": cases,
        "power_cuts": cuts,
        "first_minute_cuts": cuts,
    }


async def drain(needs: argparse.Namespace, findings: Findings) -> None:
    site = made_site(needs, findings)
    try:
        await site.house.start()
        findings.numbers["drain_of_normal"] = await measure_drain(site.weather())
    finally:
        await close(site)


async def close(site: Site) -> None:
    """End the house; keep history and ``var/`` where something is broken."""
    await site.house.stop()
    if site.findings.violations:
        kept = site.needs.keep / f"seed-{site.needs.seed}"
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        shutil.copytree(site.house.var, kept / "var", symlinks=True)
        for path in (site.history.path, site.house.words):
            shutil.copy(path, kept)
        print(f"kept: {kept}", flush=True)
    for disk in reversed(site.disks):
        disk.unmount()
        disk.image.unlink()


def _can(kind: str) -> bool:
    """Whether the usual house and this machine can have faults of *kind*."""
    if kind in {"tsa", "clock"}:
        return False
    if kind not in WITHOUT_HANDS:
        return True
    program = WITHOUT_HANDS[kind]
    return bool(program) and shutil.which(program) is not None


SCENARIOS: dict[str, Callable[[argparse.Namespace, Findings], Awaitable[None]]] = {
    "weather": weather,
    "fresh-cuts": fresh_cuts,
    "drain": drain,
}
