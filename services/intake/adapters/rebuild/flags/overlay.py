"""One page laid over another one: which place of the one lies on which of the other.

Found from afar at first, then part by part, ever closer. Start at ``roughly`` and
``closer``; which pages are worth it says ``glance``.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from intake.adapters.rebuild.flags.likeness import FRAME, Likeness, framing, spectrum
from intake.adapters.rebuild.flags.look import Grey
from intake.adapters.rebuild.flags.parts import Places, Plane, Reals, lying, means

Way = NDArray[np.float64]
"""3 × 3: from a place of one page to its place on the other one, in cells, as a picture
seen from another side lies."""
Spectra = NDArray[np.complex64]
Courses = tuple[tuple[float, ...], tuple[int, ...]]
"""Scales, and turns in degrees."""

_SCALES: Final = tuple(1.04**n for n in range(-7, 8))
"""A photographed sheet fills 0.8 to 1.04 of its picture."""
_TURNS: Final = tuple(range(-12, 13, 2))
"""Degrees by which two sheets without lines of text may lie otherwise."""
_LIKE: Final = 0.5
"""The correlation of a part that says where it may lie."""
_INKED: Final = 4.0
"""The mean relief of a part that has something on it."""
FEW: Final = 6
"""Parts that are too few to say how a page lies."""
_MANY: Final = 64
"""Parts that are enough."""
_FARTHEST: Final = 0.2
"""The most that a term may be: parts that would bend a page more are chance."""
_LITTLE: Final = 0.01
"""How much it counts that a page lies as it did: few parts say little."""


@dataclass(frozen=True, slots=True)
class Rough:
    """How well a page lies over another one, and in which way."""

    alike: float
    """The correlation of both, 0 to 1."""
    way: Way


def roughly(one: Likeness, other: Likeness) -> Rough:
    """The best way to lay *one* over *other*, also upside down; larger or smaller where
    one of them was photographed, and turned where nothing says how one leans.
    """
    here, spectra = views(one, *courses(one, other))
    there, against = framing(other.size, 1.0, 0.0), other.spectrum
    upright, over = _peak(spectra, np.conj(against)), _peak(spectra, against)
    best = max(upright, over, key=_alike)
    moved = _moved(best, over=best is over)
    return Rough(best.alike, here[best.number] @ moved @ np.linalg.inv(there))


def courses(one: Likeness, other: Likeness, every: int = 1) -> Courses:
    """The scales and the turns to be tried of two pages; or each second, third … of
    them.
    """
    scales: tuple[float, ...] = (1.0,)
    turns: tuple[int, ...] = (0,)
    if one.photographed or other.photographed:
        scales = _SCALES[len(_SCALES) // 2 % every :: every]
    if not (one.level and other.level):
        turns = _TURNS[len(_TURNS) // 2 % every :: every]
    if _lies(one) != _lies(other):
        turns += tuple(turn + 90 for turn in turns)
    return scales, turns


@lru_cache(maxsize=4)
def views(
    page: Likeness, scales: tuple[float, ...], turns: tuple[int, ...]
) -> tuple[list[Way], Spectra]:
    """A page in so many sizes, turned in so many ways; where its places lie then, and
    its spectra. They are kept for the next pair: a page is laid over many.
    """
    if (scales, turns) == ((1.0,), (0,)):
        return [framing(page.size, 1.0, 0.0)], page.spectrum[None]
    ways = [framing(page.size, scale, turn) for scale in scales for turn in turns]
    return ways, np.stack([spectrum(page.afar, way) for way in ways])


def _lies(page: Likeness) -> bool:
    """Where few words say how a page stands, one picture of it may be taken to lie."""
    across, down = page.size
    return across > down


@dataclass(frozen=True, slots=True)
class _Peak:
    """The highest correlation of some spectra with one, of which of them it is, and how
    far that is moved.
    """

    alike: float
    number: int
    down: int
    across: int


def _alike(peak: _Peak) -> float:
    return peak.alike


def _peak(spectra: Spectra, other: Spectra) -> _Peak:
    alike = np.fft.irfft2(spectra * other, (FRAME, FRAME))
    best = int(alike.argmax())
    number, down, across = (int(n) for n in np.unravel_index(best, alike.shape))
    return _Peak(float(alike.flat[best]), number, down, across)


def _moved(peak: _Peak, *, over: bool) -> Way:
    """From a place of the frame to the place that is laid over it."""
    way = np.eye(3)
    for axis, by in enumerate((peak.across, peak.down)):
        if over:
            way[axis, axis] = -1
            way[axis, 2] = (by + FRAME // 2) % FRAME + FRAME // 2 + 1
        else:
            way[axis, 2] = (by + FRAME // 2) % FRAME - FRAME // 2
    return way


def laid(plane: Grey, way: Way, size: tuple[int, int]) -> Grey:
    """*plane* as it lies over the other page, whose size is given."""
    terms = (way / way[2, 2]).ravel()[:8].tolist()
    kind, smooth = Image.Transform.PERSPECTIVE, Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(plane).transform(size, kind, terms, smooth))


def closer(
    one: Likeness, other: Likeness, way: Way, part: tuple[int, int], reach: int
) -> tuple[Way, float]:
    """A better way, by looking for parts of that size around where they should lie;
    and the share of them that was found.
    """
    there = other.relief.astype(np.float32)
    here = laid(one.relief, way, other.size).astype(np.float32)
    places = _inked(there, part)
    if len(places) < FEW:
        return way, 0.0
    found, moved = lying(here, there, places, part, reach)
    share = float(np.mean(found >= _LIKE))
    if np.sum(found >= _LIKE) < FEW:
        return way, share
    middles = places[:, ::-1] + np.array(part[::-1]) / 2
    return way @ _fitted(middles, moved, found, other.size), share


def _inked(plane: Plane, part: tuple[int, int]) -> Places:
    """Parts that have anything on them, from all over the page."""
    places = np.argwhere(means(plane, part) >= _INKED) * part
    return places[:: len(places) // _MANY + 1]


def _fitted(middles: Reals, moved: Reals, found: Reals, size: tuple[int, int]) -> Way:
    """The way that most parts say, those found well before the others: seen from
    another side where enough say so, else only moved.
    """
    centre = np.array(size) / 2
    at = (middles - centre) / size[0]
    to = at + moved / size[0]
    trust = np.maximum(found - _LIKE, 0)
    way = np.eye(3)
    for _ in range(4):
        way = _solved(at, to, trust)
        flat = np.column_stack((at, np.ones(len(at)))) @ way.T
        off = (flat[:, :2] / flat[:, 2:] - to) * size[0]
        trust = np.maximum(found - _LIKE, 0) / (1 + np.sum(off**2, axis=1))
    if np.abs(way - np.eye(3)).max() > _FARTHEST:
        return np.eye(3)
    into = np.array([[size[0], 0, centre[0]], [0, size[0], centre[1]], [0, 0, 1]])
    return np.asarray(into @ way @ np.linalg.inv(into))


def _solved(at: Reals, to: Reals, trust: Reals) -> Way:
    """Least squares of the eight terms of a picture seen from another side, near to
    where it lies already.
    """
    weight = np.sqrt(trust)[:, None]
    plain = np.column_stack((at, np.ones(len(at))))
    none = np.zeros_like(plain)
    rows = np.concatenate(
        (
            np.column_stack((plain, none, -at * to[:, :1])) * weight,
            np.column_stack((none, plain, -at * to[:, 1:])) * weight,
            _LITTLE * np.eye(8),
        )
    )
    still = np.eye(3).ravel()[:8]
    aims = np.concatenate((to[:, :1] * weight, to[:, 1:] * weight)).ravel()
    aims = np.concatenate((aims, _LITTLE * still))
    terms = np.linalg.lstsq(rows, aims)[0]
    return np.asarray(np.append(terms, 1.0).reshape(3, 3))
