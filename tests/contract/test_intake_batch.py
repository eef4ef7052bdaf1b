"""Many papers approved in one act, on SQLite and on PostgreSQL."""

import asyncio
from contextlib import nullcontext
from datetime import timedelta

import pytest
from sqlalchemy import select

from intake.adapters.sql.batches import KEPT, SqlBatches
from intake.adapters.sql.looks import SqlLooks
from intake.adapters.sql.tables import register
from intake.domain.batch import Batch, Chosen, Item
from support.intake import AGENCY
from support.papers import open_papers


@pytest.fixture
async def papers(database_url, tmp_path):
    async with open_papers(tmp_path, database_url) as opened:
        yield opened


async def chosen(papers, document, *people):
    """Looked at to the end by each of them."""
    known = await papers.known(document)
    for person in people:
        await papers.look(document, person)
        await papers.desk.pictures.note_seen(
            document, known.page_digests, papers.people[person]
        )
    return Chosen(document, known.version)


async def approve(papers, name, picked, person):
    return await papers.desk.batching.approve(
        name, tuple(picked), papers.people[person], once=lambda _: nullcontext()
    )


async def ordinals(papers):
    return await papers.opened.store.read(
        lambda tx: sorted(tx.scalars(select(register.c.ordinal)))
    )


async def test_two_certifiers_with_the_same_papers_leave_no_gap(papers):
    """Each paper has one number, from one of them; the other hears who was first."""
    documents = [await papers.awaiting() for _ in range(5)]
    picked = [await chosen(papers, document, "vinh", "loc") for document in documents]
    one, two = await asyncio.gather(
        approve(papers, "1", picked, "vinh"),
        approve(papers, "2", reversed(picked), "loc"),
    )
    assert await ordinals(papers) == [1, 2, 3, 4, 5]
    got = {item.document: item for item in one.items}
    for item in two.items:
        keys = sorted([item.key, got[item.document].key])
        assert keys == ["", "batch.changed"]
        first = item if item.key else got[item.document]
        assert first.who in {"Phạm Quốc Vĩnh", "Trần Hữu Lộc"}


async def test_what_was_never_given_is_not_seen(papers):
    """Digests can be read from the page's source; a look cannot be made up."""
    document = await papers.awaiting()
    looks, known = SqlLooks(papers.opened.store), await papers.known(document)
    at = papers.opened.clock()
    await looks.note_seen("vinh", document, known.page_digests, at)
    assert await looks.seen("vinh", document) == frozenset()
    looked = (await looks.queue("vinh", AGENCY))[document]
    assert (looked.version, looked.pages) == (known.version, known.page_digests)
    assert (looked.count, looked.whole) == (0, False)
    await looks.note("vinh", document, known.page_digests[0], at)
    assert not (await looks.queue("vinh", AGENCY))[document].whole
    await looks.note_seen("vinh", document, known.page_digests, at)
    assert (await looks.queue("vinh", AGENCY))[document].whole
    assert not (await looks.queue("loc", AGENCY))[document].whole


async def test_an_act_is_kept_once_and_for_a_month(papers):
    """The first of two under one name stays; a later act takes the old ones out."""
    batches, now = SqlBatches(papers.opened.store), papers.opened.clock()
    first = Batch("a", "vinh", AGENCY, now, now, (Item("d", "error.unseen"),))
    await batches.keep(first)
    await batches.keep(Batch("a", "vinh", AGENCY, now, now, ()))
    assert await batches.find("a") == first
    later = now + KEPT + timedelta(days=1)
    await batches.keep(Batch("b", "vinh", AGENCY, later, later, ()))
    assert await batches.find("a") is None
