"""What is drawn on a sheet besides print: handwriting, seals, photographs, dust."""

import math
import random

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from corpus.labelled import words
from corpus.labelled.words import DPI

RED = (196, 35, 43)
BLUE = (38, 52, 140)
BLACK = (28, 30, 38)


def px(millimetres: float) -> int:
    return round(millimetres * DPI / 25.4)


def handwriting(
    page: Image.Image, box: tuple[int, int, int], chance: random.Random
) -> None:
    """One line of joined letters from ``box`` (x, y of the baseline, width): bows,
    loops above and below, and the marks that Vietnamese sets above and under vowels,
    about as often as its text does.
    """
    x, y, width = box
    draw, ink = ImageDraw.Draw(page), chance.choice((BLUE, BLACK, BLUE))
    high, pen = px(chance.uniform(2.0, 3.0)), chance.choice((2, 2, 3))
    end = x + width
    while x < end - 4 * high:
        x = _word(draw, (x, y), high, (ink, pen), chance) + high


def _word(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    high: int,
    pen: tuple[tuple[int, int, int], int],
    chance: random.Random,
) -> float:
    x, y = at
    ink, width = pen
    y += chance.uniform(-0.12, 0.12) * high
    line: list[tuple[float, float]] = [(x, y)]
    for _ in range(chance.randrange(2, 6)):
        wide = high * chance.uniform(0.6, 1.0)
        kind = chance.random()
        top = 2.1 if kind < 0.24 else 1.0
        low = 1.0 if kind > 0.88 else 0.0
        for step in range(1, 9):
            turn = step / 8 * 2 * math.pi
            rise = (1 - math.cos(turn)) / 2 * top - (math.sin(turn) < 0) * low * abs(
                math.sin(turn)
            )
            line.append((x + wide * step / 8 + 0.2 * rise * high, y - rise * high))
        if kind > 0.6:
            _mark(draw, (x + wide / 2, y), high, pen, chance)
        x += wide
    draw.line(line, fill=ink, width=width, joint="curve")
    return x


def _mark(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    high: int,
    pen: tuple[tuple[int, int, int], int],
    chance: random.Random,
) -> None:
    (x, y), (ink, width) = at, pen
    if chance.random() < 0.15:
        draw.ellipse((x - 2, y + 0.4 * high, x + 2, y + 0.4 * high + 4), fill=ink)
        return
    top = y - high * chance.uniform(1.35, 1.7)
    draw.line((x, top, x + high * 0.45, top - high * 0.3), fill=ink, width=width)


def seal(page: Image.Image, centre: tuple[int, int], chance: random.Random) -> None:
    """A round red seal, as paper takes it: uneven, over the text, a little turned."""
    radius = px(chance.uniform(15, 18))
    side = 2 * radius + 4
    ink = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(ink)
    for inset, width in ((2, 5), (radius // 3, 2)):
        draw.ellipse(
            (inset, inset, side - inset, side - inset), outline=255, width=width
        )
    face = words.font("LiberationSans-Bold", 7)
    for line, text in enumerate(("ỦY BAN NHÂN DÂN", "PHƯỜNG HOA BAN", "★")):
        at = (side / 2, side * (0.38 + 0.12 * line))
        draw.text(at, text, 255, font=face, anchor="mm")
    ink = ink.rotate(chance.uniform(-20, 20), Image.Resampling.BILINEAR)
    uneven = Image.effect_noise((side // 16, side // 16), 90).resize(ink.size)
    ink = ImageChops.multiply(ink, uneven.point(lambda v: min(255, 120 + v)))
    x, y = centre[0] - radius, centre[1] - radius
    page.paste(Image.new("RGB", ink.size, RED), (x, y), ink)


def signature(page: Image.Image, at: tuple[int, int], chance: random.Random) -> None:
    x, y = at
    points = [
        (x + px(3.2) * n, y + px(chance.uniform(-9, 9)) * (1 - n / 12))
        for n in range(12)
    ]
    ImageDraw.Draw(page).line(points, fill=BLUE, width=3, joint="curve")


def photograph(size: tuple[int, int], chance: random.Random) -> Image.Image:
    """A head and shoulders before soft shapes: light, shade and fine detail."""
    grain = np.random.default_rng(chance.randrange(1 << 30))
    picture = Image.new("RGB", size)
    for cells in (4, 9, 40):
        noise = grain.integers(0, 255, (cells, cells, 3), dtype=np.uint8)
        layer = Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)
        picture = Image.blend(picture, layer, 0.9 if cells == 4 else 0.3)
    draw, (wide, high) = ImageDraw.Draw(picture), size
    skin = tuple(chance.randrange(120, 230) for _ in range(3))
    coat = tuple(chance.randrange(10, 110) for _ in range(3))
    draw.ellipse((wide * 0.1, high * 0.68, wide * 0.9, high * 1.5), fill=coat)
    draw.ellipse((wide * 0.3, high * 0.2, wide * 0.7, high * 0.75), fill=skin)
    draw.chord(
        (wide * 0.27, high * 0.12, wide * 0.73, high * 0.6), 180, 360, fill=BLACK
    )
    for eye in (0.4, 0.6):
        draw.ellipse(_about(wide * eye, high * 0.45, wide * 0.03), fill=BLACK)
    return picture.filter(ImageFilter.GaussianBlur(chance.uniform(0.6, 1.2)))


def _about(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return (x - radius, y - radius, x + radius, y + radius)


def dust(page: Image.Image, chance: random.Random, grains: int) -> None:
    draw = ImageDraw.Draw(page)
    for _ in range(grains):
        x, y = chance.randrange(page.width), chance.randrange(page.height)
        shade, size = chance.randrange(60, 190), chance.choice((0, 0, 1, 2))
        draw.rectangle((x, y, x + size, y + size), fill=(shade, shade, shade))
