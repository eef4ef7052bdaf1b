"""What a viewer shows of a form field or a note, as one appearance stream.

A field's value is content: a copy without it would be another paper. An appearance
that the file brings along is taken as it is. Where a viewer has to draw the value by
itself, we do so if it is one line of Western text, and the page is flagged; anything
else (Vietnamese, several lines, a comb, a list) is refused, since every program would
show it differently. See docs/decisions/0041. Start reading at ``shown``.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from intake.adapters.rebuild.boxes import inherited
from intake.adapters.rebuild.pages import UnfitPage
from intake.domain.scan import ScanFault

_HIDDEN: Final = 1 << 1 | 1 << 5
"""Annotation flags Hidden and NoView (ISO 32000-1 table 165)."""
_SILENT: Final = frozenset({"/Link", "/Popup"})
"""Subtypes that show nothing of a paper."""
_NEEDS_APPEARANCE: Final = frozenset(
    {"/FreeText", "/Line", "/Polygon", "/PolyLine", "/Stamp", "/Redact", "/Watermark"}
)
"""Notes that pdfium draws only from an appearance, and other viewers also without."""
# Field flags of a button (ISO 32000-1, table 226) and of a choice (table 230).
_PUSH_BUTTON: Final = 1 << 16
_COMBO: Final = 1 << 17
_NOT_ONE_LINE: Final = 1 << 12 | 1 << 13 | 1 << 20 | 1 << 24 | 1 << 25
"""Field flags of a text: multiline, password, file, comb, rich (table 228)."""
_SIZE: Final = re.compile(r"/\S+\s+(\d+\.?\d*|\.\d+)\s+Tf")
_COLOUR: Final = re.compile(r"((?:-?[\d.]+\s+){1,4})(g|rg|k)\b")
_EM: Final = 0.75
"""The share of the font size that a letter takes: no wider than this, on average, is
a line of Helvetica capitals."""
_MARGIN: Final = 2.0
"""Points between a field's edge and its text."""
_LARGEST_SIZE: Final = 12.0
"""Points of a text whose size is left to the viewer."""


@dataclass(frozen=True, slots=True)
class Form:
    """What the document says of all its fields."""

    regenerates: bool
    """/NeedAppearances: viewers draw text fields anew and may not use what is there."""
    resources: Any
    appearance: str
    """/DA of the form, for fields that have none."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One visible annotation: a stream of the file, or content that we wrote."""

    stream: Any = None
    content: bytes = b""
    doubtful: bool = False
    """Viewers may show something else: the page is flagged."""


def form_of(pdf: pikepdf.Pdf) -> Form:
    found: Any = pdf.Root.get("/AcroForm")
    form: Any = found if isinstance(found, Dictionary) else Dictionary()
    return Form(
        regenerates=form.get("/NeedAppearances") is True,
        resources=form.get("/DR"),
        appearance=_text(form.get("/DA")),
    )


def shown(annotation: Any, form: Form) -> Shown | None:
    """None if nothing of it is visible. Raises UnfitPage(not-drawn) for what is visible
    in a viewer but nowhere drawn in the file.
    """
    if _is_hidden(annotation):
        return None
    subtype = str(annotation.get("/Subtype"))
    stream = _normal_appearance(annotation)
    if subtype == "/Widget":
        return _field(annotation, form, stream)
    if stream is not None or subtype in _SILENT:
        return Shown(stream) if stream is not None and subtype != "/Popup" else None
    if subtype in _NEEDS_APPEARANCE:
        raise UnfitPage(ScanFault.NOT_DRAWN, subtype)
    return Shown()


def _is_hidden(annotation: Any) -> bool:
    flags = annotation.get("/F")
    return bool((flags if isinstance(flags, int) else 0) & _HIDDEN)


def _field(widget: Any, form: Form, stream: Any) -> Shown | None:
    kind = inherited(widget, "/FT")
    if kind == Name.Btn and stream is None and _is_on(widget):
        raise UnfitPage(ScanFault.NOT_DRAWN, "button")
    written = _value(widget) if kind in (Name.Tx, Name.Ch) else ""
    if stream is not None and not (form.regenerates and kind in (Name.Tx, Name.Ch)):
        return Shown(stream)
    if not written:
        return Shown(stream, doubtful=form.regenerates) if stream is not None else None
    content = _line(widget, form, written)
    if content is not None:
        return Shown(content=content, doubtful=True)
    if stream is None:
        raise UnfitPage(ScanFault.NOT_DRAWN, "value")
    return Shown(stream, doubtful=True)


def _normal_appearance(annotation: Any) -> Any:
    """The stream of /AP /N; of several states the one that /AS or the value names."""
    appearance = annotation.get("/AP")
    normal = appearance.get("/N") if isinstance(appearance, Dictionary) else None
    if isinstance(normal, Stream):
        return normal
    if not isinstance(normal, Dictionary):
        return None
    state = normal.get(_state(annotation))
    return state if isinstance(state, Stream) else None


def _state(widget: Any) -> str:
    state = widget.get("/AS", inherited(widget, "/V"))
    return str(state) if isinstance(state, Name) and len(str(state)) > 1 else "/Off"


def _is_on(widget: Any) -> bool:
    """A box that is ticked but has no appearance at all; a push button has no value."""
    flags = _flags(widget)
    appearance = widget.get("/AP")
    drawn = isinstance(appearance, Dictionary) and "/N" in appearance
    return not flags & _PUSH_BUTTON and not drawn and _state(widget) != "/Off"


def _value(field: Any) -> str:
    value = inherited(field, "/V")
    if isinstance(value, Array):
        return "\n".join(_label(field, _text(each)) for each in value)
    if isinstance(value, Stream):
        return value.read_bytes().decode("latin-1")
    return _label(field, _text(value))


def _label(field: Any, value: str) -> str:
    """A choice's value is an export value; the label beside it in /Opt is shown."""
    options = inherited(field, "/Opt")
    for option in options if isinstance(options, Array) else ():
        if isinstance(option, Array) and len(option) > 1 and _text(option[0]) == value:
            return _text(option[1])
    return value


def _text(value: Any) -> str:
    return str(value) if isinstance(value, pikepdf.String | str) else ""


def _flags(field: Any) -> int:
    flags = inherited(field, "/Ff")
    return flags if isinstance(flags, int) else 0


def _line(widget: Any, form: Form, value: str) -> bytes | None:
    """The value as content for a form with /BBox [0 0 width height] and a font /F;
    None if one line of Western text is not what a viewer would show.
    """
    flags, choice = _flags(widget), inherited(widget, "/FT") == Name.Ch
    several = not flags & _COMBO if choice else flags & _NOT_ONE_LINE
    if several or _is_turned(widget) or not value.isprintable():
        return None
    try:
        encoded = value.encode("cp1252")
    except UnicodeEncodeError:
        return None
    wide, high = size_of(widget)
    look = _text(inherited(widget, "/DA")) or form.appearance
    size = min(_size(look, high), max(1.0, wide - 2 * _MARGIN) / (_EM * len(value)))
    return _drawn(encoded, size, look, high)


def _drawn(encoded: bytes, size: float, look: str, high: float) -> bytes:
    found = _COLOUR.search(look)
    colour = f"{found.group(1)}{found.group(2)}" if found else "0 g"
    base = max(0.0, (high - size * 0.7) / 2)
    text = re.sub(rb"([\\()])", rb"\\\1", encoded)
    head = f"q {colour} BT /F {size:.2f} Tf {_MARGIN} {base:.2f} Td (".encode()
    return head + text + b") Tj ET Q"


def _size(look: str, high: float) -> float:
    found = _SIZE.search(look)
    size = float(found.group(1)) if found else 0.0
    return size or min(_LARGEST_SIZE, 0.7 * high)


def size_of(annotation: Any) -> tuple[float, float]:
    """Width and height of /Rect in units of the page."""
    a, b, c, d = (float(side) for side in annotation.Rect)
    return abs(c - a), abs(d - b)


def _is_turned(widget: Any) -> bool:
    look = widget.get("/MK")
    return isinstance(look, Dictionary) and look.get("/R", 0) not in (0, None)
