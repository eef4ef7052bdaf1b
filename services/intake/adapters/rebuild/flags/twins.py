"""Which pages of one file are pictures of the same sheet. Start at ``Sheets``."""

from typing import Final

from intake.adapters.rebuild.flags.likeness import Likeness
from intake.adapters.rebuild.flags.sameness import same_sheet

_LAST: Final = 40
"""Pages that a page is compared with, the last ones: a sheet that goes through the
feeder twice does so soon, and 200 pages must not be compared with 200."""


class Sheets:
    """The pages of a file so far, in order."""

    def __init__(self) -> None:
        self._before: list[tuple[int, Likeness]] = []

    def twin(self, number: int, page: Likeness | None) -> int:
        """The number of the first of the last pages that shows the same sheet; 0 for
        none. *page* is one of those from now on.
        """
        if page is None:
            return 0
        same = (n for n, before in self._before if same_sheet(page, before))
        found = next(same, 0)
        self._before = [*self._before, (number, page)][-_LAST:]
        return found
