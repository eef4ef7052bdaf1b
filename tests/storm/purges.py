"""Deaths of the purge, and what it may never take.

Each of its durable steps kills it once, so many days ahead of the house's clock.
Nothing goes before its time, nothing at all of a paper that is in work; in the end what
is due is gone, and register, books and verdicts are as before. Start at
``purge_to_death``.
"""

import asyncio
import hashlib
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from onebox import programs, settings
from onebox.places import Places
from storm.checker import Judge
from storm.history import Paper
from storm.sites import Site
from storm.visitor import BUSY
from storm.walls import ROOT
from storm.weather import Weather

DEATHS = (
    ("storage", 366, "storage-copies-given-up"),
    ("storage", 366, "storage-aside-noted"),
    ("storage", 368, "storage-copy-erased"),
    ("storage", 500, "storage-aside-erased"),
    ("intake", 31, "intake-strays-noted"),
    ("intake", 31, "intake-scans-released"),
    ("intake", 33, "intake-scans-condemned"),
    ("intake", 33, "intake-scans-deleted"),
)
"""Service, days ahead, step: after so long something is due at that step."""
ENDS = (("storage", 500), ("intake", 70), ("intake", 72))
"""Turns that nobody kills, until nothing is due any more."""
STRAY = f"raw/{'0' * 64}"
MOST = 12
"""Copies that are asked about afterwards."""


@dataclass
class Belongings:
    """What there is before the purge, and what of it is to stay."""

    copies: list[tuple[Paper, bytes]]
    waiting: Paper
    """It is in work: all of it stays."""
    aside: Path
    archived: dict[str, list[str]] = field(default_factory=dict)


async def purge_to_death(site: Site, course: Weather) -> None:
    """The house is up, nothing is on its way, and some copies have been fetched."""
    judge = site.judge()
    things = await _prepared(site, course, judge)
    for service in ("storage", "intake"):
        await _turn(site, service, 0)
    await _nothing_gone(site, judge, things)
    for service, days, point in DEATHS:
        await _death(site, service, days, point)
    for service, days in ENDS:
        await _turn(site, service, days)
    _all_due_gone(site, judge, things)
    await _all_else_there(site, judge, things, course.papers)
    await judge.counter.close()


async def _prepared(site: Site, course: Weather, judge: Judge) -> Belongings:
    """Some copies, a paper in work, a stray scan, and a rotten object put aside."""
    waiting = course.new_paper()
    await judge.counter.carry(waiting, to="submitted")
    fetched = [paper for paper in course.papers if "fetched" in paper.acknowledged]
    copies = [(each, await judge.counter.download(each)) for each in fetched[:MOST]]
    raw = site.house.var / "objects" / "scans" / STRAY
    raw.write_bytes(b"a page of somebody")
    folder = _folder_of(site, fetched[0])
    aside = site.archive / "set-aside" / folder.relative_to(site.archive)
    aside.mkdir(parents=True)
    (aside / f"{'0' * 64}.pdf").write_bytes(b"what rot has left")
    things = Belongings(copies, waiting, aside)
    things.archived = await asyncio.to_thread(judge.archived)
    return things


def _folder_of(site: Site, paper: Paper) -> Path:
    """Where the archive has the copy."""
    ordinal = paper.number.split("/")[0]
    return next(path.parent for path in site.archive.rglob(f"{ordinal}/copy.pdf"))


async def _death(site: Site, service: str, days: int, point: str) -> None:
    site.striker.struck += 1
    status = await _turn(site, service, days, point)
    died = status == -signal.SIGKILL
    outcome = "died there" if died else f"ended with {status}"
    site.findings.outcomes[("purge-death", f"{service} {point}")][outcome] += 1
    site.history.note("purge", service=service, days=days, point=point, got=outcome)
    print(f"purge of {service} at {point}: {outcome}", flush=True)
    if not died:
        site.findings.broken("stuck", f"the purge never came to {point}: {status}")


async def _turn(site: Site, service: str, days: int, point: str = "") -> int:
    """Exit status of one turn of the service's own purge, *days* ahead."""
    house = site.house
    own = programs.environment(service, Places(house.var), house.ports)
    own |= {"PYTHONPATH": ":".join(sys.path), **house.environment}
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "storm.purging", service, str(days), point],
        env=settings.for_child(own),
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode not in {0, -signal.SIGKILL}:
        print(done.stderr[-2000:], flush=True)
    return done.returncode


async def _nothing_gone(site: Site, judge: Judge, things: Belongings) -> None:
    """Before its time nothing goes."""
    if await asyncio.to_thread(judge.archived) != things.archived:
        site.findings.broken("lost", "the purge took copies before their time")
    scans = [_raw(site, paper) for paper, _ in things.copies]
    if not all(path.exists() for path in scans):
        site.findings.broken("lost", "the purge took scans before their time")


def _all_due_gone(site: Site, judge: Judge, things: Belongings) -> None:
    for ordinal in judge.archived():
        site.findings.broken("stuck", f"copy {ordinal} is due and still there")
    if list(things.aside.glob("*.pdf")):
        site.findings.broken("stuck", f"{things.aside} is due and still there")
    scans = [_raw(site, paper) for paper, _ in things.copies]
    for path in (*scans, site.house.var / "objects" / "scans" / STRAY):
        if path.exists():
            site.findings.broken("stuck", f"scan {path.name} is due and still there")


async def _all_else_there(
    site: Site, judge: Judge, things: Belongings, papers: list[Paper]
) -> None:
    """Register, books and verdicts, the word on the link, and the paper in work."""
    if not _raw(site, things.waiting).exists():
        site.findings.broken("lost", f"{things.waiting.title}: its scan is gone")
    for paper, content in things.copies:
        await _still_answered(site, judge, paper, content)
    await judge.books(papers, len(things.copies))
    await judge.counter.carry(things.waiting)
    if "fetched" not in things.waiting.acknowledged:
        site.findings.broken("stuck", f"{things.waiting.title} stands still")


async def _still_answered(
    site: Site, judge: Judge, paper: Paper, content: bytes
) -> None:
    citizen, number = judge.counter.citizen, paper.number
    link = await citizen.ask("GET", httpx.URL(paper.link).path)
    if link.status_code != httpx.codes.GONE:
        site.findings.broken("lost", f"link of {number}: {link.status_code}, not 410")
    answer = await citizen.ask("POST", "/v1/verify", until=BUSY, content=content)
    verdict = answer.json().get("verdict") if answer.status_code == 200 else answer
    if verdict != "genuine":
        site.findings.broken("lost", f"copy {number} is {verdict} after its time")


def _raw(site: Site, paper: Paper) -> Path:
    """Where the paper's first scan lies as it came."""
    digest = hashlib.sha256(paper.scans[0]).hexdigest()
    return site.house.var / "objects" / "scans" / "raw" / digest
