"""Which pages of one file are pictures of the same sheet. Start at ``Sheets``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from intake.adapters.rebuild.flags.glance import glimpses, likest
from intake.adapters.rebuild.flags.likeness import Likeness
from intake.adapters.rebuild.flags.overlay import Spectra
from intake.adapters.rebuild.flags.sameness import same_sheet

Asked = Callable[[], Likeness | None]
"""Makes a page's likeness; None of a page that has hardly anything on it."""

_LAST: Final = 40
"""Pages that a page is looked for among, the last ones: a sheet that goes through the
feeder twice does so soon, and what is kept of a page takes 0.4 MB."""


@dataclass(frozen=True, slots=True)
class _Before:
    """A page that came before, and the number of the first page of its sheet."""

    sheet: int
    page: Likeness
    glimpse: Spectra


class Sheets:
    """The pages of a file so far, in order. Only the few likest of the last pages are
    compared with a page by *same*, so that the work grows with the pages alone.
    """

    def __init__(self, same: Callable[[Likeness, Likeness], bool] = same_sheet) -> None:
        self._same = same
        self._waiting: tuple[int, Asked] | None = None
        self._begun = False
        self._before: list[_Before] = []

    def twin(self, number: int, likeness: Asked) -> int:
        """The number of the first page that shows the same sheet; 0 for none. The page
        is one of those from now on; of a file of one page no *likeness* is asked.
        """
        if not self._begun:
            self._begun, self._waiting = True, (number, likeness)
            return 0
        if self._waiting is not None:
            first, self._waiting = self._waiting, None
            self._compared(*first)
        return self._compared(number, likeness)

    def _compared(self, number: int, likeness: Asked) -> int:
        page = likeness()
        if page is None:
            return 0
        found = self._sheet(page) if self._before else 0
        glimpse = glimpses(page.spectrum[None])[0]
        kept = _Before(found or number, page, glimpse)
        self._before = [*self._before, kept][-_LAST:]
        return found

    def _sheet(self, page: Likeness) -> int:
        seen = np.stack([before.glimpse for before in self._before])
        likely = likest(page, [before.page for before in self._before], seen)
        found = (self._before[n] for n in likely)
        return next((b.sheet for b in found if self._same(page, b.page)), 0)
