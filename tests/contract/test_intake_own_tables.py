"""The tables that an agency lays over the program's, on SQLite and on PostgreSQL."""

import asyncio
from datetime import date, time, timedelta
from typing import get_args

import pytest
import pytest_asyncio
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from intake.adapters.sql.own_tables import RememberedTables, SqlOwnTables
from intake.adapters.sql.tables import (
    audit,
    calendar_days,
    closing_hours,
    own_fees,
    own_rows,
    own_switches,
    taken_back,
)
from intake.domain import taking_back
from intake.domain.handouts.fields import Handout
from intake.domain.own_fees import TypedFee
from intake.domain.records import Conflict, NotFound
from intake.domain.states import NotAllowed
from intake.domain.switches import Switch
from intake.domain.taking_back import Plan
from support.papers import open_papers

TODAY, DAY = date(2026, 11, 23), date(2026, 11, 24)
SPAN = (DAY, DAY)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/intake.db"
    return request.getfixturevalue("postgres").place()


@pytest_asyncio.fixture
async def papers(place, tmp_path):
    async with open_papers(tmp_path, place) as opened:
        yield opened


async def test_a_day_counts_from_the_moment_it_is_entered(papers):
    """For cases that come from then on; one that is there keeps its due hour, and what
    another replica learns is the same.
    """
    desk, by = papers.desk, {"version": 0, "by": papers.people["long"]}
    papers.opened.clock.on(hours=7)  # 16:00: due on the next working day
    before = await papers.received()
    await desk.governing.change_days("holiday", SPAN, "Ngày Văn hóa", **by)
    await desk.governing.change_hour(time(16, 30), DAY, **by)
    after = await papers.received()

    due = [
        (await desk.pages.case(code, papers.people["ha"])).due_at
        for code in (document.rsplit("-", 1)[0] for document in (before, after))
    ]
    assert [f"{each:%d %H:%M}" for each in due] == ["24 10:00", "25 09:30"]
    elsewhere = RememberedTables()
    await SqlOwnTables(papers.opened.store, elsewhere).refresh()
    agency = papers.people["long"].agency
    assert elsewhere.of(agency) == papers.opened.tables.of(agency)
    lines = await papers.opened.store.read(
        lambda tx: tx.scalars(select(audit.c.action).order_by(audit.c.seq)).all()
    )
    assert [a for a in lines if "changed" in a] == ["calendar-changed", "hours-changed"]


async def test_of_two_at_once_on_one_page_one_is_told_who_was_first(papers):
    """Each page names the table that it shows."""
    by = {"version": 0, "by": papers.people["long"]}
    change = papers.desk.governing.change_days
    answers = await asyncio.gather(
        change("holiday", SPAN, "Lễ", **by),
        change("usual", SPAN, "", **by),
        return_exceptions=True,
    )
    assert [type(each) for each in answers if isinstance(each, Exception)] == [Conflict]


async def test_a_case_keeps_the_fee_of_its_day(papers):
    """Also for a paper that is added to it later."""
    desk, opened = papers.desk, await papers.received()
    typed = TypedFee("NQ 1/2026", date(2026, 12, 1), 1000, 500, 100_000)
    await desk.governing.issue_fee(typed, 0, papers.people["long"])
    papers.opened.clock.on(days=10)
    known = await papers.known(opened)
    added = await desk.receiving.add_document(
        known.case, known.paper, 1, papers.people["ha"]
    )
    later = await papers.known(await papers.received())
    assert (known.fee, added.fee, later.fee) == (2000, 2000, 1000)


NUMBER = {"number": "{so:4}-ĐT", "book": "{quyen:2}/{nam}-SCTĐT/BS", "ordinal": "3"}


async def test_a_number_is_written_as_its_day_has_it_and_keeps_its_key(papers):
    """A planned format counts from its day on; one that is taken back never does. What
    was given before keeps its text, and the entry's id stays the key of all.
    """
    tabling, long = papers.desk.tabling, papers.people["long"]
    first = await papers.registered()
    await tabling.enter("numbers", "E", DAY, NUMBER, version=0, by=long)
    other = NUMBER | {"number": "Y-{so}"}
    after = DAY + timedelta(days=1)
    await tabling.enter("numbers", "E", after, other, version=1, by=long)
    planned = {r.valid_from: r.seq for r in tabling.view("numbers", "", long).rows}
    await tabling.take_back("numbers", planned[after], long)
    papers.opened.clock.on(days=2)
    second = await papers.registered()
    orders = [
        (await papers.known(document)).certification.order
        for document in (first, second)
    ]
    assert [order.clause.number for order in orders] == ["1/2026", "0002-ĐT"]
    assert [order.entry.rpartition("/")[2] for order in orders] == ["1", "2"]
    vinh, remark = papers.people["vinh"], papers.desk.bookkeeping.remark
    for typed in ("0002-ĐT", "2"):
        noted = await remark(typed, 2026, "Tên đúng là Đào", vinh)
        assert noted.entry.entry == orders[1].entry
    lines = await papers.opened.store.read(
        lambda tx: tx.scalars(select(audit.c.action).order_by(audit.c.seq)).all()
    )
    assert [a for a in lines if a.startswith("row-")] == [
        *("row-entered", "row-entered", "row-taken-back"),
    ]


async def planned(papers):
    """A row of each table, to come: its number by the table's name."""
    desk, by = papers.desk, {"version": 0, "by": papers.people["long"]}
    governing = desk.governing
    await governing.change_days("holiday", SPAN, "Lễ", **by)
    await governing.change_hour(time(16, 30), DAY, **by)
    await governing.issue_fee(TypedFee("NQ 1", DAY, 1000, 500, 100_000), **by)
    turned = {"on": True, "valid_from": DAY}
    await governing.turn(Switch.SAME_PERSON, **turned, **by)
    known = papers.opened.tables.of(by["by"].agency)
    return {table: taking_back.rows_of(known, table)[0].seq for table in get_args(Plan)}


async def test_what_is_planned_can_be_taken_back_until_its_day(papers):
    """It never counts then, stays to be seen, and is a line of the audit; the same fee
    can be planned again. Whoever is second is told who was first, and what has begun
    stays.
    """
    long = papers.people["long"]
    governing, rows = papers.desk.governing, await planned(papers)
    for table, seq in rows.items():
        await governing.take_back(table, seq, long)
        with pytest.raises(Conflict, match=long.name):
            await governing.take_back(table, seq, long)
        with pytest.raises(NotFound):
            await governing.take_back(table, 77, long)
    fee = TypedFee("NQ 1", DAY, 1000, 500, 100_000)
    with pytest.raises(Conflict):
        await governing.issue_fee(fee, 1, long)
    again = await governing.issue_fee(fee, 2, long)
    (_, kept) = papers.opened.tables.of(long.agency).fees
    lines = await papers.opened.store.read(
        lambda tx: tx.scalars(select(audit.c.action).order_by(audit.c.seq)).all()
    )
    assert lines.count("row-taken-back") == len(rows)

    papers.opened.clock.on(days=1)
    known, rules = papers.opened.tables.of(long.agency), papers.desk.rules
    assert known.over(rules.calendar).works(DAY)
    assert known.closes(DAY, time(17)) == time(17)
    agency = rules.agency_on(long.agency, papers.opened.clock())
    assert not agency.same_person_may_certify
    assert rules.fees_of(long.agency)[0] == again.rule
    with pytest.raises(NotAllowed, match="row-begun"):
        await governing.take_back("fees", kept.seq, long)


async def test_a_planned_template_can_be_taken_back(papers):
    """The one before holds on, and its text is what a new version begins with."""
    templating, long = papers.desk.templating, papers.people["long"]
    before = await templating.template(Handout.LINK, long)
    await templating.issue(Handout.LINK, f"{before.text}Xin cảm ơn.\n", DAY, long)
    planned = (await templating.template(Handout.LINK, long)).versions
    (own,) = (version for version in planned if version.agency)
    await templating.take_back(own.seq, long)
    with pytest.raises(Conflict):
        await templating.take_back(own.seq, long)
    papers.opened.clock.on(days=2)
    after = await templating.template(Handout.LINK, long)
    assert (after.text, after.row.ordinal) == (before.text, before.row.ordinal)


async def test_no_row_is_changed_or_removed(papers):
    """A promise was reckoned by it."""
    by = {"version": 0, "by": papers.people["long"]}
    await papers.desk.governing.change_days("holiday", SPAN, "Lễ", **by)
    await papers.desk.governing.change_hour(time(16, 30), DAY, **by)
    typed = TypedFee("NQ 1/2026", date(2026, 12, 1), 1000, 500, 100_000)
    await papers.desk.governing.issue_fee(typed, **by)
    await papers.desk.tabling.enter("numbers", "E", DAY, NUMBER, **by)
    planned = papers.desk.tabling.view("numbers", "", by["by"]).rows[0]
    await papers.desk.tabling.take_back("numbers", planned.seq, by["by"])
    turned = {"on": True, "valid_from": TODAY}
    await papers.desk.governing.turn(Switch.MANUAL_SEAL, **turned, **by)
    agency = papers.people["long"].agency
    assert papers.opened.tables.of(agency).switches[0].on
    for act in (
        update(own_rows).values(key="P"),
        delete(own_rows),
        delete(taken_back),
        update(own_fees).values(ceiling=1),
        delete(own_fees),
        update(own_switches).values(on=False),
        delete(own_switches),
        update(calendar_days).values(kind="usual"),
        delete(calendar_days),
        update(closing_hours).values(closes=time(17)),
        delete(closing_hours),
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            await papers.opened.store.write(lambda tx, act=act: tx.execute(act))
