"""Pages hear of acts on SQLite and on PostgreSQL, whatever replica recorded them."""

import asyncio
import contextlib

import pytest

from chassis.database import open_database
from intake.adapters.sql.changes import SqlChanges
from intake.app import bell as bells
from intake.app.bell import LOOK, OPENED, STILL_HERE, Bell
from support.bells import Looked
from support.intake import AGENCY, OTHER
from support.papers import open_papers


@pytest.fixture
async def papers(database_url, tmp_path):
    async with open_papers(tmp_path, database_url) as opened:
        yield opened


@contextlib.asynccontextmanager
async def running(bell):
    stop = asyncio.Event()
    task = asyncio.create_task(bell.run(stop))
    yield stop
    stop.set()
    await task


async def test_an_act_at_another_replica_is_heard_at_its_own_agency_alone(
    papers, database_url
):
    """A stream opens, hears of the act, and ends with the process."""
    async with open_database(database_url) as replica:
        changes = Looked(SqlChanges(replica))
        bell = Bell(changes, pause=0.02)
        ours, theirs = bell.ring("ha", AGENCY), bell.ring("elsewhere", OTHER)
        assert [await anext(ours), await anext(theirs)] == [OPENED, OPENED]
        async with running(bell) as stop:
            hears, hears_not = (asyncio.ensure_future(anext(s)) for s in (ours, theirs))
            await changes.looked.wait()
            await papers.received()
            assert await hears == LOOK
            assert not hears_not.done()
            stop.set()
            assert await hears_not == LOOK
            assert [item async for item in ours] == []


async def test_streams_are_few_and_short(papers):
    """One person's tabs get so many and no more; each gives its place back."""
    bell = Bell(SqlChanges(papers.opened.store), life=0.01)
    streams = [bell.ring("ha", AGENCY) for _ in range(bells.MOST_OF_ONE)]
    for stream in streams:
        assert await anext(stream) == OPENED
    assert bell.full_for("ha")
    assert not bell.full_for("man")
    assert [item async for item in streams[0]] == [STILL_HERE]
    assert not bell.full_for("ha")
    for stream in streams[1:]:
        await stream.aclose()


async def test_a_look_names_whose_acts_there_were(papers):
    """None before the first look; then those behind it, and each once."""
    changes = SqlChanges(papers.opened.store)
    await papers.received()
    first, nobody = await changes.since(None)
    assert nobody == frozenset()
    assert await changes.since(first) == (first, frozenset())
    await papers.received(by="elsewhere")
    await papers.received()
    last, both = await changes.since(first)
    assert (last > first, both) == (True, {AGENCY, OTHER})
    assert await changes.since(last) == (last, frozenset())
