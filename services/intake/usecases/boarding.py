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
from intake.domain.views.board import BoardView
from intake.ports import BoardRows, Users
from intake.usecases.certifiers import certifiers_of
from intake.usecases.numbering import Numbering

ROWS: Final = 50
"""Cases on a page."""


@dataclass(frozen=True, slots=True)
class Board:
    """The board, with the ports that this takes."""

    rows: BoardRows
    users: Users
    numbering: Numbering
    rules: Rules
    clock: Clock

    async def view(
        self, by: Actor, said: Mapping[str, str], *, flat: bool = False
    ) -> BoardView:
        """What the parts of its address say: *q* is sought among all cases of the
        agency, the others are the filter's; *after* is where the page before ended.
        *flat* puts no case above the others.
        """
        now = self.clock()
        asked = replace(filters.filtered(said, now), flat=flat)
        query, after = said.get("q", ""), said.get("after", "")
        if query:
            found = self.rows.found(by, asked, query, after, now=now, most=ROWS)
        else:
            found = self.rows.page(by, asked, filters.after(after), now, ROWS)
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
        return replace(view, first=not after, numbering=numbering)
