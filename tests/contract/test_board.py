"""The board on SQLite and on PostgreSQL: its columns, its filters, its pages."""

import asyncio
import importlib.util
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import event, select, text, update
from sqlalchemy.schema import DropIndex

from chassis.engines import create
from intake.adapters.sql.board_rows import SqlBoardRows
from intake.adapters.sql.tables import cases
from intake.domain import board_filters as filters
from intake.domain.saved_views import MOST_VIEWS
from intake.domain.states import NotAllowed
from support.papers import open_papers

MIGRATIONS = Path(__file__).parents[2] / "services/intake/migrations"


@pytest.fixture
async def papers(database_url, tmp_path):
    async with open_papers(tmp_path, database_url) as opened:
        yield opened


async def shown(papers, by="ha", **said):
    """Group → ordinals of its cases, as the address asks for them."""
    view = await papers.desk.board.view(papers.people[by], said)
    return {g.name: [int(row.code[-4:]) for row in g.rows] for g in view.groups}


async def columns(papers):
    query = select(cases.c.ordinal, cases.c.state, cases.c.stuck, cases.c.ended_at)
    found = papers.opened.store.read(
        lambda tx: tx.execute(query.order_by(cases.c.day, cases.c.ordinal)).all()
    )
    return [tuple(row) for row in await found]


async def test_what_the_board_counts_follows_each_act(papers):
    """State, whether it stands still, and when it ended: as the papers say."""
    now = papers.opened.clock()
    await papers.received()
    await papers.awaiting()
    await papers.refused()
    await papers.halted()
    await papers.issued()
    assert await columns(papers) == [
        (1, "received", False, None),
        (2, "awaiting", False, None),
        (3, "refused", False, now),
        (4, "unsigned", True, None),
        (5, "issued", False, now),
    ]
    view = await papers.desk.board.view(papers.people["ha"], {})
    assert view.counts == {"received": 1, "awaiting": 1, "unsigned": 1}
    assert view.ended == {"refused": 1, "issued": 1}
    assert (view.stuck, view.late, view.due_today, view.issued_today) == (1, 0, 3, 1)


async def test_each_filter_lets_its_own_through(papers):
    """What needs a person first stands above; the ended by month, newest first."""
    await papers.received()
    await papers.halted()
    await papers.refused()
    await papers.received(by="man")
    assert await shown(papers) == {"stuck": [2], "today": [1, 4]}
    assert await shown(papers, whose="mine") == {"stuck": [2], "today": [1]}
    assert await shown(papers, whose="mine", by="man") == {"today": [4]}
    assert await shown(papers, state="received") == {"today": [1, 4]}
    assert await shown(papers, state="stuck") == {"today": [2]}
    assert await shown(papers, state="ended") == {"done": [3]}
    assert await shown(papers, state="refused", month="2026-11") == {"done": [3]}
    assert await shown(papers, state="ended", month="2026-10") == {}
    assert await shown(papers, waits="desk") == {"today": [1, 4]}
    assert await shown(papers, waits="certifier") == {"today": [2]}
    assert await shown(papers, waits="requester") == {}
    assert await shown(papers, waits="desk", channel="counter") == {"today": [1, 4]}
    assert await shown(papers, channel="post") == {}
    assert await shown(papers, due="late") == {}
    papers.opened.clock.on(days=2)
    await papers.received()
    assert await shown(papers) == {"stuck": [2], "late": [1, 4], "today": [1]}
    assert await shown(papers, due="late") == {"late": [1, 2, 4]}
    assert await shown(papers, due="today") == {"today": [1]}
    assert await shown(papers, age="1", order="age") == {"age": [1, 2, 4]}
    assert await shown(papers, by="elsewhere") == {}


async def test_pages_go_on_behind_the_last_row(papers):
    """Each case once, in one order, also where many are due at the same hour."""
    for _ in range(5):
        await papers.received()
    seen = await walked(papers, filters.BoardFilter(), 2)
    assert [len(each) for each in seen] == [2, 2, 1]
    codes = [code for each in seen for code in each]
    assert codes == sorted(codes)


async def test_pages_of_ended_cases_go_back_too(papers):
    """Newest first, and the first page again in the end, with what stands above it."""
    for _ in range(4):
        await papers.issued()
        papers.opened.clock.on(minutes=1)
    rows, by = SqlBoardRows(papers.opened.store), papers.people["ha"]
    now = papers.opened.clock()
    asked = filters.filtered({"state": "ended"}, now)
    first, _ = await rows.page(by, asked, None, None, now=now, most=1)
    second, _ = await rows.page(by, asked, first.more, None, now=now, most=1)
    third, _ = await rows.page(by, asked, second.more, None, now=now, most=1)
    back, _ = await rows.page(by, asked, None, third.less, now=now, most=1)
    assert back.cases == second.cases
    assert (back.more, back.less) == (second.more, second.less)
    top, _ = await rows.page(by, asked, None, back.less, now=now, most=1)
    assert (top.cases, top.less) == (first.cases, None)


async def test_a_filter_is_saved_under_a_name_of_its_person(papers):
    """Opened by its address, replaced under the same name, given up; nobody else has
    it; a name that says nothing and one too many are refused.
    """
    board, ha, vinh = papers.desk.board, papers.people["ha"], papers.people["vinh"]
    address = await board.save(" Của  tôi ", {"whose": "mine", "due": "late"}, ha)
    assert address == "/?whose=mine&due=late"
    await board.save("Của tôi", {"whose": "mine"}, ha)
    view = await board.view(ha, {})
    assert [(v.name, v.address) for v in view.saved] == [("Của tôi", "/?whose=mine")]
    assert (await board.view(vinh, {})).saved == ()
    with pytest.raises(NotAllowed, match="view-name"):
        await board.save("\u200b ", {}, ha)
    for number in range(MOST_VIEWS - 1):
        await board.save(f"bộ lọc {number}", {"age": "7"}, ha)
    with pytest.raises(NotAllowed, match="view-many"):
        await board.save("thừa", {}, ha)
    await board.remove("Của tôi", ha)
    await board.remove("Của tôi", ha)
    assert len((await board.view(ha, {})).saved) == MOST_VIEWS - 1


async def test_what_was_sought_is_marked_in_what_is_found(papers):
    """In code, name and title, whatever marks were typed; else nothing is."""
    await papers.received()
    found = await papers.desk.board.view(papers.people["ha"], {"q": "tot dao"})
    (row,) = found.groups[0].rows
    assert [part.text for part in row.hits.requester if part.hit] == ["Đào"]
    assert [p.text for title in row.hits.titles for p in title if p.hit] == ["tốt"]
    plain = await papers.desk.board.view(papers.people["ha"], {})
    assert plain.groups[0].rows[0].hits is None


async def test_a_flat_board_has_what_stands_still_in_its_place(papers):
    """Whoever reads all pages has read all open cases, however many stand still."""
    for bring in (papers.halted, papers.received, papers.halted):
        await bring()
    seen = await walked(papers, filters.BoardFilter(flat=True), 1)
    assert [int(code[-4:]) for (code,) in seen] == [1, 2, 3]


async def walked(papers, asked, most):
    """The codes of each page's own cases, from the first to the last."""
    rows, by = SqlBoardRows(papers.opened.store), papers.people["ha"]
    now, after, seen = papers.opened.clock(), None, []
    while True:
        page, _ = await rows.page(by, asked, after, None, now=now, most=most)
        assert not (asked.flat and (page.stuck or page.handing))
        seen.append([case.code for case, _ in page.cases])
        if page.more is None:
            return seen
        after = filters.after(str(page.more))


LOOKS = (
    {},
    {"whose": "mine"},
    {"state": "awaiting", "due": "late"},
    {"order": "age", "age": "1"},
    {"waits": "desk", "channel": "post"},
    {"state": "ended"},
    {"state": "issued", "whose": "mine"},
    {"q": "nguyen"},
    {"q": "nguyen bang 1/2026"},
)
MOST_STATEMENTS = 11
TABLES = ("cases", "case_words", "documents", "certifications", "register")


async def test_a_page_is_a_few_statements_and_no_table_is_read_through(papers):
    """A round trip for each state, or a table that is read from its start to its end,
    is not noticed before there are a million cases.
    """
    await papers.issued()
    await papers.awaiting()
    engine, met = papers.opened.store.engine, []
    event.listen(engine, "before_cursor_execute", lambda *of: met.append(of[2:4]))
    for said in LOOKS:
        met.clear()
        await shown(papers, **said)
        statements = [each for each in met if each[0] != "BEGIN"]
        assert len(statements) <= MOST_STATEMENTS, said
        if engine.dialect.name == "sqlite":
            assert await scanned(papers, statements) == [], said


async def scanned(papers, statements):
    """What SQLite would read from its start to its end."""

    def plan(tx):
        lines = [
            line.detail
            for statement, values in statements
            for line in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
        whole = tuple(f"SCAN {table}" for table in TABLES)
        return [each for each in lines if each.startswith(whole)]

    return await papers.opened.store.read(plan)


async def test_of_two_at_once_none_is_forgotten(papers):
    """Papers of one case that change at once: the case is what both have made of it."""
    first = await papers.received()
    known = (await papers.known(first)).paper
    added = papers.desk.receiving.add_document
    second = (await added(first[:-2], known, 1, papers.people["ha"])).id
    for document in (first, second):
        await papers.scan(document)
        await papers.compare(document)
    await asyncio.gather(papers.submit(first), papers.submit(second))
    assert [row[1] for row in await columns(papers)] == ["awaiting"]


async def test_an_upgrade_and_an_older_desk_are_put_right(papers, database_url):
    """The migration writes what the desk would have written; so does the newer desk
    where an older one has written beside it.
    """
    await papers.received()
    await papers.halted()
    await papers.issued()
    before = await columns(papers)
    opened = update(cases).where(cases.c.ended_at.is_(None))
    forget = opened.values(state="", stuck=False)
    await papers.opened.store.write(lambda tx: tx.execute(forget))
    assert await columns(papers) != before
    await SqlBoardRows(papers.opened.store).adopt()
    assert await columns(papers) == before
    await papers.opened.store.write(_without_columns)
    await asyncio.to_thread(_migrated_again, database_url)
    assert await columns(papers) == before


def _without_columns(tx):
    for index in cases.indexes:
        tx.execute(DropIndex(index))
    for column in ("state", "stuck", "ended_at"):
        tx.execute(text(f"ALTER TABLE cases DROP COLUMN {column}"))


def _migrated_again(url):
    (path,) = MIGRATIONS.glob("0022_*.py")
    spec = importlib.util.spec_from_file_location("migration", path)
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    engine = create(url)
    with (
        engine.begin() as connection,
        Operations.context(MigrationContext.configure(connection)),
    ):
        migration.upgrade()
    engine.dispose()
