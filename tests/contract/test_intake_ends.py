"""How a number comes to its end, on SQLite and on PostgreSQL: each step one
transaction, what is late found by its index, and every number reckoned once.
"""

import asyncio
import shutil
import uuid

import pytest
import pytest_asyncio
from sqlalchemy import column, delete, insert, select, text, update
from sqlalchemy import table as sa_table

from chassis import migration, outbox
from chassis.database import open_database
from ecopy import topology
from ecopy.events import (
    CertificationClosed,
    CertificationHalted,
    CertificationOrdered,
    CertificationVoided,
)
from ecopy.refusals import Reason
from intake import console, wiring
from intake.adapters.sql import expected
from intake.adapters.sql.register import SqlRegister
from intake.adapters.sql.tables import (
    cases,
    certifications,
    documents,
)
from intake.domain.records import Requester
from intake.domain.states import State
from intake.wiring import background
from intake.wiring.loops import repeat_late
from support import build
from support.databases import make_empty, make_ready
from support.intake import AGENCY, Hands
from support.papers import open_papers
from support.waiting import until


async def repeated(house):
    """All that is late, whatever it is."""
    return (
        *await background.repeated(house, voids=True),
        *await background.repeated(house, voids=False),
    )


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def new_database(request, tmp_path_factory):
    """Gives the address of an empty database, each time another."""

    def new():
        if request.param == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('ends')}/intake.db"
        postgres = request.getfixturevalue("postgres")
        return postgres.place()

    return new


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def papers(new_database, tmp_path_factory):
    async with open_papers(tmp_path_factory.mktemp("scans"), new_database()) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def fresh(papers):
    """Nothing of an earlier test waits, and nothing of it is late."""
    store = papers.opened.store
    await store.write(lambda tx: tx.execute(delete(outbox.outbox)))
    settled = update(certifications).values(announce_at=None)
    await store.write(lambda tx: tx.execute(settled))
    return papers


async def sent(papers):
    """What lies in the outbox, oldest first."""
    rows = await papers.opened.store.read(
        lambda tx: tx.execute(
            select(outbox.outbox.c.subject, outbox.outbox.c.body).order_by(
                outbox.outbox.c.position
            )
        ).all()
    )
    kinds = {kind.subject: kind for kind in (CertificationOrdered, CertificationVoided)}
    return [kinds[row.subject].decode(row.body) for row in rows]


async def certified(papers, document):
    return (await papers.known(document)).certification


async def notes_of(papers, entry):
    today = papers.opened.clock().date()
    lines = await SqlRegister(papers.opened.store).lines(
        AGENCY, today.year, today.month
    )
    (line,) = [line for line in lines if line.entry.entry == entry]
    return line


def heard(papers):
    return wiring.event_handlers(papers.opened)


async def test_a_refused_copy_is_ordered_anew_with_its_news(fresh):
    """State, revision and order event are one commit; told twice, it is one order."""
    document = await fresh.signed()
    entry = (await certified(fresh, document)).entry
    fact = CertificationHalted(
        at=fresh.opened.clock(),
        entry=entry,
        stage="storage",
        revision=1,
        reason=Reason.COPY_REFUSED,
        copy_sha256=build.digest(b"copy"),
    )
    for _ in range(2):
        await heard(fresh).halted(fact)
    first, second = await sent(fresh)
    assert (first.revision, first.replaces) == (1, None)
    assert (second.revision, second.replaces) == (2, build.digest(b"copy"))
    known = await fresh.known(document)
    assert known.state is State.REGISTERED
    assert known.certification.order == second
    assert known.certification.renewals == 1


async def test_a_void_number_has_its_note_and_keeps_its_line(fresh):
    """Event, audit and state in one commit; the note once storage has answered."""
    document = await fresh.voiding()
    known = await fresh.known(document)
    *_, event = await sent(fresh)
    assert isinstance(event, CertificationVoided)
    assert (event.entry, event.revision) == (known.certification.entry, 2)
    assert (await notes_of(fresh, event.entry)).notes == ()
    answer = CertificationClosed(at=fresh.opened.clock(), entry=event.entry, revision=2)
    for _ in range(2):
        await heard(fresh).closed(answer)
    line = await notes_of(fresh, event.entry)
    (note,) = line.notes
    assert (note.kind, note.by, note.text) == ("void", "Phạm Quốc Vĩnh", "hỏng khóa ký")
    assert (line.state, line.entry.copies) == (State.VOID, 1)
    view = await fresh.desk.registering.register(
        fresh.people["vinh"], year=None, month=None
    )
    (row,) = [row for row in view.rows if row.number == line.entry.number]
    assert (row.state, row.copies, row.fee) == ("void", 0, 0)
    assert view.void >= 1
    assert view.copies == sum(r.state != "void" for r in view.rows)


async def test_an_order_without_news_is_published_again(fresh):
    """Not before its time; then once, until the next pause is over."""
    document = await fresh.registered()
    clock = fresh.opened.clock
    assert await repeated(fresh.opened) == ()
    clock.on(minutes=2)
    entry = (await certified(fresh, document)).entry
    assert await repeated(fresh.opened) == (entry,)
    assert await repeated(fresh.opened) == ()
    first, again = await sent(fresh)
    assert again.id != first.id
    assert again.model_dump(exclude={"id"}) == first.model_dump(exclude={"id"})
    clock.on(minutes=4)
    assert await repeated(fresh.opened) == (entry,)
    known = await certified(fresh, document)
    assert (known.announcements, known.announced_at) == (2, clock())


async def test_what_is_late_comes_longest_first_and_in_batches(fresh):
    """The oldest first, however many wait."""
    entries = []
    for _ in range(3):
        entries.append((await certified(fresh, await fresh.registered())).entry)
        fresh.opened.clock.on(seconds=1)
    fresh.opened.clock.on(minutes=2)
    late = expected.SqlExpected(fresh.opened.store).late
    assert await late(fresh.opened.clock(), most=2, voids=False) == tuple(entries[:2])
    assert await late(fresh.opened.clock(), most=9, voids=False) == tuple(entries)


@pytest.mark.parametrize(
    ("behind", "kind"),
    [
        (topology.HEAR_ORDERS, CertificationVoided),
        (topology.HEAR_VOIDS, CertificationOrdered),
    ],
)
async def test_a_voiding_waits_for_its_own_reader_alone(fresh, behind, kind):
    """A signing service that is away for a night keeps no number from becoming void,
    and an order does not wait for whoever hears of void numbers.
    """
    voiding, ordered = await fresh.voiding(), await fresh.registered()
    fresh.opened.clock.on(minutes=2)
    before, stop = len(await sent(fresh)), asyncio.Event()

    async def untaken(readers):
        return 5 if set(readers) & set(behind) else 0

    asking = asyncio.create_task(repeat_late(fresh.opened, untaken, stop))
    entries = {
        (await certified(fresh, document)).entry for document in (voiding, ordered)
    }

    async def asked():
        events = (await sent(fresh))[before:]
        return [event for event in events if event.entry in entries]

    await until(asked)
    stop.set()
    await asking
    (event,) = await asked()
    assert type(event) is kind


async def test_nothing_is_added_while_the_bus_takes_nothing(fresh):
    """A day without the bus must not fill the outbox."""
    await fresh.registered()
    fresh.opened.clock.on(minutes=2)
    waiting = [
        {"event_id": uuid.uuid4(), "subject": "x", "body": b""}
        for _ in range(expected.MOST_WAITING - 1)
    ]
    store = fresh.opened.store
    await store.write(lambda tx: tx.execute(insert(outbox.outbox), waiting))
    assert await repeated(fresh.opened) == ()
    gone = delete(outbox.outbox).where(outbox.outbox.c.subject == "x")
    await store.write(lambda tx: tx.execute(gone))
    assert len(await repeated(fresh.opened)) == 1


async def test_what_an_earlier_version_entered_is_waited_for(fresh):
    """Both run side by side during an upgrade; the older one names no moment. What
    waits for a person is let go again.
    """
    there = {
        name: (await certified(fresh, await getattr(fresh, name)())).entry
        for name in ("registered", "voiding", "halted", "issued", "void")
    }
    unnamed = update(certifications).values(announce_at=None)
    await fresh.opened.store.write(lambda tx: tx.execute(unnamed))
    await wiring.adopted(fresh.opened)
    before = len(await sent(fresh))
    late = await repeated(fresh.opened)
    assert set(late) >= {there["registered"], there["voiding"], there["halted"]}
    assert not set(late) & {there["issued"], there["void"]}
    again = [event.entry for event in (await sent(fresh))[before:]]
    assert {there["registered"], there["voiding"]} <= set(again)
    assert there["halted"] not in again
    assert await repeated(fresh.opened) == ()


async def test_the_late_are_found_by_an_index(fresh):
    """However many numbers were issued: the table is not read through."""
    plan = {
        "sqlite": "EXPLAIN QUERY PLAN SELECT entry FROM certifications"
        " WHERE announce_at <= '2026-01-01' OR announce_at > '2027-01-01'",
        "postgresql": "SELECT indexdef FROM pg_indexes"
        " WHERE tablename = 'certifications'",
    }[fresh.opened.store.engine.dialect.name]
    rows = await fresh.opened.store.read(lambda tx: tx.execute(text(plan)).all())
    assert "ix_certifications_announce_at" in str(rows)


# --- rows of before ------------------------------------------------------------------


async def test_orders_of_before_are_asked_for_like_those_of_today(
    new_database, tmp_path
):
    """What was on its way when the desk was upgraded: from the last act on. What has
    ended is left alone.
    """
    url, since = new_database(), Hands()()
    shutil.copytree(
        console.MIGRATIONS,
        tmp_path / "before",
        ignore=lambda _, names: [name for name in names if name[:4] > "0004"],
    )
    make_empty(url)
    migration.migrate(url, tmp_path / "before")
    async with open_database(url) as store:
        for state in ("registered", "signed", "issued"):
            await store.write(lambda tx, state=state: _old_row(tx, state, since))
    migration.migrate(url, console.MIGRATIONS)
    async with open_database(url) as store:
        late = await expected.SqlExpected(store).late(since, most=9, voids=False)
        rows = await store.read(
            lambda tx: tx.execute(
                select(
                    certifications.c.entry,
                    certifications.c.renewals,
                    certifications.c.announcements,
                    certifications.c.copy_sha256,
                )
            ).all()
        )
    assert sorted(late) == ["registered", "signed"]
    assert {tuple(row[1:]) for row in rows} == {(0, 0, None)}
    assert len(rows) == 3


def _old_row(tx, state, at):
    """One certification as revision 0004 had it."""
    named = {"code": state, "agency": AGENCY, "received_by": "ha", "version": 1}
    changed = {"changed_by": "ha", "changed_at": at}
    tx.execute(
        insert(cases).values(
            **named | changed,
            day=at.date(),
            ordinal=sum(state.encode()),
            requester=Requester("person", "x", "cccd", "1", None, "1", ""),
            channel="counter",
            privacy_at=at,
            received_by_name="ha",
            received_at=at,
            complete_at=at,
            due_at=at,
            rule_set="x",
        )
    )
    paper = dict.fromkeys(("title", "kind", "issuing_body", "received_by"), "x")
    counts = dict.fromkeys(("ordinal", "declared_pages", "fee", "version"), 1)
    tx.execute(
        insert(documents).values(
            **paper | counts | changed,
            id=state,
            case=state,
            agency=AGENCY,
            state=state,
            compared_pages=[],
            pages=0,
            flags=[],
            refused_files=0,
        )
    )
    columns = ("entry", "document", "number", "code", "approved_by")
    of_before = sa_table(
        "certifications",
        *(column(name) for name in (*columns, "approved_by_name", "order")),
        column("link_generation"),
    )
    values = dict.fromkeys((*columns, "approved_by_name", "order"), state)
    tx.execute(insert(of_before).values(link_generation=1, **values))


async def test_one_replica_asks_again(postgres):
    """However many run on one database; when it is gone, the next one does."""
    url = postgres.place()
    make_ready(url, console.MIGRATIONS)
    now = Hands()()
    async with open_database(url) as second:
        waiting = expected.SqlExpected(second)
        async with open_database(url) as first:
            await first.write(lambda tx: _old_row(tx, "registered", now))
            asking = expected.SqlExpected(first)
            await asking.adopt(now)
            assert await asking.late(now, most=9, voids=False) == ("registered",)
            assert await waiting.late(now, most=9, voids=False) == ()
        # The server has to hear of the end, and frees the lock a moment later.
        await until(lambda: second.holds(expected.LOCK))
        assert await waiting.late(now, most=9, voids=False) == ("registered",)
