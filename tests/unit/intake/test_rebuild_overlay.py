"""How two small pages are laid over each other: on words drawn as spots."""

from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageFilter

from intake.adapters.rebuild.flags.likeness import known
from intake.adapters.rebuild.flags.sameness import same_sheet

WIDE, HIGH = 316, 448


@cache
def spots(seed):
    """A page of words: some 500 of them, on every second line."""
    chance = np.random.default_rng(seed)
    words = (chance.random((56, 79)) < 0.4) * np.uint8(200)
    words[::2] = words[:3] = words[-3:] = 0
    words[:, :6] = words[:, -6:] = 0
    dots = Image.fromarray(words).resize((WIDE, HIGH), Image.Resampling.BILINEAR)
    return dots.filter(ImageFilter.GaussianBlur(1))


def page(image, clear=None, *, photographed=False, level=True):
    relief = np.asarray(image)
    seen = np.ones_like(relief, bool) if clear is None else clear
    return known(relief, seen, photographed=photographed, level=level)


def from_the_side(image):
    """Its far side is smaller by a fiftieth, as in two photographs."""
    terms = (1.02, 0.015, -5, -0.01, 0.98, 4, 4e-5, -3e-5)
    kind, smooth = Image.Transform.PERSPECTIVE, Image.Resampling.BILINEAR
    return image.transform((WIDE, HIGH), kind, terms, smooth)


def smaller(image):
    """From farther away."""
    return bent(image, (-30, -42, -30, HIGH + 42, WIDE + 30, HIGH + 42, WIDE + 30, -42))


def bent(image, corners):
    kind, smooth = Image.Transform.QUAD, Image.Resampling.BILINEAR
    return image.transform((WIDE, HIGH), kind, corners, smooth)


def over(image):
    return image.transpose(Image.Transpose.ROTATE_180)


def slipped(image):
    return image.transform((WIDE, HIGH), Image.Transform.AFFINE, (1, 0, 25, 0, 1, -40))


@pytest.mark.parametrize("again", [from_the_side, over, slipped, lambda page: page])
def test_a_page_is_found_from_another_side(again):
    assert same_sheet(page(spots(1)), page(again(spots(1))))


def test_a_page_is_found_from_farther_away_where_it_was_photographed():
    small = smaller(spots(1))
    assert same_sheet(page(spots(1)), page(small, photographed=True))
    assert not same_sheet(page(spots(1)), page(small))


def with_other_words(image):
    """A field filled in otherwise, one in thirty of the page."""
    other = image.copy()
    box = (40, 200, 260, 224)
    other.paste(spots(2).crop(box), box)
    return other


@pytest.mark.parametrize("other", [with_other_words, lambda _: spots(3)])
def test_another_content_is_not_found(other):
    assert not same_sheet(page(spots(1)), page(other(spots(1))))


def test_half_of_a_sheet_is_judged_by_what_is_seen_of_both():
    """A quarter that lies beyond the picture's edge does not differ."""
    clear = np.ones((HIGH, WIDE), bool)
    clear[:, :80] = False
    half = Image.fromarray(np.asarray(spots(1)) * clear)
    assert same_sheet(page(spots(1)), page(half, clear))


def test_an_empty_page_is_like_none():
    empty = page(Image.new("L", (WIDE, HIGH)))
    assert not same_sheet(empty, empty)
    assert not same_sheet(page(spots(1)), empty)


def test_pages_that_hardly_overlap_are_two():
    """Too few places are seen of both to say anything."""
    clear = np.zeros((HIGH, WIDE), bool)
    clear[:40] = True
    strip = Image.fromarray(np.asarray(spots(1)) * clear)
    assert not same_sheet(page(spots(1)), page(strip, clear))
    assert not same_sheet(page(strip, clear), page(spots(1)))
