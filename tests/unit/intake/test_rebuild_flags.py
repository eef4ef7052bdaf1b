"""What one look at a page's picture finds, on drawn pages of known faults.

The figures over hundreds of pages are ``bench.desk.flags``; a slice of them is
``faults/test_flags_on_labelled_pages``.
"""

import random
from functools import cache

import pytest
from PIL import Image, ImageDraw

from corpus.labelled import sheets
from corpus.labelled.camera import photographed
from corpus.labelled.judging import as_on_the_desk
from corpus.labelled.scanner import scanned
from intake.adapters.rebuild.flags.seen import seen
from intake.adapters.rebuild.flags.twins import Sheets


@cache
def letter(content=1):
    return sheets.letter(random.Random(3), random.Random(content)).image


def scan(paper, seed=5, **course):
    straight = {"skew": 0.4, "sigma": 0.5, "side": None, "bilevel": False}
    picture, _ = scanned(paper, **straight | course, chance=random.Random(seed))
    return as_on_the_desk(picture)


def photo(paper, seed=5):
    picture, _, _ = photographed(
        paper,
        skew=0.5,
        sigma=0.5,
        side=None,
        shaken=False,
        chance=random.Random(seed),
    )
    return as_on_the_desk(picture)


def turned(page, way):
    return as_on_the_desk(page.transpose(way))


def test_a_good_page_has_no_flag():
    assert seen(scan(letter())).flags == ()


@pytest.mark.parametrize(
    ("way", "flag"),
    [
        (Image.Transpose.ROTATE_90, "sideways"),
        (Image.Transpose.ROTATE_180, "upside-down"),
        (Image.Transpose.ROTATE_270, "sideways"),
    ],
)
def test_which_way_the_text_stands(way, flag):
    assert seen(turned(scan(letter()), way)).flags == (flag,)


@pytest.mark.parametrize(("skew", "flags"), [(3, ("skewed",)), (-1.5, ())])
def test_more_than_two_degrees_is_skewed(skew, flags):
    assert seen(scan(letter(), skew=skew)).flags == flags


def test_a_blurred_page():
    assert seen(scan(letter(), sigma=2.6)).flags == ("blurred",)


def test_writing_that_runs_off_the_picture():
    assert seen(scan(letter(), side="left")).flags == ("cut-edges",)


def test_an_empty_sheet_on_a_table_is_blank():
    bare = sheets.bare(random.Random(1), random.Random(2)).image
    assert seen(photo(bare)).flags == ("blank",)


def test_a_written_sheet_on_a_table_is_not():
    assert "blank" not in seen(photo(letter())).flags


def test_a_sheet_that_went_through_twice_also_turned():
    first, again = scan(letter()), scan(letter(), seed=6, skew=-0.8)
    before = Sheets()
    assert before.twin(1, seen(first).likeness) == 0
    assert before.twin(2, seen(again).likeness) == 1
    over = turned(again, Image.Transpose.ROTATE_180)
    assert before.twin(3, seen(over).likeness) == 1


def test_a_sheet_that_was_blurred_and_crooked_the_second_time():
    before = Sheets()
    before.twin(1, seen(scan(letter())).likeness)
    again = scan(letter(), seed=8, skew=4, sigma=3)
    assert before.twin(2, seen(again).likeness) == 1


def test_one_form_filled_in_twice_is_two_sheets():
    one, other = (sheets.form(random.Random(4), random.Random(n)).image for n in (1, 2))
    before = Sheets()
    before.twin(1, seen(scan(one)).likeness)
    assert before.twin(2, seen(scan(other, seed=6)).likeness) == 0


def test_an_empty_sheet_with_punched_holes_is_blank():
    """Holes lie within 16 mm of the edge, where no mark counts."""
    paper = sheets.bare(random.Random(1), random.Random(2)).image.copy()
    for y in (640, 1110):
        ImageDraw.Draw(paper).ellipse((47, y, 83, y + 36), fill=(70, 70, 70))
    assert seen(scan(paper)).flags == ("blank",)
