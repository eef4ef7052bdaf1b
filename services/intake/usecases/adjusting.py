"""A clerk straightens a page or cuts its edges off; the page as scanned stays beside.

What is allowed and what becomes of the page is decided in ``domain.adjusting``. Start
at ``Adjusting.adjust``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chassis.clock import Clock
from intake.domain import adjusting, desk, stepping
from intake.domain.adjusting import Remake, Wish
from intake.domain.arranging import PageId
from intake.domain.files import StoredFile
from intake.domain.people import Actor
from intake.domain.records import CaseDocument
from intake.domain.rules import Rules
from intake.domain.scan import ScanFault, ScanRefused
from intake.domain.states import NotAllowed
from intake.domain.stepping import CaseOnDesk, Hand, Rearranged
from intake.ports import Arrangements, Cases, Rebuilder
from intake.usecases.own import own_document


@dataclass(frozen=True, slots=True)
class Adjusting:
    """The clerk's step over one page, with the ports that it takes."""

    cases: Cases
    arrangements: Arrangements
    rebuilder: Rebuilder
    rules: Rules
    new_id: Callable[[], str]
    clock: Clock

    async def adjust(
        self,
        document: str,
        page: PageId,
        wished: Wish,
        versions: dict[str, int],
        by: Actor,
    ) -> Rearranged:
        """The page as *wished*, in its place, and the scanned one put aside; or that
        one again. Raises Conflict, NotAllowed, NotFound, QueueFull, Trouble.
        """
        known = await own_document(document, by, self.cases)
        hand = Hand(document, versions, by, self.clock())
        stepping.check_version(known, hand)
        desk.check_editable(known)
        wanted = adjusting.remake(known, page, wished)
        if wanted is None:
            return await self.arrangements.change(
                known.case, lambda case: adjusting.as_scanned(case, hand, page)
            )
        file = await self._made(known, wanted, hand)

        # The page and its pictures are durable, and no row knows them. A crash here
        # leaves objects that are swept as any others; the clerk presses again, and the
        # same wish makes the same bytes under the same keys.
        def decide(case: CaseOnDesk) -> Rearranged:
            stepping.check_version(case.document(document), hand)
            most = self.rules.document_files
            return adjusting.laid(case, hand, page, file, most=most)

        return await self.arrangements.change(known.case, decide)

    async def _made(
        self, known: CaseDocument, wanted: Remake, hand: Hand
    ) -> StoredFile:
        try:
            with self.rebuilder.reserve_room():
                part = await self.rebuilder.adjust(wanted)
        except ScanRefused as refusal:
            raise NotAllowed(_WHY.get(refusal.fault, "error.not-adjusted")) from refusal
        return adjusting.file_of(
            wanted,
            part,
            name=self.new_id(),
            document=known.id,
            by=hand.by,
            at=hand.at,
        )


_WHY: Final = {
    ScanFault.NO_PAGES: "error.nothing-left",
    ScanFault.UNKNOWN_CODING: "error.not-trimmed",
}
