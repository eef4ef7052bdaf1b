"""No purge of any service removes what the law keeps, however late it is; and every
table has a rule.
"""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from chassis.clock import utc_now
from chassis.database import Database
from chassis.objects.directory import DirectoryObjects
from chassis.outbox import outbox
from chassis.retention import purge
from intake import wiring
from intake.adapters import retention as intake_retention
from intake.adapters.sql import audit
from intake.adapters.sql import tables as intake_tables
from intake.domain.retention import FOR_EVER
from intake.wiring.retention import purge_old
from signing.adapters.journal import tables as signing_tables
from signing.console import MIGRATIONS as SIGNING
from signing.wiring import retention as signing_retention
from storage.adapters import retention as storage_retention
from storage.adapters import tables as storage_tables
from storage.console import MIGRATIONS as STORAGE
from support.databases import make_ready
from support.papers import open_papers
from support.waiting import until

IN_A_CENTURY = timedelta(days=36_500)
WITHOUT_RULE = {
    "holds": "one row for each book that is counted; no time makes it more",
    "users": "accounts: an administrator's business",
    "upload_pieces": "go with their uploads, whose rule it is",
    "scan_uses": "a file's objects: gone with them (the rule of scans)",
    "alembic_version": "the schema's own number",
}


async def rows(store, table):
    counted = select(func.count()).select_from(table)
    return await store.read(lambda tx: tx.scalar(counted))


@pytest.fixture
async def papers(tmp_path):
    async with open_papers(tmp_path) as opened:
        await opened.issued()
        await opened.refused()
        yield opened


def intake_held(papers):
    return intake_retention.held(
        papers.opened.store,
        papers.opened.objects,
        papers.opened.clock,
        scans_url="file:/nowhere",
        scans_days=30,
        outbox_days=30,
        session_seconds=60,
        upload_life=timedelta(hours=24),
        arrivals_days=30,
        # The machine's own place may have folders of others, and they would count.
        temporary=Path("/nowhere"),
    )


async def test_the_desk_keeps_its_books_for_a_century(papers):
    """Register, cases and digests: as many rows after as before, and the audit has a
    line more for each case that gave its scans up; sessions and the like are gone.
    """
    store = papers.opened.store
    await papers.desk.staff.sign_in("ha", "lua-nuoc-song-nui-1", "192.0.2.7")
    names = {name: intake_tables.metadata.tables[name] for name in FOR_EVER}
    before = {name: await rows(store, table) for name, table in names.items()}
    assert before["register"] == 1
    assert before["audit"] > 10
    assert await rows(store, intake_tables.sessions) == 1
    assert await purge(intake_held(papers), papers.opened.clock() + IN_A_CENTURY)
    before["audit"] += 2
    assert {name: await rows(store, table) for name, table in names.items()} == before
    assert await rows(store, intake_tables.sessions) == 0
    assert await rows(store, intake_tables.looks) == 0


async def test_the_administrator_sees_what_the_next_purge_removes(papers):
    """What is held to a time, without what is for ever."""
    opened = papers.opened
    await opened.store.write(
        lambda tx: tx.execute(update(outbox).values(published_at=opened.clock()))
    )
    desk = wiring.desk(opened, held=intake_held(papers))
    events = await rows(opened.store, outbox)
    opened.clock.on(days=31)
    view = await desk.overseeing.page(papers.people["long"])
    growing = {row.name: (row.count, row.due) for row in view.growing}
    assert growing["outbox"] == (events, events)
    assert set(FOR_EVER) & set(growing) == set()


async def test_a_purge_of_events_is_a_line_of_the_audit(papers):
    """What was removed and how many; the desk's small change is in the log alone."""
    opened, stop = papers.opened, asyncio.Event()
    await papers.desk.staff.sign_in("ha", "lua-nuoc-song-nui-1", "192.0.2.7")
    await opened.store.write(
        lambda tx: tx.execute(update(outbox).values(published_at=opened.clock()))
    )
    opened.clock.on(days=31)
    purging = asyncio.create_task(purge_old(opened, intake_held(papers), stop))

    async def written():
        return await opened.store.read(
            lambda tx: [
                row.values
                for row in tx.execute(
                    intake_tables.audit.select().where(
                        intake_tables.audit.c.action == "purged"
                    )
                )
            ]
        )

    async def gone():
        return await rows(opened.store, intake_tables.looks) == 0

    await until(gone)
    await until(written)
    stop.set()
    await purging
    assert [line["thing"] for line in await written()] == ["outbox"]
    assert (await written())[0]["removed"] > 0
    await opened.store.read(audit.verified)


@pytest.mark.parametrize("table", [intake_tables.register, intake_tables.audit])
async def test_the_database_itself_refuses_to_remove_a_line(papers, table):
    """Whatever code should ever try."""
    with pytest.raises((DatabaseError, IntegrityError)):
        await papers.opened.store.write(lambda tx: tx.execute(table.delete()))


@pytest.fixture
async def others(tmp_path):
    stores = {}
    for name, migrations in (("signing", SIGNING), ("storage", STORAGE)):
        url = f"sqlite:///{tmp_path}/{name}.db"
        make_ready(url, migrations)
        stores[name] = Database(url)
    yield stores
    for store in stores.values():
        await store.close()


def held_of(others, folder):
    return {
        "signing": signing_retention.held(
            others["signing"],
            DirectoryObjects(folder),
            copies_url="file:/nowhere",
            outbox_days=30,
            copies_days=30,
        ),
        "storage": storage_retention.held(
            others["storage"],
            DirectoryObjects(folder / "archive"),
            utc_now,
            archive_url="file:/nowhere",
            archive_days=365,
            spool=None,
            outbox_days=30,
        ),
    }


async def test_journal_and_catalogue_have_no_time(others, tmp_path):
    """No rule of theirs but the outbox's is about a table."""
    held = held_of(others, tmp_path)
    timed = {
        service: {rule.name for rule, _ in things if rule.keep is not None}
        for service, things in held.items()
    }
    assert timed == {
        "signing": {"outbox", "copies", "incoming", "temporary"},
        "storage": {
            *("outbox", "archive", "set-aside", "incoming", "spool", "temporary"),
            "ratings",
        },
    }
    journal = signing_tables.seal_journal
    with pytest.raises((DatabaseError, IntegrityError, AssertionError)):
        await dict_of(held["signing"])["seal_journal"].remove(utc_now(), 1)
    copies = dict_of(held["storage"])["copies"]
    with pytest.raises(AssertionError):
        await copies.remove(utc_now(), 1)
    assert await rows(others["signing"], journal) == 0
    assert await rows(others["storage"], storage_tables.copies) == 0


def dict_of(things):
    return {rule.name: holding for rule, holding in things}


async def test_every_table_has_a_rule(papers, others, tmp_path):
    """Whoever makes a table says here for how long its rows are there."""
    held = held_of(others, tmp_path) | {"intake": intake_held(papers)}
    stores = others | {"intake": papers.opened.store}
    for service, store in stores.items():
        known = set(dict_of(held[service])) | set(WITHOUT_RULE)
        made = set(inspect(store.engine).get_table_names())
        assert made - known == set(), service
