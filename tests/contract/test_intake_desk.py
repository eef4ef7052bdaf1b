"""Intake's tables on SQLite and on PostgreSQL: one transaction, one number, no edit."""

import asyncio
import contextlib
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from chassis import outbox
from chassis.hash_chain import Break, BrokenChainError
from ecopy.events import CertificationOrdered, CopyArchived
from ecopy.refusals import Hindrance, Trouble
from intake import wiring
from intake.adapters.sql import audit, form_uses
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.leases import LEASE, SqlLeases
from intake.adapters.sql.looks import SqlLooks
from intake.adapters.sql.register import SqlRegister
from intake.adapters.sql.sessions import SqlSessions
from intake.adapters.sql.tables import audit as audit_table
from intake.adapters.sql.tables import cases as cases_table
from intake.adapters.sql.tables import files as files_table
from intake.adapters.sql.tables import form_uses as form_uses_table
from intake.adapters.sql.tables import metadata, register
from intake.adapters.sql.users import SqlUsers
from intake.domain import form_keys, intake_form, showing_files
from intake.domain.calendar import local_day
from intake.domain.files import Part
from intake.domain.people import Session
from intake.domain.records import Conflict, Note, NotFound, Original, Outcome
from intake.domain.scan import PageFacts
from intake.domain.states import NotAllowed, State
from intake.usecases import news
from intake.usecases.certifying import Certifying
from intake.usecases.files import Files
from intake.usecases.receiving import Receiving
from intake.usecases.settling import Settling
from intake.wiring import bindings, readiness
from support import build, intake
from support.intake import AGENCY, CASE, KINDS, Hands
from support.waiting import until

CODES = iter(range(10**15, 10**16, 7919))


class Paperless:
    """A rebuild that answers at once: each file is one A4 page."""

    reserve_room = staticmethod(contextlib.nullcontext)

    async def rebuild(self, _name, raw, **_):
        facts = PageFacts(0, 1, (raw.sha256,), 2480, 3508, 300, "lifted")
        return Part(build.ref(), (build.page(),), (facts,), ("t/1",), ("p/1",))

    async def join(self, parts):
        return Original(build.ref(), tuple(p for part in parts for p in part.manifest))


@pytest.fixture
def clock():
    return Hands()


@pytest.fixture
async def house(database_url, tmp_path, clock):
    await intake.make_staffed(database_url)
    opened = intake.house(
        database_url, tmp_path / "scans", clock, Paperless(), made=True
    )
    yield opened
    await opened.store.close()


async def one_chunk():
    yield b"a page"


def receiving_of(house):
    return Receiving(
        cases=SqlCases(house.store),
        rules=house.rules,
        clock=house.clock,
        rebuilder=house.rebuilder,
    )


def files_of(house, rebuilder=None, *, name="f", leases=None):
    """The uploads of one replica; a new file gets the id *name*."""
    cases = SqlCases(house.store)
    return Files(
        cases=cases,
        scans=intake.scans(house),
        settling=Settling(
            cases=cases,
            leases=leases or SqlLeases(house.store, house.clock),
            rebuilder=rebuilder or house.rebuilder,
            clock=house.clock,
        ),
        rules=house.rules,
        new_id=lambda: name,
        clock=house.clock,
    )


async def file_a_paper(house, user="ha", count=1):
    """Received, scanned, compared, submitted: it waits for the certifier."""
    cases, by = SqlCases(house.store), await intake.actor(house.store, user)
    fields = {name: CASE[name] for name in CASE}
    form = intake_form.parse(
        intake_form.TypedCase(fields, [fields] * count),
        KINDS,
        local_day(house.clock()),
    )
    receiving = receiving_of(house)
    opening = await receiving.open_case(form, by)
    for document in opening.documents:
        files = files_of(house, name=f"{document.id}-file")
        await files.receive_file(document.id, "a.pdf", one_chunk(), by)
        known = await cases.document(document.id)
        await receiving.compare(document.id, known.version, known.page_digests, by)
        await receiving.submit(document.id, known.version + 1, by)
    return [document.id for document in opening.documents]


async def approve(house, document, user="vinh", version=None):
    """After a look at each page, of whatever version the form was made."""
    cases, looks = SqlCases(house.store), SqlLooks(house.store)
    known = await cases.document(document)
    for page in known.page_digests:
        await looks.note(user, document, page, house.clock())
    certifying = Certifying(
        cases=cases,
        looks=looks,
        marks=house.marks,
        rules=house.rules,
        random_bits=lambda _bits: next(CODES),
        clock=house.clock,
    )
    by = await intake.actor(house.store, user)
    return await certifying.approve(
        document, version or known.version, known.page_digests, by
    )


async def counted(house, table):
    return await house.store.read(
        lambda tx: tx.scalar(select(func.count()).select_from(table))
    )


async def test_migration_makes_the_tables_that_the_code_reads(house):
    """Every column of the code is in the schema, and no other."""

    def columns(tx):
        return {
            table.name: set(tx.execute(select(table).limit(0)).keys())
            for table in metadata.sorted_tables
        }

    found = await house.store.read(columns)
    assert found == {t.name: set(t.columns.keys()) for t in metadata.sorted_tables}


async def test_approval_commits_number_line_order_and_audit_as_one(house):
    """The event in the outbox is the line in the book."""
    (document,) = await file_a_paper(house)
    certification = await approve(house, document)
    assert certification.entry == f"{AGENCY}/E/2026/1"
    rows = await house.store.read(
        lambda tx: tx.execute(select(outbox.outbox.c.body)).all()
    )
    order = CertificationOrdered.decode(bytes(rows[0].body))
    assert order == certification.order
    (line,) = await SqlRegister(house.store).lines(AGENCY, 2026, 11)
    assert line.entry.entry == order.entry
    assert (await house.store.read(audit.verified)).head.rows > 0


async def test_a_failure_at_the_end_takes_the_number_back(house):
    """Whatever breaks after the number was taken leaves no hole."""
    documents = await file_a_paper(house, count=2)
    cases = SqlCases(house.store)

    def broken(_document, ordinal):
        assert ordinal == 1
        raise KeyError

    with pytest.raises(KeyError):
        await cases.enter(documents[0], 2026, broken)
    assert await counted(house, register) == 0
    assert (await approve(house, documents[1])).entry.endswith("/1")


async def test_approving_twice_gives_one_number(house):
    """Even with the form of before, and even both at once."""
    (document,) = await file_a_paper(house)
    version = (await SqlCases(house.store).document(document)).version
    twice = await asyncio.gather(
        *(approve(house, document, version=version) for _ in range(2))
    )
    assert twice[0] == twice[1]
    assert await counted(house, register) == 1
    assert await counted(house, outbox.outbox) == 1


async def test_two_certifiers_at_once_one_wins(house):
    """The other hears who and when."""
    (document,) = await file_a_paper(house)
    version = (await SqlCases(house.store).document(document)).version
    answers = await asyncio.gather(
        approve(house, document, "vinh", version),
        approve(house, document, "loc", version),
        return_exceptions=True,
    )
    (lost,) = [a for a in answers if isinstance(a, BaseException)]
    assert isinstance(lost, Conflict)
    assert lost.who in {"Phạm Quốc Vĩnh", "Trần Hữu Lộc"}
    assert await counted(house, register) == 1


async def test_numbers_run_without_hole_or_double(house):
    """A burst of approvals takes 1..n, each once."""
    documents = await file_a_paper(house, count=12)
    taken = await asyncio.gather(*(approve(house, d) for d in documents))
    ordinals = sorted(int(c.entry.rsplit("/", 1)[1]) for c in taken)
    assert ordinals == list(range(1, 13))


async def test_each_agency_counts_for_itself(house):
    """Two books, two firsts; another agency's paper does not exist here."""
    (mine,) = await file_a_paper(house)
    (theirs,) = await file_a_paper(house, "elsewhere")
    assert (await approve(house, mine)).entry == f"{AGENCY}/E/2026/1"
    with pytest.raises(NotFound):
        await approve(house, theirs, "vinh")
    assert (await approve(house, theirs, "elsewhere")).entry.endswith("14/E/2026/1")


async def test_case_codes_of_a_day_run_on(house):
    """Two cases at once are 1 and 2 of their day."""
    first, second = await asyncio.gather(file_a_paper(house), file_a_paper(house))
    assert {first[0], second[0]} == {
        f"{AGENCY}-261123-0001-1",
        f"{AGENCY}-261123-0002-1",
    }


@pytest.mark.parametrize(
    "act",
    [
        update(register).values(title="x"),
        update(register).values(number="x"),
        delete(register),
        update(audit_table).values(actor="x"),
        delete(audit_table),
    ],
    ids=str,
)
async def test_register_and_audit_refuse_every_edit(house, act):
    """By trigger, whoever asks: corrections are notes."""
    (document,) = await file_a_paper(house)
    await approve(house, document)
    with pytest.raises(DBAPIError, match="append-only"):
        await house.store.write(lambda tx: tx.execute(act))


async def test_a_second_line_for_a_number_or_a_paper_is_refused(house):
    """Unique by agency, series, year, ordinal; and one number a paper."""
    (document,) = await file_a_paper(house)
    await approve(house, document)

    def again(tx):
        row = dict(tx.execute(select(register)).mappings().one())
        tx.execute(insert(register).values(**row | {"entry": "x", "number": "x"}))

    with pytest.raises(IntegrityError):
        await house.store.write(again)


async def test_audit_tells_which_line_was_changed(house):
    """Behind the trigger's back: one byte, and the chain breaks there."""
    await file_a_paper(house)
    sqlite = house.store.engine.dialect.name == "sqlite"

    def tamper(tx):
        if sqlite:
            tx.execute(text("DROP TRIGGER audit_no_update"))
        else:
            tx.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        tx.execute(update(audit_table).where(audit_table.c.seq == 9).values(actor="x"))

    whole = await house.store.read(audit.verified)
    await house.store.write(tamper)
    for noted in (None, whole.head):
        with pytest.raises(BrokenChainError) as caught:
            await house.store.read(partial(audit.verified, noted=noted))
        assert (caught.value.position, caught.value.how) == (9, Break.CHANGED)


async def test_what_is_stored_comes_back_the_same(house):
    """Case, document with files, certification: value for value."""
    (document,) = await file_a_paper(house)
    cases = SqlCases(house.store)
    before = await cases.document(document)
    assert before.files[0].part == await Paperless().rebuild("", before.files[0].raw)
    outcome = await cases.change(
        document, lambda known: replace_note(known, "có dấu: ẳ ỗ ữ")
    )
    assert (await cases.document(document)) == outcome.document
    assert (await cases.case(before.case)).due_at.isoformat().endswith("+00:00")


def replace_note(document, words):
    changed = replace(document, paper=replace(document.paper, title=words))
    return Outcome(changed)


async def test_an_unknown_entry_is_nobodys_news(house):
    """A fact about an entry that was never ordered here changes nothing."""
    fact = CopyArchived(
        at=house.clock(), entry=build.ENTRY, copy_ref=build.ref(), pages=2
    )
    await news.on_archived(fact, cases=SqlCases(house.store))


async def test_archived_is_issued_with_link(house):
    """The clerk sees the link only then; asked before, there is none."""
    (document,) = await file_a_paper(house)
    certification = await approve(house, document)
    cases, by = SqlCases(house.store), await intake.actor(house.store, "ha")
    registering = bindings.desk(house).registering
    with pytest.raises(NotFound):
        await registering.link(document, by)
    fact = CopyArchived(
        at=house.clock(), entry=certification.entry, copy_ref=build.ref(), pages=2
    )
    await news.on_archived(fact, cases=cases)
    await news.on_archived(fact, cases=cases)
    assert (await cases.document(document)).state is State.ISSUED
    link = await registering.link(document, by)
    token = link.removeprefix("https://hoaban.example/c/")
    assert build.digest(token.encode()) == certification.order.link_token_sha256


class Hindered:
    """The store is full, or the sandbox's program is missing."""

    reserve_room = staticmethod(contextlib.nullcontext)

    async def rebuild(self, _name, _raw, **_):
        raise Trouble(Hindrance.STORE)


class Slow(Paperless):
    """A rebuild that goes on until it may end, and counts how often it was begun."""

    def __init__(self) -> None:
        self.begun, self.may_end = 0, asyncio.Event()

    reserve_room = staticmethod(contextlib.nullcontext)

    async def rebuild(self, name, raw, **_):
        self.begun += 1
        assert self.begun == 1, "taken twice"
        await self.may_end.wait()
        return await super().rebuild(name, raw)


async def a_draft(house, by):
    form = intake_form.parse(
        intake_form.TypedCase(CASE, [CASE]), KINDS, local_day(house.clock())
    )
    opening = await receiving_of(house).open_case(form, by)
    return opening.documents[0].id


async def upload(
    house, document, by, rebuilder, *, name="f", place=0, leases=None, replaces=""
):
    files = files_of(house, rebuilder, name=name, leases=leases)
    return await files.receive_file(
        document, "a.pdf", one_chunk(), by, place=place, replaces=replaces
    )


@contextlib.asynccontextmanager
async def uploading(house, document, by, slow, **more):
    """While its rebuild goes on; whatever the test does, it ends."""
    first = asyncio.create_task(upload(house, document, by, slow, **more))
    try:
        await until(lambda: slow.begun)
        yield first
    finally:
        slow.may_end.set()
        await asyncio.wait([first])


class Drawing(Slow):
    """A rebuild whose first pages are drawn while it goes on."""

    async def rebuild(self, name, raw, *, coming):
        await coming(("t/1",))
        await coming(("t/1", "t/2"))
        return await super().rebuild(name, raw)


async def test_pages_are_seen_while_the_rest_of_their_file_is_rebuilt(house):
    """Each by its own picture; afterwards only the pages of the paper are there, and a
    word that comes late changes nothing.
    """
    by, drawing = await intake.actor(house.store, "ha"), Drawing()
    document = await a_draft(house, by)
    leases = SqlLeases(house.store, house.clock)
    async with uploading(house, document, by, drawing) as first:
        known = await SqlCases(house.store).document(document)
        assert known.pages == ()
        coming = showing_files.coming_views(known)
        assert [(page.number, page.file_name) for page in coming] == [
            (1, "a.pdf"),
            (2, "a.pdf"),
        ]
        assert known.files[0].thumbs == ("t/1", "t/2")
        drawing.may_end.set()
        await first
    await leases.note_coming("f", ("t/1", "t/2", "t/3"))
    known = await SqlCases(house.store).document(document)
    assert (known.files[0].coming, known.files[0].thumbs) == ((), ("t/1",))
    assert showing_files.coming_views(known) == ()


async def drop_first_page(house, document, by):
    arranging = wiring.desk(house).arranging
    known = await SqlCases(house.store).document(document)
    first, versions = known.pages[0].id, {document: known.version}
    await arranging.plain(document, "drop", (first,), versions, by)


@pytest.mark.parametrize("gone", [False, True])
async def test_a_scan_takes_the_place_of_its_page_if_that_is_still_there(house, gone):
    """One transaction settles the file and lays it. Where somebody has put the page
    aside meanwhile, the scan is a page of its own, seen at the end.
    """
    by, slow = await intake.actor(house.store, "ha"), Slow()
    document = await a_draft(house, by)
    await upload(house, document, by, house.rebuilder, name="old")
    async with uploading(house, document, by, slow, replaces="old.1") as sent:
        if gone:
            await drop_first_page(house, document, by)
        slow.may_end.set()
        await sent
    known = await SqlCases(house.store).document(document)
    assert [str(page.id) for page in known.pages] == ["f.1"]
    assert [str(page.id) for page in known.dropped_pages] == ["old.1"]
    kinds = [step.kind for step in known.history.steps]
    assert kinds == (["drop"] if gone else ["replace"])
    assert known.brought_by == ("ha",)


async def sweep(house, rebuilder):
    return await files_of(house, rebuilder).settling.settle_rest()


async def state_of(house, document):
    return (await SqlCases(house.store).document(document)).files[0].state


async def test_a_file_that_met_trouble_is_stored_and_settled_at_the_next_sweep(house):
    """The upload is answered: it is stored and waits. Nobody waits for a lease."""
    by = await intake.actor(house.store, "ha")
    document = await a_draft(house, by)
    answered = await upload(house, document, by, Hindered())
    assert answered.state == "busy"
    known = (await SqlCases(house.store).document(document)).files[0]
    assert known.waits(house.clock())
    assert await sweep(house, Hindered()) == ("f",)
    assert await sweep(house, house.rebuilder) == ()
    assert await sweep(house, Hindered()) == ()
    assert await state_of(house, document) == "good"


async def test_a_file_that_cannot_be_settled_does_not_stop_the_others(house):
    """Whatever is raised: a fault of ours in one file is not the next one's."""

    class Stumbles(Paperless):
        reserve_room = staticmethod(contextlib.nullcontext)

        async def rebuild(self, name, raw, **_):
            if name == "a.pdf":
                raise ZeroDivisionError
            return await super().rebuild(name, raw)

    by = await intake.actor(house.store, "ha")
    document = await a_draft(house, by)
    for name in ("f", "g"):
        await upload(house, document, by, Hindered(), name=name)
    rename = update(files_table).where(files_table.c.id == "g").values(name="b.pdf")
    await house.store.write(lambda tx: tx.execute(rename))
    assert await sweep(house, Stumbles()) == ("f",)
    known = await SqlCases(house.store).document(document)
    assert [file.state for file in known.files] == ["busy", "good"]


async def test_a_file_in_hand_is_not_taken_twice(house, database_url, tmp_path):
    """Neither by a sweep of this process, nor of another replica's, nor by the same
    file sent again; not even after hours, while its lease is renewed.
    """
    other = intake.house(database_url, tmp_path / "scans", house.clock, Paperless())
    by, slow = await intake.actor(house.store, "ha"), Slow()
    document = await a_draft(house, by)
    lease = SqlLeases(other.store, house.clock)
    async with uploading(house, document, by, slow) as first:
        for _ in range(3):
            assert await sweep(house, slow) == ()
            assert await sweep(other, slow) == ()
            again = await upload(other, document, by, slow, name="again", place=1)
            assert (again.id, again.state) == ("f", "busy")
            async with lease.hold("f") as mine:
                assert not mine
            house.clock.on(seconds=LEASE.total_seconds() - 1)
            await SqlLeases(house.store, house.clock).renew("f")
        assert slow.begun == 1
        slow.may_end.set()
        assert (await first).state == "good"
    assert await sweep(other, slow) == ()
    await other.store.close()


@pytest.mark.parametrize("clock_jump", [LEASE, -2 * LEASE])
async def test_a_file_of_a_dead_process_is_taken_after_its_lease(house, clock_jump):
    """kill −9 in the middle of a rebuild; also where the clock was set back since."""
    by, slow = await intake.actor(house.store, "ha"), Slow()
    document = await a_draft(house, by)
    await upload(house, document, by, Hindered())
    dead = SqlLeases(house.store, house.clock)
    async with contextlib.AsyncExitStack() as never_left:
        assert await never_left.enter_async_context(dead.hold("f"))
        assert await sweep(house, slow) == ()
        house.clock.at += clock_jump
        assert await sweep(house, house.rebuilder) == ()
        assert await state_of(house, document) == "good"


async def test_work_that_goes_on_renews_its_lease(house):
    """As often as set: a rebuild may last longer than a lease."""
    leases = SqlLeases(house.store, house.clock, renewal_seconds=0.01)
    by, slow = await intake.actor(house.store, "ha"), Slow()
    document = await a_draft(house, by)

    async def renewed():
        known = await SqlCases(house.store).document(document)
        return not known.files[0].waits(house.clock())

    async with uploading(house, document, by, slow, leases=leases) as first:
        house.clock.on(hours=1)
        await until(renewed)
        slow.may_end.set()
        assert (await first).state == "good"


async def test_board_and_queue_show_what_waits(house):
    """In the queue until approved; on the board all along."""
    (document,) = await file_a_paper(house)
    cases, by = SqlCases(house.store), await intake.actor(house.store, "vinh")
    assert [paper.id for _, paper in await cases.queue(AGENCY)] == [document]
    board = bindings.desk(house).board
    before = await board.view(by, {})
    await approve(house, document)
    after = await board.view(by, {})
    assert await cases.queue(AGENCY) == ()
    assert before.counts == {"awaiting": 1}
    assert after.counts == {"registered": 1}
    found = await board.view(by, {"q": "1/2026"})
    assert found.groups[0].rows[0].numbers == ("1/2026",)
    assert (await board.view(by, {"q": "xyz"})).groups == ()


async def test_password_change_ends_every_session(house, clock):
    """Whoever held the old password is out."""
    users, sessions = SqlUsers(house.store), SqlSessions(house.store)
    by = await intake.actor(house.store, "ha")
    note = Note(clock(), "ha", "", AGENCY, "signed-in")
    await sessions.open("t" * 64, Session("ha", "c", clock(), clock()), note)
    assert await sessions.find("t" * 64) is not None
    await users.set_password("ha", "new", Note(clock(), by.user, "", "", ""))
    assert await sessions.find("t" * 64) is None
    assert (await users.find("ha")).password == "new"


async def test_too_late_for_a_file(house):
    """Once it awaits approval its pages are frozen."""
    (document,) = await file_a_paper(house)
    by = await intake.actor(house.store, "ha")
    with pytest.raises(NotAllowed):
        await files_of(house).receive_file(document, "late.pdf", one_chunk(), by)


async def test_a_form_acts_once_on_two_replicas_at_once(house, database_url, tmp_path):
    """Two services on one database get the same form side by side: one case, and the
    other one hears where it is.
    """
    other = intake.house(database_url, tmp_path / "scans", house.clock, Paperless())
    by = await intake.actor(house.store, "ha")
    form = intake_form.parse(
        intake_form.TypedCase(CASE, [CASE]), KINDS, local_day(house.clock())
    )
    use = form_keys.use("ha", "1.key.mac", "/cases", {}, house.clock())

    async def send(where):
        with form_uses.acting(use, "/documents/{document}/desk"):
            return await receiving_of(where).open_case(form, by)

    answers = await asyncio.gather(
        *(send(where) for where in (house, other) * 4), return_exceptions=True
    )
    await other.store.close()
    (done,) = [a for a in answers if not isinstance(a, BaseException)]
    late = [a for a in answers if isinstance(a, form_keys.UsedBefore)]
    assert len(late) == len(answers) - 1
    there = f"/documents/{done.documents[0].id}/desk"
    assert {(a.outcome, a.same) for a in late} == {(there, True)}
    assert await counted(house, cases_table) == 1
    assert (await form_uses.SqlFormUses(house.store).before(use)).outcome == there


async def test_a_form_whose_act_failed_has_not_acted(house):
    """The claim goes with the act: the same form may be sent again."""
    cases, by = SqlCases(house.store), await intake.actor(house.store, "ha")
    use = form_keys.use("ha", "1.key.mac", "/cases", {}, house.clock())

    def broken(_ordinal):
        raise KeyError

    with form_uses.acting(use, "/"), pytest.raises(KeyError):
        await cases.open(AGENCY, house.clock().date(), broken)
    assert await counted(house, form_uses_table) == 0
    form = intake_form.parse(
        intake_form.TypedCase(CASE, [CASE]), KINDS, local_day(house.clock())
    )
    with form_uses.acting(use, "/"):
        await receiving_of(house).open_case(form, by)
    assert await counted(house, form_uses_table) == 1


async def test_places_are_given_once_by_two_replicas(house, database_url, tmp_path):
    """Twenty questions to two services: no place twice."""
    other = intake.house(database_url, tmp_path / "scans", house.clock, Paperless())
    by = await intake.actor(house.store, "ha")
    form = intake_form.parse(
        intake_form.TypedCase(CASE, [CASE]), KINDS, local_day(house.clock())
    )
    opening = await receiving_of(house).open_case(form, by)
    document = opening.documents[0].id
    firsts = await asyncio.gather(
        *(
            files_of(where).reserve_places(document, 3, by)
            for where in (house, other) * 10
        )
    )
    await other.store.close()
    assert sorted(firsts) == list(range(1, 61, 3))


async def test_a_desk_without_cases_beside_scans_is_not_ready(house):
    """The database was lost and made anew: nobody may take it for a new desk."""
    await readiness.ready(house, frozenset)
    await house.objects.put("raw/0", b"of before")
    with pytest.raises(Trouble, match="scans, and no case"):
        await readiness.ready(house, frozenset)
    await a_draft(house, await intake.actor(house.store, "ha"))
    await readiness.ready(house, frozenset)
