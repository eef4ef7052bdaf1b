"""A house with its disks, its servers and everybody around it; made and cleared away.

Start at ``open_site``.
"""

import argparse
import asyncio
import contextlib
import random
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chassis.clock import utc_now
from onebox import prepare
from onebox.places import Places, Ports, url
from storm import tsa
from storm.checker import Judge
from storm.disk import PATIENT, Disk, run
from storm.faults import Striker
from storm.history import History
from storm.house import SERVICES, NotUp, StormHouse
from storm.postgres import Postgres
from storm.report import Findings
from storm.store import Store
from storm.visitor import GaveUp
from storm.walls import STOP
from storm.weather import Weather, counter_of

SMALL_MEGABYTES = 800
"""For a house that has its first minute only; it asks for 500 MB to start."""
SERVER_MEGABYTES = 1500
TSA_PORT, STORE_PORT = 10, 12
"""After the house's first port."""
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


@dataclass
class Site:
    needs: argparse.Namespace
    work: Path
    house: StormHouse
    history: History
    findings: Findings
    striker: Striker
    servers: list[Postgres | Store] = field(default_factory=list)

    @property
    def archive(self) -> Path:
        """Where the archive's public bytes lie."""
        for server in self.servers:
            if isinstance(server, Store):
                return server.folder / "archive"
        return self.house.var / "objects" / "archive"

    @property
    def store(self) -> Store:
        """The archive's server; this house must have one."""
        return next(each for each in self.servers if isinstance(each, Store))

    def weather(self) -> Weather:
        return Weather(
            self.needs.seed,
            self.house,
            self.striker,
            self.history,
            self.findings,
            self.needs.workers,
            drain_seconds=self.needs.drain,
            lanes=self.needs.lanes,
            over=(self.needs.work / STOP).exists,
        )

    def judge(self) -> Judge:
        return Judge(
            self.house,
            counter_of(self.house, self.history, "judge"),
            self.history,
            self.findings,
            self.archive,
            random.Random(self.needs.seed),
        )

    def seconds_off(self) -> float:
        clock = self.striker.clock
        return float(clock.read_text().strip().rstrip("s")) if clock else 0.0


@contextlib.asynccontextmanager
async def open_site(
    needs: argparse.Namespace,
    findings: Findings,
    name: str = "a",
    *,
    two_disks: bool = False,
    templates: "Templates | None" = None,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Site]:
    """A house that is up, with *settings* of its services beside the usual ones. What
    is broken is kept afterwards, all else is cleared.
    """
    work: Path = needs.work / name
    work.mkdir(parents=True)
    site = _made(needs, findings, work)
    site.house.environment = {**site.house.environment, **(settings or {})}
    try:
        site.striker.disks += await asyncio.to_thread(
            _disks, site, two_disks=two_disks, templates=templates
        )
        with contextlib.ExitStack() as stack:
            await _start(site, stack)
            yield site
    except (GaveUp, NotUp) as error:
        findings.broken("stuck", f"nobody answers: {error}")  # so that it is kept
        raise
    finally:
        await _clear(site, at_once=templates is not None)


def _disks(site: Site, *, two_disks: bool, templates: "Templates | None") -> list[Disk]:
    var, objects = site.house.var, site.house.var / "objects"
    # So that a commit of a database does not carry the names of objects along.
    places = {"var": var, "objects": objects} if two_disks else {"var": var}
    if templates is None:
        options = PATIENT if two_disks else "loop"
        return [
            Disk.make(site.work / f"{name}.img", place, site.needs.disk, options)
            for name, place in places.items()
        ]
    return [
        Disk.copied(getattr(templates, name), site.work / f"{name}.img", place)
        for name, place in places.items()
    ]


@dataclass(frozen=True)
class Templates:
    """Disks that a new house begins with: no service has run on them, so its first
    start makes databases, stream and accounts as ever. The keys are made once, which
    takes longer than all the rest.
    """

    var: Path
    objects: Path

    @classmethod
    def make(cls, folder: Path, port: int) -> "Templates":
        folder.mkdir(parents=True)
        made, mounted = cls(folder / "var.img", folder / "objects.img"), folder / "disk"
        for image in (made.var, made.objects):
            Disk.make(image, mounted, SMALL_MEGABYTES)
            if image == made.var:
                pki = url(Ports.starting_at(port).pki)
                prepare.set_up(Places(mounted), base=pki, now=utc_now())
            run("umount", str(mounted))  # not lazily: it is copied next
        return made


def _made(needs: argparse.Namespace, findings: Findings, work: Path) -> Site:
    history = History(work / "history.jsonl")
    own = tsa.environment(needs.port + TSA_PORT)
    house = StormHouse(work / "var", needs.port, work / "up.txt", own)
    striker = Striker(house, history, findings)
    site = Site(needs, work, house, history, findings, striker)
    if needs.house == "servers":
        for parent in (needs.work, work):
            parent.chmod(0o755)  # PostgreSQL runs as somebody else
        # First, so that a cut never leaves an object older than the row that names it.
        striker.disks = [
            Disk.make(work / f"{name}.img", work / name, SERVER_MEGABYTES)
            for name in ("pg", "s3")
        ]
        site.servers = [
            Postgres.make(work / "pg"),
            Store.make(work / "s3", needs.port + STORE_PORT),
        ]
        for server in site.servers:
            own |= server.environment()
    if "clock" in needs.only.split(","):
        own |= _faked_time(site)
    return site


def _faked_time(site: Site) -> dict[str, str]:
    site.striker.clock = site.work / "clock"
    site.striker.clock.write_text("+0s\n")
    return {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(site.striker.clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_RESET": "1",
    }


async def _start(site: Site, stack: contextlib.ExitStack) -> None:
    for server in site.servers:
        name = "postgresql" if isinstance(server, Postgres) else "versitygw"
        site.striker.others[name] = server
        stack.callback(server.stop)
        if isinstance(server, Store):
            site.striker.store = server.behave
    print(f"up after {await site.house.start():.1f} s", flush=True)
    site.striker.started()
    pki, port = site.house.var / "pki", site.needs.port + TSA_PORT
    site.striker.tsa = stack.enter_context(tsa.open_tsa(pki, port, site.seconds_off))
    if site.servers:
        # The books' commands look for the file of the usual house first.
        for name in SERVICES:
            (site.house.var / "db" / f"{name}.db").touch()


async def _clear(site: Site, *, at_once: bool) -> None:
    if at_once:
        site.house.end_at_once()
    await site.house.stop()
    site.history.close()
    if site.findings.violations:
        kept = site.needs.keep / f"seed-{site.needs.seed}"
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        shutil.copytree(site.house.var, kept / "var", symlinks=True)
        for path in (site.history.path, site.house.words):
            shutil.copy(path, kept)
        print(f"kept: {kept}", flush=True)
    for disk in reversed(site.striker.disks):
        disk.unmount()
        disk.image.unlink()
