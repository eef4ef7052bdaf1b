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
from intake.domain.board_filters import BoardFilter
from intake.domain.people import Actor
from intake.domain.rules import Rules
from intake.domain.views.board import BoardView
from intake.ports import BoardRows, Search, Users
from intake.usecases.certifiers import certifiers_of
from intake.usecases.numbering import Numbering

ROWS: Final = 50
"""Cases on a page."""


@dataclass(frozen=True, slots=True)
class Board:
    """The board, with the ports that this takes."""

    rows: BoardRows
    search: Search
    users: Users
    numbering: Numbering
    rules: Rules
    clock: Clock

    async def view(self, by: Actor, said: Mapping[str, str]) -> BoardView:
        """What the parts of its address say: *q* is sought among all cases of the
        agency, the others are the filter's; *after* is where the page before ended.
        """
        asked = filters.filtered(said, self.clock())
        query, after = said.get("q", ""), said.get("after", "")
        view = await self._page(by, asked, "" if query else after, bare=bool(query))
        if query:
            view = await self._found(by, view, query, after)
        return replace(
            view,
            first=not after,
            numbering=await self.numbering((by.agency,)),
        )

    async def _page(
        self, by: Actor, asked: BoardFilter, after: str, *, bare: bool
    ) -> BoardView:
        now = self.clock()
        page = boards.BoardPage(())
        if not bare:
            place = filters.after(after)
            page = await self.rows.page(by, asked, place, now, ROWS)
        return boards.board(
            page,
            await self.rows.counts(by, mine=asked.whose == "mine", now=now),
            by,
            now,
            certifiers=await certifiers_of(by.agency, self.users, self.rules, now),
            asked=asked,
        )

    async def _found(
        self, by: Actor, view: BoardView, query: str, after: str
    ) -> BoardView:
        hits = await self.search.find(by.agency, query, after, ROWS)
        certifiers = await certifiers_of(by.agency, self.users, self.rules, view.now)
        return boards.found(
            view,
            await self.rows.cases(hits.codes),
            query,
            str(hits.after) if hits.after else None,
            viewer=by,
            certifiers=certifiers,
        )
