"""What each page shows, gathered; nothing here writes.

What a page says of a paper is decided in ``intake.domain.showing``. Start at
``DeskPages``, which has one method for each page.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Final

from chassis.clock import Clock
from intake.domain import (
    boards,
    calendar,
    intake_form,
    numbers,
    showing,
    states,
)
from intake.domain import desk as desk_rules
from intake.domain.desk_views import desk_view
from intake.domain.people import Actor, Role
from intake.domain.rules import Rules
from intake.domain.uploading import upload_views
from intake.domain.views.board import BoardView
from intake.domain.views.case import CaseNewView, CaseView
from intake.domain.views.certifier import WallView
from intake.domain.views.desk import PageDeskView
from intake.domain.views.page import choices
from intake.ports import Cases, Uploads, Users
from intake.usecases.certifiers import certifiers_of
from intake.usecases.numbering import Numbering
from intake.usecases.own import own_case, own_document
from intake.usecases.transcribing import Transcribing
from intake.usecases.wall import wall

FEE_EXAMPLES: Final = (1, 2, 3, 10)


@dataclass(frozen=True, slots=True)
class Quote:
    fees: tuple[int, ...]
    total: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class DeskPages:
    """What the pages show, with the ports that this takes."""

    cases: Cases
    users: Users
    uploads: Uploads
    transcribing: Transcribing
    numbering: Numbering
    rules: Rules
    clock: Clock

    async def board(self, by: Actor, *, state: str | None, query: str) -> BoardView:
        view = await board(
            by,
            state=state,
            query=query,
            found=await self.transcribing.cases_with(query, by),
            cases=self.cases,
            users=self.users,
            rules=self.rules,
            clock=self.clock,
        )
        return replace(view, numbering=await self.numbering((by.agency,)))

    def new_case(self, by: Actor) -> CaseNewView:
        return new_case(by, rules=self.rules, clock=self.clock)

    def quote(self, pages: tuple[int, ...], by: Actor) -> Quote:
        return quote(pages, by, rules=self.rules, clock=self.clock)

    async def case(self, code: str, by: Actor) -> CaseView:
        return await case(
            code,
            by,
            cases=self.cases,
            users=self.users,
            rules=self.rules,
            clock=self.clock,
        )

    async def page_desk(self, document: str, by: Actor) -> PageDeskView:
        return await desk(
            document,
            by,
            cases=self.cases,
            users=self.users,
            uploads=self.uploads,
            transcribing=self.transcribing,
            rules=self.rules,
            clock=self.clock,
        )

    async def wall(self, document: str | None, by: Actor) -> WallView:
        view = await wall(
            document,
            by,
            cases=self.cases,
            users=self.users,
            rules=self.rules,
            clock=self.clock,
        )
        return replace(view, numbering=await self.numbering((by.agency,)))


async def board(
    by: Actor,
    *,
    state: str | None,
    query: str,
    found: frozenset[str] = frozenset(),
    cases: Cases,
    users: Users,
    rules: Rules,
    clock: Clock,
) -> BoardView:
    """*found* are codes of cases with a page that has the words of *query*."""
    now = clock()
    certifiers = await certifiers_of(by.agency, users, rules, now)
    midnight = datetime.combine(calendar.local_day(now), time(), calendar.ZONE)
    known = await cases.board(by.agency, midnight, also=found)
    return boards.board(
        known, by, now, certifiers=certifiers, state=state, query=query, found=found
    )


def new_case(by: Actor, *, rules: Rules, clock: Clock) -> CaseNewView:
    now = clock()
    rule = rules.fee_rule(now)
    return CaseNewView(
        now=now,
        due_at=rules.due_at(by.agency, now),
        last_same_day=f"{calendar.LAST_SAME_DAY:%H:%M}",
        channels=choices("channel", intake_form.CHANNELS),
        id_kinds=choices("id-kind", intake_form.ID_KINDS),
        kinds=choices("kind", tuple(rules.kinds)),
        fee_table=tuple((pages, rule.fee(pages)) for pages in FEE_EXAMPLES),
    )


def quote(pages: tuple[int, ...], by: Actor, *, rules: Rules, clock: Clock) -> Quote:
    """Fee and due hour while somebody types. ValueError below one page."""
    now = clock()
    rule = rules.fee_rule(now)
    fees = tuple(rule.fee(count) for count in pages)
    return Quote(fees, sum(fees), rules.due_at(by.agency, now))


async def case(
    code: str, by: Actor, *, cases: Cases, users: Users, rules: Rules, clock: Clock
) -> CaseView:
    """Raises NotFound, also for another agency's case."""
    now = clock()
    known = await own_case(code, by, cases)
    documents = await cases.documents(code)
    notes = await cases.timeline(code)
    certifiers = await certifiers_of(by.agency, users, rules, now)
    adds = Role.CLERK in by.roles and desk_rules.takes_papers(documents)
    return CaseView(
        code=known.code,
        short_code=numbers.short_code(known.code),
        version=known.version,
        state=showing.case_shown(documents),
        requester=known.requester.name,
        requester_kind=known.requester.kind,
        id_kind=known.requester.id_kind,
        id_number=known.requester.id_number,
        birth_date=known.requester.birth_date,
        phone=known.requester.phone,
        email=known.requester.email,
        channel=known.channel,
        received_by=known.received_by_name,
        received_at=known.received_at,
        due_at=known.due_at,
        late=showing.late(known, documents, now),
        fee=showing.fee_of(documents),
        now=now,
        documents=tuple(
            showing.document_view(d, known, rules, by, now, certifiers=certifiers)
            for d in documents
        ),
        steps=tuple(showing.step(note) for note in notes),
        moving=any(d.state in states.MOVING for d in documents),
        may=frozenset({"add-document"} if adds else ()),
        closed=not desk_rules.takes_papers(documents),
    )


async def desk(
    document: str,
    by: Actor,
    *,
    cases: Cases,
    users: Users,
    uploads: Uploads,
    transcribing: Transcribing,
    rules: Rules,
    clock: Clock,
) -> PageDeskView:
    known = await own_document(document, by, cases)
    of_case = await cases.case(known.case)
    siblings = await cases.documents(known.case)
    now = clock()
    certifiers = await certifiers_of(by.agency, users, rules, now)
    shown = showing.document_view(known, of_case, rules, by, now, certifiers=certifiers)
    view = desk_view(known, of_case, siblings, document=shown, rules=rules, now=now)
    unfinished = upload_views(await uploads.of_document(document), by)
    reading = await transcribing.view(known)
    return replace(view, uploads=unfinished, reading=reading)
