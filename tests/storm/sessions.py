"""One run inside the walls: a scenario, and what it found.

Start at ``run_session``.
"""

import argparse
import asyncio
import itertools
import random
import shutil
import time
from collections.abc import Awaitable, Callable

from storm import plan
from storm.courses import COURSES
from storm.drain import measure_drain
from storm.house import NotUp
from storm.report import Findings, write
from storm.sites import FAKETIME, Site, open_site
from storm.visitor import GaveUp
from storm.walls import raise_loopback
from storm.weather import Weather

Scenario = Callable[[argparse.Namespace, Findings], Awaitable[None]]
PROGRAMS = {
    "drop": "iptables",
    "reset": "iptables",
    "lossy": "iptables",
    "slow": "tc",
    "full-disk": "fallocate",
}
"""Kinds of faults, and the program that each needs."""
OF_SERVERS = frozenset({"database", "store"})
OF_FILES = frozenset({"power-cut", "full-disk", "read-only"})


def run_session(needs: argparse.Namespace) -> int:
    """1 where an invariant is broken; then it says how to play it again."""
    raise_loopback()
    findings = Findings()
    began = time.monotonic()
    try:
        asyncio.run(SCENARIOS[needs.scenario](needs, findings))
    except (GaveUp, NotUp) as error:
        findings.broken("stuck", f"nobody answers: {error}")
    print(findings.table())
    print(f"{time.monotonic() - began:.0f} s; seed {needs.seed}")
    for name, figure in findings.figures().items():
        print(f"{name} = {figure['value']} {figure['unit']}  (goal {figure['goal']})")
    write(findings.figures(), needs.figures)
    if findings.violations:
        print(f"again: python -m tests.storm {_words(needs)}")
    return 1 if findings.violations else 0


async def weather(needs: argparse.Namespace, findings: Findings) -> None:
    """One house, many faults."""
    until = time.monotonic() + needs.minutes * 60
    async with open_site(needs, findings) as site:
        kinds = [kind for kind in plan.KINDS if _can(kind, needs)]
        extra = tuple(site.striker.others)
        faults = itertools.islice(plan.drawn(needs.seed, kinds, extra), needs.faults)
        course = site.weather()
        await _under(site, course, list(faults), until)
        _count(site, course)


async def slice_of_it(needs: argparse.Namespace, findings: Findings) -> None:
    """What ``make faults`` has time for: a power cut within the first minute, the drain
    after the bus came back, then the weather of the seed.
    """
    until = time.monotonic() + needs.minutes * 60
    async with open_site(needs, findings) as site:
        course = site.weather()
        cut = plan.Fault(0, "power-cut", ("house",), pause=3.0, how="fresh")
        kinds = [kind for kind in plan.KINDS if _can(kind, needs)]
        drawn = itertools.islice(plan.drawn(needs.seed, kinds), needs.faults)
        await _under(site, course, [cut], until)
        if not findings.violations:
            findings.numbers["drain_of_normal"] = await measure_drain(course)
            await _under(site, course, list(drawn), until)
        _count(site, course)


async def fresh_cuts(needs: argparse.Namespace, findings: Findings) -> None:
    """``--faults`` times: a new house, some seconds of work, the power cut, a start."""
    chance = random.Random(needs.seed)
    until = time.monotonic() + needs.minutes * 60
    for n in range(needs.faults):
        if time.monotonic() > until or findings.violations:
            break
        async with open_site(needs, findings, f"cut-{n}", two_disks=n % 2 == 1) as site:
            pause = chance.uniform(0.5, 25)
            cut = plan.Fault(n, "power-cut", ("house",), pause=pause, how="fresh")
            course = site.weather()
            await _under(site, course, [cut], time.monotonic() + 600)
            _count(site, course)


async def drain(needs: argparse.Namespace, findings: Findings) -> None:
    async with open_site(needs, findings) as site:
        share = await measure_drain(site.weather())
    findings.numbers["drain_of_normal"] = share


async def _under(
    site: Site, course: Weather, faults: list[plan.Fault], until: float
) -> None:
    judge = site.judge()
    await course.run(faults, judge, until)
    await judge.counter.close()


def _count(site: Site, course: Weather) -> None:
    """Add what this house has seen to the figures."""
    numbers = {
        "faults": site.striker.struck,
        "cases": len(course.papers),
        "power_cuts": site.striker.cuts,
        "first_minute_cuts": site.striker.first_minute_cuts,
    }
    before = site.findings.numbers
    site.findings.numbers |= {k: before.get(k, 0) + v for k, v in numbers.items()}


def _can(kind: str, needs: argparse.Namespace) -> bool:
    """Whether this house and this machine can have faults of *kind*, and may."""
    if needs.only and kind not in needs.only.split(","):
        return False
    if kind == "clock":  # only where it is asked for: every call of the clock is dearer
        return bool(needs.only) and FAKETIME.exists()
    if kind in (OF_FILES if needs.house == "servers" else OF_SERVERS):
        return False
    return kind not in PROGRAMS or shutil.which(PROGRAMS[kind]) is not None


def _words(needs: argparse.Namespace) -> str:
    said = f"--seed {needs.seed} --faults {needs.faults} --minutes {needs.minutes:g}"
    said += f" --workers {needs.workers} --house {needs.house} --drain {needs.drain:g}"
    said += f" --scenario {needs.scenario}"
    return f"{said} --only {needs.only}" if needs.only else said


SCENARIOS: dict[str, Scenario] = {
    "weather": weather,
    "slice": slice_of_it,
    "fresh-cuts": fresh_cuts,
    "drain": drain,
    **COURSES,
}
