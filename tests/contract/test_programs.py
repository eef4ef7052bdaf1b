"""Programs and the keys of their requests, on SQLite and on PostgreSQL."""

import asyncio
from datetime import date

import pytest

from chassis.database import open_database
from intake.adapters.sql.answers import SqlAnswers
from intake.adapters.sql.changes import SqlCaseEvents
from intake.domain import answering
from intake.domain.answering import KeptAnswer
from intake.domain.records import NotFound
from intake.domain.states import NotAllowed
from support.intake import AGENCY, MORNING, OTHER
from support.papers import open_papers


@pytest.fixture
async def papers(database_url, tmp_path):
    async with open_papers(tmp_path, database_url) as opened:
        yield opened


def asked(body=b"{}", at=MORNING):
    return answering.request("p", "k", "POST", "/v1/cases", body=body, at=at)


async def test_a_program_is_its_own_agencys(papers):
    """A name is given away once, of two at once; nobody else's administrator sees or
    revokes it, and what was stored is read as it was.
    """
    admitting, long = papers.desk.programs.admitting, papers.people["long"]
    form = admitting.form("Cổng", ["read-cases", "file-cases"], date(2026, 12, 1))
    made = await asyncio.gather(
        admitting.issue(form, long), admitting.issue(form, long), return_exceptions=True
    )
    refused = [each for each in made if isinstance(each, NotAllowed)]
    ((program, token),) = [each for each in made if not isinstance(each, NotAllowed)]
    assert [each.key for each in refused] == ["error.program-taken"]

    known = await admitting.recognised(token)
    assert (known.scopes, known.last_day) == (program.scopes, date(2026, 12, 1))
    assert (await admitting.view(long)).rows[0].used_at == MORNING
    stranger = papers.people["elsewhere"]
    assert (await admitting.view(stranger)).rows == ()
    with pytest.raises(NotFound):
        await admitting.revoke(program.prefix, stranger)
    await admitting.revoke(program.prefix, long)
    assert await admitting.recognised(token) is None


async def test_a_key_is_given_to_one_of_two(papers, database_url):
    """At two replicas at once; the answer is found by both, and a key that is free
    again is anybody's.
    """
    async with open_database(database_url) as replica:
        here, there = SqlAnswers(papers.opened.store), SqlAnswers(replica)
        rows = await asyncio.gather(here.claim(asked()), there.claim(asked()))
        assert sorted(row is None for row in rows) == [False, True]
        answer = KeptAnswer(201, {"etag": '"1-a"'}, b'{"a": 1}')
        await here.keep(asked(), answer)
        await there.release(asked())
        row = await there.claim(asked(b"[]"))
        assert (row.answer, row.content) == (answer, asked().content)

    late = answering.request("p", "l", "POST", "/", body=b"", at=MORNING)
    assert await here.claim(late) is None
    await here.release(late)
    assert await here.claim(late) is None


async def test_what_happens_is_told_in_order_to_its_own_agency(papers):
    """Acts on cases alone, from any place in the feed on."""
    await papers.scanned("ha")
    await papers.received("elsewhere")
    events = SqlCaseEvents(papers.opened.store)
    ours = await events.after(AGENCY, 0, 10)
    assert [event.action for event in ours][:2] == ["received", "file-received"]
    assert ours[1].document == f"{ours[1].case}-1"
    assert await events.after(AGENCY, ours[0].seq, 1) == ours[1:2]
    assert [event.action for event in await events.after(OTHER, 0, 10)] == ["received"]
