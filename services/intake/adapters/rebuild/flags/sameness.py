"""Whether two pages are pictures of one sheet, taken twice. Start at ``same_sheet``.

Two forms that differ in what was filled in are not: what differs stands together in a
few words, so a page is judged by its places that fit worst.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from intake.adapters.rebuild.flags.likeness import COVERED, Likeness
from intake.adapters.rebuild.flags.overlay import (
    Way,
    closer,
    laid,
    roughly,
)
from intake.adapters.rebuild.flags.parts import lying, means

_LOOKS: Final = 0.45
"""The least correlation from afar of two pages that are looked at closely: of one sheet
the labelled set has 0.54 at least, of two letters mostly 0.3."""
_STEPS: Final = (((24, 24), 9, 0.3), ((16, 24), 5, 0.3), ((12, 20), 3, 0.4))
"""Sizes of parts in cells, how far each is looked for, and the share of them that is
found there at least."""
_WORD: Final = (8, 16)
"""Cells, 5 by 11 mm: a place that is judged."""
_SLIP: Final = 2
"""Cells by which paper that is not quite flat may lie elsewhere."""
_WRITTEN: Final = 5.0
"""The mean relief of a place on which something stands, on one page at least."""
_SEEN: Final = 0.8
_FEW: Final = 12
"""Places that are too few to know a sheet by."""
_MOST_INK: Final = 0.5
"""The share of a page's ink that lies where both pages are seen, at least."""
_WORST: Final = 3
"""The percentile of the places' correlations by which a pair is judged."""
_ALIKE: Final = 0.7
"""The least correlation of two pictures of one sheet. They have mostly above 0.8 in
the labelled set; one form or table that was filled in twice has 0.62 at most, but two
identity cards laid in one place have 0.85."""


def same_sheet(one: Likeness, other: Likeness) -> bool:
    """Also if one of them was laid upside down."""
    places = alike_places(one, other)
    return len(places) > 0 and bool(np.percentile(places, _WORST) >= _ALIKE)


def alike_places(one: Likeness, other: Likeness) -> NDArray[np.float64]:
    """How well each place with something on it is found on the other page; none where
    too little fits to look closely, or too few places are seen.
    """
    rough = roughly(one, other)
    if rough.alike < _LOOKS:
        return np.empty(0)
    way = rough.way
    for part, reach, least in _STEPS:
        way, share = closer(one, other, way, part, reach)
        if share < least:
            return np.empty(0)
    return _judged(one, other, way)


def _judged(one: Likeness, other: Likeness, way: Way) -> NDArray[np.float64]:
    """Only where both pages are seen: one of them may have been cut off."""
    covered = laid(one.clear * np.uint8(255), way, other.size) >= COVERED
    seen = other.clear & covered
    here = laid(one.relief, way, other.size).astype(np.float32) * seen
    there = other.relief.astype(np.float32) * seen
    if there.sum() < _MOST_INK * other.relief.sum():
        return np.empty(0)
    written = means(np.maximum(here, there), _WORD) >= _WRITTEN
    clear = means(seen.astype(np.float32), _WORD) >= _SEEN
    places = np.argwhere(written & clear) * _WORD
    if len(places) < _FEW:
        return np.empty(0)
    return lying(here, there, places, _WORD, _SLIP)[0]
