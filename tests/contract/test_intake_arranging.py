"""Steps of the page desk on SQLite and on PostgreSQL: one transaction, no line lost."""

import asyncio

import pytest
from sqlalchemy import func, select

from intake.adapters.sql import audit
from intake.adapters.sql.arranging import SqlArrangements
from intake.adapters.sql.board_rows import SqlBoardRows
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.tables import page_steps
from intake.domain.arranging import PageId
from intake.domain.paper_steps import Merge, Split
from intake.domain.records import Conflict, NotFound, Paper
from intake.domain.states import NotAllowed, State
from intake.domain.stepping import Rearranged
from support.papers import open_papers


@pytest.fixture
async def papers(database_url, tmp_path):
    async with open_papers(tmp_path, database_url) as opened:
        yield opened


def other(document):
    return f"{document[:-1]}2"


async def versions(papers, document):
    known = await papers.known(document)
    of_case = await SqlCases(papers.opened.store).documents(known.case)
    return {each.id: each.version for each in of_case}


async def shown(papers, document):
    return [str(page.id) for page in (await papers.known(document)).pages]


async def did(papers, document, act, *pages, by="ha"):
    return await papers.desk.arranging.plain(
        document, act, pages, await versions(papers, document), papers.people[by]
    )


async def ids(papers, document):
    return [page.id for page in (await papers.known(document)).pages]


async def rows(papers):
    return await papers.opened.store.read(
        lambda tx: list(tx.execute(select(page_steps).order_by(page_steps.c.seq)))
    )


async def test_what_the_table_says_is_what_the_desk_shows(papers):
    """Read anew each time: pages of one paper in another, turned, put aside."""
    document = await papers.pair()
    first, second = await ids(papers, document)
    (third,) = await ids(papers, other(document))
    await did(papers, document, "turn-left", first)
    await did(papers, document, "drop", second)
    await papers.desk.arranging.insert(
        document, (third,), first, await versions(papers, document), papers.people["ha"]
    )
    known = await papers.known(document)
    assert [(p.id, p.rotation) for p in known.pages] == [(first, 270), (third, 0)]
    assert [page.id for page in known.dropped_pages] == [second]
    emptied = await papers.known(other(document))
    assert emptied.pages == ()
    assert known.brought_by == emptied.brought_by == ("ha",)
    of_case = await SqlCases(papers.opened.store).documents(known.case)
    assert [each.pages for each in of_case] == [known.pages, ()]


async def test_the_board_counts_the_pages_as_they_lie(papers):
    """Its own columns follow each step, on both papers."""
    document = await papers.pair()
    first, _ = await ids(papers, document)
    await papers.desk.arranging.send(
        document,
        (first,),
        other(document),
        await versions(papers, document),
        papers.people["ha"],
    )
    board = await SqlBoardRows(papers.opened.store).cases([document[:-2]])
    assert [[paper.pages for paper in each] for _, each in board] == [[1, 2]]


async def test_every_press_is_kept_and_none_is_deleted(papers):
    """A step that was undone and cut stays, with who took it back, and when."""
    document = await papers.pair()
    first, second = await ids(papers, document)
    await did(papers, document, "last", first)
    papers.opened.clock.on(minutes=1)
    await did(papers, document, "undo", by="man")
    await did(papers, document, "drop", second)
    kept = await rows(papers)
    assert [(row.kind, row.state) for row in kept] == [
        ("move", "cut"),
        ("drop", "done"),
    ]
    assert kept[0].by == "ha"
    assert kept[0].undone_by == papers.people["man"].name
    assert kept[0].undone_at == papers.opened.clock()
    assert kept[1].undone_by is kept[1].undone_at is None
    timeline = await papers.opened.store.read(
        lambda tx: audit.timeline(tx, document[:-2])
    )
    actions = [note.action for note in timeline]
    assert actions[-3:] == ["pages-move", "step-undone", "pages-drop"]


async def test_a_step_that_is_not_allowed_leaves_nothing(papers):
    """Neither a line, nor a version, nor a note; nor does one that changes nothing."""
    document = await papers.pair()
    first, _ = await ids(papers, document)
    before = await papers.known(document)
    with pytest.raises(NotAllowed):
        await did(papers, document, "turn-left", PageId("x", 1))
    with pytest.raises(Conflict):
        await papers.desk.arranging.plain(
            document, "drop", (first,), {document: 1}, papers.people["ha"]
        )
    await did(papers, document, "first", first)
    assert await papers.known(document) == before
    assert await rows(papers) == []


async def test_of_two_at_once_one_is_first(papers):
    """The other is told, and the lines are numbered without a gap or a double."""
    document = await papers.pair()
    first, second = await ids(papers, document)
    known = await versions(papers, document)
    by = papers.people["ha"]
    tries = [
        papers.desk.arranging.plain(document, act, (page,), known, by)
        for act, page in (("drop", first), ("last", first), ("turn-left", second))
    ]
    ended = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, Conflict) for each in ended) == 2
    assert [row.seq for row in await rows(papers)] == [1]


async def test_a_split_and_a_merge_are_whole(papers):
    """Papers, fees, case and lines in one commit, and back again."""
    document = await papers.pair()
    _, second = await ids(papers, document)
    split = Split(second, "Bằng", 1, Paper("Bảng điểm", "diploma", "ĐH", 1))
    store, by = SqlCases(papers.opened.store), papers.people["ha"]
    case = await store.case(document[:-2])
    made = await papers.desk.arranging.split(
        document, split, await versions(papers, document), by
    )
    third = made.added[0].id
    assert await shown(papers, third) == [str(second)]
    assert (await store.case(case.code)).version == case.version + 1
    merge = Merge(third, "Lại một", before=False)
    await papers.desk.arranging.merge(
        other(document), merge, await versions(papers, document), by
    )
    ended = await papers.known(third)
    assert (ended.state, ended.fee) == (State.MERGED, 0)
    await did(papers, other(document), "undo")
    await did(papers, document, "undo")
    ended = await papers.known(third)
    assert (ended.state, ended.pages) == (State.MERGED, ())
    assert len(await shown(papers, document)) == 2
    count = await papers.opened.store.read(
        lambda tx: tx.scalar(select(func.count()).select_from(page_steps))
    )
    assert count == 2


async def test_a_paper_that_is_submitted_keeps_the_pages_that_it_was_given(papers):
    """Also when they were sent to another paper first, and that one is worked on."""
    document = await papers.pair()
    first, _ = await ids(papers, document)
    known = await versions(papers, document)
    by = papers.people["ha"]
    await papers.desk.arranging.send(document, (first,), other(document), known, by)
    await did(papers, other(document), "drop", first)
    await did(papers, document, "turn-over", *await ids(papers, document))
    await papers.compare(document)
    await papers.submit(document)
    joined = (await papers.known(document)).original
    assert [page.rotation for page in joined.manifest] == [180]
    with pytest.raises(NotAllowed):
        await did(papers, document, "undo")
    await did(papers, other(document), "undo")
    with pytest.raises(NotAllowed):  # it also touches the paper that has gone on
        await did(papers, other(document), "undo")
    assert await shown(papers, document) != []


async def test_no_such_case(papers):
    """As for one of another agency."""
    arrangements = SqlArrangements(papers.opened.store)
    with pytest.raises(NotFound):
        await arrangements.change("H99.42.05.13-261123-9999", lambda _: Rearranged())
