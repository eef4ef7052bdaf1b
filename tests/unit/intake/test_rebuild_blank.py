"""*Blank* is said of a page without structure, however bright or dark it is."""

import random

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from corpus.scans import small
from intake.adapters.rebuild.flags.blank import is_blank

SIZE = (1100, 1556)
"""As the desk's picture of an A4 page."""


def sheet(level=246):
    return Image.new("L", SIZE, level)


def grainy(image, sigma=6):
    random.seed(7)
    grain = Image.frombytes("L", image.size, random.randbytes(SIZE[0] * SIZE[1]))
    weak = grain.point(lambda v: int(128 + (v - 128) * sigma / 74))
    return ImageChops.add(image, weak, offset=-128)


def written(paper, ink, width=2):
    """A few lines of handwriting."""
    page = sheet(paper)
    draw, chance = ImageDraw.Draw(page), random.Random(3)
    for y in (300, 345, 390):
        line = [(x, y + chance.randint(-9, 9)) for x in range(200, 800, 7)]
        draw.line(line, fill=ink, width=width)
    return page


def stamped(paper, ink):
    page = sheet(paper)
    draw = ImageDraw.Draw(page)
    draw.ellipse((700, 1100, 880, 1280), outline=ink, width=4)
    draw.text((740, 1180), "UBND PHUONG", fill=ink, font_size=18)
    return page


def on_a_table():
    table = Image.new("RGB", SIZE, (15, 15, 15))
    table.paste(small().resize((620, 877)), (240, 300))
    return table


def dark_photo():
    """Soft shapes between 12 and 70, nowhere a commonest level."""
    base = Image.effect_noise((40, 56), 60).resize(SIZE, Image.Resampling.BICUBIC)
    return base.point(lambda v: 12 + v // 4)


def dusty(grains=40):
    page = sheet()
    draw, chance = ImageDraw.Draw(page), random.Random(5)
    for _ in range(grains):
        x, y = chance.randrange(1080), chance.randrange(1540)
        size = chance.choice((1, 1, 2, 3))
        draw.rectangle((x, y, x + size, y + size), fill=chance.randrange(40, 160))
    return page


def shadowed():
    """The lid left a grey edge, the paper's own edge a line."""
    page = sheet()
    ImageDraw.Draw(page).rectangle((1060, 0, 1100, 1556), fill=150)
    ImageDraw.Draw(page).line((1058, 0, 1058, 1556), fill=60, width=2)
    return page.filter(ImageFilter.GaussianBlur(2))


SOMETHING = {
    "paper on a dark table": on_a_table,
    "a written page": lambda: small().resize(SIZE),
    "the same inverted": lambda: ImageChops.invert(small().resize(SIZE)),
    "white on black": lambda: written(20, 230),
    "a dark photograph": dark_photo,
    "a faint stamp": lambda: grainy(stamped(244, 226), 3),
    "light pencil": lambda: grainy(written(246, 214), 3),
    "one line": lambda: written(246, 60),
}
NOTHING = {
    "white": lambda: sheet(255),
    "grey": lambda: sheet(180),
    "black": lambda: sheet(4),
    "dust": dusty,
    "grain": lambda: grainy(sheet(), 10),
    "grey grain with dust": lambda: grainy(dusty().point(lambda v: v * 3 // 4), 8),
    "edges in shadow": shadowed,
    "uneven light": lambda: (
        Image.linear_gradient("L").resize(SIZE).point(lambda v: 225 + v // 9)
    ),
}


@pytest.mark.parametrize("name", SOMETHING)
def test_a_page_that_shows_something_is_not_blank(name):
    """Nobody may take out a page for a word of ours."""
    assert not is_blank(SOMETHING[name]())


@pytest.mark.parametrize("name", NOTHING)
def test_a_page_that_shows_nothing_is_blank(name):
    """Dust, grain and an edge are not content."""
    assert is_blank(NOTHING[name]())
