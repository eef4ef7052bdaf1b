"""What a clerk does to a whole case: what was typed is put right.

Each act is one transaction over the case and all its papers, as a step of the page desk
is, so it goes through the same port. Start at ``CaseWork.correct``.
"""

from dataclasses import dataclass
from datetime import datetime

from chassis.clock import Clock
from intake.domain import (
    correcting,
    desk_ends,
    intake_form,
    numbers,
    supplementing,
)
from intake.domain.calendar import ZONE, local_day
from intake.domain.correcting import CorrectionForm, TypedOtherwise
from intake.domain.desk_ends import DeskEnd
from intake.domain.intake_form import CorrectedCase, TypedCase
from intake.domain.office_tables import KINDS
from intake.domain.people import Actor
from intake.domain.records import CaseDocument
from intake.domain.rules import Rules
from intake.domain.states import NotAllowed, State
from intake.domain.stepping import CaseOnDesk, Rearranged
from intake.domain.supplementing import SupplementForm
from intake.domain.views.casework import (
    AskingPaperView,
    CorrectedPaperView,
    CorrectionView,
    EndingPaperView,
    EndingView,
    SupplementView,
)
from intake.domain.views.page import choices
from intake.ports import Arrangements, Cases
from intake.usecases.own import check_agency, own_case


@dataclass(frozen=True, slots=True)
class CaseWork:
    """Acts on a case, with the ports that they take."""

    cases: Cases
    arrangements: Arrangements
    rules: Rules
    clock: Clock

    async def correct(
        self, code: str, form: CorrectionForm, by: Actor
    ) -> tuple[Rearranged, int]:
        """Put right what was typed, and how many fields that was.

        Safe to repeat. Raises Conflict, NotAllowed, NotFound.
        """

        def decide(case: CaseOnDesk) -> Rearranged:
            check_agency(case.case.agency, by)
            channel = form.requester.channel if form.requester else ""
            rule = self.rules.fee_rule_of(case.case, channel)
            return correcting.correct(case, form, rule, by, self.clock())

        after = await self.arrangements.change(code, decide)
        return after, len(after.notes)

    def read_correction(
        self, typed: TypedCase, by: Actor, *, requester: bool
    ) -> CorrectedCase:
        """What a form says. A kind that has ended since may stay. Raises Mistaken."""
        today = local_day(self.clock())
        kinds = self.rules.tables(by.agency).on(KINDS, today)
        return intake_form.parse_again(typed, kinds, today, requester=requester)

    async def differences(
        self, code: str, form: CorrectionForm, by: Actor
    ) -> tuple[TypedOtherwise, ...]:
        """What somebody else has changed under the form."""
        return correcting.differences(await self._on_desk(code, by), form)

    async def correction(self, code: str, by: Actor) -> CorrectionView:
        """The form with what is there now. Raises NotFound, also for another agency's
        case, and NotAllowed once nothing of it can be corrected.
        """
        known = await self._on_desk(code, by)
        case, documents = known.case, known.documents
        if not correcting.any_open(documents):
            raise NotAllowed("error.correct-over")
        return CorrectionView(
            code=case.code,
            short_code=numbers.short_code(case.code),
            channels=choices("channel", intake_form.CHANNELS),
            id_kinds=choices("id-kind", intake_form.ID_KINDS),
            kinds=self.rules.tables(case.agency).kinds(local_day(case.received_at)),
            originals_back=choices("originals-back", intake_form.ORIGINALS_BACK),
            requester=correcting.requester_fields(case),
            requester_stamp=correcting.requester_stamp(case),
            requester_open=correcting.requester_open(documents),
            papers=tuple(map(_paper_view, filter(correcting.paper_open, documents))),
        )

    async def end(self, code: str, ended: DeskEnd, by: Actor) -> Rearranged:
        """End papers of the case at the desk: taken back, or not accepted.

        Safe to repeat. Raises Conflict, NotAllowed, NotFound.
        """
        grounds = self.grounds(by)

        def decide(case: CaseOnDesk) -> Rearranged:
            check_agency(case.case.agency, by)
            now = self.clock()
            due = self.rules.due_at(case.case.agency, now)
            return desk_ends.end(case, ended, due, by, now, grounds=grounds)

        return await self.arrangements.change(code, decide)

    async def ending(self, code: str, by: Actor) -> EndingView:
        """The form that ends papers. Raises NotFound, NotAllowed as ``correction``."""
        known = await self._on_desk(code, by)
        papers = [d for d in known.documents if desk_ends.may_end(d, "take-back")]
        if not papers:
            raise NotAllowed("error.end-over")
        return EndingView(
            code=code,
            short_code=numbers.short_code(code),
            requester=known.case.requester.name,
            papers=tuple(map(_ending_view, papers)),
            grounds=self.grounds(by),
        )

    def grounds(self, by: Actor) -> tuple[str, ...]:
        """The grounds on which a clerk may not accept a paper today."""
        day = local_day(self.clock())
        return self.rules.tables(by.agency).clerks_grounds(day)

    async def ask(self, code: str, form: SupplementForm, by: Actor) -> Rearranged:
        """Ask the requester for what is missing; the clock stands until it is there.

        Safe to repeat. Raises Conflict, NotAllowed, NotFound.
        """
        grounds = self.lacks(by)

        def decide(case: CaseOnDesk) -> Rearranged:
            check_agency(case.case.agency, by)
            close = self.rules.agency(case.case.agency).close_of_business
            last = datetime.combine(form.until, close, ZONE)
            return supplementing.ask(
                case, form, last, by, self.clock(), grounds=grounds
            )

        return await self.arrangements.change(code, decide)

    async def bring(self, code: str, papers: dict[str, int], by: Actor) -> Rearranged:
        """What was missing of these papers is there. After the last of them the due
        hour is promised anew, by the calendar of this moment.

        Safe to repeat. Raises Conflict, NotAllowed, NotFound.
        """

        def decide(case: CaseOnDesk) -> Rearranged:
            check_agency(case.case.agency, by)
            now = self.clock()
            due = self.rules.due_at(case.case.agency, now)
            return supplementing.bring(case, papers, due, by, now)

        return await self.arrangements.change(code, decide)

    async def asking(self, code: str, by: Actor) -> SupplementView:
        """The form that asks for what is missing. Raises NotFound, NotAllowed."""
        known = await self._on_desk(code, by)
        if not supplementing.may_ask(known.case, known.documents):
            raise NotAllowed("error.supplement-over")
        now = self.clock()
        return SupplementView(
            code=code,
            short_code=numbers.short_code(code),
            requester=known.case.requester.name,
            due_at=known.case.due_at,
            received_at=known.case.received_at,
            now=now,
            until=f"{supplementing.proposed_until(now):%d/%m/%Y}",
            grounds=self.lacks(by),
            papers=tuple(
                map(_asking_view, filter(supplementing.askable, known.documents))
            ),
        )

    def lacks(self, by: Actor) -> tuple[str, ...]:
        """What a paper can be short of today."""
        return self.rules.tables(by.agency).lacks(local_day(self.clock()))

    def supplement_faults(self, form: SupplementForm, by: Actor) -> dict[str, str]:
        """What a form lacks, as ``supplementing.faults``."""
        return supplementing.faults(form, self.clock(), self.lacks(by))

    async def _on_desk(self, code: str, by: Actor) -> CaseOnDesk:
        case = await own_case(code, by, self.cases)
        return CaseOnDesk(case, await self.cases.documents(code))


def _paper_view(document: CaseDocument) -> CorrectedPaperView:
    return CorrectedPaperView(
        id=document.id,
        ordinal=document.ordinal,
        fields=correcting.paper_fields(document.paper),
        stamp=correcting.paper_stamp(document.paper),
        fee=document.fee,
        scanned=len(document.pages),
    )


def _ending_view(document: CaseDocument) -> EndingPaperView:
    return EndingPaperView(
        value=f"{document.id}:{document.version}",
        ordinal=document.ordinal,
        title=document.paper.title,
        state=document.state,
        at_certifier=document.state is State.AWAITING,
    )


def _asking_view(document: CaseDocument) -> AskingPaperView:
    return AskingPaperView(
        id=document.id,
        value=f"{document.id}:{document.version}",
        ordinal=document.ordinal,
        title=document.paper.title,
        pages=document.paper.pages,
        state=document.state,
    )
