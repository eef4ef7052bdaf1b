"""One run inside the walls: a scenario, and what it found.

Start at ``run_session``.
"""

import argparse
import asyncio
import itertools
import random
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from storm import plan
from storm.costs import Costs
from storm.courses import COURSES
from storm.drain import measure_drain
from storm.house import NotUp
from storm.purges import purge_to_death
from storm.report import Findings, keep_run, write
from storm.scans import plain_scan
from storm.sites import FAKETIME, Site, Templates, open_site
from storm.visitor import GaveUp
from storm.walls import STOP, raise_loopback
from storm.weather import Weather

Scenario = Callable[[argparse.Namespace, Findings], Awaitable[None]]
PROGRAMS = {
    "drop": "iptables",
    "reset": "iptables",
    "lossy": "iptables",
    "reorder": "iptables",
    "slow": "tc",
    "full-disk": "fallocate",
}
"""Kinds of faults, and the program that each needs."""
PORTS_A_HOUSE = 40
AGAIN_SHARE = 0.5
APART_SECONDS = 20.0
CROWD_KINDS = ("kill", "crash-point", "stop", "reset", "tsa", "calm")
"""What one process suffers and the others go on beside."""
OF_SERVERS = frozenset({"database", "store"})
OF_FILES = frozenset({"full-disk", "read-only", "directory"})


def run_session(needs: argparse.Namespace) -> int:
    """1 where an invariant is broken; then it says how to play it again."""
    raise_loopback()
    findings = Findings()
    began = time.monotonic()
    try:
        asyncio.run(SCENARIOS[needs.scenario](needs, findings))
    except (GaveUp, NotUp) as error:
        findings.broken("stuck", f"nobody answers: {error}")
    findings.numbers["minutes"] = round((time.monotonic() - began) / 60, 1)
    print_findings(findings)
    write(findings.figures(), needs.figures)
    keep_run(findings, _run_file(needs), _words(needs))
    if findings.violations:
        print(f"again: python -m tests.storm {_words(needs)}")
    return 1 if findings.violations else 0


def print_findings(findings: Findings) -> None:
    print(findings.table())
    for name, figure in findings.figures().items():
        goal = f"  (goal {figure['goal']})" if figure["goal"] else ""
        print(f"{name} = {figure['value']} {figure['unit']}{goal}")


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


async def crowd(needs: argparse.Namespace, findings: Findings) -> None:
    """Many cases, few faults: one house at full work until the time is over, and every
    twenty seconds something small is struck.
    """
    async with open_site(needs, findings) as site:
        costs, until = Costs(site.house), time.monotonic() + needs.minutes * 60
        course = site.weather()
        course.apart, course.lanes, course.draw = APART_SECONDS, 1, plain_scan
        kinds = [kind for kind in CROWD_KINDS if _can(kind, needs)]
        most = int(needs.minutes * 60 / APART_SECONDS) + 1
        faults = itertools.islice(plan.drawn(needs.seed, kinds), most)
        await _under(site, course, list(faults), until)
        _count(site, course)
        print(costs.said(len(course.papers)), flush=True)


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
            findings.numbers |= await measure_drain(course)
            await _under(site, course, list(drawn), until)
        if not findings.violations:
            await purge_to_death(site, course)
        _count(site, course)


async def fresh_cuts(needs: argparse.Namespace, findings: Findings) -> None:
    """Power cuts until there are ``--faults``: a new house, some seconds of work, the
    cut, a start, another cut (``fresh_faults``). ``--houses`` at the same time.
    """
    until = time.monotonic() + needs.minutes * 60
    numbers = itertools.count()

    async def street(lane: int) -> None:
        own = argparse.Namespace(**vars(needs))
        own.port = needs.port + lane * PORTS_A_HOUSE
        templates = Templates.make(needs.work / f"template-{lane}", own.port)
        for n, cuts in fresh_faults(needs.seed, numbers):
            enough = findings.numbers.get("power_cuts", 0) >= needs.faults
            if enough or stopped(needs, until) or findings.violations:
                break
            await _fresh_house(own, findings, templates, n, cuts)

    await asyncio.gather(*(street(lane) for lane in range(needs.houses)))


async def _fresh_house(
    needs: argparse.Namespace,
    findings: Findings,
    templates: Templates,
    n: int,
    cuts: list[plan.Fault],
) -> None:
    async with open_site(
        needs, findings, f"cut-{n}", two_disks=n % 2 == 1, templates=templates
    ) as site:
        course = site.weather()
        await _under(site, course, cuts, time.monotonic() + 600)
        _count(site, course)


async def purges(needs: argparse.Namespace, findings: Findings) -> None:
    """Some papers, and then the deaths of the purge."""
    async with open_site(needs, findings) as site:
        course = site.weather()
        calm = plan.Fault(0, "calm", ("nobody",), seconds=5.0)
        await _under(site, course, [calm], time.monotonic() + 600)
        await purge_to_death(site, course)
        _count(site, course)


def fresh_faults(
    seed: int, numbers: Iterator[int]
) -> Iterator[tuple[int, list[plan.Fault]]]:
    """For each number of a house the cut soon after its first start, mostly within
    some seconds, when files, stream and first rows have just been made; then a second
    one soon after it is up again, every other time with a third while it starts.
    """
    for n in numbers:
        chance = random.Random(f"{seed}/{n}")
        pause = chance.uniform(0.2, 25 if chance.random() < plan.LONG_SHARE else 6)
        how = "again" if chance.random() < AGAIN_SHARE else "second"
        first = plan.Fault(2 * n, "power-cut", ("house",), 0.0, pause, "fresh")
        pause, seconds = chance.uniform(0.2, 6), chance.uniform(0.2, 4)
        last = plan.Fault(2 * n + 1, "power-cut", ("house",), seconds, pause, how)
        yield n, [first, last]


def stopped(needs: argparse.Namespace, until: float) -> bool:
    """Whether the time is over, or somebody has asked for the end (``walls``)."""
    return time.monotonic() > until or (needs.work / STOP).exists()


async def drain(needs: argparse.Namespace, findings: Findings) -> None:
    async with open_site(needs, findings) as site:
        findings.numbers |= await measure_drain(site.weather())


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
    if kind == "calm" and not needs.only:
        return False
    if kind == "clock":  # only where it is asked for: every call of the clock is dearer
        return bool(needs.only) and FAKETIME.exists()
    if kind in (OF_FILES if needs.house == "servers" else OF_SERVERS):
        return False
    return kind not in PROGRAMS or shutil.which(PROGRAMS[kind]) is not None


def _run_file(needs: argparse.Namespace) -> Path:
    """Beside the figures; the same run writes the same file again."""
    name = f"{needs.scenario}-{needs.house}-{needs.seed}.json"
    return needs.figures.with_suffix("") / name


def _words(needs: argparse.Namespace) -> str:
    said = f"--seed {needs.seed} --faults {needs.faults} --minutes {needs.minutes:g}"
    said += f" --workers {needs.workers} --lanes {needs.lanes} --house {needs.house}"
    said += f" --drain {needs.drain:g}"
    said += f" --houses {needs.houses} --scenario {needs.scenario}"
    return f"{said} --only {needs.only}" if needs.only else said


SCENARIOS: dict[str, Scenario] = {
    "weather": weather,
    "slice": slice_of_it,
    "fresh-cuts": fresh_cuts,
    "crowd": crowd,
    "drain": drain,
    "purges": purges,
    **COURSES,
}
