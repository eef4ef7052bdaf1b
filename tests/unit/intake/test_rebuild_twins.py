"""How many pages of a long paper are laid over each other, counted.

A clerk waits for it: 200 pages that were compared with 40 each took five minutes.
"""

from functools import cache

import numpy as np
from PIL import Image, ImageFilter

from intake.adapters.rebuild.flags.glance import MOST
from intake.adapters.rebuild.flags.likeness import known
from intake.adapters.rebuild.flags.sameness import same_sheet
from intake.adapters.rebuild.flags.twins import Sheets

PAGES = 200
WIDE, HIGH = 316, 448
FORMS = 12


@cache
def printed():
    return words(0, 0.4)


def words(seed, share):
    chance = np.random.default_rng(seed)
    spots = (chance.random((56, 79)) < share) * np.uint8(200)
    spots[::2] = spots[:3] = spots[-3:] = 0
    spots[:, :6] = spots[:, -6:] = 0
    return spots


def form(number):
    """One print of which every sheet was filled in otherwise, in four lines."""
    filled = printed().copy()
    filled[20:28] = words(number, 0.4)[20:28]
    dots = Image.fromarray(filled).resize((WIDE, HIGH), Image.Resampling.BILINEAR)
    return dots.filter(ImageFilter.GaussianBlur(1))


def page(image, *, level=True):
    relief = np.asarray(image)
    seen = np.ones_like(relief, bool)
    return known(relief, seen, photographed=False, level=level)


def asked(image, *, level=True):
    return lambda: page(image, level=level)


class Counted:
    """Says what ``same_sheet`` says, or no; and how often it was asked."""

    def __init__(self, answer=lambda *_pages: False):
        self.times = 0
        self._answer = answer

    def __call__(self, one, other):
        self.times += 1
        return self._answer(one, other)


def test_a_paper_of_one_form_is_compared_in_proportion_to_its_pages():
    """Each looks like all others, and none is another's sheet."""
    same = Counted()
    sheets = Sheets(same)
    for number in range(1, PAGES + 1):
        assert sheets.twin(number, asked(form(number))) == 0
    assert PAGES < same.times <= MOST * PAGES


def test_a_sheet_is_known_among_forms_that_look_like_it():
    """Its own picture is likest, so that the bound does not hide it; the third picture
    points at the first one, too.
    """
    same = Counted(same_sheet)
    sheets = Sheets(same)
    for number in range(1, FORMS + 1):
        sheets.twin(number, asked(form(number)))
    moved = form(4).transform((WIDE, HIGH), Image.Transform.AFFINE, (1, 0, 9, 0, 1, -7))
    over = form(4).transpose(Image.Transpose.ROTATE_180)
    assert sheets.twin(FORMS + 1, asked(moved)) == 4
    assert sheets.twin(FORMS + 2, asked(over)) == 4
    assert same.times <= MOST * (FORMS + 2)


def test_pages_that_look_otherwise_are_not_laid_over_each_other():
    same = Counted()
    sheets = Sheets(same)
    for number in range(1, FORMS + 1):
        dots = Image.fromarray(words(number, 0.4)).resize((WIDE, HIGH))
        sheets.twin(number, asked(dots))
    assert same.times == 0


def test_a_crooked_page_without_lines_is_among_the_likest():
    """Nothing says how it leans, so it is turned while it is glanced at."""
    sheets = Sheets()
    for number in range(1, FORMS + 1):
        sheets.twin(number, asked(form(number), level=False))
    crooked = form(7).rotate(5, Image.Resampling.BILINEAR)
    assert sheets.twin(FORMS + 1, asked(crooked, level=False)) == 7


def test_a_likeness_is_made_once_a_page_and_not_of_a_page_alone():
    made = []

    def likeness(number):
        made.append(number)
        return page(form(number))

    sheets = Sheets()
    sheets.twin(1, lambda: likeness(1))
    assert made == []
    for number in range(2, FORMS + 1):
        sheets.twin(number, lambda number=number: likeness(number))
    assert made == list(range(1, FORMS + 1))
