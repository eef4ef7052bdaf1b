"""The seal keeper's queue: what was approved waits here where the agency has it so.

What may be done is decided in ``intake.domain.releasing``. Start at
``Releasing.release``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.clock import Clock
from intake.domain import batch, numbers, releasing
from intake.domain.batch import Chosen, Item
from intake.domain.people import Actor
from intake.domain.records import Case, CaseDocument, Outcome
from intake.domain.rules import Rules
from intake.domain.states import NotAllowed, State
from intake.domain.summaries import Summary
from intake.domain.views.sealing import SealRow, SealView
from intake.ports import Cases
from intake.usecases.own import check_agency


@dataclass(frozen=True, slots=True)
class Releasing:
    """The seal keeper's acts, with the ports that they take."""

    cases: Cases
    rules: Rules
    clock: Clock

    async def view(self, by: Actor) -> SealView:
        """What waits for the seal, due first."""
        now = self.clock()
        waiting = await self.cases.queue(by.agency, State.TO_SEAL)
        agency = self.rules.agency_on(by.agency, now)
        return SealView(
            now=now,
            rows=tuple(_row(case, paper, now) for case, paper in waiting),
            manual=agency.release == "manual",
        )

    async def release(
        self, chosen: Sequence[Chosen], by: Actor
    ) -> tuple[CaseDocument | Item, ...]:
        """Release each of *chosen* by itself: what one is refused for stops no other.

        A crash between two leaves those before it released; sent again, the form is
        answered that they have moved on. Raises NotAllowed for none and for too many.
        """
        if not chosen:
            raise NotAllowed("error.none-chosen")
        if len(chosen) > batch.MOST_AT_ONCE:
            raise NotAllowed("error.too-many-chosen", most=batch.MOST_AT_ONCE)
        return tuple([await self._one(each, by) for each in chosen])

    async def _one(self, each: Chosen, by: Actor) -> CaseDocument | Item:
        now, patience = self.clock(), self.rules.patience

        def decide(locked: CaseDocument) -> Outcome:
            check_agency(locked.agency, by)
            return releasing.release(
                locked, version=each.version, by=by, at=now, patience=patience
            )

        try:
            # Order, state and line of audit are one commit: a crash before it leaves
            # the paper in the queue, one after it leaves the order to the relay.
            return (await self.cases.change(each.document, decide)).document
        except batch.REFUSALS as error:
            return batch.refused(each.document, error)

    async def withhold(
        self, document: str, text: str, version: int, by: Actor
    ) -> CaseDocument:
        """Give it back to its certifier. Raises Conflict, NotAllowed, NotFound."""
        now = self.clock()

        def decide(locked: CaseDocument) -> Outcome:
            check_agency(locked.agency, by)
            return releasing.withhold(locked, text, version=version, by=by, at=now)

        return (await self.cases.change(document, decide)).document


def _row(case: Case, paper: Summary, now: datetime) -> SealRow:
    return SealRow(
        document=paper.id,
        version=paper.version,
        number=paper.number or "",
        title=paper.title,
        requester=case.requester.name,
        case=case.code,
        short_code=numbers.short_code(case.code),
        pages=paper.pages,
        officer=paper.approved_by_name or "",
        since=paper.changed_at,
        due_at=case.due_at,
        late=case.overdue(now),
    )
