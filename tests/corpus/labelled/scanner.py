"""A flat-bed scanner or a feeder: skew, paper, lid, grain, JPEG."""

import io
import random
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from corpus.labelled.pens import px

SIDES = ("left", "right", "top", "bottom")
_DARK = 140
_RUN = 2
"""Pixels of a stroke that meets an edge."""
CUT_RUNS = 6
"""So many strokes on one edge of the picture are content that runs off it; none is
none; a few may be either."""


def scanned(
    paper: Image.Image,
    *,
    skew: float,
    sigma: float,
    side: str | None,
    bilevel: bool,
    chance: random.Random,
) -> tuple[Image.Image, int]:
    """What the scanner gives, and how many strokes meet an edge of it. ``skew`` is in
    degrees, ``sigma`` is the blur in pixels, ``side`` is where content runs off.
    """
    lid = chance.choice((255, 255, 255, 255, 200, 25))
    page = paper.rotate(
        skew,
        Image.Resampling.BILINEAR,
        fillcolor=(lid,) * 3 if side is None else "white",
    )
    ink = _ink(paper).rotate(skew)
    if side is not None:
        page, ink = (_off(image, side, _depth(ink, side)) for image in (page, ink))
    strokes = edge_strokes(ink)
    _furnish(page, chance)
    page = ImageChops.multiply(page, _tint(page.size, chance))
    page = out_of_focus(page, sigma)
    page = with_noise(page, chance.uniform(1, 5), chance)
    if bilevel:
        return page.convert("L").point(lambda v: 255 if v > _DARK else 0), strokes
    return as_jpeg(page, chance.randrange(60, 92)), strokes


def _ink(paper: Image.Image) -> Image.Image:
    return paper.convert("L").point(lambda v: 255 if v < _DARK else 0)


def edge_strokes(ink: Image.Image) -> int:
    """The most strokes that meet one side of the picture."""
    found = np.asarray(ink) > 127
    return max(_runs(line) for line in (found[0], found[-1], found[:, 0], found[:, -1]))


def _runs(line: NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], line.astype(np.int8), [0]))))
    return int(np.sum((edges[1::2] - edges[::2]) >= _RUN))


def _depth(ink: Image.Image, side: str) -> int:
    """How far to cut from a side, at least 3 mm into the content, until enough strokes
    are met; 0 where they never are.
    """
    found = np.asarray(ink) > 127
    lines = {"left": found.T, "right": found.T[::-1], "top": found}.get(
        side, found[::-1]
    )
    inked = np.flatnonzero(lines.any(axis=1))
    first = int(inked[0]) + px(3) if len(inked) else len(lines)
    for depth in range(first, min(len(lines), first + px(40))):
        if _runs(lines[depth]) >= CUT_RUNS + 2:
            return depth
    return 0


def _off(image: Image.Image, side: str, depth: int) -> Image.Image:
    """The picture shifted so that so much of it runs off that side."""
    across = {"left": depth, "right": -depth}.get(side, 0)
    down = {"top": depth, "bottom": -depth}.get(side, 0)
    way, fill = Image.Transform.AFFINE, 0 if image.mode == "L" else (255, 255, 255)
    return image.transform(image.size, way, (1, 0, across, 0, 1, down), fillcolor=fill)


def _furnish(page: Image.Image, chance: random.Random) -> None:
    """The shadow of the lid along an edge, punched holes, dust on the glass."""
    draw = ImageDraw.Draw(page)
    if chance.random() < 0.2:
        shade, wide = chance.randrange(20, 170), px(chance.uniform(0.5, 3))
        across, down = page.size
        box = chance.choice(
            (
                (0, 0, wide, down),
                (across - wide, 0, across, down),
                (0, 0, across, wide),
                (0, down - wide, across, down),
            )
        )
        draw.rectangle(box, fill=(shade,) * 3)
    if chance.random() < 0.12:
        x = px(11)
        for y in (page.height // 2 - px(40), page.height // 2 + px(40)):
            draw.ellipse(
                (x - px(3), y - px(3), x + px(3), y + px(3)), fill=(70, 70, 70)
            )


def _tint(size: tuple[int, int], chance: random.Random) -> Image.Image:
    red = chance.randrange(225, 256)
    paper = (red, red - chance.randrange(8), red - chance.randrange(22))
    return Image.new("RGB", size, paper)


def out_of_focus(image: Image.Image, sigma: float) -> Image.Image:
    """A box is a lens sharp enough, and quicker than what a true blur needs."""
    sharp = sigma < 1
    return image.filter(
        ImageFilter.BoxBlur(sigma) if sharp else ImageFilter.GaussianBlur(sigma)
    )


@cache
def _grain() -> NDArray[np.float32]:
    """Gaussian noise of deviation 1, larger than any page; shared, as it is dear."""
    grain = np.random.default_rng(5)
    return grain.standard_normal((2600, 2600), dtype=np.float32)


def with_noise(image: Image.Image, sigma: float, chance: random.Random) -> Image.Image:
    """Grain of the sensor, a little of it coloured."""
    x, y = chance.randrange(600), chance.randrange(600)
    noise = _grain()[y : y + image.height, x : x + image.width] * sigma
    pixels = np.asarray(image).astype(np.int16)
    pixels += noise.astype(np.int16)[:, :, None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def as_jpeg(image: Image.Image, quality: int) -> Image.Image:
    written = io.BytesIO()
    image.save(written, "JPEG", quality=quality)
    return Image.open(written).convert("RGB")
