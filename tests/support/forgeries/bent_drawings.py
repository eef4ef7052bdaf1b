"""Drawings that show something else, or the same in another spelling."""

import re
from collections.abc import Iterator
from functools import partial

from support.forgeries.bent import WORDS, Bent, Desk, Drawings

_PIECE = re.compile(rb"BT\n.*?ET\n|q\n.*?Q\n|0 g\n[^\n]+re\nf\n", re.DOTALL)


def bent_elements(desk: Desk) -> Iterator[Bent]:
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


def bent_texts(desk: Desk) -> Iterator[Bent]:
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


def bent_spellings(desk: Desk) -> Iterator[Bent]:
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


def bent_codes(desk: Desk) -> Iterator[Bent]:
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
