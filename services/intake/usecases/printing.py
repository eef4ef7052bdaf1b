"""The papers of a case that a clerk hands out, each printed in one step.

A case keeps the templates of the day on which it was received. That a paper was printed
is a line of the audit. Start at ``Printing.receipt``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.clock import Clock
from intake.domain import desk_ends, extending, handing, showing
from intake.domain.calendar import local_day
from intake.domain.handouts import language, sheets, values
from intake.domain.handouts import notice_values as notices
from intake.domain.handouts.fields import Handout
from intake.domain.handouts.notice_values import WithdrawalDecision
from intake.domain.handouts.sheets import Filling, Value
from intake.domain.handouts.templates import HandoutTemplate, in_force
from intake.domain.handouts.wording import Sentences
from intake.domain.people import Actor
from intake.domain.records import Case, CaseDocument, Note
from intake.domain.rules import Rules
from intake.domain.states import NotAllowed, State
from intake.ports import Cases, Closings, HandoutTemplates, HandoutTypesetter
from intake.usecases.own import own_case, own_document


@dataclass(frozen=True, slots=True)
class Printing:
    """Papers of a case, with the ports that they take."""

    cases: Cases
    templates: HandoutTemplates
    defaults: Sequence[HandoutTemplate]
    """The templates that come with the program."""
    typesetter: HandoutTypesetter
    audit: Closings
    rules: Rules
    words: Sentences
    qr: Callable[[str], str]
    """SVG of the code of a text."""
    clock: Clock

    async def receipt(self, code: str, by: Actor) -> bytes:
        """What the case was received with, and when its copies are due."""
        case = await own_case(code, by, self.cases)
        documents = await self.cases.documents(code)
        more = values.receipt_values(case, documents, self.words)
        return await self._of_case(Handout.RECEIPT, code, by, more)

    async def apology(self, code: str, by: Actor) -> bytes:
        """A draft of the letter for a case that is late: why, and until when now.
        Raises NotAllowed for a case that is not.
        """
        case = await own_case(code, by, self.cases)
        documents, now = await self.cases.documents(code), self.clock()
        if not showing.late(case, documents, now):
            raise NotAllowed("error.not-late")
        open_ones = [d for d in documents if showing.late(case, (d,), now)]
        more = notices.apology_values(
            open_ones,
            self.rules.agency(case.agency),
            new_due=self.rules.due_at(case.agency, now),
            now=now,
            words=self.words,
        )
        return await self._of_case(Handout.APOLOGY, code, by, more)

    async def extension(self, code: str, by: Actor) -> bytes:
        """The letter that says that the due hour was put off, and why. Raises
        NotAllowed for a case whose clock has run without that.
        """
        case = await own_case(code, by, self.cases)
        made = extending.latest(case)
        if made is None:
            raise NotAllowed("error.not-extended")
        agency, day = self.rules.agency(case.agency), local_day(self.clock())
        more = notices.extension_values(made, case, agency, day, self.words)
        return await self._of_case(Handout.EXTENSION, code, by, more)

    async def refusal(self, document: str, by: Actor) -> bytes:
        """The written notice of a refusal. Raises NotAllowed before there is one."""
        known = await own_document(document, by, self.cases)
        if known.state is not State.REFUSED:
            raise NotAllowed("error.not-refused")
        agency = self.rules.agency(known.agency)
        more = notices.refusal_values(known, agency, self._ground(known))
        return await self._of_case(Handout.REFUSAL, known.case, by, more, known)

    async def not_accepted(self, document: str, by: Actor) -> bytes:
        """The slip that says why a paper was not accepted. Raises NotAllowed for one
        that was, and for a mistake of the desk's own.
        """
        known = await own_document(document, by, self.cases)
        if not desk_ends.has_notice(known):
            raise NotAllowed("error.no-notice")
        more = notices.reason_values(known, self._ground(known))
        return await self._of_case(Handout.NOT_ACCEPTED, known.case, by, more, known)

    def _ground(self, document: CaseDocument) -> str:
        """The ground in the words of its own day, however late it is printed."""
        refused = document.refused
        if refused is None:
            raise NotAllowed("error.not-refused")
        tables = self.rules.tables(document.agency)
        return tables.ground(refused.code, local_day(refused.at)).vi

    async def supplement(self, code: str, by: Actor) -> bytes:
        """The slip that asks for what is missing. Raises NotAllowed while nothing is
        awaited.
        """
        case = await own_case(code, by, self.cases)
        if case.supplement is None:
            raise NotAllowed("error.no-supplement")
        more = notices.supplement_values(
            case.supplement, case, self.rules.tables(case.agency)
        )
        return await self._of_case(Handout.SUPPLEMENT, code, by, more)

    async def withdrawal(
        self, document: str, decision: WithdrawalDecision, by: Actor
    ) -> bytes:
        """The decision that withdraws a copy. Raises NotAllowed for one without
        number.
        """
        known = await own_document(document, by, self.cases)
        if known.certification is None:
            raise NotAllowed("error.not-registered")
        more = notices.withdrawal_values(decision, known)
        return await self._of_case(Handout.WITHDRAWAL, known.case, by, more, known)

    async def link(self, document: str, by: Actor) -> bytes:
        """The slip with the citizen's link and its QR: a key to the copy. Raises
        NotAllowed before there is one.
        """
        known = await own_document(document, by, self.cases)
        certified = handing.check_link(known)
        url = self.rules.link(certified.entry, certified.link_generation)
        more = values.link_values(known, url)
        return await self._of_case(Handout.LINK, known.case, by, more, known, qr_of=url)

    async def _of_case(
        self,
        handout: Handout,
        code: str,
        by: Actor,
        more: Mapping[str, Value] | None = None,
        document: CaseDocument | None = None,
        *,
        qr_of: str = "",
    ) -> bytes:
        """The paper; *qr_of* is its QR's text, the case's code where it is empty."""
        case = await own_case(code, by, self.cases)
        documents = await self.cases.documents(code)
        now, agency = self.clock(), self.rules.agency(case.agency)
        known = (*self.defaults, *await self.templates.of(case.agency))
        template = in_force(known, handout, local_day(case.received_at))
        own = values.case_values(
            case,
            documents,
            public_host=self.rules.public_host,
            words=self.words,
            printed_by=by.name,
        )
        filling = Filling(
            values=own | values.always(agency, template, now) | dict(more or {}),
            agency_lines=agency.on(local_day(case.received_at)).name_lines,
            demo=self.rules.demo,
            qr=self.qr(qr_of or case.code),
            handed_in=values.rows(documents),
            handed_in_sum=values.rows_sum(documents),
        )
        parsed = language.parse(template[0].text, handout)
        made = await self.typesetter.pdf(sheets.filled(parsed, filling), now)
        # After the paper and before the answer: a print that nobody got is harmless, a
        # paper that nobody knows of is not.
        await self.audit.record(_printed(handout, case, by, now, document))
        return made


def _printed(
    handout: Handout,
    case: Case,
    by: Actor,
    at: datetime,
    document: CaseDocument | None,
) -> Note:
    return Note(
        at=at,
        actor=by.user,
        actor_name=by.name,
        agency=by.agency,
        action=f"printed-{handout}",
        case=case.code,
        document=document.ordinal if document else None,
        address=by.address,
    )
