"""What a certifier does about a number that stands still: the copy is ordered again, or
the number is declared void. Start at ``StandingStill``.

When either is open is decided in ``intake.domain.ordering`` and ``voiding``.
"""

from dataclasses import dataclass

from chassis.clock import Clock
from intake.domain import ordering, voiding
from intake.domain.certifications import Certification
from intake.domain.ordering import Mended
from intake.domain.people import Actor
from intake.domain.records import CaseDocument, Outcome
from intake.domain.rules import Rules
from intake.ports import Cases
from intake.usecases.own import own_document


@dataclass(frozen=True, slots=True)
class StandingStill:
    """The certifier's acts on a number that stands still, with their ports."""

    cases: Cases
    rules: Rules
    clock: Clock

    async def order_again(
        self, document: str, version: int, by: Actor
    ) -> Certification:
        """Order once more what stands still, after mending: same number, next revision.

        Raises Conflict, NotAllowed, NoOffice, NotFound.
        """
        known = await own_document(document, by, self.cases)
        now, rules = self.clock(), self.rules
        mended = Mended(
            rules.agency(by.agency),
            rules.identities(by, now, known.paper.kind),
            rules.public_host,
        )
        outcome = await self.cases.change(
            document,
            lambda locked: ordering.order_again(
                locked,
                mended,
                version=version,
                by=by,
                at=now,
                patience=rules.patience,
            ),
        )
        return certification_of(outcome)

    async def void(
        self, document: str, reason: str, version: int, by: Actor
    ) -> CaseDocument:
        """Declare that a number that stands still ends without a copy.

        Raises Conflict, NotAllowed, NotFound.
        """
        await own_document(document, by, self.cases)
        now, patience = self.clock(), self.rules.patience
        # The declaration, its line of audit and its event are one commit. A crash
        # before it leaves nothing; one after it leaves the event to the relay.
        outcome = await self.cases.change(
            document,
            lambda locked: voiding.void(
                locked, reason, version=version, by=by, at=now, patience=patience
            ),
        )
        return outcome.document


def certification_of(outcome: Outcome) -> Certification:
    """What a decision that orders a copy leaves: a programmer's error without one."""
    if outcome.document.certification is None:
        raise AssertionError("ordered without a certification")
    return outcome.document.certification
