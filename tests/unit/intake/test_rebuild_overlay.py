"""How two small pages are laid over each other: on spots, without a picture."""

import numpy as np
import pytest
from PIL import Image

from intake.adapters.rebuild.flags.overlay import alike

SIZE = (136, 384)


def spots(seed):
    """A page of words: some 1,500 of them."""
    chance = np.random.default_rng(seed)
    dots = Image.fromarray((chance.random((128, 68)) < 0.2).astype(np.uint8) * 255)
    return dots.resize(SIZE, Image.Resampling.BILINEAR)


def shades(image):
    return np.asarray(image).astype(np.float32) / 255


def from_the_side(image):
    """The page's corners moved by up to 3%, as in two photographs."""
    corners = (2, -5, -3, 390, 139, 380, 132, 8)
    return image.transform(
        SIZE, Image.Transform.QUAD, corners, Image.Resampling.BILINEAR
    )


def with_other_words(image):
    """A third of it filled in otherwise."""
    other = image.copy()
    other.paste(spots(2).crop((0, 0, 136, 128)), (0, 128))
    return other


@pytest.mark.parametrize("other", [from_the_side, lambda page: page])
def test_a_page_is_found_from_another_side(other):
    assert alike(shades(spots(1)), shades(other(spots(1)))) > 0.9


@pytest.mark.parametrize("place", [with_other_words, lambda _: spots(3)])
def test_another_content_is_not_found(place):
    assert alike(shades(spots(1)), shades(place(spots(1)))) < 0.7


def test_an_empty_page_is_like_none():
    empty = np.zeros(SIZE[::-1], np.float32)
    assert alike(empty, empty) == 0
    assert alike(shades(spots(1)), empty) == 0
