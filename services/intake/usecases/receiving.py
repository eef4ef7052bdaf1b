"""The clerk receives: a case, its papers, their scans, and sends them to approval.

Files come through ``files``, and what follows is in ``certifying``. Start at
``Receiving.open_case``.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chassis.clock import Clock
from intake.domain import calendar, desk, numbers
from intake.domain.desk_pages import excerpts
from intake.domain.intake_form import MOST_PAPERS, CaseForm
from intake.domain.people import Actor
from intake.domain.records import Case, CaseDocument, Note, Outcome, Paper
from intake.domain.rules import Rules
from intake.domain.states import Move, NotAllowed, State, moved
from intake.ports import Cases, Opening, Rebuilder
from intake.usecases.own import check_agency


@dataclass(frozen=True, slots=True)
class Receiving:
    """The clerk's acts on a case, with the ports that they take."""

    cases: Cases
    rules: Rules
    clock: Clock
    rebuilder: Rebuilder

    def check_takes_cases(self, by: Actor) -> None:
        """Before anything is typed. Raises NotAllowed, as ``open_case`` does."""
        self.rules.check_takes_cases(by.agency, self.clock())

    async def open_case(self, form: CaseForm, by: Actor) -> Opening:
        """Receive a case: the rules of this moment settle code, due hour and fee.

        Raises NotAllowed where the agency is part of another one by now.
        """
        now = self.clock()
        self.rules.check_takes_cases(by.agency, now)
        day = calendar.local_day(now)

        # The day's ordinal is part of the code, so it is taken where the case is
        # stored.
        def decide(ordinal: int) -> Opening:
            code = numbers.case_code(by.agency, day, ordinal)
            case = _case(code, form, by, self.rules, now)
            documents = tuple(
                _document(case, number, paper, rules=self.rules, by=by, now=now)
                for number, paper in enumerate(form.papers, start=1)
            )
            received = _note(case, "received", by, now, channel=form.channel)
            return Opening(case, documents, (received,))

        return await self.cases.open(by.agency, day, decide)

    async def add_document(
        self, code: str, paper: Paper, version: int, by: Actor
    ) -> CaseDocument:
        """Add a paper to a case that is still open.

        Raises Conflict, NotAllowed, NotFound.
        """
        now = self.clock()

        def decide(case: Case, documents: tuple[CaseDocument, ...]) -> Opening:
            check_agency(case.agency, by)
            desk.check_case_version(case, version)
            if not desk.takes_papers(documents):
                raise NotAllowed("error.case-closed")
            if len(documents) >= MOST_PAPERS:
                raise NotAllowed("error.papers")
            document = _document(
                case, len(documents) + 1, paper, rules=self.rules, by=by, now=now
            )
            changed = replace(
                case, version=case.version + 1, changed_by=by.name, changed_at=now
            )
            added = desk.note(document, "document-added", by, now)
            return Opening(changed, (document,), (added,))

        opening = await self.cases.add(code, decide)
        return opening.documents[0]

    async def compare(
        self, document: str, version: int, pages: tuple[str, ...], by: Actor
    ) -> None:
        """Note that *by* compared these pages, named by digest, with the paper."""

        def decide(known: CaseDocument) -> Outcome:
            check_agency(known.agency, by)
            return desk.compare(known, version, pages, by, self.clock())

        await self.cases.change(document, decide)

    async def submit(self, document: str, version: int, by: Actor) -> CaseDocument:
        """Join the parts into the original and hand it to the certifier.

        Safe to repeat: a second submission by the same person changes nothing.
        """
        known = await self.cases.document(document)
        check_agency(known.agency, by)
        if known.state is State.AWAITING and known.changed_by == by.name:
            return known
        desk.check_submittable(known, version)
        if len(known.pages) > self.rules.document_pages:
            raise NotAllowed("error.too-many-pages", most=self.rules.document_pages)
        # Joining takes seconds and locks nothing. If the document changes meanwhile,
        # the version that ``desk.submit`` compares inside the transaction says so; the
        # joined object is then nobody's, and costs only its place in the store.
        original = await self.rebuilder.join(excerpts(known.pages))
        outcome = await self.cases.change(
            document, lambda now: desk.submit(now, original, version, by, self.clock())
        )
        return outcome.document


def _case(code: str, form: CaseForm, by: Actor, rules: Rules, now: datetime) -> Case:
    return Case(
        code=code,
        agency=by.agency,
        requester=form.requester,
        channel=form.channel,
        privacy_at=now,
        received_by=by.user,
        received_by_name=by.name,
        received_at=now,
        complete_at=now,
        due_at=rules.due_at(by.agency, now),
        rule_set=rules.fee_rule(by.agency, now, form.channel).rule_set,
        version=1,
        changed_by=by.name,
        changed_at=now,
    )


def _document(
    case: Case, ordinal: int, paper: Paper, *, rules: Rules, by: Actor, now: datetime
) -> CaseDocument:
    rule = rules.fee_rule_of(case)
    return CaseDocument(
        id=numbers.document_id(case.code, ordinal),
        case=case.code,
        agency=case.agency,
        ordinal=ordinal,
        paper=paper,
        fee=rule.total(paper.pages, paper.copies),
        received_by=case.received_by,
        state=moved(State.DRAFT, Move.RECEIVE),
        version=1,
        changed_by=by.name,
        changed_at=now,
    )


def _note(case: Case, action: str, by: Actor, at: datetime, **values: str) -> Note:
    return Note(
        at=at,
        actor=by.user,
        actor_name=by.name,
        agency=case.agency,
        action=action,
        case=case.code,
        address=by.address,
        values=dict(values),
    )
