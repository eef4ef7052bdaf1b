"""Files of labelled pages, scanned or photographed; the same for the same seed.

A file is eight pages of one machine. Among them are sheets that were taken twice, and
forms that differ in nothing but what was filled in. Start at ``files``.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from PIL import Image

from corpus.labelled import sheets
from corpus.labelled.camera import photographed
from corpus.labelled.scanner import CUT_RUNS, SIDES, scanned
from corpus.labelled.sheets import Maker, Sheet

Taken = Literal["scan", "photo"]
FILE_PAGES: Final = 8
SKEWED: Final = 2.0
"""Degrees, as the flag promises."""
_TURNS: Final = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A page's picture with what is wrong with it."""

    id: str
    """``<scan|photo>-<seed>-<file>-<page>``."""
    kind: str
    image: Image.Image
    flags: frozenset[str]
    either: frozenset[str]
    """Flags of which a person could say both: they count neither way."""


@dataclass(frozen=True, slots=True)
class _Course:
    """What happens to one sheet on its way into the picture."""

    skew: float
    sigma: float
    turn: int
    side: str | None
    bilevel: bool
    shaken: bool

    @property
    def blurred(self) -> bool:
        return self.sigma > 1


def files(seed: int, count: int, taken: Taken) -> Iterator[tuple[Labelled, ...]]:
    """``count`` files of ``FILE_PAGES`` pages each."""
    for number in range(count):
        yield tuple(_file(seed, number, taken))


def _file(seed: int, number: int, taken: Taken) -> Iterator[Labelled]:
    chance = random.Random(f"{taken}/{seed}/{number}")
    bilevel = taken == "scan" and chance.random() < 0.12
    for page, (sheet, twin) in enumerate(_sheets(chance)):
        course = _course(sheet, bilevel, chance)
        name = f"{taken}-{seed}-{number:02}-{page}"
        yield _labelled(name, sheet, course, twin, chance)


def _sheets(chance: random.Random) -> Iterator[tuple[Sheet, bool]]:
    """Sheets of one file, each with whether it was there before. One in ten is a sheet
    again; one in ten is an earlier form with other content.
    """
    before: list[tuple[Sheet, Maker, int]] = []
    for _ in range(FILE_PAGES):
        again = chance.random()
        marked = [entry for entry in before if not entry[0].blank]
        if marked and again < 0.12:
            yield chance.choice(marked)[0], True
            continue
        shape, content = chance.randrange(1 << 30), random.Random(chance.random())
        if marked and again < 0.24:
            _, make, shape = chance.choice(marked)
            sheet = make(random.Random(shape), content)
        else:
            make = sheets.kind(random.Random(shape + 1))
            sheet = make(random.Random(shape), content)
        # Two empty forms of one print are one paper twice.
        if make is not sheets.empty_form or again >= 0.24:
            before.append((sheet, make, shape))
            yield sheet, False
        else:
            yield sheet, True


def _course(sheet: Sheet, bilevel: bool, chance: random.Random) -> _Course:
    skew = chance.uniform(-6, 6) if chance.random() < 0.4 else chance.uniform(-1.2, 1.2)
    turned = sheet.directed and chance.random() < 0.25
    blurred = not (sheet.blank or bilevel) and chance.random() < 0.15
    cut = sheet.directed and chance.random() < 0.12
    return _Course(
        skew=skew,
        sigma=chance.uniform(2.0, 3.6) if blurred else chance.uniform(0.3, 0.8),
        turn=chance.choice((90, 180, 180, 270)) if turned else 0,
        side=chance.choice(SIDES) if cut else None,
        bilevel=bilevel,
        shaken=blurred and chance.random() < 0.4,
    )


def _labelled(
    name: str, sheet: Sheet, course: _Course, twin: bool, chance: random.Random
) -> Labelled:
    image, strokes, leans = _taken(name, sheet, course, chance)
    turn = _TURNS.get(course.turn)
    shown = image if turn is None else image.transpose(turn)
    wrong, either = _labels(sheet, course, twin, strokes, leans)
    return Labelled(name, sheet.kind, shown, wrong, either)


def _taken(
    name: str, sheet: Sheet, course: _Course, chance: random.Random
) -> tuple[Image.Image, int, tuple[float, ...]]:
    if name.startswith("photo"):
        return photographed(
            sheet.image,
            skew=course.skew,
            sigma=course.sigma,
            side=course.side,
            shaken=course.shaken,
            chance=chance,
        )
    image, strokes = scanned(
        sheet.image,
        skew=course.skew,
        sigma=course.sigma,
        side=course.side,
        bilevel=course.bilevel,
        chance=chance,
    )
    return image, strokes, (course.skew,)


def _labels(
    sheet: Sheet, course: _Course, twin: bool, strokes: int, leans: tuple[float, ...]
) -> tuple[frozenset[str], frozenset[str]]:
    skewed = {abs(lean) > SKEWED for lean in leans}
    wrong = {
        "blank": sheet.blank,
        "duplicate": twin,
        "upside-down": course.turn == 180,
        "sideways": course.turn in {90, 270},
        "skewed": sheet.directed and True in skewed,
        "blurred": course.blurred,
        "cut-edges": strokes >= CUT_RUNS,
    }
    either = {"cut-edges"} if 0 < strokes < CUT_RUNS else set()
    if twin and course.side is not None:
        either.add("duplicate")  # half of a sheet is not the sheet
    if len(skewed) > 1:
        either.add("skewed")  # lines of a sheet seen from one side run together
    if not sheet.directed and not sheet.blank:
        either.add("skewed")  # a seal shows no line, the paper's edge may
    return frozenset(flag for flag, so in wrong.items() if so), frozenset(either)
