"""A clerk arranges the pages of a case: one step after the other, each of which can be
undone. What a step may do is decided in ``domain.page_steps`` and ``paper_steps``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chassis.clock import Clock
from intake.domain import page_steps, paper_steps, stepping, undoing
from intake.domain.arranging import PageId
from intake.domain.fee import FeeRule
from intake.domain.numbers import split_document_id
from intake.domain.paper_steps import Merge, Split
from intake.domain.people import Actor
from intake.domain.records import NotFound
from intake.domain.rules import Rules
from intake.domain.stepping import CaseOnDesk, Hand, Rearranged
from intake.ports import Arrangements
from intake.usecases.own import check_agency

Pages = tuple[PageId, ...]
Versions = dict[str, int]
Step = Callable[[CaseOnDesk, Hand], Rearranged]
PLAIN: Final[dict[str, Callable[[CaseOnDesk, Hand, Pages], Rearranged]]] = {
    "turn-left": lambda case, hand, pages: page_steps.turn(case, hand, pages, 270),
    "turn-right": lambda case, hand, pages: page_steps.turn(case, hand, pages, 90),
    "turn-over": lambda case, hand, pages: page_steps.turn(case, hand, pages, 180),
    "earlier": lambda case, hand, pages: page_steps.move(case, hand, pages, "earlier"),
    "later": lambda case, hand, pages: page_steps.move(case, hand, pages, "later"),
    "first": lambda case, hand, pages: page_steps.move(case, hand, pages, "first"),
    "last": lambda case, hand, pages: page_steps.move(case, hand, pages, "last"),
    "drop": page_steps.drop,
    "restore": page_steps.restore,
    "undo": lambda case, hand, _pages: undoing.undo(case, hand),
    "redo": lambda case, hand, _pages: undoing.redo(case, hand),
}
"""What takes the chosen pages and nothing else, by the name of its button."""


@dataclass(frozen=True, slots=True)
class Arranging:
    """The clerk's steps, with the ports that they take."""

    arrangements: Arrangements
    rules: Rules
    clock: Clock

    async def plain(
        self, document: str, act: str, pages: Pages, versions: Versions, by: Actor
    ) -> Rearranged:
        """One of ``PLAIN``. KeyError for any other."""
        step = PLAIN[act]
        return await self._do(
            document, versions, by, lambda case, hand: step(case, hand, pages)
        )

    async def place(
        self,
        document: str,
        pages: Pages,
        after: PageId | None,
        versions: Versions,
        by: Actor,
    ) -> Rearranged:
        return await self._do(
            document,
            versions,
            by,
            lambda case, hand: page_steps.place(case, hand, pages, after),
        )

    async def insert(
        self,
        document: str,
        pages: Pages,
        after: PageId | None,
        versions: Versions,
        by: Actor,
    ) -> Rearranged:
        return await self._do(
            document,
            versions,
            by,
            lambda case, hand: paper_steps.insert(case, hand, pages, after),
        )

    async def replace(
        self, document: str, old: PageId, new: Pages, versions: Versions, by: Actor
    ) -> Rearranged:
        return await self._do(
            document,
            versions,
            by,
            lambda case, hand: page_steps.replace_page(case, hand, old, new),
        )

    async def send(
        self, document: str, pages: Pages, to: str, versions: Versions, by: Actor
    ) -> Rearranged:
        return await self._do(
            document,
            versions,
            by,
            lambda case, hand: paper_steps.send(case, hand, pages, to),
        )

    async def split(
        self, document: str, form: Split, versions: Versions, by: Actor
    ) -> Rearranged:
        return await self._do(
            document,
            versions,
            by,
            lambda case, hand: paper_steps.split(case, hand, form, self._fees(case)),
        )

    async def merge(
        self, document: str, form: Merge, versions: Versions, by: Actor
    ) -> Rearranged:
        return await self._do(
            document,
            versions,
            by,
            lambda case, hand: paper_steps.merge(case, hand, form, self._fees(case)),
        )

    def _fees(self, case: CaseOnDesk) -> FeeRule:
        return self.rules.fee_rule_of(case.case)

    async def _do(
        self, document: str, versions: Versions, by: Actor, step: Step
    ) -> Rearranged:
        """Raises Conflict, NotAllowed, NotFound."""

        def decide(case: CaseOnDesk) -> Rearranged:
            check_agency(case.case.agency, by)
            hand = Hand(document, versions, by, self.clock())
            # First of all: what an older form says of pages may be nonsense by now.
            stepping.check_version(case.document(document), hand)
            return step(case, hand)

        return await self.arrangements.change(_case_of(document), decide)


def _case_of(document: str) -> str:
    try:
        return split_document_id(document)[0]
    except ValueError as error:
        raise NotFound(document) from error
