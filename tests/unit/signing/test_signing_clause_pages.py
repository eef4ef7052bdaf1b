"""Filling in is typesetting: the same bytes, or it is not done."""

import re
from dataclasses import replace

import segno

from ecopy.identifiers import format_code
from signing.adapters.composer import _inputs
from signing.adapters.composing.clause_layouts import layout
from signing.adapters.composing.clause_pages import ClausePages
from signing.adapters.composing.qr import MASK, QrCode
from signing.adapters.composing.typeset_pages import read_lettered
from signing.domain.clause import clause_facts
from support import build

FIRST = ("1180/2026", "7K2F9MQX4TBD", "1" * 64)
SECOND = ("2391/2026", "A0B1C3D4E5G6", "2" * 64)
THIRD = ("4705/2026", "QQWWMMZZVV88", "0123456789abcdef" * 4)


class Counted:
    """The template, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self._template = layout("clause/3")

    def typeset(self, facts):
        self.asked += 1
        return self._template.typeset(facts)


def facts_of(number, code, digest, **changes):
    """Two pages of A4; *changes* are of the clause's facts."""
    page = build.page()
    order = build.ordered(manifest=(page, page))
    facts = replace(
        clause_facts(order),
        number=number,
        code=format_code(code),
        original_sha256=digest,
        **changes,
    )
    return _inputs(facts, order, QrCode(facts.code_address))


def test_the_third_of_a_kind_is_filled_in_and_is_what_typst_makes():
    counted = Counted()
    pages = ClausePages(counted, read_lettered)
    for words in (FIRST, SECOND):
        pages.typeset(facts_of(*words))
    filled = pages.typeset(facts_of(*THIRD))
    assert counted.asked == 2
    alone = ClausePages(layout("clause/3"), read_lettered).typeset(facts_of(*THIRD))
    assert filled.drawings == alone.drawings


def test_nothing_is_filled_in_that_was_not_proved():
    """The same code twice proves the number only: another code is typeset."""
    counted = Counted()
    pages = ClausePages(counted, read_lettered)
    pages.typeset(facts_of(*FIRST))
    pages.typeset(facts_of(SECOND[0], *FIRST[1:]))
    pages.typeset(facts_of(THIRD[0], *FIRST[1:]))
    assert counted.asked == 2
    pages.typeset(facts_of(*THIRD))
    assert counted.asked == 3


def test_a_number_that_stands_elsewhere_too_is_never_filled_in():
    """A book that contains the first number would change with it. No two digits of the
    number are set closer than others, or the book would not be taken for it.
    """
    counted = Counted()
    pages = ClausePages(counted, read_lettered)
    for words in (("2380/2026", *FIRST[1:]), SECOND, THIRD):
        made = pages.typeset(facts_of(*words, book="x2380/2026"))
    assert counted.asked == 3
    alone = ClausePages(layout("clause/3"), read_lettered)
    assert made == alone.typeset(facts_of(*THIRD, book="x2380/2026"))


def test_another_day_is_another_kind():
    counted = Counted()
    pages = ClausePages(counted, read_lettered)
    for words in (FIRST, SECOND):
        pages.typeset(facts_of(*words))
    pages.typeset(facts_of(*THIRD, date="Ngày 24 tháng 11 năm 2026"))
    assert counted.asked == 3


def test_the_drawn_code_is_the_code():
    """The rectangles on the page are the dark modules, no more and no fewer."""
    address = "https://hoaban.example/k/7K2F9MQX4TBD"
    code = QrCode(address)
    n = code.size
    room = b"0 0 m %d 0 l %d %d l 0 %d l\nh\nf\n" % (n, n, n, n)
    drawn = code.drawn(b"q\n" + room + b"Q\n")
    painted = {
        (x, int(y))
        for start, y, width in re.findall(rb"(\d+) (\d+) (\d+) 1 re\n", drawn)
        for x in range(int(start), int(start) + int(width))
    }
    wanted = segno.make_qr(address, error="m", mask=MASK, boost_error=False).matrix
    dark = {
        (x, y) for y, row in enumerate(wanted) for x, cell in enumerate(row) if cell
    }
    assert painted == dark
