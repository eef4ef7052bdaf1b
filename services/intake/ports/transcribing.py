"""Pages read by a machine, and where what it read is kept."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from intake.domain.arranging import PageId
from intake.domain.desk_pages import DeskPage
from intake.domain.page_texts import PageProgress, PageText, ReadLine, Why


class PageUnread(Exception):
    """A page cannot be read; it is not tried again by itself."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


class PageReader(Protocol):
    @property
    def lacking(self) -> tuple[str, ...]:
        """What an operator must give first, packages or a setting; else empty."""
        ...

    async def read(self, page: DeskPage) -> tuple[tuple[ReadLine, ...], str]:
        """The lines as the page is seen, and the engine's version. MUST meet the page
        in a process that can reach nothing else, one page at a time. Raises PageUnread,
        Trouble.
        """
        ...


class PageTexts(Protocol):
    """What was read, as long as the scan that it was read from is there."""

    async def enlist(self, most: int) -> int:
        """Have the pages of files that nobody has enlisted wait, of *most* files of
        papers that are still open; how many files that were.
        """
        ...

    async def rebuilding(self, since: datetime) -> bool:
        """Whether a file that came after *since* still waits for its pictures."""
        ...

    async def waiting(self, most: int) -> tuple[PageText, ...]:
        """The pages that wait: first pages first, then the longest waiting file's."""
        ...

    async def settle(self, read: PageText) -> None:
        """MUST write nothing where the page's scan was given up meanwhile."""
        ...

    async def ask_again(self, document: str) -> None:
        """Have the pages of its files that were read or could not be wait again."""
        ...

    async def progress(self, files: Iterable[str]) -> dict[PageId, PageProgress]:
        """How far the reading of these files' pages is, without their words."""
        ...

    async def of(self, pages: Iterable[PageId]) -> dict[PageId, PageText]:
        """The texts of those of these pages that were read."""
        ...
