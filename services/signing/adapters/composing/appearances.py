"""The static part of a visible signature, rendered once and pinned by its digest.

Same inputs, same bytes: name, title or agency lines and code, and an image if the
identity has one. The line of time is drawn over it at each signature. Start at
``render``.
"""

import io
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import pikepdf
import typst
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from ecopy.refusals import Refusal, cause_of, detail_of
from signing.adapters.composing.typesetting import Template
from signing.adapters.pdf.groups import Group, compiled
from signing.domain.layout import FIELD_SIZE

APPEARANCE: Final = Template("appearance.typ")
DIGITS: Final = Template("digits.typ")
MM: Final = 25.4
"""How many millimetres an inch has."""
ROOM_MM: Final = (74.0, 39.5)
"""Width and height that an image may have, above the lines of text: a little less than
the 212 x 114 points of appearance.typ."""
_GLYPH: Final = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]{4})>")
_SYSTEM: Final = "/Registry (Adobe) def /Ordering (Identity) def /Supplement 0 def"


_PLAIN: Final = {"1", "L", "P", "RGB"}
"""Pillow's image modes that typst writes as they are; CMYK has no profile here."""


class UnusableAppearanceError(ValueError):
    """An appearance cannot be made: its image is no image or too large, its words do
    not fit, or typst wrote a font in an unknown way. *cause* and *values* are as in
    ``Refusal``.
    """

    def __init__(self, cause: str, **values: str) -> None:
        super().__init__(detail_of(cause, values))
        self.cause = cause
        self.values = values


@dataclass(frozen=True, slots=True)
class AppearanceFacts:
    """Everything that an appearance is made of."""

    role: Literal["officer", "seal"]
    id: str
    """The officer's id, or the agency's code."""
    name_lines: tuple[str, ...]
    title_lines: tuple[str, ...] = ()
    image: Path | None = None
    """A PNG or JPEG, shown at its true size if it states its dpi, and flattened on
    white (docs/dialect.md section 4).
    """


def render(look: AppearanceFacts) -> Group:
    """The group to pin: resources with the drawing as /S and the digits' font as /T.

    Raises UnusableAppearanceError for an image that is missing, none or too large, and
    for words that do not fit.
    """
    try:
        return _rendered(look)
    except OSError as error:
        gone = Path(str(error.filename)).name
        raise UnusableAppearanceError("file-unreadable", file=gone) from error
    except Refusal as error:
        cause, values = cause_of(error.detail)
        raise UnusableAppearanceError(cause, **values) from error
    except typst.TypstError as error:
        raise UnusableAppearanceError(
            "drawing-failed", name=look.id, error=str(error)[:200]
        ) from error


def _rendered(look: AppearanceFacts) -> Group:
    facts: dict[str, Any] = {
        "role": look.role,
        "id": look.id,
        "name_lines": look.name_lines,
        "title_lines": look.title_lines,
    }
    if look.image is not None:
        facts |= _flattened(look.image)
    with (
        pikepdf.open(io.BytesIO(APPEARANCE.typeset(facts))) as drawing,
        pikepdf.open(io.BytesIO(DIGITS.typeset({}))) as digits,
    ):
        group = _group(drawing, digits)
    if any(
        b"/SMask" in part for b in group.bodies for part in b if type(part) is bytes
    ):
        raise UnusableAppearanceError("drawing-failed", name=look.id, error="/SMask")
    return group


def _flattened(file: Path) -> dict[str, Any]:
    """The image on white, and its true width: a copy holds no soft mask (PDF/A-2 would
    allow it, printers and other viewers each blend it in their own way).
    """
    content = file.read_bytes()
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
            if image.has_transparency_data or image.mode not in _PLAIN:
                content = _on_white(image)
            width = _true_width(image)
    except (OSError, Image.DecompressionBombError) as error:
        raise UnusableAppearanceError(
            "not-an-image", file=file.name, error=str(error)[:200]
        ) from error
    except ValueError as error:
        raise UnusableAppearanceError(
            "image-too-large",
            file=file.name,
            size=str(error),
            room=_millimetres(*ROOM_MM),
        ) from error
    return {"image": list(content)} | ({} if width is None else {"width": width})


def _on_white(image: Image.Image) -> bytes:
    clear = image.has_transparency_data
    coloured = image.convert("RGBA" if clear else "RGB").convert("RGBA")
    paper = Image.new("RGBA", coloured.size, "white")
    out = io.BytesIO()
    Image.alpha_composite(paper, coloured).convert("RGB").save(out, "PNG")
    return out.getvalue()


def _true_width(image: Image.Image) -> float | None:
    """The width in millimetres by the image's own dpi; None if it states none. Raises
    ValueError for one that is too large.
    """
    across, down = (float(dpi) for dpi in image.info.get("dpi", (0, 0)))
    if not across or not down:
        return None
    width, height = image.width / across * MM, image.height / down * MM
    if width > ROOM_MM[0] or height > ROOM_MM[1]:
        raise ValueError(_millimetres(width, height))
    return round(width, 3)


def _millimetres(width: float, height: float) -> str:
    return f"{width:.0f} × {height:.0f} mm"


def _group(drawing: pikepdf.Pdf, digits: pikepdf.Pdf) -> Group:
    page = drawing.pages[0].obj
    form = drawing.make_stream(
        zlib.compress(page.Contents.read_bytes()),
        Filter=Name.FlateDecode,
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, *FIELD_SIZE]),
        Resources=page.Resources,
    )
    font = drawing.make_indirect(_ascii_font(drawing, digits))
    return compiled(
        drawing.make_indirect(
            Dictionary(XObject=Dictionary(S=form), Font=Dictionary(T=font))
        )
    )


def _ascii_font(pdf: pikepdf.Pdf, digits: pikepdf.Pdf) -> Dictionary:
    """Typst's subset of the font under a one-byte code that is ASCII (ISO 32000-1,
    9.7.5.4): so the time reads in the content stream as it is shown.
    """
    (font,) = digits.pages[0].obj.Resources.Font.values()
    glyphs = {
        int(unicode, 16): int(cid, 16)
        for cid, unicode in _GLYPH.findall(font.ToUnicode.read_bytes())
        if cid != b"0000"  # the code space, not a glyph
    }
    if set(map(chr, glyphs)) != set("0123456789-:T+"):
        letters = f"font holds {sorted(map(chr, glyphs))}"
        raise UnusableAppearanceError("drawing-failed", name="digits", error=letters)
    descendant = pdf.copy_foreign(digits.make_indirect(font.DescendantFonts[0]))
    return Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=descendant.BaseFont,
        Encoding=pdf.make_stream(
            _cmap("EcopyTime", _ranges("cidchar", glyphs, "<%02X> %d")),
            Type=Name.CMap,
            CMapName=Name.EcopyTime,
            CIDSystemInfo=Dictionary(
                Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0
            ),
            WMode=0,
        ),
        DescendantFonts=Array([descendant]),
        ToUnicode=pdf.make_stream(
            _cmap(
                "EcopyTimeText",
                _ranges("bfchar", {c: c for c in glyphs}, "<%02X> <%04X>"),
            )
        ),
    )


def _ranges(kind: str, codes: dict[int, int], line: str) -> str:
    rows = "\n".join(line % pair for pair in sorted(codes.items()))
    return f"{len(codes)} begin{kind}\n{rows}\nend{kind}"


def _cmap(name: str, ranges: str) -> bytes:
    return f"""%!PS-Adobe-3.0 Resource-CMap
/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo 3 dict dup begin {_SYSTEM} end def
/CMapName /{name} def
/CMapType {1 if name == "EcopyTime" else 2} def
/WMode 0 def
1 begincodespacerange
<00> <FF>
endcodespacerange
{ranges}
endcmap
CMapName currentdict /CMap defineresource pop
end
end
""".encode()
