"""What the office says of links, in any order and more than once, on both databases."""

import itertools
import random
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from chassis import outbox
from chassis.database import Database
from ecopy.events import LinkFactor, LinkReported
from ecopy.identifiers import code_from
from ecopy.reckoning import LinkReckoning
from ecopy.refusals import Trouble
from storage.adapters import counting, tables
from storage.adapters.catalogue import SqlCatalogue
from storage.adapters.links import SqlLinks
from storage.console import MIGRATIONS
from storage.domain.copies import Link
from storage.domain.links import LinkStanding, standing
from support import build
from support.databases import make_ready
from support.storage import Hands
from support.storage_lines import line

COUNT = itertools.count(1)
LATER = build.NOON + timedelta(days=9)
GENERATIONS = (1, 2, 3, 4)
WORDS = [("grant", n) for n in GENERATIONS[1:]] + [("revoke", n) for n in GENERATIONS]


@pytest.fixture
async def database(database_url):
    make_ready(database_url, MIGRATIONS)
    database = Database(database_url)
    yield database
    await database.close()


async def entered(database):
    """A copy of its own, and its first link."""
    number = next(COUNT)
    copy, link, event = line(
        b"%d" % number,
        entry=f"H99.42.05.13/E/2026/{number}",
        code=code_from(number),
        link_token_sha256=digest(number, 1),
    )
    catalogue = SqlCatalogue(database, Hands(), address_key=b"key")
    await catalogue.enter(copy, link, event)
    return number, copy.entry, catalogue


def digest(number, generation):
    return build.digest(f"{number} {generation}".encode())


async def say(links, number, entry, word):
    what, generation = word
    if what == "revoke":
        await links.revoke(entry, generation)
        return
    await links.grant(Link(digest(number, generation), entry, generation, LATER), None)


@pytest.mark.parametrize("seed", range(10))
async def test_words_come_in_any_order_and_more_than_once(database, seed):
    """What opens depends on what was said and not on when: the highest generation that
    was granted, unless it was closed; every other one that was given opens nothing.
    """
    said = random.Random(seed).choices(WORDS, k=seed)
    number, entry, catalogue = await entered(database)
    links = SqlLinks(database, Hands())
    for word in said:
        await say(links, number, entry, word)

    given_ones = {1, *(n for what, n in said if what == "grant")}
    closed = {n for what, n in said if what == "revoke"}
    for generation in GENERATIONS:
        found = await catalogue.copy_by_token(digest(number, generation))
        assert (found is None) == (generation not in given_ones)
        if found is None:
            continue
        opens = generation == max(given_ones) and generation not in closed
        now = standing(found.link, found.newest, build.NOON)
        assert (now is LinkStanding.OPENS) == opens


async def test_each_word_is_answered_with_the_newest(database):
    """Also one that came again, or that is older than what is here: a desk that came
    from a backup learns by it which generation is the newest.
    """
    number, entry, _ = await entered(database)
    links = SqlLinks(database, Hands())
    for word in (("grant", 3), ("grant", 2), ("grant", 3), ("revoke", 2)):
        await say(links, number, entry, word)
    rows = await database.read(lambda tx: tx.execute(select(outbox.outbox)).all())
    told = [
        LinkReported.decode(row.body)
        for row in rows
        if row.subject == LinkReported.subject
    ]
    assert [(each.generation, each.revoked_at) for each in told] == [(3, None)] * 4


async def test_a_closed_link_is_closed_for_ever(database):
    """No statement opens it again, and no second word moves the moment."""
    number, entry, _ = await entered(database)
    await say(SqlLinks(database, Hands()), number, entry, ("revoke", 1))
    table = tables.link_revocations
    for statement in (delete(table), update(table).values(generation=9)):
        with pytest.raises(DBAPIError):
            await database.write(lambda tx, s=statement: tx.execute(s))


async def test_a_word_about_a_copy_that_is_not_here_comes_again(database):
    """The catalogue came from an older backup; the copy's row may be brought back."""
    links = SqlLinks(database, Hands())
    for word in (("grant", 2), ("revoke", 1)):
        with pytest.raises(Trouble):
            await say(links, 0, build.ENTRY, word)


async def test_a_question_stays_and_its_wrong_answers_are_only_ever_more(database):
    """No statement takes the question away, or gives a try back: triggers say so."""
    number, entry, _ = await entered(database)
    links = SqlLinks(database, Hands())
    asked = Link(digest(number, 2), entry, 2, LATER)
    await links.grant(asked, LinkFactor(kind="phone", answer_hmac="0" * 64))
    await links.answer(asked, "1" * 64)
    wrong, right = await links.answer(asked, "2" * 64), "0" * 64
    assert (wrong[0], wrong[1].wrong) == (False, 2)
    factors, tries = tables.link_factors, tables.link_tries
    for statement in (
        delete(factors),
        update(factors).values(answer_hmac="3" * 64),
        delete(tries),
        update(tries).values(wrong=0),
    ):
        with pytest.raises(DBAPIError):
            await database.write(lambda tx, s=statement: tx.execute(s))
    assert (await links.answer(asked, right))[0]


async def test_the_newest_link_is_reckoned_as_it_stands(database):
    """Its generation, whether it was closed, and whether something is asked."""
    number, entry, _ = await entered(database)
    links = SqlLinks(database, Hands())

    async def reckoned():
        lines = await database.read(counting.catalogue_lines)
        return next(line.link for line in lines if line.entry == entry)

    assert await reckoned() == LinkReckoning(generation=1)
    asked = Link(digest(number, 2), entry, 2, LATER)
    await links.grant(asked, LinkFactor(kind="phone", answer_hmac="0" * 64))
    await links.revoke(entry, 1)
    assert await reckoned() == LinkReckoning(generation=2, asks=True)
    await links.revoke(entry, 2)
    assert await reckoned() == LinkReckoning(generation=2, asks=True, closed=True)
