"""Search on SQLite and on PostgreSQL: what is found, and what one look costs."""

import importlib.util
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import insert, select, text

from chassis.engines import create
from intake.adapters.sql import case_words as words
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.tables import case_words
from intake.domain import searching
from intake.domain.paper_steps import Merge, Split
from intake.domain.records import Paper
from support.intake import AGENCY
from support.papers import open_papers, papers_of
from support.read_pages import GivenReader, line

MIGRATIONS = Path(__file__).parents[2] / "services/intake/migrations"
LINE = line(40, (60, "UBND PHƯỜNG HOA BAN"), (330, "Số: 12/QĐ-UBND"))


@pytest.fixture
async def papers(database_url, tmp_path):
    async with open_papers(tmp_path, database_url) as opened:
        yield await papers_of(replace(opened.opened, reader=GivenReader(LINE)))


async def found(papers, query, by="ha", most=50):
    """Short codes of the cases on all pages, and how many pages these were."""
    agency, after, codes, pages = papers.people[by].agency, "", [], 0
    while True:
        look = partial(words.look, agency=agency, query=query, after=after, most=most)
        hits = await papers.opened.store.read(look)
        codes += [code.rpartition("-")[2] for code in hits.codes]
        pages += 1
        if hits.after is None:
            return codes, pages
        after = str(hits.after)


async def written(papers):
    query = select(case_words).order_by(*case_words.c)
    return await papers.opened.store.read(lambda tx: tx.execute(query).all())


async def test_a_case_is_found_by_whatever_was_typed_of_it(papers):
    """Whatever its state, its newest first, only at its own agency."""
    await papers.refused()
    papers.opened.clock.on(days=8)
    await papers.issued()
    for query in ("nguyen", "ĐÀO Bích", "ng thi", "000203004417", "0900 000 417"):
        assert await found(papers, query) == (["0001", "0001"], 1), query
    await papers.received()
    assert await found(papers, "bang tot") == (["0002", "0001", "0001"], 1)
    for query in ("261201-0001", f"{AGENCY}-261201-0001", "2611230001", "1/2026"):
        assert await found(papers, query) == (["0001"], 1), query
    for query in ("xyz", "guyen", "nguyen xyz", "2/2026", "%", "'"):
        assert await found(papers, query) == ([], 1), query
    assert await found(papers, "nguyen", by="elsewhere") == ([], 1)


async def test_each_case_comes_once_over_all_pages(papers):
    """By whatever of its words, also where a look ends before a page is full."""
    for name in ("An", "Anh", "An Anh", "Ánh", "Bình"):
        papers.typed["requester"] = f"{name} Nguyễn"
        await papers.received()
    assert await found(papers, "an", most=1) == (["0003", "0001", "0004", "0002"], 5)
    newest_first = ["0004", "0003", "0002", "0001"]
    assert await found(papers, "nguyen an", most=2) == (newest_first, 3)


async def test_a_look_is_bounded_and_the_next_goes_on(papers):
    """Two words that many cases have and few have both of: no page is without end, and
    none of them is left out.
    """

    def fill(tx):
        key = {"agency": AGENCY, "source": 0}
        ranks = [searching.rank(date(2026, 1, 2), n) for n in range(1, 9001)]
        rows = [{**key, "rank": r, "word": "tran"} for r in ranks]
        rows += [{**key, "rank": r - 10**7, "word": "ha"} for r in ranks]
        rows += [{**key, "rank": ranks[0], "word": "ha"}]
        tx.execute(insert(case_words), rows)

    await papers.opened.store.write(fill)
    codes, pages = await found(papers, "tran ha")
    assert codes == ["0001"]
    assert pages == 9000 // words.WALKED + 1


async def test_of_two_common_words_the_rarer_is_walked(papers):
    """The one whose thousand newest cases reach further back, though it is shorter."""

    def fill(tx):
        key = {"agency": AGENCY, "source": 0}
        newer = [searching.rank(date(2026, 1, 2), n) for n in range(1, 6001)]
        older = [searching.rank(date(2026, 1, 1), n) for n in range(1, 1400)]
        rows = [{**key, "rank": r, "word": "nguyen"} for r in newer]
        rows += [{**key, "rank": r, "word": "yen"} for r in (newer[0], *older)]
        tx.execute(insert(case_words), rows)

    await papers.opened.store.write(fill)
    assert await found(papers, "nguyen yen") == (["0001"], 1)


async def test_what_changes_is_found_as_it_is(papers):
    """A paper that is split off; a step that changes no field writes no word."""
    document = await papers.pair()
    first, second = (page.id for page in (await papers.known(document)).pages)
    ha, before = papers.people["ha"], await written(papers)
    arranging, cases = papers.desk.arranging, SqlCases(papers.opened.store)

    async def versions():
        of_case = await cases.documents(document[:-2])
        return {each.id: each.version for each in of_case}

    await arranging.plain(document, "turn-left", (first,), await versions(), ha)
    assert await written(papers) == before
    split = Split(second, "Bằng", 1, Paper("Sổ hồng", "land-use", "", 1, "12/QĐ"))
    made = await arranging.split(document, split, await versions(), ha)
    new = {"so", "hong", "12", "qd", "12/qd"}
    assert {row.word for row in await written(papers)} == {
        *(row.word for row in before),
        *new,
    }
    merge = Merge(made.added[0].id, "Lại một", before=False)
    await arranging.merge(document, merge, await versions(), ha)
    assert await found(papers, "lai mot so hong") == (["0001"], 1)


async def test_an_upgrade_finds_what_was_there(papers, database_url):
    """The migration writes the words that the desk would have written."""
    await papers.issued()
    await papers.pair()
    while await papers.desk.transcribing.read_next():
        pass
    before = await written(papers)
    assert {row.source for row in before} == {0, 1, 2}
    assert {row.agency for row in before} == {AGENCY}
    await papers.opened.store.write(
        lambda tx: tx.execute(text("DROP TABLE case_words"))
    )
    (path,) = MIGRATIONS.glob("0018_*.py")
    spec = importlib.util.spec_from_file_location("migration", path)
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    engine = create(database_url)
    with (
        engine.begin() as connection,
        Operations.context(MigrationContext.configure(connection)),
    ):
        migration.upgrade()
    engine.dispose()
    assert await written(papers) == before
