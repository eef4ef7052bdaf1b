"""Drafts by somebody who holds signing with its keys, and says what was not ordered.

Each is composed by the real writer and bent in one way before it would be signed; the
base revision alone is judged here, since what refuses it must be the gate's reading of
the page. ``bent_drafts`` is the list; ``make bench ONLY=gate`` signs each of them.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

from ecopy.events import CertificationOrdered
from support.forgeries.bent import WORDS, Bent, Desk, Drawings
from support.forgeries.bent_drawings import (
    bent_codes,
    bent_elements,
    bent_spellings,
    bent_texts,
)
from support.forgeries.bent_objects import bent_fields, bent_letters


def bent_drafts(order: CertificationOrdered, original: bytes) -> Iterator[Bent]:
    """Every way that this kit knows to make an unordered copy of *order*."""
    desk = Desk(order, original)
    yield from _other_orders(desk)
    yield from bent_elements(desk)
    yield from bent_texts(desk)
    yield from bent_spellings(desk)
    yield from bent_codes(desk)
    yield from bent_letters(desk)
    yield from bent_fields(desk)


def _other_orders(desk: Desk) -> Iterator[Bent]:
    """Every word of the order, exchanged for one that is as good-looking."""
    order = desk.order
    clause, officer, agency = order.clause, order.officer, order.agency
    lines = agency.name_lines
    others = {
        "statement": {"clause": _with(clause, statement="Chứng thực chữ ký đúng")},
        "a letter of it": {
            "clause": _with(clause, statement=clause.statement.replace("đ", "d", 1))
        },
        "number": {"clause": _with(clause, number="1181/2026")},
        "digits turned": {"clause": _with(clause, number="1810/2026")},
        "book": {"clause": _with(clause, book="03/2026-SCTĐT/BS")},
        "a day later": {"clause": _with(clause, date=clause.date + timedelta(days=1))},
        "another year": {"clause": _with(clause, date=clause.date.replace(year=2020))},
        "officer": {"officer": _with(officer, name="Phạm Quốc Vinh")},
        "title": {"officer": _with(officer, title_lines=("CHỦ TỊCH",))},
        "no title": {"officer": _with(officer, title_lines=())},
        "titles turned": {
            "officer": _with(officer, title_lines=officer.title_lines[::-1])
        },
        "agency": {"agency": _with(agency, name_lines=(lines[0], "PHƯỜNG HOA MAI"))},
        "agency's lines turned": {"agency": _with(agency, name_lines=lines[::-1])},
        "a line less": {"agency": _with(agency, name_lines=lines[:1])},
        "code": {"code": "7K2F9MQX4TBE"},
        "host": {"public_host": "https://hoaban.examp1e"},
        "digest": {"original": _with(order.original, sha256="0" * 64)},
        "warning": {"demo": not order.demo},
        "a page more": {"manifest": (*order.manifest, order.manifest[0])},
    }
    for name, changes in others.items():
        other = desk.typeset(order.model_copy(update=changes))
        drawings = other.drawings[: len(order.manifest) + 1]
        resources = other.resources[: len(drawings)]
        shown = replace(other, drawings=drawings, resources=resources)
        yield Bent(f"other {name}", WORDS, partial(desk.draft, shown))
        yield from _half(desk, name, drawings)


def _half(desk: Desk, name: str, drawings: Drawings) -> Iterator[Bent]:
    """The other words on the clause page alone, and in the margins alone."""
    honest = desk.honest.drawings
    if drawings[0] != honest[0]:
        bent = (drawings[0], *honest[1:])
        yield Bent(f"{name}, clause page", WORDS, partial(desk.drawn, lambda _: bent))
    if drawings[1:] != honest[1:]:
        rest = (honest[0], *drawings[1:])
        yield Bent(f"{name}, margins", WORDS, partial(desk.drawn, lambda _: rest))


def _with(model, **changes):
    return model.model_copy(update=changes)
