"""What the certifier's wall shows: the queue by due time, and one paper wholly.

Start at ``Wall.view``.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from chassis.clock import Clock
from intake.domain import numbers, permissions, showing, showing_files, waiting
from intake.domain.agencies import NoOffice
from intake.domain.agency_tables import AgencyTables
from intake.domain.calendar import local_day
from intake.domain.objections import Wrong
from intake.domain.people import Actor
from intake.domain.records import Case
from intake.domain.refusing import Ground
from intake.domain.rules import Rules
from intake.domain.states import NotAllowed
from intake.domain.summaries import Summary
from intake.domain.views.certifier import ClauseView, QueueRow, RefusalChoice, WallView
from intake.domain.views.page import choices
from intake.domain.waiting import Certifiers, Waits
from intake.ports import Cases, Looked, Looks, Users
from intake.usecases.certifiers import certifiers_of
from intake.usecases.numbering import Numbering
from intake.usecases.own import own_document


@dataclass(frozen=True, slots=True)
class Wall:
    """What the certifier's wall shows, with the ports that this takes."""

    cases: Cases
    users: Users
    looks: Looks
    numbering: Numbering
    rules: Rules
    clock: Clock

    async def view(self, document: str | None, by: Actor) -> WallView:
        """The queue by due time, and one paper of it, wholly: the first of the queue
        where none is named. Raises NotFound.
        """
        now = self.clock()
        queue = await self.cases.queue(by.agency)
        here = document or (queue[0][1].id if queue else None)
        looked = await self.looks.queue(by.user, by.agency)
        able = await certifiers_of(by.agency, self.users, self.rules, now)
        rows = tuple(
            _seen(_queued(of, paper, now, here, waits), looked.get(paper.id), waits.may)
            for of, paper in queue
            for waits in [waiting.waits(paper.standing, of, by, able)]
        )
        if here is None:
            view = _empty_wall(now, rows)
        else:
            view = await self._with_paper(here, rows, by, now, able)
        return replace(view, numbering=await self.numbering((by.agency,)))

    async def _with_paper(
        self,
        document: str,
        queue: tuple[QueueRow, ...],
        by: Actor,
        now: datetime,
        certifiers: Certifiers,
    ) -> WallView:
        rules = self.rules
        known = await own_document(document, by, self.cases)
        of_case = await self.cases.case(known.case)
        return WallView(
            now=now,
            queue=queue,
            document=showing.document_view(
                known, of_case, rules, by, now, certifiers=certifiers
            ),
            case_code=of_case.code,
            short_code=numbers.short_code(of_case.code),
            requester=of_case.requester.name,
            received_by=of_case.received_by_name,
            pages=showing_files.page_views(known),
            clause=_clause(rules, by, now, known.paper.kind),
            why_not=permissions.why_not(known, rules, by, now),
            refusals=_refusals(rules.tables(by.agency), now),
            wrongs=choices("wrong", tuple(Wrong)),
            seen=await self.looks.seen(by.user, document),
        )


def _queued(
    case: Case, paper: Summary, now: datetime, here: str | None, waits: Waits
) -> QueueRow:
    return QueueRow(
        document=paper.id,
        title=paper.title,
        kind=paper.kind,
        requester=case.requester.name,
        short_code=numbers.short_code(case.code),
        due_at=case.due_at,
        late=case.overdue(now),
        pages=paper.pages,
        flags=paper.flags,
        here=paper.id == here,
        waits=waits,
        since=paper.changed_at,
    )


def _seen(row: QueueRow, looked: Looked | None, may: bool) -> QueueRow:
    if looked is None:
        return row
    return replace(
        row, version=looked.version, seen=looked.count, may=may and looked.whole
    )


def _empty_wall(now: datetime, rows: tuple[QueueRow, ...]) -> WallView:
    return WallView(
        now=now,
        queue=rows,
        document=None,
        case_code="",
        short_code="",
        requester="",
        received_by="",
        pages=(),
        clause=None,
        why_not=None,
        refusals=(),
    )


def _clause(rules: Rules, by: Actor, now: datetime, kind: str) -> ClauseView | None:
    try:
        return showing.clause_view(rules, by, now, kind)
    except (NotAllowed, NoOffice):
        return None


def _refusals(tables: AgencyTables, now: datetime) -> tuple[RefusalChoice, ...]:
    """The grounds of today, each with what follows from it."""
    day = local_day(now)
    held = tables.held_grounds(day)
    return tuple(
        RefusalChoice(code, "held" if code in held else _group(code))
        for code in tables.certifiers_grounds(day)
    )


def _group(code: str) -> Literal["law", "asked"]:
    return "asked" if code == Ground.WITHDRAWN else "law"
