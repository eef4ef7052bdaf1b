"""What a clerk hands over when a copy is issued, put down with a name.

The rules are in ``intake.domain.handing``. Start at ``Handing.hand_over``.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from chassis.clock import Clock
from ecopy.link_events import FactorKind
from intake.domain import handing, linking
from intake.domain.certifications import Way
from intake.domain.link_records import ClosingGround, RenewalGround
from intake.domain.people import Actor
from intake.domain.records import CaseDocument
from intake.domain.rules import Rules
from intake.ports import Cases
from intake.usecases.own import own_case, own_document


@dataclass(frozen=True, slots=True)
class Handing:
    """The clerk's acts on a result that goes out, with their ports."""

    cases: Cases
    rules: Rules
    clock: Clock

    async def hand_over(
        self, code: str, ways: Iterable[Way], versions: dict[str, int], by: Actor
    ) -> tuple[CaseDocument, ...]:
        """Put down what was given of the papers in *versions*, in one act.

        Raises Conflict, NotAllowed, NotFound.
        """
        await own_case(code, by, self.cases)
        now, given = self.clock(), tuple(ways)
        outcomes = await self.cases.change_papers(
            code,
            lambda locked: handing.hand_over(
                locked, given, versions=versions, by=by, at=now
            ),
        )
        return tuple(outcome.document for outcome in outcomes)

    async def mistaken(
        self, document: str, nth: int, version: int, by: Actor
    ) -> CaseDocument:
        """Note that a line of these was written by mistake.

        Raises Conflict, NotAllowed, NotFound.
        """
        await own_document(document, by, self.cases)
        now = self.clock()
        outcome = await self.cases.change(
            document,
            lambda locked: handing.mistaken(
                locked, nth, version=version, by=by, at=now
            ),
        )
        return outcome.document

    async def renew_link(
        self,
        document: str,
        ground: RenewalGround,
        days: int,
        version: int,
        by: Actor,
        *,
        asked: FactorKind | None = None,
    ) -> CaseDocument:
        """Give the copy another link; the one of before opens nothing any more. What is
        *asked* before it opens is what the requester gave at the desk.

        Raises Conflict, NotAllowed, NotFound.
        """
        known = await own_document(document, by, self.cases)
        now, key = self.clock(), self.rules.link_key
        question = None
        if asked is not None:
            case = await self.cases.case(known.case)
            question = linking.question(case.requester, asked)
        # The line and its event are one commit. Until storage has heard it, the link of
        # before still opens the copy, and the page says so.
        outcome = await self.cases.change(
            document,
            lambda locked: linking.renew(
                locked,
                ground,
                days,
                version=version,
                by=by,
                at=now,
                link_key=key,
                question=question,
            ),
        )
        return outcome.document

    async def close_link(
        self, document: str, ground: ClosingGround, version: int, by: Actor
    ) -> CaseDocument:
        """Close the link of the copy. Raises Conflict, NotAllowed, NotFound."""
        await own_document(document, by, self.cases)
        now = self.clock()
        outcome = await self.cases.change(
            document,
            lambda locked: linking.close(
                locked, ground, version=version, by=by, at=now
            ),
        )
        return outcome.document
