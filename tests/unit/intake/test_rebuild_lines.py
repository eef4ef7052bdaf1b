"""How lines of text are found in a page's ink: on pages of strokes, without print."""

import random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from intake.adapters.rebuild.flags import lines, look
from intake.adapters.rebuild.flags.turned import way

SIZE = (1240, 1754)


def page(draw_on):
    paper = Image.new("L", SIZE, 240)
    draw_on(ImageDraw.Draw(paper))
    return paper


def text(draw):
    """Words of strokes: lines 41 pixels apart, each letter with a stem upwards."""
    chance = random.Random(2)
    for y in range(200, 1500, 41):
        x = 150
        while x < 1050:
            for _ in range(chance.randrange(2, 8)):
                draw.rectangle((x, y, x + 5, y + 11), fill=30)
                draw.rectangle((x, y - 6, x + 1, y), fill=30)
                x += chance.randrange(10, 15)
            x += chance.randrange(8, 20)


def leaning(degrees):
    return page(text).rotate(degrees, Image.Resampling.BILINEAR, fillcolor=240)


def test_ink_is_counted_both_ways():
    """Each pixel of whole blocks: once in a band of columns and once in one of rows,
    seen turned.
    """
    dark = [(80, 96), (83, 96), (80, 300), (1231, 1000)]
    found = look.look_at(page(lambda draw: draw.point(dark, fill=0)))
    across, up = np.zeros((154, 1744), int), np.zeros((218, 1232), int)
    for x, y in dark:
        across[x // 8, y] += 1
        up[217 - y // 8, x] += 1
    assert np.array_equal(found.across, across)
    assert np.array_equal(found.up, up)


@pytest.mark.parametrize("degrees", [-8, -2.2, -0.7, 0, 1.8, 5])
def test_the_lean_of_lines(degrees):
    """To a tenth of a degree, so that two degrees are told from less."""
    found = look.look_at(leaning(degrees))
    assert lines.lean(found.across).degrees == pytest.approx(degrees, abs=0.12)


def test_lines_that_run_up_the_page_stand_out_there_only():
    upright, turned = (
        look.look_at(leaning(3).transpose(way).crop((0, 0, 1240, 1240)))
        for way in (Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90)
    )
    assert lines.lean(upright.up) is None
    assert lines.lean(turned.across) is None
    assert lines.lean(turned.up).degrees == pytest.approx(3, abs=0.12)


def test_each_third_of_a_page_has_its_own_lean():
    """A sheet seen from one side: lines fan out by two degrees."""
    fan = page(lambda _: None)
    for third, degrees in enumerate((1, 0, -1)):
        box = (0, 585 * third, 1240, 585 * (third + 1))
        fan.paste(leaning(degrees).crop(box), box)
    thirds = lines.lean(look.look_at(fan).across).thirds
    assert thirds == pytest.approx((1, 0, -1), abs=0.2)


def test_strokes_without_order_are_no_lines():
    chance = np.random.default_rng(3)
    spots = chance.random(SIZE[::-1]) < 0.02
    noise = Image.fromarray((240 - 220 * spots).astype(np.uint8))
    assert lines.lean(look.look_at(noise).across) is None


def test_rules_are_taken_out_and_letters_left():
    def ruled(draw):
        text(draw)
        for y in (230, 630):
            draw.line((100, y, 1100, y), fill=30, width=2)

    bare, lined = (look.look_at(page(draw)).across for draw in (text, ruled))
    assert np.array_equal(lines.without_rules(lined)[14:137], bare[14:137])
    assert np.array_equal(lines.without_rules(bare), bare)


def test_text_rises_and_falls_when_it_is_turned():
    """Every piece of every line is judged: more ink stands above than hangs below."""
    upright = way(look.look_at(page(text)).across)
    turned = look.look_at(page(text).transpose(Image.Transpose.ROTATE_180))
    assert upright.pieces >= 100
    assert upright.upright > 3
    assert way(turned.across).upright < -3


def test_the_end_of_a_page_does_not_hide_its_lines():
    """A page whose last third has a spot or two leans as the rest of it does."""
    half = leaning(3)
    half.paste(240, (0, 1000, 1240, 1754))
    half.paste(30, (600, 1500, 606, 1506))
    assert lines.lean(look.look_at(half).across).degrees == pytest.approx(3, abs=0.15)
