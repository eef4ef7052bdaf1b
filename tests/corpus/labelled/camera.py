"""A telephone over a sheet of paper on a table.

Perspective, table, uneven light, a shadow, the paper's and the lamp's colour, defocus
or a shaken hand, grain, JPEG. Start at ``photographed``.
"""

import math
import random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from corpus.labelled.scanner import as_jpeg, edge_strokes, out_of_focus, with_noise

FRAME = (1240, 1654)
Points = NDArray[np.float64]


def photographed(
    paper: Image.Image,
    *,
    skew: float,
    sigma: float,
    side: str | None,
    shaken: bool,
    chance: random.Random,
) -> tuple[Image.Image, int, tuple[float, ...]]:
    """The photograph, how many strokes meet its edge, and the angles in degrees by
    which lines lean in the upper part, the middle and the lower part of the sheet.
    """
    frame = FRAME if paper.height >= paper.width else FRAME[::-1]
    corners = _corners(paper.size, frame, skew, side, chance)
    seen = _homography(_box(paper.size), corners)
    page = _laid(paper, corners, frame, chance)
    ink = paper.convert("L").point(lambda v: 255 if v < 140 else 0)
    strokes = edge_strokes(_warped(ink, corners, frame, fill=0))
    page = ImageChops.multiply(page, _light(frame, chance))
    page = out_of_focus(page, 0.6 if shaken else sigma)
    if shaken:
        page = _moved(page, 3.4 * sigma, chance.uniform(0, math.pi))
    page = with_noise(page, chance.uniform(1.5, 5), chance)
    return as_jpeg(page, chance.randrange(65, 92)), strokes, _leans(seen, paper.size)


def _box(size: tuple[int, int]) -> Points:
    wide, high = size
    return np.array([(0, 0), (wide, 0), (wide, high), (0, high)], float)


def _corners(
    size: tuple[int, int],
    frame: tuple[int, int],
    skew: float,
    side: str | None,
    chance: random.Random,
) -> Points:
    """Where the paper's corners come to lie: filling most of the frame, rarely all of
    it, leaning, seen a little from one side.
    """
    fits = min(frame[0] / size[0], frame[1] / size[1])
    scale = fits * (chance.uniform(0.80, 0.95) if chance.random() < 0.85 else 1.04)
    points = (_box(size) - np.array(size) / 2) * scale
    turn = math.radians(-skew)
    spin = np.array(
        [(math.cos(turn), -math.sin(turn)), (math.sin(turn), math.cos(turn))]
    )
    points = points @ spin.T + np.array(frame) / 2
    jitter = [chance.uniform(-0.022, 0.022) * frame[0] for _ in range(8)]
    points += np.array(jitter).reshape(4, 2)
    return points if side is None else _shifted(points, frame, side, chance)


def _shifted(
    points: Points, frame: tuple[int, int], side: str, chance: random.Random
) -> Points:
    """So that a broad stripe of the paper lies outside the frame."""
    beyond = chance.uniform(0.13, 0.2)
    if side == "left":
        points[:, 0] -= points[:, 0].max() - points[[1, 2], 0].min()
        points[:, 0] -= points[[0, 3], 0].max() + beyond * frame[0]
    elif side == "right":
        points[:, 0] += frame[0] * (1 + beyond) - points[[1, 2], 0].min()
    elif side == "top":
        points[:, 1] -= points[[0, 1], 1].max() + beyond * frame[1]
    else:
        points[:, 1] += frame[1] * (1 + beyond) - points[[2, 3], 1].min()
    return points


def _homography(start: Points, end: Points) -> Points:
    rows = []
    for (x, y), (u, v) in zip(start, end, strict=True):
        rows += [
            (x, y, 1, 0, 0, 0, -u * x, -u * y),
            (0, 0, 0, x, y, 1, -v * x, -v * y),
        ]
    return np.linalg.solve(np.array(rows, float), end.reshape(8))


def _mapped(way: Points, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f, g, h = way
    below = g * x + h * y + 1
    return (a * x + b * y + c) / below, (d * x + e * y + f) / below


def _leans(way: Points, size: tuple[int, int]) -> tuple[float, ...]:
    leans = []
    for part in (0.15, 0.5, 0.85):
        x0, y0 = _mapped(way, size[0] * 0.4, size[1] * part)
        x1, y1 = _mapped(way, size[0] * 0.6, size[1] * part)
        leans.append(math.degrees(math.atan2(y0 - y1, x1 - x0)))
    return tuple(leans)


def _warped(
    image: Image.Image, corners: Points, frame: tuple[int, int], fill: object
) -> Image.Image:
    back = tuple(_homography(corners, _box(image.size)))
    way, smooth = Image.Transform.PERSPECTIVE, Image.Resampling.BILINEAR
    return image.transform(frame, way, back, smooth, fillcolor=fill)


def _laid(
    paper: Image.Image,
    corners: Points,
    frame: tuple[int, int],
    chance: random.Random,
) -> Image.Image:
    red = chance.randrange(222, 250)
    colour = (red, red - chance.randrange(10), red - chance.randrange(28))
    tinted = ImageChops.multiply(paper, Image.new("RGB", paper.size, colour))
    page = _table(frame, chance)
    cover = _warped(Image.new("L", paper.size, 255), corners, frame, fill=0)
    shade = cover.resize((frame[0] // 8, frame[1] // 8))
    shade = shade.filter(ImageFilter.GaussianBlur(2)).resize(frame)
    page = ImageChops.multiply(page, _grey(shade.point(lambda v: 255 - v // 2)))
    page.paste(_warped(tinted, corners, frame, fill="white"), (0, 0), cover)
    return page


def _table(frame: tuple[int, int], chance: random.Random) -> Image.Image:
    """Dark wood, cloth, or a grey desk: darker than any paper."""
    grain = np.random.default_rng(chance.randrange(1 << 30))
    cells = chance.choice(((6, 160), (90, 120), (5, 7)))
    noise = grain.integers(0, 255, cells, dtype=np.uint8)
    noise_image = Image.fromarray(noise).resize(frame, Image.Resampling.BICUBIC)
    base = chance.choice(((96, 66, 44), (60, 62, 70), (120, 118, 112), (38, 30, 26)))
    weak = noise_image.point(lambda v: 190 + v // 4)
    return ImageChops.multiply(Image.new("RGB", frame, base), _grey(weak))


def _grey(image: Image.Image) -> Image.Image:
    return Image.merge("RGB", (image,) * 3)


def _light(frame: tuple[int, int], chance: random.Random) -> Image.Image:
    """Brighter towards the lamp, darker in the corners, and often a soft shadow of the
    hand that holds the telephone.
    """
    small = (frame[0] // 8, frame[1] // 8)
    y, x = np.mgrid[-1 : 1 : small[1] * 1j, -1 : 1 : small[0] * 1j]
    turn = chance.uniform(0, 2 * math.pi)
    level = 1 - chance.uniform(0, 0.13) * (1 + x * math.cos(turn) + y * math.sin(turn))
    level *= 1 - chance.uniform(0, 0.08) * (x**2 + y**2)
    light = Image.fromarray((255 * np.clip(level, 0, 1)).astype(np.uint8))
    if chance.random() < 0.5:
        light = ImageChops.multiply(light, _shadow(small, chance))
    warm = chance.choice(((255, 255, 255), (255, 246, 226), (240, 247, 255)))
    coloured = ImageChops.multiply(_grey(light), Image.new("RGB", small, warm))
    return coloured.resize(frame, Image.Resampling.BILINEAR)


def _shadow(size: tuple[int, int], chance: random.Random) -> Image.Image:
    shade = Image.new("L", size, 255)
    wide, high = size
    start, end = (chance.uniform(-0.2, 0.9) * wide for _ in range(2))
    far = chance.choice((0, wide))
    deep = round(255 * chance.uniform(0.6, 0.88))
    outline = ((start, 0), (end, high), (far, high), (far, 0))
    ImageDraw.Draw(shade).polygon(outline, fill=deep)
    return shade.filter(ImageFilter.GaussianBlur(chance.uniform(3, 9)))


def _moved(image: Image.Image, length: float, direction: float) -> Image.Image:
    """Smeared along a straight way of so many pixels."""
    pixels = np.asarray(image).astype(np.uint16)
    steps = max(3, round(length))
    total = np.zeros_like(pixels)
    for step in range(steps):
        along = (step / (steps - 1) - 0.5) * length
        down, across = (round(along * f(direction)) for f in (math.sin, math.cos))
        total += np.roll(pixels, (down, across), (0, 1))
    return Image.fromarray((total // steps).astype(np.uint8))
