"""Closed months and years of the register, on SQLite and on PostgreSQL: once, by a
person who holds office, with the totals of that moment; then nothing but notes.
"""

import asyncio
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from intake.adapters.sql.tables import audit, handout_templates, register_closings
from intake.domain.agencies import NoOffice
from intake.domain.closing import Period
from intake.domain.handouts.fields import Handout
from intake.domain.states import NotAllowed
from support import intake
from support.handouts import default, words
from support.papers import open_papers

NOVEMBER, YEAR = Period(2026, 11), Period(2026)
DECEMBER_1 = datetime(2026, 11, 30, 17, tzinfo=UTC)
"""Midnight in Asia/Ho_Chi_Minh."""
NEW_YEAR = datetime(2026, 12, 31, 17, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/intake.db"
    return request.getfixturevalue("postgres").place()


@pytest_asyncio.fixture
async def papers(place, tmp_path):
    async with open_papers(tmp_path, place) as opened:
        yield opened


@pytest.fixture
def office(papers):
    return papers.desk.bookkeeping


async def key_of(awaitable):
    with pytest.raises(NotAllowed) as refused:
        await awaitable
    return refused.value.key, refused.value.values


async def audited(papers, action):
    return await papers.opened.store.read(
        lambda tx: tx.execute(
            select(audit).where(audit.c.action == action).order_by(audit.c.seq)
        ).all()
    )


async def test_a_month_is_closed_once_and_takes_no_line_any_more(papers, office):
    """What waited for approval gets its number in the month of its own day; what would
    belong to a closed one gets none, and takes none either.
    """
    await papers.issued()
    await papers.void()
    waiting = await papers.awaiting()
    vinh = papers.people["vinh"]
    november = papers.opened.clock.at
    papers.opened.clock.at = DECEMBER_1

    closing = await office.close(NOVEMBER, vinh)
    sums = closing.totals
    assert (sums.lines, sums.copies, sums.void) == (2, 1, 1)
    assert (sums.first, sums.last) == ("1/2026", "2/2026")
    assert (closing.by_name, closing.title) == (
        "Phạm Quốc Vĩnh",
        "KT. CHỦ TỊCH / PHÓ CHỦ TỊCH",
    )
    (note,) = await audited(papers, "register-closed")
    assert note.values == {
        "period": "11/2026",
        "lines": 2,
        "copies": 1,
        "fee": sums.fee,
        "void": 1,
    }

    refused = await key_of(office.close(NOVEMBER, papers.people["loc"]))
    assert refused == (
        "error.closed-before",
        {"period": "11/2026", "who": "Phạm Quốc Vĩnh", "day": "01/12/2026"},
    )
    papers.opened.clock.at = november
    await papers.look(waiting, "vinh")
    refused = await key_of(papers.approve(waiting))
    assert refused[0] == "error.period-closed"
    papers.opened.clock.at = DECEMBER_1
    approved = await papers.approve(waiting)
    assert approved.order.clause.number == "3/2026"


async def test_a_month_is_not_closed_before_its_end(papers, office):
    """Its last second belongs to it."""
    await papers.issued()
    papers.opened.clock.at = datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC)

    assert await key_of(office.close(NOVEMBER, papers.people["vinh"])) == (
        "error.close-early",
        {"period": "11/2026", "day": "30/11/2026"},
    )


async def test_a_month_with_a_number_on_its_way_is_not_closed(papers, office):
    """Its totals would not be those of the copies that come of it."""
    await papers.registered()
    papers.opened.clock.at = DECEMBER_1

    assert await key_of(office.close(NOVEMBER, papers.people["vinh"])) == (
        "error.close-moving",
        {"period": "11/2026", "n": 1, "numbers": "1/2026"},
    )


async def test_a_closed_year_closes_its_months(papers, office):
    """Nobody closes a month of it afterwards, as if it had been open."""
    papers.opened.clock.at = NEW_YEAR
    elsewhere = papers.people["elsewhere"]

    assert (await office.close(YEAR, elsewhere)).totals.lines == 0
    refused = await key_of(office.close(Period(2026, 12), elsewhere))
    assert refused[0] == "error.closed-before"


async def test_two_who_close_at_once_are_first_and_second(papers, office):
    """One closing, one line of audit, and the second reads who was first."""
    await papers.issued()
    papers.opened.clock.at = DECEMBER_1
    closing = (office.close(NOVEMBER, papers.people[who]) for who in ("vinh", "loc"))
    results = await asyncio.gather(*closing, return_exceptions=True)

    assert sorted(type(each).__name__ for each in results) == ["Closing", "NotAllowed"]
    assert len(await audited(papers, "register-closed")) == 1


async def test_who_holds_no_office_closes_nothing(papers, office):
    """The confirming name has a title on that day."""
    papers.opened.clock.at = DECEMBER_1

    with pytest.raises(NoOffice):
        await office.close(NOVEMBER, papers.people["man"])


async def test_a_note_stands_beside_a_line_of_a_closed_month(papers, office):
    """The line stays, the totals stay, and the print says both."""
    await papers.issued()
    papers.opened.clock.at = DECEMBER_1
    vinh = papers.people["vinh"]
    await office.close(NOVEMBER, vinh)
    before = await office.closings.lines(vinh.agency, NOVEMBER)

    await office.remark("1/2026", 2026, "Tên đúng là Đào", vinh)

    (after,) = await office.closings.lines(vinh.agency, NOVEMBER)
    assert after.entry == before[0].entry
    assert [(n.text, n.by, n.kind) for n in after.notes] == [
        ("Tên đúng là Đào", "Phạm Quốc Vĩnh", "added")
    ]
    (page,) = words(await office.printed(NOVEMBER, vinh))
    assert "Tên đúng là Đào (Phạm Quốc Vĩnh, 00:00 01/12/2026)" in page
    assert "Đã khóa sổ lúc 00 giờ 00 phút, ngày 01 tháng 12 năm 2026" in page
    assert "Người xác nhận: Phạm Quốc Vĩnh, KT. CHỦ TỊCH / PHÓ CHỦ TỊCH" in page
    (note,) = await audited(papers, "register-noted")
    assert note.values == {"number": "1/2026"}


async def test_a_number_that_is_not_there_gets_no_note(papers, office):
    """Nor one of another agency's book."""
    await papers.issued()

    strangers = (("vinh", "7"), ("vinh", "1/2025"), ("elsewhere", "1/2026"))
    for who, number in (*strangers, ("vinh", "9" * 40)):
        refused = await key_of(office.remark(number, 2026, "x", papers.people[who]))
        assert refused == ("error.no-number", {"number": number, "year": 2026})


async def test_another_agencys_closing_closes_nothing_here(papers, office):
    """Each agency has its own book."""
    papers.opened.clock.at = DECEMBER_1
    await office.close(NOVEMBER, papers.people["elsewhere"])

    assert await office.closings.closings(intake.AGENCY, 2026) == ()


@pytest.mark.parametrize("table", [register_closings, handout_templates])
async def test_neither_closings_nor_templates_are_changed(papers, office, table):
    """Triggers refuse it, whoever asks the database."""
    store, long = papers.opened.store, papers.people["long"]
    papers.opened.clock.at = DECEMBER_1
    await office.close(NOVEMBER, papers.people["vinh"])
    await papers.desk.templating.issue(
        Handout.RECEIPT,
        default(Handout.RECEIPT),
        datetime(2027, 1, 1, tzinfo=UTC).date(),
        long,
    )
    for statement in (update(table).values(agency="x"), delete(table)):
        with pytest.raises(DBAPIError):
            await store.write(lambda tx, s=statement: tx.execute(s))

    assert await store.read(
        lambda tx: tx.scalar(select(func.count()).select_from(table))
    )


async def test_a_case_keeps_the_template_of_its_day(papers):
    """A new one is used by what begins on its day; a case of before prints as ever."""
    old = await papers.received()
    clock, long = papers.opened.clock, papers.people["long"]
    text = default(Handout.RECEIPT).replace("= GIẤY TIẾP NHẬN", "= PHIẾU MỚI")
    tomorrow = datetime(2026, 11, 24, tzinfo=UTC).date()
    await papers.desk.templating.issue(Handout.RECEIPT, text, tomorrow, long)
    clock.at = datetime(2026, 11, 24, 2, tzinfo=UTC)
    new = await papers.received()

    for document, title in ((old, "GIẤY TIẾP NHẬN"), (new, "PHIẾU MỚI")):
        case = (await papers.known(document)).case
        made = await papers.desk.printing.receipt(case, papers.people["man"])
        (page,) = words(made)
        assert f"{title} HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ" in page
    assert [row.actor for row in await audited(papers, "printed-receipt")] == [
        "man",
        "man",
    ]
    assert (await audited(papers, "template-issued"))[0].actor == "long"
