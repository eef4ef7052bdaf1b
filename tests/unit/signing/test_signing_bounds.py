"""What intake lets through is composed, and the gate passes it: tried at the bounds.

``ecopy.words`` and ``ecopy.composing`` answer before a number is taken; here the real
composer is given the most that they allow.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from hashlib import sha256

import pytest

from ecopy.composing import LEAST_SIDE_POINTS, obstacles
from ecopy.paper import LEAST_PAGE_POINTS, MOST_PAGE_POINTS
from ecopy.refusals import Refusal
from ecopy.words import _ADVANCES, _VIETNAMESE, LAYOUTS, Words, unfit
from signing.adapters.composer import _inputs
from signing.adapters.composing.clause_layouts import layout
from signing.adapters.composing.qr import QrCode
from signing.domain.clause import clause_facts
from storage.domain.gate import compile_trust, gate, hold_alone
from support import build
from support.originals import flat, full_page
from support.sealed import sealed_copy
from support.settings import share

SEED = 20261128
PLAIN = Words(
    layout="clause/3",
    clause="Chứng thực bản sao đúng với bản chính",
    number="1180/2026",
    book="02/2026-SCTĐT/BS",
    place="Hoa Ban",
    agency_lines=("ỦY BAN NHÂN DÂN", "PHƯỜNG HOA BAN"),
    title_lines=("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
    officer="Phạm Quốc Vĩnh",
    public_host="https://hoaban.example",
)
SYLLABLES = (
    *("MƯỜM", "NGHIÊNG", "Thuyền", "trường", "ỦY", "BAN", "W", "khuỷu", "ế", "chứng"),
    *("CỘNG", "nguyễn", "QUƯỢNG"),
)


def ordered(words, **changes):
    plain = build.ordered(**changes)
    clause = {"template": words.layout, "statement": words.clause}
    clause |= {"number": words.number, "book": words.book}
    person = {"name": words.officer, "title_lines": words.title_lines}
    agency = {"name_lines": words.agency_lines, "place": words.place}
    return plain.model_copy(
        update={
            "clause": plain.clause.model_copy(update=clause),
            "officer": plain.officer.model_copy(update=person),
            "agency": plain.agency.model_copy(update=agency),
            "public_host": words.public_host,
        }
    )


def typeset(words):
    """Raises Refusal."""
    order = ordered(words, demo=True)
    facts = clause_facts(order)
    inputs = _inputs(facts, order, QrCode(facts.code_address))
    return layout(words.layout).typeset(inputs)


def text(chance, letters, *, unbroken=False):
    """Words of many lengths, up to so many letters."""
    made: list[str] = []
    while len(" ".join(made)) < letters:
        made.append(
            "".join(chance.choices(SYLLABLES, k=chance.choice((1, 1, 1, 2, 4))))
        )
    joined = "".join(made) if unbroken else " ".join(made)
    return joined[:letters].strip() or "x"


def lines(chance, letters, **how):
    count = chance.choice((1, 2, 3, 4, 5))
    each = (text(chance, max(1, letters // count), **how) for _ in range(count))
    return tuple(each)


def address(chance, letters, **_):
    labels = ["m" * chance.choice((1, 7, 30))]
    while sum(map(len, labels)) < letters - 8:
        labels.append(chance.choice(("w", "mm", "hoa-ban", "x" * 40)))
    return ("https://" + ".".join(labels))[: max(10, letters)].rstrip(".-")


PARTS: dict[str, Callable[..., object]] = {
    "clause": text,
    "number": text,
    "book": text,
    "place": text,
    "officer": text,
    "agency_lines": lines,
    "title_lines": lines,
    "public_host": address,
}


def largest(part, name, chance, *, unbroken):
    """The longest of these words that is let through."""
    seed, low, high = chance.randrange(1 << 30), 1, 1200
    found = replace(PLAIN, layout=name)
    while low < high:
        middle = (low + high + 1) // 2
        made = PARTS[part](random.Random(seed), middle, unbroken=unbroken)
        words = replace(PLAIN, layout=name, **{part: made})
        if any(unfit(words)):
            high = middle - 1
            continue
        low, found = middle, words
    return found


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.drawn
def test_the_longest_words_let_through_are_composed(part, name):
    """Of each part, some with words that break nowhere: never asked in vain."""
    chance = random.Random(f"{SEED} {part} {name}")
    for turn in range(share(8)):
        words = largest(part, name, chance, unbroken=turn % 2 == 1)
        assert words != replace(PLAIN, layout=name)
        typeset(words)


@cache
def longest(name):
    """All parts at once; a statement's room depends on number and book."""
    chance = random.Random(SEED)
    words = replace(PLAIN, layout=name)
    for part in PARTS:
        made = getattr(largest(part, name, chance, unbroken=False), part)
        words = replace(words, **{part: made})
    assert not [u for u in unfit(words) if u.entry != "clause"]
    while any(unfit(words)):
        words = replace(words, clause=words.clause.rsplit(" ", 1)[0])
    return words


@pytest.mark.parametrize("name", LAYOUTS)
def test_all_parts_at_their_longest_are_composed_together(name):
    typeset(longest(name))


LETTERS = sorted(_VIETNAMESE | _ADVANCES.keys() - {" "})


@pytest.mark.parametrize("at", range(0, len(LETTERS), 30))
def test_every_letter_let_through_has_its_glyph(at):
    """In each face: none is missing."""
    some = "".join(LETTERS[at : at + 30])
    typeset(replace(PLAIN, clause=some, number=some[:9], book=some[9:18]))
    typeset(replace(PLAIN, layout="clause/4", place=some[:9], officer=some))
    typeset(replace(PLAIN, layout="clause/4", place=some[9:18], number=some[18:27]))
    typeset(replace(PLAIN, layout="clause/4", place=some[18:27], book=some[18:27]))


@pytest.mark.parametrize("letter", [*".fIsezadSFBAGmMWẾỘƯươởỹ–—", "1"])
def test_a_line_of_one_letter_is_as_wide_as_assumed(letter):
    """The widest unbroken words let through, of a letter of each width."""
    words = PLAIN
    for part in ("officer", "place", "clause"):
        words = replace(words, **{part: letter * most(letter, part, words)})
    typeset(words)


def most(letter, part, words):
    """How many of them are let through: a longer line is never let through instead."""
    least, over = 1, 2
    while not any(unfit(replace(words, **{part: letter * over}))):
        least, over = over, 2 * over
    while over - least > 1:
        middle = (least + over) // 2
        if any(unfit(replace(words, **{part: letter * middle}))):
            over = middle
        else:
            least = middle
    return least


@pytest.mark.parametrize(
    ("change", "entry", "why"),
    [
        ({"layout": "clause/9"}, "template", "layout"),
        ({"officer": " "}, "name", "empty"),
        ({"agency_lines": ()}, "name_lines", "empty"),
        ({"title_lines": ("",)}, "title_lines", "empty"),
        ({"number": ""}, "number_format", "empty"),
        ({"officer": "Phạm 漢"}, "name", "letter"),
        ({"officer": "Pha\u0323m"}, "name", "letter"),
        ({"clause": "Chứng\tthực"}, "clause", "letter"),
        ({"clause": "Chứng thực 😀"}, "clause", "letter"),
        ({"agency_lines": ("W" * 40,)}, "name_lines", "long"),
        ({"title_lines": ("A",) * 9}, "title_lines", "long"),
        ({"officer": "Phạm " * 40}, "name", "long"),
        ({"clause": "Chứng thực " * 60}, "clause", "long"),
        ({"book": "02/2026-SCTĐT/BS" * 4}, "book_format", "long"),
        ({"number": "1180/2026" * 4}, "number_format", "long"),
        ({"place": "Hoa Ban " * 20}, "place", "long"),
        ({"public_host": f"https://{'a' * 200}.example"}, "public_host", "long"),
    ],
    ids=str,
)
def test_what_cannot_stand_on_the_page_is_named(change, entry, why):
    """By the name that it has in the operator's file, with the reason."""
    found = [(u.entry, u.why) for u in unfit(replace(PLAIN, **change))]
    assert (entry, why) in found


@pytest.mark.parametrize("change", [{}, {"title_lines": ()}])
def test_plain_words_are_let_through_in_each_layout(change):
    for name in LAYOUTS:
        assert not list(unfit(replace(PLAIN, layout=name, **change)))


def test_a_letter_without_a_glyph_is_refused_and_not_tried_for_ever():
    """An order of before this rule halts with its reason; it used to be tried again and
    again, as did one without a number."""
    with pytest.raises(Refusal) as refused:
        typeset(replace(PLAIN, officer="Phạm 漢"))
    assert "漢" in refused.value.detail
    typeset(replace(PLAIN, number=""))


# --- the gate passes what is composed at the bounds ----------------------------------


LEAST, MOST = LEAST_PAGE_POINTS, MOST_PAGE_POINTS
SIZES = [
    LEAST,
    (LEAST[0], MOST),
    (MOST, LEAST[1]),
    (MOST, MOST),
    (102.0, 842.0),
    (LEAST_SIDE_POINTS, 842.0),
    (842.0, LEAST_SIDE_POINTS),
]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_pages_at_the_bounds_pass_the_gate(pki, rotation):
    """The narrowest, the lowest, the highest and the widest that intake takes, and
    narrower ones of older cases, each as seen; with the longest words."""
    sizes = [size if rotation in (0, 180) else size[::-1] for size in SIZES]
    scan = [full_page(flat((60, 40)), rotation, size) for size in sizes]
    words = longest("clause/3")
    order = ordered(words)
    made = sealed_copy(
        pki, scan, clause=order.clause, public_host=order.public_host, level="B-LTA"
    )
    assert not list(obstacles(made.order))
    digest = sha256(made.content).hexdigest()
    passed = gate(made.content, made.order, compile_trust(made.trust), digest)
    alone = hold_alone(made.content, compile_trust(made.trust), digest)
    assert alone.number == made.order.clause.number
    assert passed.pages == len(SIZES) + 1


def test_two_hundred_pages_of_mixed_sizes_pass_the_gate(pki):
    sizes = [(595.2, 841.92), (841.92, 595.2), LEAST, (153.0, 241.0)]
    image = flat((60, 40))
    scan = [full_page(image, 90 * (k % 4), sizes[k % 4]) for k in range(200)]
    made = sealed_copy(pki, scan)
    digest = sha256(made.content).hexdigest()
    passed = gate(made.content, made.order, compile_trust(made.trust), digest)
    assert passed.pages == 201


def test_an_order_that_cannot_be_composed_or_sent_is_named():
    """A page larger than PDF/A knows, and more images than a message carries."""
    tall = build.page(height=14_400.0)
    strips = build.page(images=build.page().images * 4000)
    found = list(obstacles(ordered(PLAIN, manifest=(build.page(), tall, strips))))
    assert [type(one).__name__ for one in found] == ["PageOutOfBounds", "OrderTooLarge"]
    assert found[0].number == 2
    assert found[1].images == 4002
    assert not list(obstacles(ordered(PLAIN)))
