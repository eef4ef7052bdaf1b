"""What the board shows, gathered: a page of cases, or what a search has found.

Which cases these are is decided by the filter (``intake.domain.board_filters``), and
what is said of each in ``intake.domain.boards``. Start at ``Board.view``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from chassis.clock import Clock
from intake.domain import board_filters as filters
from intake.domain import boards
from intake.domain.people import Actor
from intake.domain.rules import Rules
from intake.domain.saved_views import with_view, without_view
from intake.domain.views.board import BoardView
from intake.ports import BoardRows, BoardViews, Users
from intake.usecases.certifiers import certifiers_of
from intake.usecases.numbering import Numbering

ROWS: Final = 50
"""Cases on a page."""


@dataclass(frozen=True, slots=True)
class Board:
    """The board, with the ports that this takes."""

    rows: BoardRows
    views: BoardViews
    users: Users
    numbering: Numbering
    rules: Rules
    clock: Clock

    async def view(
        self, by: Actor, said: Mapping[str, str], *, flat: bool = False
    ) -> BoardView:
        """What the parts of its address say: *q* is sought among all cases of the
        agency, the others are the filter's; *after* is where the page before ended, and
        *before* where the page behind begins. *flat* puts no case above the others.
        """
        now = self.clock()
        asked = replace(filters.filtered(said, now), flat=flat)
        query, after = said.get("q", ""), said.get("after", "")
        before = said.get("before", "")
        if query:
            found = self.rows.found(by, asked, query, after, now=now, most=ROWS)
        else:
            place = filters.after(after), filters.after(before)
            found = self.rows.page(by, asked, *place, now=now, most=ROWS)
        page, counts = await found
        view = boards.board(
            page,
            counts,
            by,
            now,
            certifiers=await certifiers_of(by.agency, self.users, self.rules, now),
            asked=asked,
            query=query,
        )
        numbering = await self.numbering((by.agency,))
        first = not after if query else view.less is None
        return replace(view, first=first, numbering=numbering)

    async def save(self, name: str, said: Mapping[str, str], by: Actor) -> str:
        """Keep this filter under that name; the address that opens it. Raises
        NotAllowed.
        """
        asked = filters.filtered(said, self.clock())
        await self.views.change(by, lambda known: with_view(known, name, asked.fields))
        return asked.address()

    async def remove(self, name: str, by: Actor) -> None:
        """Give the name up. Safe to repeat."""
        await self.views.change(by, lambda known: without_view(known, name))
