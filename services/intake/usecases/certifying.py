"""The certifier approves, refuses and sends back.

What may be done is decided in ``intake.domain.certifying`` and its neighbours; here it
is read, decided and written. What a certifier does about a number that stands still is
in ``standing_still``, and what comes back by event in ``news``. Start at
``Certifying.approve``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chassis.clock import Clock
from ecopy.marks import YearBook
from intake.domain import calendar, certifying, duties, numbering, numbers, refusing
from intake.domain.certifications import Certification
from intake.domain.certifying import Approval
from intake.domain.duties import Duty
from intake.domain.objecting import TypedObjection
from intake.domain.people import Actor
from intake.domain.permissions import may_examine
from intake.domain.records import CaseDocument, Outcome
from intake.domain.rules import Rules
from intake.domain.states import NotAllowed
from intake.ports import Cases, Looks, RetainedMarks
from intake.usecases.own import own_document
from intake.usecases.standing_still import certification_of

RandomBits = Callable[[int], int]
NOTHING: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Certifying:
    """The certifier's acts, with the ports that they take."""

    cases: Cases
    looks: Looks
    marks: RetainedMarks
    rules: Rules
    random_bits: RandomBits
    clock: Clock

    async def approve(
        self, document: str, version: int, seen: tuple[str, ...] | None, by: Actor
    ) -> Certification:
        """Take a number, enter the line and order the copy, in one transaction.

        Safe to repeat: a second approval by the same person returns what the first
        brought.

        *seen* are the digests of the pages that the certifier had before their eyes;
        they are compared with what will be signed inside that transaction. None stands
        for the pages that this desk has noted as seen to their end by them.

        Raises Conflict, NotAllowed, NoOffice, NotFound.
        """
        now = self.clock()
        known = await own_document(document, by, self.cases)
        case = await self.cases.case(known.case)
        day, received = calendar.local_day(now), calendar.local_day(case.received_at)
        agency = self.rules.agency_on(by.agency, now)
        names = self.rules.tables(by.agency)
        book = YearBook(known.agency, numbers.ELECTRONIC, day.year)
        noted = await self.looks.seen(by.user, document) if seen is None else NOTHING
        approval = await self._approval(known, version, seen or (), by, now)

        # The story goes down into the adapter and up again here: the ordinal has to be
        # taken in the transaction that stores the decision, so that no number is lost
        # and none is given twice. What ``decide`` raises leaves the book as it was
        # (``ports.Cases.enter``). ``locked`` is the document as that transaction has
        # locked it, not ``known`` from above.
        def decide(locked: CaseDocument, ordinal: int) -> Outcome:
            outcome = certifying.approve(
                locked,
                case,
                agency=agency,
                kind_name=names.kind_name(locked.paper.kind, received),
                approval=approval
                if seen is not None
                else certifying.with_seen(approval, locked, noted),
                ordinal=ordinal,
            )
            if outcome.entry is not None:
                # Last of all, and before the commit: a register that is older than what
                # was sealed or archived would give a number to a second person.
                numbering.check_may_number(self.marks.latest(), book, ordinal)
            return outcome

        outcome = await self.cases.enter(document, book.year, decide)
        # Number, line, audit and order are one commit. A crash before it leaves
        # nothing, and the certifier presses again. One after it leaves all of it: the
        # relay publishes the order, and the second press gets the answer of the first.
        return certification_of(outcome)

    async def _approval(
        self,
        known: CaseDocument,
        version: int,
        seen: tuple[str, ...],
        by: Actor,
        at: datetime,
    ) -> Approval:
        return Approval(
            by=by,
            at=at,
            version=version,
            seen=seen,
            served=await self.looks.of(by.user, known.id),
            identities=self.rules.identities(by, at, known.paper.kind),
            code=numbers.draw_code(self.random_bits),
            link_key=self.rules.link_key,
            public_host=self.rules.public_host,
            demo=self.rules.demo,
            patience=self.rules.patience,
        )

    async def refuse(
        self, document: str, ground: str, text: str, *, version: int, by: Actor
    ) -> CaseDocument:
        """Refuse the paper, with a ground of today and words. Raises Conflict,
        NotAllowed.
        """
        await own_document(document, by, self.cases)
        now = self.clock()
        tables, day = self.rules.tables(by.agency), calendar.local_day(now)
        if ground not in tables.certifiers_grounds(day):
            raise NotAllowed("error.code")
        held = tables.held_grounds(day)
        outcome = await self.cases.change(
            document,
            lambda locked: refusing.refuse(
                locked, ground, text, held=held, version=version, by=by, at=now
            ),
        )
        return outcome.document

    async def send_back(
        self,
        document: str,
        text: str,
        version: int,
        by: Actor,
        *,
        objections: tuple[TypedObjection, ...] = (),
    ) -> CaseDocument:
        """Send the document back to the clerk for a rescan: pages, each with its
        reason, or words about the whole.

        Raises Conflict, Mistaken, NotFound, and NotAllowed also for an examiner whose
        agency has no examination.
        """
        certifies = duties.may(by.roles, Duty.CERTIFY)
        if not (certifies or may_examine(self.rules.agency(by.agency), by)):
            raise NotAllowed("error.no-examination")
        await own_document(document, by, self.cases)
        outcome = await self.cases.change(
            document,
            lambda locked: refusing.send_back(
                locked, text, version, by, self.clock(), objections=objections
            ),
        )
        return outcome.document
