"""What a clause page shows, in the order in which it is drawn, and where.

docs/dialect.md §10.4. Lengths are points from the lower left corner, unless ``_MM``
stands beside them. Start at ``clause_sheet``; ``strips`` has the margins.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from storage.domain.gate.refusal import require
from storage.domain.gate.words.wording import Wording

BOLD: Final = "f0"
PLAIN: Final = "f1"
CODE_BOLD: Final = "f2"
CODE_PLAIN: Final = "f3"
ITALIC: Final = "f4"
WIDTH: Final = 595.2756
HEIGHT: Final = 867.40155
_MM: Final = 72 / 25.4
_FIELD_HEIGHT: Final = 170
_DEMO: Final = "BẢN THỬ NGHIỆM – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"
_STATE: Final = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
_MOTTO: Final = "Độc lập - Tự do - Hạnh phúc"
_CHECK: Final = (
    "Kiểm tra: đưa tệp PDF này vào địa chỉ trên; chỉ nhận khi kết luận là"
    " “Đúng bản đã cấp”."
)

Edge: TypeAlias = Literal["left", "middle", "right"]
Box: TypeAlias = tuple[float, float, float, float]
"""Left, lower, right and upper edge."""


@dataclass(frozen=True, slots=True)
class WordSpan:
    """Words in one font and one of some sizes; a line break in them is a break there,
    and a blank may be one.
    """

    text: str
    font: str
    sizes: tuple[float, ...]
    red: bool = False


@dataclass(frozen=True, slots=True)
class WordBlock:
    """Words that are read in one piece, within a box."""

    name: str
    box: Box
    spans: tuple[WordSpan, ...]
    edge: Edge = "middle"
    """Which part of each row stands at the same part of the box."""


@dataclass(frozen=True, slots=True)
class RulePlace:
    """A rule, whose height alone follows from the words around it."""

    x: float
    length: float
    thick: float
    box: Box


@dataclass(frozen=True, slots=True)
class QrPlace:
    """The place and the address of the one QR code."""

    x: float
    top: float
    side: float
    address: str


Part: TypeAlias = WordBlock | RulePlace | QrPlace


@dataclass(frozen=True, slots=True)
class _Layout:
    """Measures of signing's ``layouts.toml``, in millimetres, and type sizes."""

    agency: tuple[float, float]
    motto: tuple[float, float]
    """Left edge and width."""
    heading: float
    words: tuple[float, float]
    """Upper edge and height."""
    place_and_date: bool
    fields: float
    """The lower edge of both signature fields, in points."""


_LAYOUTS: Final = {
    "clause/1": _Layout((24, 68), (94, 100), 12, (52, 52), False, 324),
    "clause/2": _Layout((20, 84), (106, 94), 11, (52, 52), True, 324),
    "clause/3": _Layout((28, 63), (94, 96), 12.5, (45.5, 43.5), False, 382),
    "clause/4": _Layout((20, 84), (106, 94), 11, (49, 40), True, 382),
}
_STATEMENT: Final = 15.0
_LEAST_STATEMENT: Final = 11.0
_WORDS_X: Final = (28, 162)
_ROW: Final = 13.5
_OFFICER_X: Final = (80.0, 300.0)
_SEAL_X: Final = (318.0, 538.0)
_LOOKUP: Final = 10.5
_QR_SIDE: Final = 30 * _MM


def clause_sheet(words: Wording) -> tuple[Part, ...]:
    """The clause page of these words, but for its margin. KeyError for a layout that
    docs/dialect.md does not have.
    """
    layout = _LAYOUTS[words.layout]
    return (
        *_warning(words),
        *_head(words, layout),
        *_certified(words, layout),
        *_signers(words, layout),
        *_lookup(words),
        RulePlace(0, WIDTH, 0.6, (0, 25, WIDTH, 26)),
    )


def clause_blocks(template: str) -> tuple[WordBlock, ...]:
    """The blocks of a layout, without words: where each stands. Raises Refused for a
    layout that docs/dialect.md does not have.
    """
    require(template in _LAYOUTS, "layout", template)
    blank = Wording(
        template, " ", " ", " ", " ", " ", (" ",), (" ",), " ", "", "", "", 1,
        ("", ""), demo=False,
    )  # fmt: skip
    return tuple(part for part in clause_sheet(blank) if isinstance(part, WordBlock))


def _warning(words: Wording) -> Iterator[WordBlock]:
    if words.demo:
        box = _from_top(0, 4, 210, 6)
        yield WordBlock("warning", box, (WordSpan(_DEMO, BOLD, (8.5,), red=True),))


def _head(words: Wording, layout: _Layout) -> Iterator[Part]:
    x, width = layout.agency
    box = _from_top(x, 21, width, 24)
    sizes = _down(layout.heading, 9)
    yield WordBlock(
        "agency", box, (WordSpan("\n".join(words.agency_lines), BOLD, sizes),)
    )
    yield _bar(x, width, 0.38, box)
    x, width = layout.motto
    box = _from_top(x, 21, width, 28)
    state = WordSpan(_STATE + "\n", BOLD, (layout.heading,))
    motto = WordSpan(_MOTTO, BOLD, (layout.heading + 1,))
    yield WordBlock("motto", box, (state, motto))
    yield _bar(x, width, 0.57, box)
    if layout.place_and_date:
        shown = f"{words.place}, {words.date.lower()}"
        yield WordBlock("place", box, (WordSpan(shown, ITALIC, (layout.heading + 1,)),))


def _certified(words: Wording, layout: _Layout) -> Iterator[WordBlock]:
    top, height = layout.words
    x, width = _WORDS_X
    box = _from_top(x, top, width, height)
    sizes = _down(_STATEMENT, _LEAST_STATEMENT)
    yield WordBlock("statement", box, (WordSpan(words.statement, BOLD, sizes),))
    half = width / 2
    for at, name, label, value in (
        (x, "number", "Số chứng thực: ", words.number),
        (x + half, "book", "Quyển số: ", words.book),
    ):
        spans = WordSpan(label, PLAIN, (_ROW,)), WordSpan(value, BOLD, (_ROW,))
        yield WordBlock(name, _from_top(at, top, half, height), spans, "left")
    if not layout.place_and_date:
        yield WordBlock("date", box, (WordSpan(words.date, PLAIN, (_ROW,)),), "left")


def _signers(words: Wording, layout: _Layout) -> Iterator[WordBlock]:
    upper = layout.fields + _FIELD_HEIGHT
    left, right = _OFFICER_X
    title = left, upper + 2 * _MM, right, upper + 22 * _MM
    under = layout.fields - 4 * _MM
    name = left, under - 14 * _MM, right, under
    agency = _SEAL_X[0], under - 22 * _MM, _SEAL_X[1], under
    if words.title_lines:
        lines = "\n".join(words.title_lines)
        yield WordBlock("title", title, (WordSpan(lines, BOLD, _down(_ROW, 7.5)),))
    yield WordBlock("officer", name, (WordSpan(words.officer, BOLD, _down(_ROW, 9)),))
    lines = "\n".join(words.agency_lines)
    yield WordBlock("seal", agency, (WordSpan(lines, BOLD, _down(_ROW, 8)),))


def _lookup(words: Wording) -> Iterator[Part]:
    x, width = (n * _MM for n in _WORDS_X)
    top = HEIGHT - 239 * _MM
    yield RulePlace(x, width, 0.7, (x, top - 1, x + width, top + 1))
    yield QrPlace(x, 157.32, _QR_SIDE, words.code_address)
    box = x + 36 * _MM, 30.0, x + width, top
    yield WordBlock("lookup", box, tuple(_lookup_spans(words)), "left")


def _lookup_spans(words: Wording) -> Iterator[WordSpan]:
    def plain(text: str) -> WordSpan:
        return WordSpan(text, PLAIN, (_LOOKUP,))

    scanned = words.pages - 1
    yield plain("Mã tra cứu: ")
    yield WordSpan(words.code, CODE_BOLD, (11.5,))
    yield plain("\nĐịa chỉ kiểm tra: ")
    yield WordSpan(words.check_address, BOLD, (_LOOKUP,))
    yield plain("\nSố trang: ")
    yield WordSpan(f"{words.pages}", BOLD, (_LOOKUP,))
    yield plain(f", gồm {scanned} trang bản chính và trang lời chứng này\n")
    yield plain(f"SHA-256 của bản quét đã chuẩn hóa, {scanned} trang:\n")
    yield WordSpan("\n".join(words.digest_lines) + "\n", CODE_PLAIN, (8.5,))
    yield WordSpan(_CHECK, ITALIC, (_LOOKUP,))


def _bar(x: float, width: float, share: float, box: Box) -> RulePlace:
    """A rule in the middle of its column."""
    length = share * width * _MM
    return RulePlace((x + width * (1 - share) / 2) * _MM, length, 0.7, box)


def _from_top(x: float, top: float, width: float, height: float) -> Box:
    """A box given in millimetres from the page's upper left corner."""
    upper = HEIGHT - top * _MM
    return x * _MM, upper - height * _MM, (x + width) * _MM, upper


def _down(largest: float, smallest: float) -> tuple[float, ...]:
    """The sizes that the template tries, half a point apart."""
    steps = int((largest - smallest) * 2)
    return tuple(largest - step / 2 for step in range(steps + 1))
