"""Which of many pages a page may be one sheet with, looked at in one go.

To lay one page over another takes 10 to 100 ms, and in a paper of 200 pages that are
one form each looks like all. So each page is laid over the few that are likest to it
from far away, however many there are. Start at ``likest``.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

import numpy as np

from intake.adapters.rebuild.flags.likeness import Likeness
from intake.adapters.rebuild.flags.overlay import Courses, Spectra, courses, views

MOST: Final = 3
"""Pages that a page is laid over, at the most. Of 40 that came before, the labelled
pages' own sheet was the third at worst."""
_LEAST: Final = 0.3
"""The correlation of glimpses below which two pages are two sheets: pictures of one
sheet have 0.38 at least."""
_HALF: Final = 24
"""Waves across ``FRAME`` that a glimpse keeps: of A4, what is broader than 7 mm."""
_SIDE: Final = 2 * _HALF
_EVERY: Final = 2
"""Only each second scale and turn is tried: what is seen is twice as coarse."""


def glimpses(spectra: Spectra) -> Spectra:
    """[page, wave, wave]: what is left of pages that are seen from afar if they are
    seen from farther away, of the length 1 each.
    """
    coarse = np.concatenate((spectra[:, :_HALF], spectra[:, -_HALF:]), axis=1)
    coarse = coarse[:, :, : _HALF + 1]
    coarse[:, _HALF] = coarse[:, :, _HALF] = 0
    planes = np.fft.irfft2(coarse, (_SIDE, _SIDE))
    lengths = np.linalg.norm(planes, axis=(1, 2), keepdims=True)
    return np.asarray(coarse / np.maximum(lengths, 1e-9), np.complex64)


def likest(page: Likeness, others: Sequence[Likeness], seen: Spectra) -> list[int]:
    """Which of the *others*, whose glimpses are *seen*, may show the same sheet: the
    likest first, ``MOST`` of them.
    """
    alike = np.zeros(len(others))
    ways = [courses(page, other, _EVERY) for other in others]
    order = sorted(range(len(others)), key=ways.__getitem__)
    for way, numbers in groupby(order, key=ways.__getitem__):
        chosen = list(numbers)
        alike[chosen] = _alike(page, way, seen[chosen])
    found = np.argsort(-alike, kind="stable")[:MOST]
    return [int(number) for number in found if alike[number] >= _LEAST]


def _alike(page: Likeness, way: Courses, seen: Spectra) -> list[float]:
    """The best correlation with each, upright and upside down."""
    own = glimpses(views(page, *way)[1])
    return [
        max(
            float(np.fft.irfft2(own * turned, (_SIDE, _SIDE)).max())
            for turned in (other, np.conj(other))
        )
        for other in seen
    ]
