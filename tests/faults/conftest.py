"""A whole house under its supervisor, and hands that kill parts of it."""

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from chassis.clock import utc_now
from chassis.starting import CannotStart
from onebox import house as houses
from onebox import story
from onebox.browser import Browser
from onebox.house import House
from onebox.places import Places, Ports
from onebox.plain import Steps
from onebox.supervisor import Supervisor
from onebox.watching import answers
from support.houses import six_free_ports
from support.waiting import until

ROOT = Path(__file__).parents[2]
LONGEST = (
    "crash_points",
    "backup",
    "upload_crashes",
    "copies_on_their_way",
    "lost_events",
    "storage_process",
    "refusals",
    "overload",
    "hot_folder",
    "older_register",
    "refused_copies",
    "onebox_house",
    "onebox_power",
    "reconcile",
    "upgrade",
    "signing_service",
    "intake_fuzz_long",
)
"""Files that take minutes. A process is given whole files: were one of these the last,
the other processes would wait for it with nothing to do.
"""


def pytest_collection_modifyitems(items):
    """The longest files first; the others in the order in which they were found."""
    places = {ROOT / f"tests/faults/test_{n}.py": i for i, n in enumerate(LONGEST)}
    missing = [str(path) for path in places if not path.exists()]
    assert missing == [], f"{missing} of LONGEST are not there"
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory):
    """The scan that the story begins with; nobody changes it."""
    file = tmp_path_factory.mktemp("sample") / "scan.pdf"
    subprocess.run(
        [sys.executable, ROOT / "tests/corpus/sample_scan.py", file],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return file


@dataclass
class Struck:
    """One house, its supervisor, and what was asked of it so far."""

    house: House
    supervisor: Supervisor
    scan: story.Scan
    cases: list[str]

    async def arm(self, service: str, point: str) -> int:
        """Start *service* anew so that it dies at *point*; its process id."""
        name = f"{service.upper()}__CRASH_AT"
        os.environ[name] = point  # what the house passes on
        try:
            return await self._started_anew(service)
        finally:
            # The process after that one runs as always, also where this one reaches the
            # point before it is ready: what it published was not marked, and it would
            # die of it again and again.
            del os.environ[name]
            await self.ready(service)

    async def restart(self, name: str) -> int:
        pid = await self._started_anew(name)
        await self.ready(name)
        return pid

    async def _started_anew(self, name: str) -> int:
        old = self.supervisor.pid(name)
        self.kill(name)
        await until(lambda: self.supervisor.pid(name) not in {old, None})
        pid = self.supervisor.pid(name)
        assert pid is not None
        return pid

    async def ready(self, *names: str) -> None:
        """However often it has died: it is up again and serves."""
        async with httpx.AsyncClient(timeout=2) as client:
            for name in names:
                url = self.supervisor._kept[name].program.ready
                await until(lambda url=url: answers(client, url))

    def kill(self, name: str) -> None:
        """kill −9 of a process that this house started."""
        pid = self.supervisor.pid(name)
        assert pid is not None
        os.kill(pid, 9)

    async def died(self, name: str, pid: int) -> None:
        await until(lambda: self.supervisor.pid(name) != pid)
        await self.ready(name)

    async def file_case(self) -> story.Filed:
        """As the clerk does; if the desk dies under the request, once more."""
        return await self._insist(self._file_case)

    async def approve(self, filed: story.Filed) -> None:
        async def once():
            browser = Browser(self.house.desk)
            try:
                await story.sign_in(browser, self.house.person("certifier"))
                await story.approve(browser, filed)
            finally:
                await browser.close()

        # LookupError: the first request did reach the register, the form is gone.
        with contextlib.suppress(LookupError):
            await self._insist(once)
        self.cases.append(filed.case)

    async def issued(self, filed: story.Filed) -> story.Issued:
        browser = Browser(self.house.desk)
        try:
            await self.ready("intake")
            await story.sign_in(browser, self.house.person("clerk"))
            return await story.until_issued(browser, filed)
        finally:
            await browser.close()

    async def _file_case(self) -> story.Filed:
        browser = Browser(self.house.desk)
        try:
            await story.sign_in(browser, self.house.person("clerk"))
            return await story.file_case(browser, self.scan)
        finally:
            await browser.close()

    async def _insist(self, act):
        """A person whose page did not answer presses again."""
        for _ in range(3):
            try:
                return await act()
            except (httpx.TransportError, CannotStart):
                await asyncio.sleep(0.2)
                await self.ready("intake")
        return await act()

    def rows(self, service: str, sql: str) -> list[tuple]:
        path = self.house.places.var / "db" / f"{service}.db"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            return connection.execute(sql).fetchall()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def struck(tmp_path_factory, sample_file):
    var = tmp_path_factory.mktemp("var")
    places, ports = Places(var), Ports.starting_at(six_free_ports())
    supervisor = Supervisor(places, back_off=(0.1,))
    try:
        house = await houses._open(supervisor, places, ports, Steps(3), utc_now)
        yield Struck(house, supervisor, story.Scan(sample_file, 3, "Bằng cử nhân"), [])
    finally:
        await supervisor.stop()
