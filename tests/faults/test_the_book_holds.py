"""The register under everything that the desk can be asked: 64 approvals at once have
64 numbers without a hole, and a closed month and year take no line by any route.
"""

import asyncio
from datetime import UTC, date, datetime

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select

from intake.adapters.sql.tables import register, register_closings
from intake.app.application import create_app
from intake.domain.accounts import AccountForm
from intake.domain.closing import Period
from intake.domain.people import Role
from intake.domain.programs import Scope
from intake.domain.states import State
from integration.test_intake_who_may import (
    ENDS_SESSIONS,
    ROWS,
    Knocking,
    arrived,
    brought,
)
from support.papers import open_papers

pytestmark = pytest.mark.asyncio(loop_scope="module")
AT_ONCE = 64
NOVEMBER = datetime(2026, 11, 23, 2, tzinfo=UTC)
JANUARY = datetime(2027, 1, 4, 2, tzinfo=UTC)
ENTERING = {
    "/documents/{document}/approve",
    "/v1/documents/{document}/approve",
    "/wall/batches",
}
"""The routes by which a line comes into the book."""


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["sqlite", "postgresql"]
)
async def papers(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    url = f"sqlite:///{folder}/intake.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").place()
    async with open_papers(folder, url) as opened:
        yield opened


async def lines(papers):
    """The whole book, and what is closed of it."""

    def read(tx):
        closed = select(register_closings).order_by(register_closings.c.seq)
        return tx.execute(select(register)).all(), tx.execute(closed).all()

    return await papers.opened.store.read(read)


async def test_64_approvals_at_once_leave_no_hole(papers):
    """Each has a number of its own, and together they are 1 to 64; half of them by
    another certifier.
    """
    waiting = [await papers.awaiting() for _ in range(AT_ONCE)]
    hands = [("vinh", "loc")[n % 2] for n in range(AT_ONCE)]
    for document, hand in zip(waiting, hands, strict=True):
        await papers.look(document, hand)
    approved = await asyncio.gather(*map(papers.approve, waiting, hands))

    entries = [each.entry for each in approved]
    given = sorted(int(entry.rpartition("/")[2]) for entry in entries)
    assert given == list(range(1, AT_ONCE + 1))
    book, _ = await lines(papers)
    assert sorted(line.ordinal for line in book) == given
    assert {line.number for line in book} == {f"{n}/2026" for n in given}
    assert {line.entry for line in book} == set(entries)


async def test_no_route_changes_what_is_closed(tmp_path):
    """Every act of the table of routes, by each person of the agency, at a moment that
    belongs to the closed year: the lines and their closings stay as they are. Asked
    again in the open year, those that enter a line do.
    """
    async with open_papers(tmp_path) as papers:
        await staffed(papers)
        papers.opened.clock.at = NOVEMBER
        await papers.handed()
        await papers.void()
        papers.opened.clock.at = JANUARY
        vinh = papers.people["vinh"]
        for period in (Period(2026, 11), Period(2026)):
            await papers.desk.bookkeeping.close(period, vinh)
        closed = await closed_lines(papers)
        assert (len(closed[0]), len(closed[1])) == (2, 2)

        acts = [(method, path) for method, path, *_ in ROWS if method != "GET"]
        app = httpx.ASGITransport(create_app(papers.desk), client=("192.0.2.7", 5))
        sessions = {NOVEMBER: {}, JANUARY: {}}
        async with httpx.AsyncClient(transport=app, base_url="http://desk") as http:
            entered = {
                path
                for method, path in acts
                if await asked(papers, http, (method, path), closed, sessions)
            }
        assert entered == ENTERING


async def staffed(papers):
    """Whom the rows of the table speak of beside the house's own people."""
    desk, long = papers.desk, papers.people["long"]
    guest = AccountForm("Lò Văn Khách", frozenset({Role.CLERK}), None)
    await desk.staffing.add("guest", guest, long)
    admitting = desk.programs.admitting
    form = admitting.form("Cổng", list(Scope), date(2027, 1, 31))
    await admitting.issue(form, long)


async def asked(papers, http, route, closed, sessions):
    """Whether the act enters a line in the open year; in the closed one it MUST not."""
    method, path = route
    papers.opened.clock.at = JANUARY
    document = await brought(papers, method, path, {})
    if (await papers.known(document)).state is State.AWAITING:
        await papers.look(document, "vinh")
    arrival = await arrived(papers, path, document)
    book = len((await lines(papers))[0])
    for at in (NOVEMBER, JANUARY):
        papers.opened.clock.at = at
        known = {} if path in ENDS_SESSIONS else sessions[at]
        knocking = Knocking(http, papers, document, known, arrival)
        for person in ("clerk", "certifier", "administrator"):
            await knocking.send(method, path, person)
            assert await closed_lines(papers) == closed, (path, person, at)
        if at == NOVEMBER:
            assert len((await lines(papers))[0]) == book, path
    return len((await lines(papers))[0]) > book


async def closed_lines(papers):
    book, closings = await lines(papers)
    return [line for line in book if line.year == NOVEMBER.year], closings
