"""The language of templates: a line is a block, ``{name}`` is filled in, ``*x*`` bold.

It is this small so that whoever writes a template can break nothing but the template:
no line of it is run, and what is wrong is named with its line (docs/decisions/0119)::

    % a remark
    #kho: A5                       A4, A5 or "A4 ngang" (across)
    #ten-co-quan: BỘ PHẬN MỘT CỬA  the agency's name, and a line below it
    #so: {so_ngan}/TNHS            the number below the agency's name
    #quoc-hieu                     the national motto
    #noi-ngay: {noi}, ngày {ngay_in}
    = TITLE
    == A line below it
    #kinh-gui: Kính gửi: {nguoi_yeu_cau}
    #ma-qr                         beside the pairs that follow
    / Mã hồ sơ: *{ma_ho_so}*       a pair
    ? / Ghi chú: {loi_nhan}        left out where a field of it is empty
    + {danh_sach_thieu}            a numbered line for each
    #bang-giay-to                  also #bang-so, #bang-thang
    Any other line is a paragraph.
    #noi-nhan: Như trên; Lưu: VT
    #ky: NGƯỜI NHẬN; (Ký, ghi rõ họ tên); {nguoi_yeu_cau}
    #chan-trang: at the foot of each page

Start at ``parse``.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from intake.domain.handouts.fields import FIELDS, LISTS, TABLE_OF, Handout

MOST_LINES: Final = 200
MOST_CHARACTERS: Final = 4000
"""Less than a form's field takes (``app.visit``), so that the fault is named."""
SIZES: Final = {"A4": "a4", "A5": "a5", "A4 ngang": "a4-across"}
_TABLES: Final = frozenset({"bang-giay-to", "bang-so", "bang-thang"})
_ALONE: Final = frozenset({"quoc-hieu", "ma-qr"}) | _TABLES
_WORDED: Final = frozenset({"so", "noi-ngay", "kinh-gui", "chan-trang", "dau-trang"})
_SEVERAL: Final = frozenset({"ky", "noi-nhan"})
DIRECTIVES: Final = frozenset({"kho", "ten-co-quan"}) | _ALONE | _WORDED | _SEVERAL
_DIRECTIVE: Final = re.compile(r"#([a-z-]+)\s*(?::\s*(.*))?")
_PIECE: Final = re.compile(r"\{([^{}]*)\}|\*|[^{}*]+|[{}]")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line of a template."""

    line: int
    slug: str
    """A catalogue key below ``template-fault``."""
    values: Mapping[str, str] = field(default_factory=dict)


class BadTemplate(ValueError):
    """The template cannot be used; ``faults`` name each line and what is wrong."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(f"{len(faults)} faults, the first in line {faults[0].line}")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line: words as they stand there, or the name of a field."""

    text: str = ""
    field: str = ""
    bold: bool = False


Words = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """One line of a template, as it will be set."""

    kind: str
    line: int
    parts: tuple[Words, ...] = ()
    """One for most kinds; label and value of a pair; the lines of a signature."""
    optional: bool = False

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(p.field for words in self.parts for p in words if p.field)


@dataclass(frozen=True, slots=True)
class ParsedTemplate:
    """A template that can be filled in."""

    size: str
    blocks: tuple[TemplateLine, ...]


def parse(text: str, handout: Handout) -> ParsedTemplate:
    """The template for *handout*. Raises BadTemplate, with every fault that it has."""
    if len(text) > MOST_CHARACTERS or text.count("\n") >= MOST_LINES:
        most = {"lines": str(MOST_LINES), "characters": str(MOST_CHARACTERS)}
        raise BadTemplate((Fault(1, "too-long", most),))
    blocks: list[TemplateLine] = []
    faults: list[Fault] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("%"):
            block = _block(line.strip(), number)
            blocks.append(block)
            faults += _faults(block, handout)
    faults += _faults_of_all(blocks, handout, max(1, text.count("\n") + 1))
    if faults:
        raise BadTemplate(tuple(sorted(faults, key=lambda fault: fault.line)))
    size = next(block for block in blocks if block.kind == "kho")
    rest = tuple(block for block in blocks if block.kind != "kho")
    return ParsedTemplate(SIZES[size.parts[0][0].text], rest)


def _block(line: str, number: int) -> TemplateLine:
    optional = line.startswith("? ")
    line = line[2:].strip() if optional else line
    directive = _DIRECTIVE.fullmatch(line)
    if directive is not None:
        name, words = directive[1], directive[2] or ""
        several = words.split(";") if name in _SEVERAL else [words]
        parts = several if words else []
        return TemplateLine(name, number, tuple(map(_words, parts)), optional)
    for sign, kind in (("== ", "subtitle"), ("= ", "title"), ("+ ", "list")):
        if line.startswith(sign):
            return TemplateLine(kind, number, (_words(line[len(sign) :]),), optional)
    if line.startswith("/ "):
        label, colon, value = line[2:].partition(":")
        parts = [label + colon, value] if colon else [label]
        return TemplateLine("pair", number, tuple(map(_words, parts)), optional)
    return TemplateLine("paragraph", number, (_words(line),), optional)


def _words(text: str) -> Words:
    """Pieces of a line. A brace without its partner becomes a field of that name, which
    no paper has.
    """
    pieces, bold = [], False
    for found in _PIECE.finditer(text.strip()):
        if found[0] == "*":
            bold = not bold
        elif found[1] is not None:
            pieces.append(Piece(field=found[1].strip() or "{}", bold=bold))
        elif found[0] in "{}":
            pieces.append(Piece(field=found[0], bold=bold))
        else:
            pieces.append(Piece(text=found[0], bold=bold))
    if bold:
        pieces.append(Piece(field="*"))
    return tuple(pieces)


def _faults(block: TemplateLine, handout: Handout) -> Iterator[Fault]:
    known = FIELDS[handout]
    for name in sorted(block.fields):
        if name in {"*", "{", "}"}:
            slug = "bold" if name == "*" else "brace"
            yield Fault(block.line, slug)
        elif name not in known:
            yield _unknown(block.line, "field", name, known)
        elif (name in LISTS) != (block.kind == "list"):
            yield Fault(block.line, "list" if name in LISTS else "no-list", {"n": name})
    yield from _faults_of_kind(block)


def _faults_of_kind(block: TemplateLine) -> Iterator[Fault]:
    named = block.kind in DIRECTIVES
    own = {"subtitle", "title", "list", "pair", "paragraph"}
    if not named and block.kind not in own:
        yield _unknown(block.line, "directive", block.kind, DIRECTIVES)
    if block.kind == "paragraph" and _first(block).startswith("#"):
        yield _unknown(block.line, "directive", _first(block)[1:40], DIRECTIVES)
    if block.kind == "pair" and len(block.parts) == 1:
        yield Fault(block.line, "pair")
    if block.kind in _WORDED | _SEVERAL and not block.parts:
        yield Fault(block.line, "no-words", {"n": block.kind})
    if block.kind == "kho" and _first(block) not in SIZES:
        yield Fault(block.line, "size", {"sizes": ", ".join(SIZES)})


def _first(block: TemplateLine) -> str:
    return block.parts[0][0].text if block.parts and block.parts[0] else ""


def _faults_of_all(
    blocks: list[TemplateLine], handout: Handout, last: int
) -> Iterator[Fault]:
    """What must stand in a template once, and stands there never or twice."""
    needed = {"kho", "title"} | ({TABLE_OF[handout]} if handout in TABLE_OF else set())
    kinds = [block.kind for block in blocks]
    for name in sorted(needed - set(kinds)):
        yield Fault(last, "missing", {"n": "=" if name == "title" else f"#{name}"})
    for block in blocks:
        foreign = block.kind in _TABLES and block.kind != TABLE_OF.get(handout)
        if foreign:
            yield Fault(block.line, "foreign-table", {"n": block.kind})
    once = (DIRECTIVES - _SEVERAL) | {"title"}
    for at, block in enumerate(blocks):
        if block.kind in once and block.kind in kinds[:at]:
            yield Fault(block.line, "twice", {"n": block.kind})


def _unknown(line: int, slug: str, name: str, known: frozenset[str]) -> Fault:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    if near:
        return Fault(line, f"{slug}-near", {"n": name[:40], "meant": near[0]})
    return Fault(line, slug, {"n": name[:40]})
