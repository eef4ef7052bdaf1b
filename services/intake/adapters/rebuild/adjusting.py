"""A page of a part made anew: turned to lie straight, its edges cut off.

Turning is the matrix of the page's pictures, on a page that has grown to hold all of
them, so no stream changes and nothing is hidden. Cutting takes pixels away for good: a
page box around a larger picture would keep them, and show them in a copy's margin
(docs/decisions/0130). Start at ``adjusted``.
"""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import pikepdf

from intake.adapters.rebuild import encode, leaves
from intake.adapters.rebuild.decode import decoded
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.matrices import Box, bounds, common, multiply
from intake.adapters.rebuild.pages import Matrix, Page, Placed, UnfitPage, rounded
from intake.domain.scan import Flag, ScanFault

_NEARLY: Final = 0.01
"""Pixels by which an edge may miss the edge of a picture and be that edge."""


def adjusted(order: dict[str, Any], limits: Limits) -> Page:
    """Page ``number`` of the part at ``path``, which its ``manifest`` describes: first
    cut by ``trim`` (per cent left, top, right, foot), then turned by ``degrees``
    clockwise. Raises UnfitPage.
    """
    manifest = order["manifest"]
    with pikepdf.open(order["path"]) as found:
        streams = leaves.streams(found.pages[order["number"] - 1], manifest)
    page = leaves.page_of(manifest, streams)
    page = replace(page, done=order["done"], flags=tuple(order["flags"]))
    if any(order["trim"]):
        page = _trimmed(page, tuple(order["trim"]), limits)
    return _turned(page, order["degrees"]) if order["degrees"] else page


def _trimmed(page: Page, trim: tuple[float, ...], limits: Limits) -> Page:
    left, top, right, low = (share / 100 for share in trim)
    frame = (
        page.width * left,
        page.height * low,
        page.width * (1 - right),
        page.height * (1 - top),
    )
    cut = [_cut(placed, frame, limits) for placed in page.pictures]
    pictures = tuple(placed for placed in cut if placed is not None)
    if not pictures:
        raise UnfitPage(ScanFault.NO_PAGES, "nothing is left of it")
    changed = any(a is not b for a, b in zip(cut, page.pictures, strict=True))
    lost = any(p.stream.recompressed for p in pictures)
    done = page.done if not changed else "recompressed" if lost else "re-encoded"
    flags: tuple[Flag, ...] = (*page.flags, "trimmed")
    return _moved(replace(page, pictures=pictures, done=done, flags=flags), frame)


def _cut(placed: Placed, frame: Box, limits: Limits) -> Placed | None:
    """The picture without what lies outside of *frame*, in whole pixels; None where all
    of it does. One that lies within is not touched, stream and all.
    """
    stream = placed.stream
    unit = bounds(_inverse(placed.placement), frame)
    inside = common(unit, (0.0, 0.0, 1.0, 1.0))
    left = math.ceil(inside[0] * stream.width - _NEARLY)
    right = math.floor(inside[2] * stream.width + _NEARLY)
    top = math.ceil((1 - inside[3]) * stream.height - _NEARLY)
    low = math.floor((1 - inside[1]) * stream.height + _NEARLY)
    if left >= right or top >= low:
        return None
    if (left, top, right, low) == (0, 0, stream.width, stream.height):
        return placed
    pixels = decoded(stream, at_least=stream.width, limits=limits)
    part = pixels.crop((left, top, right, low))
    lossy = stream.filter == "DCTDecode"
    kept = encode.kept(part, len(stream.data)) if lossy else encode.lossless(part)
    part_of_unit: Matrix = (
        (right - left) / stream.width,
        0.0,
        0.0,
        (low - top) / stream.height,
        left / stream.width,
        1 - low / stream.height,
    )
    return Placed(kept, multiply(part_of_unit, placed.placement))


def _inverse(placement: Matrix) -> Matrix:
    """Raises UnfitPage for a picture that does not lie along the page's edges: what is
    left of it would be no rectangle.
    """
    a, b, c, d, e, f = placement
    area = a * d - b * c
    if not area or min(abs(a) + abs(d), abs(b) + abs(c)) > _NEARLY:
        raise UnfitPage(ScanFault.UNKNOWN_CODING, "a picture that stands aslant")
    return (
        *(d / area, -b / area, -c / area, a / area),
        *((c * f - d * e) / area, (b * e - a * f) / area),
    )


def _turned(page: Page, degrees: float) -> Page:
    angle = math.radians(degrees)
    turn: Matrix = (
        *(math.cos(angle), -math.sin(angle), math.sin(angle), math.cos(angle)),
        *(0.0, 0.0),
    )
    pictures = tuple(
        Placed(p.stream, multiply(p.placement, turn)) for p in page.pictures
    )
    flags: tuple[Flag, ...] = (*page.flags, "straightened")
    box = bounds(turn, (0.0, 0.0, page.width, page.height))
    return _moved(replace(page, pictures=pictures, flags=flags), box)


def _moved(page: Page, frame: Box) -> Page:
    """The page with *frame* as its box, or as much more as its pictures need."""
    left, low, right, top = _around(
        (frame, *(bounds(p.placement) for p in page.pictures))
    )
    pictures = tuple(
        Placed(p.stream, _rounded(multiply(p.placement, (1, 0, 0, 1, -left, -low))))
        for p in page.pictures
    )
    width, height = rounded(right - left), rounded(top - low)
    return replace(page, width=width, height=height, pictures=pictures)


def _around(boxes: Iterable[Box]) -> Box:
    lefts, lows, rights, tops = zip(*boxes, strict=True)
    return min(lefts), min(lows), max(rights), max(tops)


def _rounded(m: Matrix) -> Matrix:
    a, b, c, d, e, f = map(rounded, m)
    return a, b, c, d, e, f
