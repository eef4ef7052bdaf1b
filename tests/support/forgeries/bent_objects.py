"""Fields elsewhere, and fonts that show other shapes for the same codes."""

import re
import zlib
from collections.abc import Iterator
from functools import partial

from support.forgeries.bent import Bent, Desk
from support.forging.base import Objects, assemble

LETTERS = {"letters", "footer", "clause-page", "output-intent", "dangling-reference"}
LETTERS |= {"orphan-object", "borrowed-object", "not-a-dictionary", "catalog"}


def bent_fields(desk: Desk) -> Iterator[Bent]:
    """The fields of a signature where another layout has them, moved, or grown."""
    objects = desk.objects()
    for number, text in objects.items():
        place = re.search(rb"/Rect \[ (\S+) (\S+) (\S+) (\S+) \]", text)
        if place is None:
            continue
        left, low, right, high = (float(edge) for edge in place.groups())
        for name, box in (
            ("of another layout", (left, low - 58, right, high - 58)),
            ("moved aside", (left + 1, low, right + 1, high)),
            ("over the page", (0, 0, 595, 867)),
        ):
            bent = text.replace(place[0], b"/Rect [ %g %g %g %g ]" % box)
            make = partial(assemble, objects | {number: bent})
            yield Bent(f"field {number} {name}", {"form"}, make)


def bent_letters(desk: Desk) -> Iterator[Bent]:
    """Fonts, maps, widths and profiles that show other shapes for the same codes."""
    for name, old, new in _LETTER_BENDS:
        objects = desk.objects()
        found = [n for n, text in objects.items() if re.search(old, text, re.DOTALL)]
        assert found, name
        for number in found[:5]:
            bent = dict(objects)
            bent[number] = re.sub(old, new, objects[number], count=1, flags=re.DOTALL)
            yield Bent(f"{name} in {number}", LETTERS, partial(assemble, bent))
    objects = desk.objects()
    for number, text in objects.items():
        if b"/FlateDecode" in text and b"/Image" not in text:
            head, _, rest = text.partition(b"stream\n")
            body, _, end = rest.rpartition(b"\nendstream")
            other = zlib.compress(zlib.decompress(body), 0)
            head = re.sub(rb"/Length \d+", b"/Length %d" % len(other), head)
            if b"/BBox" in head or number == _clause_text(objects):
                continue  # what is drawn may be packed in any way: it is read unpacked
            bent = objects | {number: head + b"stream\n" + other + b"\nendstream" + end}
            yield Bent(f"packed otherwise: {number}", LETTERS, partial(assemble, bent))


def _clause_text(objects: Objects) -> int:
    page = next(t for t in objects.values() if b"/Annots" in t and b"/XObject" not in t)
    return int(re.search(rb"/Contents (\d+) 0 R", page)[1])


_LETTER_BENDS = (
    ("a font's name", rb"LiberationSerif-Bold", rb"LiberationSerif-Bald"),
    ("an encoding", rb"/Identity-H", rb"/Identity-V"),
    ("a width", rb"/DW 0", rb"/DW 9"),
    ("widths", rb"(/W \[\d+ \d+ )", rb"\g<1>9"),
    ("glyphs by another map", rb"/CIDToGIDMap /Identity", rb"/CIDToGIDMap 9 0 R"),
    ("fonts exchanged", rb"/f0 (\d+) 0 R/f1 (\d+) 0 R", rb"/f0 \2 0 R/f1 \1 0 R"),
    ("a font more", rb"/Font <<(/f0 \d+ 0 R)", rb"/Font <<\1/f9 9 0 R"),
    ("a resource more", rb"/Font <</f0", rb"/ExtGState <<>>/Font <</f0"),
    ("another intent", rb"/S /GTS_PDFA1", rb"/S /GTS_PDFX0"),
    ("another condition", rb"\(sRGB\)", rb"(cmyk)"),
    ("components", rb"/N 3", rb"/N 4"),
    ("a range", rb"/Range \[0 1", rb"/Range [1 0"),
    ("a descent", rb"/Descent -215", rb"/Descent -999"),
    ("flags", rb"/Flags 131078", rb"/Flags 131079"),
    ("two intents", rb"/OutputIntents \[ (\d+ 0 R) \]", rb"/OutputIntents [ \1 \1 ]"),
    ("direct resources", rb"/Resources \d+ 0 R", rb"/Resources << /Font << >> >>"),
    ("other resources", rb"/Resources \d+ 0 R", rb"/Resources 1 0 R"),
)
