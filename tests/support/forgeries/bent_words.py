"""Drafts by somebody who holds signing with its keys, and says what was not ordered.

Each is composed by the real writer and bent in one way before it would be signed; the
base revision alone is judged here, since what refuses it must be the gate's reading of
the page. ``bent_drafts`` is the list; ``make bench ONLY=gate`` signs each of them.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property, partial

from chassis.clock import LOCAL
from ecopy.events import CertificationOrdered
from signing.adapters.composer import _images, _inputs, clause_pages
from signing.adapters.composing.base_revision import base_revision
from signing.adapters.composing.clause_layouts import layout
from signing.adapters.composing.qr import QrCode
from signing.adapters.composing.typeset_pages import Typeset
from signing.domain.clause import clause_facts
from signing.domain.layout import TIMESTAMP_FIELD
from signing.domain.rope import MemoryOctets
from storage.domain.gate.pdf.shape import parse
from support.forging.base import Objects, assemble

Drawings = tuple[bytes, ...]
"""The clause page, then the margin of each page."""

WORDS = {"words", "footer", "clause-page", "qr"}
LETTERS = {"letters", "footer", "clause-page", "output-intent", "dangling-reference"}
LETTERS |= {"orphan-object", "borrowed-object", "not-a-dictionary", "catalog"}


@dataclass(frozen=True)
class Bent:
    """A draft that shows what was not ordered, and the reasons that may refuse it."""

    name: str
    reasons: set[str]
    make: Callable[[], bytes]

    @property
    def draft(self) -> bytes:
        return self.make()

    def __str__(self) -> str:
        return re.sub(r"[^\w.+-]+", "-", self.name)


@dataclass(frozen=True, eq=False)
class Desk:
    """An order with its original: what an honest writer would compose."""

    order: CertificationOrdered
    original: bytes

    @cached_property
    def honest(self) -> Typeset:
        """What this order's pages show, with their code."""
        return self.typeset(self.order)

    def typeset(self, order: CertificationOrdered) -> Typeset:
        """The same of any order with as many pages."""
        facts = clause_facts(order)
        code = QrCode(facts.code_address)
        pages = clause_pages(order.clause.template, 2)
        typeset = pages.typeset(_inputs(facts, order, code))
        clause, *footers = typeset.drawings
        return replace(typeset, drawings=(code.drawn(clause), *footers))

    def draft(self, typeset: Typeset) -> bytes:
        """The base revision of this order, with these pages."""
        order = self.order
        fields = layout(order.clause.template).fields
        rope = base_revision(
            typeset,
            order.manifest,
            _images(MemoryOctets(self.original), order),
            fields=fields | TIMESTAMP_FIELD if order.level == "B-LTA" else fields,
            entry=order.entry,
            title=clause_facts(order).title,
            creator=f"ecopy 2 {order.clause.template}",
            at=order.approved_at.astimezone(LOCAL),
        )
        return bytes(rope)

    def drawn(self, bend: Callable[[Drawings], Drawings]) -> bytes:
        typeset = self.honest
        return self.draft(replace(typeset, drawings=bend(typeset.drawings)))

    def objects(self) -> Objects:
        """The honest draft's objects by number."""
        draft = self.draft(self.honest)
        (base,) = parse(draft)
        return {number: obj.text(draft) for number, obj in base.objects.items()}


def bent_drafts(order: CertificationOrdered, original: bytes) -> Iterator[Bent]:
    """Every way that this kit knows to make an unordered copy of *order*."""
    desk = Desk(order, original)
    yield from _other_orders(desk)
    yield from _elements(desk)
    yield from _texts(desk)
    yield from _spellings(desk)
    yield from _codes(desk)
    yield from _letters(desk)
    yield from _fields(desk)


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


_PIECE = re.compile(rb"BT\n.*?ET\n|q\n.*?Q\n|0 g\n[^\n]+re\nf\n", re.DOTALL)


def _elements(desk: Desk) -> Iterator[Bent]:
    """Each element of the clause page left out, shown twice, or behind the next one."""
    clause = desk.honest.drawings[0]
    pieces = _PIECE.findall(clause)
    assert b"".join(pieces) == clause
    for at, piece in enumerate(pieces):
        rest = pieces[:at] + pieces[at + 1 :]
        turned = [*pieces[:at], *pieces[at : at + 2][::-1], *pieces[at + 2 :]]
        yield _clause(desk, f"without element {at}", rest)
        yield _clause(desk, f"element {at} twice", [*pieces[:at], piece, *pieces[at:]])
        if turned != pieces:
            yield _clause(desk, f"element {at} behind the next", turned)
    for name, more in _MORE.items():
        yield _clause(desk, f"{name}, last", [*pieces, more])
        yield _clause(desk, f"{name}, first", [more, *pieces])
        yield Bent(
            f"{name}, in the margin",
            WORDS,
            partial(desk.drawn, lambda d, more=more: (d[0], d[1] + more, *d[2:])),
        )


def _clause(desk: Desk, name: str, pieces: list[bytes]) -> Bent:
    bent = b"".join(pieces)
    return Bent(name, WORDS, partial(desk.drawn, lambda d: (bent, *d[1:])))


_LINE = b"BT\n0 g\n/f1 9 Tf\n300 400 Td\n[<00230092>]TJ\nET\n"
_MORE = {
    "a line": _LINE,
    "an empty line": b"BT\nET\n",
    "a rule": b"0 g\n100 400 90 0.7 re\nf\n",
    "a white box": b"1 g\n0 0 595.28 867.4 re\nf\n",
    "a curve": b"0 g\n0 0 m 1 1 2 2 3 3 c\nf\n",
    "an image": b"BI /W 1 /H 1 /CS /G /BPC 8 ID \x00 EI\n",
    "a form": b"/Im0 Do\n",
    "a shading": b"/Sh0 sh\n",
    "a clip": b"0 0 1 1 re\nW\nn\n",
    "a state": b"q\n",
    "a restored state": b"Q\n",
    "a matrix": b"1 0 0 1 0 9 cm\n",
    "an invisible mode": b"3 Tr\n",
    "narrow letters": b"50 Tz\n",
    "a rise": b"5 Ts\n",
    "spaced letters": b"9 Tc\n",
    "spaced words": b"9 Tw\n",
    "a graphics state": b"/G0 gs\n",
    "marked content": b"/OC /O0 BDC\nEMC\n",
    "a comment": b"% hidden\n",
    "a blank": b" ",
    "a line end": b"\n",
    "a zero": b"\0",
    "a word": b"hidden\n",
}


def _texts(desk: Desk) -> Iterator[Bent]:
    """Each line in another font, ink, size or place, or with other letters."""
    for page, drawing in enumerate(desk.honest.drawings[:2]):
        for at, found in enumerate(re.finditer(rb"BT\n.*?ET\n", drawing, re.DOTALL)):
            for name, bent in _bent_lines(found[0]):
                whole = drawing[: found.start()] + bent + drawing[found.end() :]
                yield Bent(
                    f"page {page} line {at}: {name}",
                    WORDS,
                    partial(
                        desk.drawn, lambda d, p=page, w=whole: (*d[:p], w, *d[p + 1 :])
                    ),
                )


def _exchanged(page: int, other: bytes, drawings: Drawings) -> Drawings:
    return (*drawings[:page], other, *drawings[page + 1 :])


def _bent_lines(line: bytes) -> Iterator[tuple[str, bytes]]:
    font = re.search(rb"/f(\d) ([\d.]+) Tf", line)
    other = b"f4" if font[1] != b"4" else b"f1"
    size = font[2]
    yield "another font", line.replace(b"/f" + font[1], b"/" + other)
    yield "tiny", line.replace(size + b" Tf", b"0.5 Tf")
    yield "no size", line.replace(size + b" Tf", b"0 Tf")
    yield (
        "half a point more",
        line.replace(size + b" Tf", b"%g Tf" % (float(size) + 0.7)),
    )
    ink = b"0 g" if b"0 g" in line else b"0.596 0.098 0.059 rg"
    yield "white", line.replace(ink, b"1 g")
    yield "other ink", line.replace(ink, _OTHER[ink])
    place = re.search(rb"\n([\d.-]+) ([\d.-]+) Td", line)
    for name, x, y in (
        ("off the page", 900, 900),
        ("below", 0, -300),
        ("left", -40, 0),
    ):
        moved = b"\n%g %g Td" % (float(place[1]) + x, float(place[2]) + y)
        yield name, line.replace(place[0], moved)
    shown = re.search(rb"\[<([0-9A-F]{4})", line)
    yield "no such letter", line.replace(shown[0], b"[<FFFF", 1)
    letter = b"0043" if shown[1] != b"0043" else b"0044"
    yield "another letter", line.replace(shown[0], b"[<" + letter, 1)
    yield "a letter more", line.replace(shown[0], shown[0] + shown[1], 1)
    yield (
        "letters far apart",
        line.replace(shown[0], shown[0] + b">-900<" + shown[1], 1),
    )
    yield "letters over letters", line.replace(shown[0], b"[<0043>600<" + shown[1], 1)


_OTHER = {b"0 g": b"0.596 0.098 0.059 rg", b"0.596 0.098 0.059 rg": b"0 g"}


def _spellings(desk: Desk) -> Iterator[Bent]:
    """The same picture in another spelling, which some reader could take otherwise."""
    clause = desk.honest.drawings[0]
    for name, old, new in _SPELLINGS:
        bent = re.sub(old, new, clause, count=1)
        assert bent != clause, name
        yield Bent(
            f"spelled: {name}",
            WORDS,
            partial(desk.drawn, lambda d, b=bent: (b, *d[1:])),
        )


_SPELLINGS = (
    ("a zero behind", rb"/f0 12.5 Tf", rb"/f0 12.50 Tf"),
    ("a zero before", rb"/f0 12.5 Tf", rb"/f0 012.5 Tf"),
    ("a sign", rb"/f0 12.5 Tf", rb"/f0 +12.5 Tf"),
    ("no digit before", rb"0.7 re", rb".7 re"),
    ("a full stop behind", rb"/f0 15 Tf", rb"/f0 15. Tf"),
    ("minus nothing", rb"\n0 25", rb"\n-0 25"),
    ("an exponent", rb"/f0 15 Tf", rb"/f0 1.5e1 Tf"),
    ("two blanks", rb" Td", rb"  Td"),
    ("a tab", rb" Td", rb"\tTd"),
    ("a carriage return", rb"ET\n", rb"ET\r\n"),
    ("no line end", rb"ET\nBT", rb"ETBT"),
    ("glued", rb" Tf\n", rb"Tf\n"),
    ("lower case", rb"<00", rb"<00aa00"),
    ("an odd digit", rb"<00", rb"<000"),
    ("a literal", rb"\[<", rb"[(x)<"),
    ("an empty string", rb"\[<", rb"[<><"),
    ("a shown string", rb"\[(<[0-9A-F]+>)\]TJ", rb"\1Tj"),
    ("a comment inside", rb"BT\n", rb"BT%x\n"),
    ("an escaped name", rb"/f0 ", rb"/f#30 "),
)


def _codes(desk: Desk) -> Iterator[Bent]:
    """The QR code with other modules, elsewhere, smaller, or of another address."""
    clause = desk.honest.drawings[0]
    block = re.search(
        rb"q\n(\S+) 0 0 -\S+ (\S+) (\S+) cm\n0 g\n(.*?)f\nQ\n", clause, re.DOTALL
    )
    rows = block[4].splitlines(keepends=True)
    bends = {
        "without its first row": b"".join(rows[1:]),
        "without its last row": b"".join(rows[:-1]),
        "a module more": block[4] + b"16 16 1 1 re\n",
        "rows turned": b"".join(rows[::-1]),
        "a row wider": rows[0].replace(b" 1 re", b" 2 re") + b"".join(rows[1:]),
        "nothing": b"",
    }
    for name, dark in bends.items():
        bent = clause.replace(block[4], dark)
        yield Bent(
            f"code: {name}", WORDS, partial(desk.drawn, lambda d, b=bent: (b, *d[1:]))
        )
    for name, old, new in (
        ("smaller", b"%b 0 0 -%b" % (block[1], block[1]), b"1.5 0 0 -1.5"),
        ("mirrored", b"0 0 -" + block[1], b"0 0 " + block[1]),
        ("elsewhere", block[2] + b" " + block[3] + b" cm", b"300.5 500.5 cm"),
        ("white", b"cm\n0 g", b"cm\n1 g"),
    ):
        bent = clause.replace(old, new)
        yield Bent(
            f"code: {name}", WORDS, partial(desk.drawn, lambda d, b=bent: (b, *d[1:]))
        )


def _fields(desk: Desk) -> Iterator[Bent]:
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


def _letters(desk: Desk) -> Iterator[Bent]:
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
