"""What is closed in the register stays as it is, whatever act the desk is asked for.

Each act says here, by hand, what it does to the book: an act without a row fails the
test. Then each is done by whoever may do it, while a clock still shows the closed
month, about a paper that was brought for it and about one whose line is closed.
"""

import contextlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import httpx
from sqlalchemy import select

from intake.adapters.sql import register as book
from intake.adapters.sql.closed import closings_of
from intake.adapters.sql.tables import register
from intake.app.application import create_app
from intake.app.routes import ROUTES
from intake.domain.accounts import AccountForm
from intake.domain.closing import Period, totals
from intake.domain.people import Role
from intake.domain.programs import Scope
from intake.domain.states import NotAllowed
from integration.test_intake_who_may import (
    ENDS_SESSIONS,
    NAMES,
    REFUSALS,
    ROWS,
    Knocking,
    arrived,
    brought,
)
from support.intake import AGENCY
from support.papers import Papers, open_papers

NOVEMBER = datetime(2026, 11, 23, 2, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, 2, tzinfo=UTC)
CLOSED = Period(2026, 11)
READS = frozenset({"GET", "HEAD", "OPTIONS"})
DOES = """
POST   /v1/sign-in                                             -
POST   /v1/documents/{document}/approve                        enters
POST   /v1/cases                                               -
POST   /v1/cases/{code}/documents                              -
POST   /v1/cases/{code}/correct                                -
POST   /v1/cases/{code}/end                                    -
POST   /v1/cases/{code}/extend                                 -
POST   /v1/cases/{code}/supplement                             -
POST   /v1/cases/{code}/supplement/brought                     -
POST   /v1/cases/{code}/hand-over                              -
POST   /v1/cases/{code}/pages/insert                           -
POST   /v1/cases/{code}/pages/replace                          -
POST   /v1/cases/{code}/pages/send                             -
POST   /v1/cases/{code}/pages/split                            -
POST   /v1/cases/{code}/pages/merge                            -
POST   /v1/cases/{code}/pages/undo                             -
POST   /v1/cases/{code}/pages/redo                             -
POST   /v1/cases/{code}/agreements                             -
POST   /v1/documents/{document}/files                          -
POST   /v1/documents/{document}/uploads                        -
PATCH  /v1/uploads/{upload}                                    -
DELETE /v1/uploads/{upload}                                    -
POST   /v1/documents/{document}/pages                          -
POST   /v1/documents/{document}/pages/adjust                   -
POST   /v1/documents/{document}/details                        -
POST   /v1/documents/{document}/compare                        -
POST   /v1/documents/{document}/link/renew                     -
POST   /v1/documents/{document}/link/close                     -
POST   /v1/documents/{document}/files/{file}/remove            -
POST   /v1/documents/{document}/submit                         -
POST   /v1/documents/{document}/hand-over/{nth}/mistake        -
POST   /sign-in                                                -
POST   /sign-out                                               -
POST   /account/password                                       -
POST   /views                                                  -
POST   /views/remove                                           -
POST   /cases                                                  -
POST   /cases/earlier                                          -
POST   /cases/{code}/documents                                 -
POST   /cases/{code}/correct                                   -
POST   /cases/{code}/supplement                                -
POST   /cases/{code}/supplement/brought                        -
POST   /cases/{code}/end                                       -
POST   /cases/{code}/extend                                    -
POST   /cases/{code}/agreements                                -
POST   /cases/{code}/hand-over                                 -
POST   /documents/{document}/link/renew                        -
POST   /documents/{document}/link/close                        -
POST   /documents/{document}/hand-over/{nth}/mistake           -
POST   /documents/{document}/pages                             -
POST   /documents/{document}/pages/insert                      -
POST   /documents/{document}/pages/replace                     -
POST   /documents/{document}/pages/adjust                      -
POST   /documents/{document}/pages/send                        -
POST   /documents/{document}/pages/split                       -
POST   /documents/{document}/pages/merge                       -
POST   /documents/{document}/details                           -
POST   /documents/{document}/read-again                        -
POST   /documents/{document}/compare                           -
POST   /documents/{document}/submit                            -
POST   /documents/{document}/places                            -
POST   /documents/{document}/files                             -
POST   /documents/{document}/uploads                           -
PATCH  /uploads/{upload}                                       -
DELETE /uploads/{upload}                                       -
POST   /uploads/{upload}                                       -
POST   /documents/{document}/files/{file}/remove               -
POST   /inbox/assign                                           -
POST   /inbox/new-case                                         -
POST   /inbox/{arrival}/give-back                              -
POST   /inbox/{arrival}/set-aside                              -
POST   /wall/batches                                           enters
POST   /documents/{document}/seen                              -
POST   /documents/{document}/approve                           enters
POST   /documents/{document}/refuse                            -
POST   /documents/{document}/send-back                         -
POST   /documents/{document}/order-again                       -
POST   /documents/{document}/void                              -
POST   /seal/release                                           -
POST   /documents/{document}/withhold                          -
POST   /register/close                                         closes
POST   /register/notes                                         notes
POST   /templates/{handout}/preview                            -
POST   /templates/{handout}                                    -
POST   /templates/{handout}/{row}/take-back                    -
POST   /accounts                                               -
POST   /accounts/{user}                                        -
POST   /accounts/{user}/lock                                   -
POST   /accounts/{user}/unlock                                 -
POST   /accounts/{user}/password                               -
POST   /delegations                                            -
POST   /delegations/{delegation}/revoke                        -
POST   /programs                                               -
POST   /programs/{program}/revoke                              -
POST   /fees                                                   -
POST   /switches                                               -
POST   /calendar                                               -
POST   /calendar/{row}/take-back                               -
POST   /calendar/hours/{row}/take-back                         -
POST   /fees/{row}/take-back                                   -
POST   /switches/{row}/take-back                               -
POST   /calendar/hours                                         -
POST   /tables/{table}                                         -
POST   /tables/{table}/preview                                 -
POST   /tables/{table}/{row}/take-back                         -
POST   /accounts/{user}/sign-out                               -
POST   /system/letters/{number}/replay                         -
POST   /system/letters/{number}/dismiss                        -
"""
ACTS = {
    (method, path): does for method, path, does in map(str.split, DOES.splitlines()[1:])
}
"""*enters*: a line, in the month of its day; *notes*: beside a line, which stays;
*closes*: a period that is open; a dash: the book is no matter of it."""


def test_every_act_says_what_it_does_to_the_book():
    """Whoever adds an act to the desk says it here."""
    assert set(ACTS) == {
        (route.method, route.path) for route in ROUTES if route.method not in READS
    }


async def test_no_act_changes_a_closed_month(tmp_path):
    """``tests/faults`` asks those that the book is a matter of on PostgreSQL."""
    await check_acts(ACTS, tmp_path)


async def check_acts(acts, folder, url=""):
    """On a desk of its own, whose November is closed with two lines."""
    async with open_papers(folder, url) as papers:
        await _staffed(papers)
        papers.opened.clock.at = NOVEMBER
        document = await _issued_of_two(papers)
        await papers.void()
        papers.opened.clock.at = DECEMBER
        await papers.desk.bookkeeping.close(CLOSED, papers.people["vinh"])
        app = httpx.ASGITransport(create_app(papers.desk), client=("192.0.2.7", 5))
        async with httpx.AsyncClient(transport=app, base_url="http://desk") as http:
            office = Office(papers, http, document, {NOVEMBER: {}, DECEMBER: {}})
            for act in acts:
                await office.check(act, ACTS[act])


@dataclass(frozen=True, slots=True)
class Office:
    """The desk whose month is closed, and a paper with a line in it."""

    papers: Papers
    http: httpx.AsyncClient
    closed: str
    sessions: dict[datetime, dict[str, str]]

    async def check(self, act, does):
        # Without a line of December the refusal would be no proof.
        for at in (NOVEMBER, DECEMBER) if does == "enters" else (NOVEMBER,):
            self.papers.opened.clock.at = DECEMBER
            fresh = await brought(self.papers, *act, {})
            before, notes, lines = await self.book()
            await self.knock(act, at, fresh)
            # An upload that the request is about is not even begun at such a paper.
            with contextlib.suppress(NotAllowed):
                await self.knock(act, at, self.closed)
            after, more_notes, more_lines = await self.book()
            assert after == before, (act, at)
            assert (more_notes > notes) is (does == "notes"), (act, at)
            enters = does == "enters" and at == DECEMBER
            assert (more_lines > lines) is enters, (act, at)

    async def knock(self, act, at, document):
        """The act, by each person of the agency who may do it."""
        method, path = act
        arrival = await arrived(self.papers, path, document)
        self.papers.opened.clock.at = at
        sessions = {} if path in ENDS_SESSIONS else self.sessions[at]
        knocking = Knocking(self.http, self.papers, document, sessions, arrival)
        for person in WHO[act]:
            paper = await self.papers.known(document)
            if ACTS[act] == "enters":
                await self.see(paper, NAMES[person])
            await knocking.send(method, path, person, paper)

    async def see(self, paper, person):
        """Each page, to its lower edge: else the act is refused for that."""
        await self.papers.look(paper.id, person)
        by = self.papers.people[person]
        await self.papers.desk.pictures.note_seen(paper.id, paper.page_digests, by)

    async def book(self):
        """The closed month as it is printed, without its notes; and how many notes and
        how many lines the agency's book has.
        """

        def read(tx):
            lines = book.lines_between(tx, AGENCY, CLOSED.first, CLOSED.after)
            closings = closings_of(tx, AGENCY, CLOSED.year)
            entries = tx.execute(select(register.c.entry)).all()
            notes = sum(len(line.notes) for line in lines)
            sums, printed = totals(lines), tuple(line.entry for line in lines)
            return (printed, sums, closings), notes, len(entries)

        return await self.papers.opened.store.read(read)


async def _issued_of_two(papers):
    """A paper with its copy, in a case whose other paper is not handed in."""
    typed = papers.typed | {"pages": "2"}
    document = await replace(papers, typed=typed).pair()
    await papers.compare(document)
    await papers.submit(document)
    await papers.look(document, "vinh")
    await papers.approve(document)
    await papers.seal(document)
    await papers.archive(document)
    return document


async def _staffed(papers):
    """Whom the rows of the table speak of, beside the agency's own people."""
    desk, long = papers.desk, papers.people["long"]
    guest = AccountForm("Lò Văn Khách", frozenset({Role.CLERK}), None)
    await desk.staffing.add("guest", guest, long)
    form = desk.programs.admitting.form("Cổng", list(Scope), date(2027, 1, 31))
    await desk.programs.admitting.issue(form, long)


def _who():
    """Act → who of the agency may do it."""
    found = {}
    for method, path, _, administrator, _, clerk, certifier in ROWS:
        people = {
            "administrator": administrator,
            "clerk": clerk,
            "certifier": certifier,
        }
        found[method, path] = [
            person for person, answer in people.items() if answer not in REFUSALS
        ]
    return found


WHO = _who()
