"""What was read of pages, on SQLite and on PostgreSQL: who waits, what is found, and
that it goes with the scans.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from ecopy.refusals import Hindrance, Trouble
from intake import wiring
from intake.adapters.finished_scans import FinishedScans
from intake.adapters.sql import board
from intake.adapters.sql.page_texts import HeldPageTexts, SqlPageTexts
from intake.adapters.sql.tables import audit, documents, files, page_texts
from intake.domain.arranging import PageId
from intake.domain.describing import details
from intake.domain.records import Conflict
from intake.domain.states import NotAllowed
from support.papers import open_papers, papers_of
from support.read_pages import GivenReader, line

LINES = (
    line(40, (60, "UBND PHƯỜNG HOA BAN"), (330, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")),
    line(140, (290, "GIẤY XÁC NHẬN")),
    line(200, (70, "Họ và tên: Quàng Bảo Yến")),
    line(230, (70, "100% đúng_sự thật")),
)


@pytest.fixture
async def papers(database_url, tmp_path):
    """A desk whose engine reads these lines on every page."""
    async with open_papers(tmp_path, database_url) as opened:
        yield await papers_of(replace(opened.opened, reader=GivenReader(*LINES)))


async def read_all(papers):
    """How many pages were read until none was left."""
    count = 0
    while await papers.desk.transcribing.read_next():
        count += 1
    return count


async def texts(papers):
    query = select(page_texts.c.page, page_texts.c.state)
    found = await papers.opened.store.read(lambda tx: tx.execute(query).all())
    return [tuple(row) for row in found]


async def end(papers, document):
    """End the paper as if its copy were issued now."""
    ended = update(documents).where(documents.c.id == document)
    now = ended.values(state="issued", changed_at=papers.opened.clock())

    def write(tx):
        tx.execute(now)
        board.renew(tx, document[:-2])

    await papers.opened.store.write(write)


async def on_board(papers, words, by="ha"):
    view = await papers.desk.board.view(papers.people[by], {"q": words})
    return [row.code for group in view.groups for row in group.rows]


async def test_each_page_is_read_once(papers):
    """Every file that has its pictures gives its pages; nothing is left after that."""
    await papers.pair()
    assert await read_all(papers) == 3
    assert await texts(papers) == [(1, "read")] * 3
    assert await read_all(papers) == 0


async def test_pictures_come_first(papers):
    """No page is read while a file that has just come waits for its pictures; one that
    is hindered for longer keeps nothing back.
    """
    document = await papers.scanned()
    await papers.scan(document)
    busy = update(files).where(files.c.position == 2).values(state="busy")
    await papers.opened.store.write(lambda tx: tx.execute(busy))
    assert await read_all(papers) == 0
    papers.opened.clock.on(minutes=3)
    assert await read_all(papers) == 1


async def test_what_was_read_is_offered_and_changes_nothing(papers):
    """Beside each field, until a clerk takes it; then it is the clerk's word."""
    document, ha = await papers.scanned(), papers.people["ha"]
    before = await papers.known(document)
    await read_all(papers)
    assert await papers.known(document) == before
    reading = (await papers.desk.pages.page_desk(document, ha)).reading
    offers = {f.name: f.offer.value for f in reading.fields if f.offer}
    assert offers == {
        "title": "Giấy xác nhận",
        "issuing_body": "UBND PHƯỜNG HOA BAN",
        "holder": "Quàng Bảo Yến",
    }
    taken = details({"holder": offers["holder"]})
    describe = papers.desk.transcribing.describe
    after = await describe(document, taken, before.version, ha)
    assert after.paper == replace(before.paper, holder="Quàng Bảo Yến")
    assert (await papers.known(document)).changed_by == ha.name
    assert await describe(document, taken, before.version, ha) == after
    reading = (await papers.desk.pages.page_desk(document, ha)).reading
    assert [f.value for f in reading.fields if f.name == "holder"] == ["Quàng Bảo Yến"]
    assert [f.offer for f in reading.fields if f.name == "holder"] == [None]


async def test_the_audit_has_the_fields_and_not_what_they_say(papers):
    document, ha = await papers.scanned(), papers.people["ha"]
    known = await papers.known(document)
    said = details({"holder": "Quàng Bảo Yến", "issued_on": "05/03/2021"})
    await papers.desk.transcribing.describe(document, said, known.version, ha)
    query = select(audit).where(audit.c.action == "described")
    (noted,) = await papers.opened.store.read(lambda tx: tx.execute(query).all())
    assert noted.values == {"fields": "holder, issued_on"}
    assert noted.actor == "ha"
    assert str((await papers.known(document)).paper.issued_on) == "2021-03-05"


async def test_an_older_form_takes_nothing(papers):
    """Nor does a title that is empty, or a day that no calendar has."""
    document, ha = await papers.scanned(), papers.people["ha"]
    before = await papers.known(document)
    with pytest.raises(Conflict):
        await papers.desk.transcribing.describe(
            document, details({"number": "1/QĐ"}), before.version - 1, ha
        )
    for typed in ({"title": " "}, {"issued_on": "31/02/2020"}, {"number": "1" * 501}):
        with pytest.raises(NotAllowed):
            details(typed)
    assert await papers.known(document) == before


async def test_a_case_is_found_by_the_words_of_its_pages(papers):
    """Words fit with marks or without, in any order, by their beginnings, together with
    those of the title; only in the case's own agency, and not those of a file that was
    removed.
    """
    document, ha = await papers.scanned(), papers.people["ha"]
    case = (await papers.known(document)).case
    await read_all(papers)
    for words in ("Quàng Bảo Yến", "yen quang", "100%", "bang tot nghiep", "SU THAT"):
        assert await on_board(papers, words) == [case], words
    for words in ("quang hien", "uang", "dungxsu", "%"):
        assert await on_board(papers, words) == [], words
    assert await on_board(papers, "quang yen", "elsewhere") == []
    known = await papers.known(document)
    await papers.desk.files.remove_file(document, known.files[0].id, known.version, ha)
    assert await on_board(papers, "quang yen") == []


async def test_a_case_that_left_the_board_is_found_by_its_words(papers):
    document = await papers.scanned()
    await read_all(papers)
    await end(papers, document)
    papers.opened.clock.on(days=3)
    assert await on_board(papers, "") == []
    assert await on_board(papers, "quang") == [(await papers.known(document)).case]


async def test_a_page_that_cannot_be_read_says_why(papers):
    """The page is not tried again until a clerk asks; trouble of this machine is."""
    document, ha = await papers.scanned(), papers.people["ha"]
    papers.opened.reader.why = "too-much-work"
    await read_all(papers)
    view = await papers.desk.pages.page_desk(document, ha)
    assert view.reading.failed == ((1, "too-much-work"),)
    assert await read_all(papers) == 0
    papers.opened.reader.why = ""
    await papers.desk.transcribing.ask_again(document, ha)
    assert await read_all(papers) == 1
    view = await papers.desk.pages.page_desk(document, ha)
    assert (view.reading.read, view.reading.failed) == (1, ())


async def test_trouble_leaves_the_page_waiting(papers):
    document, ha = await papers.scanned(), papers.people["ha"]

    class Troubled(GivenReader):
        async def read(self, page):
            raise Trouble(Hindrance.STORE, str(page.id))

    desk = wiring.desk(replace(papers.opened, reader=Troubled()))
    with pytest.raises(Trouble):
        await desk.transcribing.read_next()
    view = await papers.desk.pages.page_desk(document, ha)
    assert view.reading.waiting == 1


async def test_what_was_read_goes_with_the_scans(papers):
    """They go in the transaction in which the case gives its scans up, and nothing is
    written or read for it after that.
    """
    document = await papers.scanned()
    other = await papers.scanned()
    await read_all(papers)
    await end(papers, document)
    clock, store = papers.opened.clock, papers.opened.store
    clock.on(days=31)
    scans = FinishedScans(store, papers.opened.objects, clock)
    kept = SqlPageTexts(store)
    file = (await papers.known(document)).files[0].id
    late = (await kept.of([PageId(file, 1)]))[PageId(file, 1)]
    await scans.remove(clock() - timedelta(days=30), 9)
    await kept.settle(late)
    left = select(page_texts.c.document)
    assert await store.read(lambda tx: tx.scalars(left).all()) == [other]
    assert await read_all(papers) == 0
    assert await on_board(papers, "quang") == [(await papers.known(other)).case]


async def test_a_page_enlisted_beside_the_purge_goes_with_the_next(papers):
    """A row whose scans are gone goes, whatever the reason that it is there."""
    document = await papers.scanned()
    await papers.scanned()
    await read_all(papers)
    clock, store = papers.opened.clock, papers.opened.store
    gone = update(documents).where(documents.c.id == document)
    at = clock()
    await store.write(lambda tx: tx.execute(gone.values(scans_removed_at=at)))
    clock.on(days=31)
    held, before = HeldPageTexts(store), clock() - timedelta(days=30)
    assert (await held.amount(before)).due == 1
    assert await held.remove(before, 100) == 1
    count = select(func.count()).select_from(page_texts)
    assert await store.read(lambda tx: tx.scalar(count)) == 1
