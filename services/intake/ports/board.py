"""The board: its rows and pages as they are asked for, and the views people keep."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

from intake.domain.board_filters import After, BoardFilter
from intake.domain.boards import BoardCounts, BoardPage
from intake.domain.people import Actor
from intake.domain.records import Case
from intake.domain.saved_views import SavedView
from intake.domain.summaries import Summary


class BoardViews(Protocol):
    """What people save of the board; ``BoardCounts.views`` has it."""

    async def change(
        self,
        by: Actor,
        made: Callable[[tuple[SavedView, ...]], tuple[SavedView, ...]],
    ) -> None:
        """MUST give *made* what this person has, and keep what it gives back, in one
        transaction.
        """
        ...


class BoardRows(Protocol):
    """What the board shows, of the reader's agency only. MUST look at a bounded number
    of rows, however many cases there are.
    """

    async def page(
        self,
        by: Actor,
        asked: BoardFilter,
        after: After | None,
        before: After | None,
        *,
        now: datetime,
        most: int,
    ) -> tuple[BoardPage, BoardCounts]:
        """At most *most* cases that the filter lets through, behind *after*, or the
        last ones ahead of *before*; and the figures beside them, of the same moment.
        Where fewer than a page are ahead, it is the first page.
        """
        ...

    async def found(
        self,
        by: Actor,
        asked: BoardFilter,
        query: str,
        after: str,
        *,
        now: datetime,
        most: int,
    ) -> tuple[BoardPage, BoardCounts]:
        """Open and ended cases by the words of their fields and of their scans: those
        with a word for each beginning that was typed, whatever the filter says, which
        is the figures' alone. *after* is ``BoardPage.more`` as text; empty for the
        first page, and so is one of another search. MUST know of every act that has
        committed.
        """
        ...

    async def cases(
        self, codes: Iterable[str]
    ) -> tuple[tuple[Case, tuple[Summary, ...]], ...]:
        """These cases, in this order, whatever their state."""
        ...

    async def taking_files(
        self, agency: str
    ) -> tuple[tuple[Case, tuple[Summary, ...]], ...]:
        """Cases with a paper that takes a file now, due first."""
        ...
