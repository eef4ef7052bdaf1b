"""A rehearsal: back a house up while it works, lose the machine, restore, go on.

On both databases; the house is used through its forms, and judged by its public face.
"""

import asyncio
import shutil
import subprocess
from collections.abc import Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from chassis.clock import utc_now
from onebox import house as houses
from onebox import story
from onebox.browser import Browser
from onebox.house import House
from onebox.places import SERVICES, Places
from onebox.settings import for_child
from support.houses import ecopy, six_free_ports

CASES = 2
HEARD_SECONDS = 30
"""What the desk says of a link is at storage within a second or two."""


@dataclass(frozen=True)
class Made:
    """What a citizen holds of the time before the machine was lost."""

    number: str
    link: str
    copy: Path


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request, monkeypatch):
    """Gives the house new, empty databases each time it is called."""

    def renew():
        if request.param == "sqlite":
            return
        server = request.getfixturevalue("postgres")
        for name in SERVICES:
            url = server.database()
            monkeypatch.setenv(f"{name.upper()}__DATABASE__URL", url)

    renew()
    return renew


@pytest.fixture
def scan(sample_file):
    return story.Scan(sample_file, 3, "Bằng cử nhân")


@asynccontextmanager
async def working(house, scan):
    """A clerk and a certifier go on with other cases until the context ends."""
    stop = asyncio.Event()

    async def work():
        while not stop.is_set():
            await ordered(house, scan)

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        stop.set()
        await task


async def ordered(house: House, scan) -> story.Filed:
    async with at(house.desk) as clerk, at(house.desk) as certifier:
        await story.sign_in(clerk, house.person("clerk"))
        filed = await story.file_case(clerk, scan)
        await story.sign_in(certifier, house.person("certifier"))
        await story.approve(certifier, filed)
    return filed


async def issued(house: House, filed, folder) -> Made:
    async with at(house.desk) as clerk:
        await story.sign_in(clerk, house.person("clerk"))
        found = await story.until_issued(clerk, filed)
    async with at(house.public) as citizen:
        copy = await story.fetch(citizen, found, folder)
    return Made(found.number, found.link, copy)


async def renewed_and_closed(
    house: House, filed: story.Filed, other: story.Filed
) -> dict[str, int]:
    """Link → what it answers a citizen: one was renewed, one was closed."""
    async with at(house.desk) as clerk:
        await story.sign_in(clerk, house.person("clerk"))
        old = (await story.until_issued(clerk, filed)).link
        closed = (await story.until_issued(clerk, other)).link
        page = await clerk.look(filed.case)
        await clerk.send(page, "/link/renew", {"ground": "lost", "days": "30"})
        page = await clerk.look(other.case)
        await clerk.send(page, "/link/close", {"ground": "asked"})
        new = (await story.until_issued(clerk, filed)).link
    expected = {old: httpx.codes.GONE, new: httpx.codes.OK, closed: httpx.codes.GONE}
    async with asyncio.timeout(HEARD_SECONDS):
        while await answers(expected) != expected:
            await asyncio.sleep(0.5)
    return expected


async def answers(links: Iterable[str]) -> dict[str, int]:
    async with httpx.AsyncClient() as citizen:
        return {link: (await citizen.get(link)).status_code for link in links}


@asynccontextmanager
async def at(origin):
    browser = Browser(origin)
    try:
        yield browser
    finally:
        await browser.close()


async def run(places: Places, port: int, *words: str) -> subprocess.CompletedProcess:
    return await asyncio.to_thread(
        subprocess.run,
        [*ecopy(places.var, port), *words],
        env=for_child({}),
        capture_output=True,
        text=True,
        check=False,
    )


async def test_a_machine_is_lost_and_the_house_goes_on(databases, scan, tmp_path):
    """Copies, numbers and links are as they were: what was closed opens nothing."""
    places, port = Places(tmp_path / "var"), six_free_ports()
    places.var.mkdir()
    kept = tmp_path / "kept"
    async with houses.open_house(places, port, utc_now) as house:
        filed = [await ordered(house, scan) for _ in range(CASES + 2)]
        before = [await issued(house, each, kept) for each in filed[:CASES]]
        links = await renewed_and_closed(house, *filed[CASES:])
        async with working(house, scan):
            done = await run(places, port, "backup", str(tmp_path / "backups"))
        assert done.returncode == 0, done.stderr
    shutil.rmtree(places.var)
    databases()

    done = await run(places, port, "restore", str(tmp_path / "backups"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ecopy register skip --book H99.42.05.13/E/" in done.stdout
    async with houses.open_house(places, port, utc_now) as house:
        for made in before:
            async with at(house.public) as citizen:
                assert await story.verify(citizen, made.copy) == story.GENUINE
                again = await story.fetch(
                    citizen, story.Issued(made.number, made.link), tmp_path / "again"
                )
            assert again.read_bytes() == made.copy.read_bytes()
        assert await answers(links) == links
        after = await issued(house, await ordered(house, scan), tmp_path / "after")
        numbers = {made.number for made in before}
        assert after.number not in numbers
        done = await run(places, port, "reconcile")
        assert done.returncode == 0, done.stdout + done.stderr


async def test_a_flipped_byte_and_a_house_that_is_there_are_refused(scan, tmp_path):
    """Nothing is written, neither from a spoilt backup nor over another house."""
    places, port = Places(tmp_path / "var"), six_free_ports()
    places.var.mkdir()
    async with houses.open_house(places, port, utc_now) as house:
        await issued(house, await ordered(house, scan), tmp_path / "kept")
    done = await run(places, port, "backup", str(tmp_path / "backups"))
    assert done.returncode == 0, done.stderr

    before = places.database_file("intake").read_bytes()
    done = await run(places, port, "restore", str(tmp_path / "backups"))
    assert done.returncode == 1
    assert str(places.var) in done.stderr
    assert places.database_file("intake").read_bytes() == before

    copy = next((tmp_path / "backups").rglob("copy.pdf"))
    bent = bytearray(copy.read_bytes())
    bent[len(bent) // 2] ^= 1
    copy.write_bytes(bent)
    elsewhere = Places(tmp_path / "elsewhere")
    done = await run(elsewhere, port, "restore", str(tmp_path / "backups"))
    assert done.returncode == 1
    assert str(copy) in done.stderr
    assert [path.name for path in elsewhere.var.iterdir()] == ["lock"]


async def test_a_restore_that_was_cut_short_is_not_a_house(tmp_path):
    places, port = Places(tmp_path / "var"), six_free_ports()
    places.var.mkdir()
    places.restoring.write_text("backup")
    for words in (("up", "--demo"), ("restore", str(tmp_path))):
        done = await run(places, port, *words)
        assert done.returncode == 1
        assert "ecopy reset" in done.stderr
