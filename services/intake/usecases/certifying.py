"""The certifier approves, refuses, sends back, orders again, declares a number void.

What may be done is decided in ``intake.domain.certifying`` and its neighbours; here it
is read, decided and written. ``standing_still`` has the last two, and ``news`` what
comes back by event. Start at ``approve``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from chassis.clock import Clock
from ecopy.marks import YearBook
from intake.domain import calendar, certifying, numbering, numbers, refusing
from intake.domain.certifications import Certification
from intake.domain.certifying import Approval
from intake.domain.people import Actor
from intake.domain.records import CaseDocument, Outcome
from intake.domain.refusing import Ground
from intake.domain.rules import Rules
from intake.ports import Cases, Looks, RetainedMarks
from intake.usecases.own import own_document
from intake.usecases.standing_still import certification_of, order_again, void

RandomBits = Callable[[int], int]


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
        self, document: str, version: int, seen: tuple[str, ...], by: Actor
    ) -> Certification:
        return await approve(
            document,
            version,
            seen,
            by,
            cases=self.cases,
            looks=self.looks,
            marks=self.marks,
            rules=self.rules,
            random_bits=self.random_bits,
            clock=self.clock,
        )

    async def refuse(
        self, document: str, ground: Ground, text: str, *, version: int, by: Actor
    ) -> CaseDocument:
        return await refuse(
            document,
            ground,
            text,
            version=version,
            by=by,
            cases=self.cases,
            clock=self.clock,
        )

    async def send_back(
        self, document: str, text: str, version: int, by: Actor
    ) -> CaseDocument:
        return await send_back(
            document, text, version, by, cases=self.cases, clock=self.clock
        )

    async def order_again(
        self, document: str, version: int, by: Actor
    ) -> Certification:
        return await order_again(
            document, version, by, cases=self.cases, rules=self.rules, clock=self.clock
        )

    async def void(
        self, document: str, reason: str, version: int, by: Actor
    ) -> CaseDocument:
        return await void(
            document,
            reason,
            version,
            by,
            cases=self.cases,
            patience=self.rules.patience,
            clock=self.clock,
        )


async def approve(
    document: str,
    version: int,
    seen: tuple[str, ...],
    by: Actor,
    *,
    cases: Cases,
    looks: Looks,
    marks: RetainedMarks,
    rules: Rules,
    random_bits: RandomBits,
    clock: Clock,
) -> Certification:
    """Take a number, enter the line and order the copy, in one transaction.

    Safe to repeat: a second approval by the same person returns what the first brought.

    *seen* are the digests of the pages that the certifier had before their eyes; they
    are compared with what will be signed inside that transaction.

    Raises Conflict, NotAllowed, NoOffice, NotFound.
    """
    now = clock()
    known = await own_document(document, by, cases)
    case = await cases.case(known.case)
    agency = rules.agency(by.agency)
    book = YearBook(known.agency, numbers.ELECTRONIC, calendar.local_day(now).year)
    approval = Approval(
        by=by,
        at=now,
        version=version,
        seen=seen,
        served=await looks.of(by.user, document),
        identities=rules.identities(by, now),
        code=numbers.draw_code(random_bits),
        link_key=rules.link_key,
        public_host=rules.public_host,
        demo=rules.demo,
        patience=rules.patience,
    )

    # The story goes down into the adapter and up again here: the ordinal has to be
    # taken in the transaction that stores the decision, so that no number is lost and
    # none is given twice. What ``decide`` raises leaves the book as it was
    # (``ports.Cases.enter``). ``locked`` is the document as that transaction has locked
    # it, not ``known`` from above.
    def decide(locked: CaseDocument, ordinal: int) -> Outcome:
        outcome = certifying.approve(
            locked,
            case,
            agency=agency,
            kind_name=rules.kinds[locked.paper.kind],
            approval=approval,
            ordinal=ordinal,
        )
        if outcome.entry is not None:
            # Last of all, and before the commit: a register that is older than what was
            # sealed or archived would give a number to a second person.
            numbering.check_may_number(marks.latest(), book, ordinal)
        return outcome

    outcome = await cases.enter(document, book.year, decide)
    # Number, line, audit and order are one commit. A crash before it leaves nothing,
    # and the certifier presses again. One after it leaves all of it: the relay
    # publishes the order, and the second press gets the answer of the first.
    return certification_of(outcome)


async def refuse(
    document: str,
    ground: Ground,
    text: str,
    *,
    version: int,
    by: Actor,
    cases: Cases,
    clock: Clock,
) -> CaseDocument:
    """Refuse the paper, with a ground and words. Raises Conflict, NotAllowed."""
    await own_document(document, by, cases)
    outcome = await cases.change(
        document,
        lambda locked: refusing.refuse(
            locked, ground, text, version=version, by=by, at=clock()
        ),
    )
    return outcome.document


async def send_back(
    document: str, text: str, version: int, by: Actor, *, cases: Cases, clock: Clock
) -> CaseDocument:
    """Send the document back to the clerk for a rescan, with the reason in words."""
    await own_document(document, by, cases)
    outcome = await cases.change(
        document,
        lambda locked: refusing.send_back(locked, text, version, by, clock()),
    )
    return outcome.document
