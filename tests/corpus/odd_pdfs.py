"""PDFs of scans that are odd in one way each: page trees, forms, crops, cards, tiles,
boxes, tails, signatures, placements. Each function returns a file's bytes.

``scan`` is the plain one that all others change: one picture with a word and a circle,
from which a test sees which page it is and whether it is whole.
"""

import io
import re
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from pikepdf.exceptions import PageCopyWarning
from PIL import Image, ImageDraw

from corpus.sample_scan import group4, image_stream, jpeg, saved

A4 = (595, 842)
SIZE = (620, 877)
FULL = "q 595 0 0 842 0 0 cm /Im0 Do Q"
LINE = "1 0 0 RG 4 w 300 300 120 60 re S"
Edit = Callable[[pikepdf.Pdf, Any], None]


def picture(word: str = "PAGE", size: tuple[int, int] = SIZE) -> Image.Image:
    """A sheet with a large word on top and a circle below."""
    return _picture(word, size).copy()


@cache
def _picture(word: str, size: tuple[int, int]) -> Image.Image:
    wide, high = size
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.text((wide // 10, high // 10), word, fill="black", font_size=high // 12)
    middle, radius = (wide * 0.5, high * 0.6), wide * 0.2
    box = (
        middle[0] - radius,
        middle[1] - radius,
        middle[0] + radius,
        middle[1] + radius,
    )
    draw.ellipse(box, outline="black", width=max(4, wide // 100))
    return image


def black_picture(
    word: str = "PAGE", size: tuple[int, int] = (1240, 1754)
) -> Image.Image:
    """One bit, with a black block at the lower left."""
    image = picture(word, size).convert("1", dither=Image.Dither.NONE)
    wide, high = size
    block = (wide // 10, high * 4 // 5, wide // 3, high * 9 // 10)
    ImageDraw.Draw(image).rectangle(block, fill=0)
    return image


def stream_of(pdf: pikepdf.Pdf, image: Image.Image, **keys: Any) -> Any:
    """JPEG for colour and grey, Group 4 for black and white; Pillow writes CMYK upside
    down, as Adobe does."""
    if image.mode == "CMYK":
        keys |= {"ColorSpace": Name.DeviceCMYK, "Decode": Array([1, 0] * 4)}
    if image.mode != "1":
        return image_stream(pdf, jpeg(image), image, Filter=Name.DCTDecode, **keys)
    parms = Dictionary(K=-1, Columns=image.width, Rows=image.height)
    return image_stream(
        pdf,
        group4(image),
        image,
        Filter=Name.CCITTFaxDecode,
        DecodeParms=parms,
        **keys,
    )


def plain_stream(pdf: pikepdf.Pdf) -> Any:
    """The picture of nearly every scan here, coded once."""
    image, coded = _plain()
    return image_stream(pdf, coded, image, Filter=Name.DCTDecode)


@cache
def _plain() -> tuple[Image.Image, bytes]:
    return picture(), jpeg(picture())


def page_of(
    pdf: pikepdf.Pdf,
    images: Sequence[Any],
    content: str | bytes = FULL,
    box: Sequence[float] = (0, 0, *A4),
    **keys: Any,
) -> Any:
    drawn = content.encode() if isinstance(content, str) else content
    page = Dictionary(
        Type=Name.Page,
        MediaBox=Array(list(box)),
        Contents=pdf.make_stream(drawn),
        Resources=Dictionary(
            XObject=Dictionary({f"/Im{k}": image for k, image in enumerate(images)}),
            Font=Dictionary(F1=font()),
        ),
    )
    for key, value in keys.items():
        page[f"/{key}"] = value
    return pdf.make_indirect(page)


def font() -> Dictionary:
    return Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)


def scan(
    content: str = FULL,
    *,
    images: Sequence[Image.Image] | None = None,
    box: Sequence[float] = (0, 0, *A4),
    edit: Edit | None = None,
    **keys: Any,
) -> bytes:
    """One page that draws ``images`` by ``content``; ``keys`` are further keys of the
    page, ``edit`` changes it at last.
    """
    pdf = pikepdf.new()
    streams = [stream_of(pdf, image) for image in images or ()] or [plain_stream(pdf)]
    pdf.pages.append(pikepdf.Page(page_of(pdf, streams, content, box, **keys)))
    if edit:
        edit(pdf, pdf.pages[0].obj)
    with warnings.catch_warnings():
        # A widget outside the form is what one of the cases is about.
        warnings.simplefilter("ignore", PageCopyWarning)
        return saved(pdf)


# --- page trees --------------------------------------------------------------------

WORDS = ("ONE", "TWO", "THREE")
A6 = (298, 420)
"""Sheets of a book: a page that is drawn anew has a quarter of an A4's pixels."""
_FULL_A6 = "q 298 0 0 420 0 0 cm /Im0 Do Q"
_LINE_A6 = "1 0 0 RG 4 w 150 150 60 30 re S"


def book(
    tree: Callable[[pikepdf.Pdf, list[Any]], None] | None = None,
    *,
    rendered: int = 2,
    mode: str = "RGB",
) -> bytes:
    """Pages ONE, TWO, THREE; page ``rendered`` (from 0) has a vector box over it."""
    return _book(rendered, mode) if tree is None else _bound(tree, rendered, mode)


@cache
def _book(rendered: int, mode: str) -> bytes:
    return _bound(None, rendered, mode)


def _bound(
    tree: Callable[[pikepdf.Pdf, list[Any]], None] | None, rendered: int, mode: str
) -> bytes:
    pdf = pikepdf.new()
    pages = []
    for number, word in enumerate(WORDS):
        stream = stream_of(pdf, picture(word).convert(mode))
        content = f"{_FULL_A6} {_LINE_A6}" if number == rendered else _FULL_A6
        pages.append(page_of(pdf, [stream], content, (0, 0, *A6)))
    for page in pages:
        pdf.pages.append(pikepdf.Page(page))
    if tree:
        tree(pdf, [page.obj for page in pdf.pages])
    return saved(pdf)


def book_with_kids(
    kids: Callable[[list[bytes]], list[bytes]], count: str = "3"
) -> bytes:
    """The book with its list of kids written anew, as no library would: what stands
    between the brackets is free, and so is /Count. Offsets behind are set right.
    """
    pdf = pikepdf.open(io.BytesIO(book()))
    written = io.BytesIO()
    pdf.save(written, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    raw = written.getvalue()
    found = re.search(rb"/Count 3 /Kids \[ (.*?) \]", raw)
    assert found is not None
    three = re.findall(rb"\d+ 0 R", found.group(1))
    count_entry = f"/Count {count} " if count else ""
    new = count_entry.encode() + b"/Kids [ " + b" ".join(kids(three)) + b" ]"
    return with_offsets(raw[: found.start()] + new + raw[found.end() :])


def with_offsets(raw: bytes) -> bytes:
    """A classic file with a table that fits what was changed in it."""
    body, table = raw[: raw.rindex(b"\nxref\n") + 1], raw[raw.rindex(b"\nxref\n") + 1 :]
    at = {int(m[1]): m.start(1) for m in re.finditer(rb"(?m)^(\d+) 0 obj", body)}
    lines = [b"%010d 65535 f \n" % 0]
    lines += [b"%010d 00000 n \n" % at[number] for number in range(1, len(at) + 1)]
    trailer = table[table.index(b"trailer") : table.index(b"startxref")]
    head = b"xref\n0 %d\n" % (len(at) + 1) + b"".join(lines)
    return body + head + trailer + b"startxref\n%d\n%%%%EOF\n" % len(body)


def nested(pdf: pikepdf.Pdf, pages: list[Any]) -> None:
    """Two levels of page nodes; the resources, the box and the turn of page TWO hang
    at its parent."""
    _in_nodes(pdf, [pages[:1], pages[1:2], pages[2:]])
    middle = pdf.Root.Pages.Kids[1]
    page = middle.Kids[0]
    for key in ("/Resources", "/MediaBox"):
        middle[key] = page[key]
        del page[key]
    middle.Rotate = 90


def _in_nodes(pdf: pikepdf.Pdf, groups: list[list[Any]]) -> None:
    root = pdf.Root.Pages
    nodes = []
    for group in groups:
        kids = Array([pdf.get_object(page.objgen) for page in group])
        node = pdf.make_indirect(
            Dictionary(Type=Name.Pages, Kids=kids, Count=len(group), Parent=root)
        )
        for page in group:
            page.Parent = node
        nodes.append(node)
    root.Kids = Array(nodes)


# --- forms -------------------------------------------------------------------------

RECT = (100, 100, 450, 140)


def appearance(
    pdf: pikepdf.Pdf, text: str, box: Sequence[float] = (0, 0, 350, 40)
) -> Any:
    drawn = f"/Tx BMC q BT /F 24 Tf 0 g 4 10 Td ({text}) Tj ET Q EMC" if text else ""
    return pdf.make_stream(
        drawn.encode() or b"/Tx BMC EMC",
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array(list(box)),
        Resources=Dictionary(Font=Dictionary(F=font())),
    )


def filled(
    *,
    value: str | None = "NGUYEN VAN TEST",
    drawn: str | None = "NGUYEN VAN TEST",
    regenerates: bool = False,
    split: bool = False,
    orphan: bool = False,
    **keys: Any,
) -> bytes:
    """A scan under a text field. ``drawn`` is its appearance's text, None for none;
    ``split``: field and widget are two dictionaries; ``orphan``: outside the form."""

    def edit(pdf: pikepdf.Pdf, page: Any) -> None:
        widget = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, F=4, Rect=Array(list(RECT))
        )
        if drawn is not None:
            widget.AP = Dictionary(N=appearance(pdf, drawn))
        field = Dictionary() if split else widget
        field.FT, field.T, field.DA = Name.Tx, String("n"), String("/Helv 24 Tf 0 g")
        if value is not None:
            field.V = String(value)
        for key, more in keys.items():
            (widget if key in ("F", "MK") else field)[f"/{key}"] = more
        widget = pdf.make_indirect(widget)
        field = pdf.make_indirect(field) if split else widget
        if split:
            field.Kids, widget.Parent = Array([widget]), field
        page.Annots = Array([widget])
        if not orphan:
            pdf.Root.AcroForm = Dictionary(Fields=Array([field]))
            pdf.Root.AcroForm.NeedAppearances = regenerates

    return scan(edit=edit)


def ticked(*, on: bool = True, kind: str = "checkbox", drawn: bool = True) -> bytes:
    """A scan under a check box or a radio group; each state has its appearance."""

    def edit(pdf: pikepdf.Pdf, page: Any) -> None:
        state = Name.Yes if on else Name.Off
        widget = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, F=4, Rect=Array(list(RECT)), AS=state
        )
        if drawn:
            mark = appearance(pdf, "X")
            off = appearance(pdf, "")
            widget.AP = Dictionary(N=Dictionary(Yes=mark, Off=off))
        widget = pdf.make_indirect(widget)
        field = widget
        if kind == "radio":
            field = pdf.make_indirect(Dictionary(Kids=Array([widget]), Ff=1 << 15))
            widget.Parent = field
        field.FT, field.T, field.V = Name.Btn, String("b"), state
        page.Annots = Array([widget])
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]))

    return scan(edit=edit)


def chosen(value: str = "vn", *, combo: bool = True) -> bytes:
    """A choice without an appearance: /V is the export value, the label is shown."""
    options = Array([Array([String("vn"), String("VIET NAM")]), String("lao")])
    return filled(
        value=value, drawn=None, FT=Name.Ch, Opt=options, Ff=1 << 17 if combo else 0
    )


def xfa() -> bytes:
    def edit(pdf: pikepdf.Pdf, _: Any) -> None:
        template = pdf.make_stream(b"<xdp:xdp/>")
        pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=template)

    return scan(edit=edit)


def noted(subtype: Name, **keys: Any) -> bytes:
    """A note without an appearance lies on the scan."""

    def edit(pdf: pikepdf.Pdf, page: Any) -> None:
        note = Dictionary(
            Type=Name.Annot,
            Subtype=subtype,
            F=4,
            Rect=Array(list(RECT)),
            C=Array([1, 0, 0]),
        )
        for key, value in keys.items():
            note[f"/{key}"] = value
        page.Annots = Array([pdf.make_indirect(note)])

    return scan(edit=edit)


# --- crops -------------------------------------------------------------------------


def secret_picture() -> Image.Image:
    """In the lower half stands what a crop is to hide."""
    image = picture()
    ImageDraw.Draw(image).rectangle((60, 600, 560, 700), fill=(200, 0, 0))
    return image


def cropped(low: float = 421) -> bytes:
    """/CropBox leaves out what lies below ``low`` points."""
    return scan(images=[secret_picture()], CropBox=Array([0, low, *A4]))


def clipped(low: float = 421) -> bytes:
    content = f"q 0 {low} 595 {842 - low} re W n {FULL} Q"
    return scan(content, images=[secret_picture()])


def beside(x: float = 700) -> bytes:
    """A second image stands outside the page."""
    content = f"{FULL} q 200 0 0 200 {x} 100 cm /Im1 Do Q"
    return scan(content, images=[picture(), secret_picture()])


def under() -> bytes:
    """A second image lies wholly under the first."""
    content = f"q 200 0 0 200 100 100 cm /Im1 Do Q {FULL}"
    return scan(content, images=[picture(), secret_picture()])


def degenerate() -> bytes:
    """A second image is drawn with no height at all."""
    content = f"{FULL} q 200 0 0 0 100 100 cm /Im1 Do Q"
    return scan(content, images=[picture(), secret_picture()])


# --- scan or not -------------------------------------------------------------------


def cards(mode: str = "RGB") -> bytes:
    """Two identity cards, front and back, on A4: 15 % of the page."""
    content = "q 243 0 0 153 176 600 cm /Im0 Do Q q 243 0 0 153 176 380 cm /Im1 Do Q"
    sides = [picture(word, (1011, 638)).convert(mode) for word in ("FRONT", "BACK")]
    return scan(content, images=sides)


def tiles(
    across: int = 3, down: int = 4, size: tuple[int, int] = (1200, 1600)
) -> bytes:
    """One scan cut into tiles that meet at their edges."""
    whole = picture(size=size)
    wide, high = size[0] // across, size[1] // down
    parts, content = [], ""
    for k in range(across * down):
        left, top = wide * (k % across), high * (k // across)
        parts.append(whole.crop((left, top, left + wide, top + high)))
        x, y = left / 2, (size[1] - top - high) / 2
        content += f"q {wide / 2} 0 0 {high / 2} {x} {y} cm /Im{k} Do Q "
    return scan(content, images=parts, box=(0, 0, size[0] / 2, size[1] / 2))


def columns() -> bytes:
    """Two pages of a book, side by side on one landscape sheet, with a gap."""
    content = "q 400 0 0 595 0 0 cm /Im0 Do Q q 400 0 0 595 442 0 cm /Im1 Do Q"
    return scan(
        content, images=[picture("LEFT"), picture("RIGHT")], box=(0, 0, 842, 595)
    )


def half() -> bytes:
    """A5 on A4, and nothing else."""
    return scan("q 419 0 0 595 0 247 cm /Im0 Do Q")


def inline(*, coded: bool = False) -> bytes:
    """The whole scan as one inline image, in plain rows or as a JPEG."""
    image = picture(size=(248, 350)).convert("L")
    code, data = (b"/F /DCT ", jpeg(image)) if coded else (b"", image.tobytes())
    head = b"q 595 0 0 842 0 0 cm BI /W 248 /H 350 /CS /G /BPC 8 %sID " % code
    pdf = pikepdf.new()
    page = page_of(pdf, [], head + data + b"\nEI Q")
    pdf.pages.append(pikepdf.Page(page))
    return saved(pdf)


def layered_scan() -> bytes:
    """Mixed raster content: a blurred background, and the ink as a coloured stencil."""

    def edit(pdf: pikepdf.Pdf, page: Any) -> None:
        ink = stream_of(pdf, black_picture())
        ink.ImageMask = True
        del ink["/ColorSpace"]
        page.Resources.XObject.Ink = ink

    paper = Image.new("RGB", (124, 175), (246, 242, 230))
    content = f"{FULL} 0.1 0.1 0.4 rg q 595 0 0 842 0 0 cm /Ink Do Q"
    return scan(content, images=[paper], edit=edit)


def stencil(colour: str = "") -> bytes:
    """A black and white page as a mask, painted in ``colour``."""

    def edit(pdf: pikepdf.Pdf, page: Any) -> None:
        ink = stream_of(pdf, black_picture())
        ink.ImageMask = True
        del ink["/ColorSpace"]
        page.Resources.XObject.Im0 = ink

    return scan(f"{colour} {FULL}", edit=edit)


def typed(logo: float = 0) -> bytes:
    """A typed page, with a logo of ``logo`` points a side."""
    text = "".join(
        f"BT /F1 14 Tf 60 {760 - 18 * k} Td (Typed by a program, line {k}) Tj ET "
        for k in range(30)
    )
    image = f"q {logo} 0 0 {logo} 60 780 cm /Im0 Do Q" if logo else ""
    return scan(text + image)


# --- tails, signatures, placements -------------------------------------------------


def signed(value: Dictionary | None, *, nested_field: bool = False) -> bytes:
    """A signature field with ``value``; its /FT hangs at the parent if nested."""

    def edit(pdf: pikepdf.Pdf, page: Any) -> None:
        widget = pdf.make_indirect(
            Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=Array([0, 0, 0, 0]))
        )
        field = widget
        if nested_field:
            field = pdf.make_indirect(Dictionary(Kids=Array([widget])))
            widget.Parent = field
        field.FT, field.T = Name.Sig, String("Sig")
        if value is not None:
            widget.V = pdf.make_indirect(value)
        page.Annots = Array([widget])
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)

    return scan(edit=edit)


def signature(
    content: bytes = b"\x30\x03\x02\x01\x00", kind: Name = Name.Sig
) -> Dictionary:
    return Dictionary(
        Type=kind,
        Filter=Name("/Adobe.PPKLite"),
        ByteRange=Array([0, 9, 9, 9]),
        Contents=String(content + bytes(64)),
    )


def permitted(key: str | None, value: Dictionary | None = None) -> bytes:
    """/Perms with one entry, or empty."""

    def edit(pdf: pikepdf.Pdf, _: Any) -> None:
        perms = Dictionary()
        if key:
            perms[key] = pdf.make_indirect(value or signature())
        pdf.Root.Perms = perms

    return scan(edit=edit)


def orphan_signature() -> bytes:
    """A signature that was taken out: its dictionary is still in the file."""

    def edit(pdf: pikepdf.Pdf, page: Any) -> None:
        page.PieceInfo = Dictionary(Old=pdf.make_indirect(signature()))

    return scan(edit=edit)


def placed(matrix: Sequence[float], image: Image.Image | None = None) -> bytes:
    """The scan drawn by a matrix of its own."""
    numbers = " ".join(str(value) for value in matrix)
    return scan(f"q {numbers} cm /Im0 Do Q", images=[image or picture()])


MIRRORED = (-595, 0, 0, 842, 595, 0)
FLIPPED = (595, 0, 0, -842, 0, 842)
SLANTED = (594.96, 3.12, -4.41, 841.98, 2.2, -1.5)
"""About 0.3 degrees, as a program that straightens pages writes it."""
ASKEW = (582.3, 61.2, -86.6, 823.9, 50.0, -20.0)
"""Six degrees: the corners stick far out of the page."""


def receipt(width_mm: float = 35, *, turn: int = 0) -> bytes:
    """A strip of paper, narrower than a copy's footer."""
    wide, high = width_mm / 25.4 * 72, 120 / 25.4 * 72
    content = f"q {wide} 0 0 {high} 0 0 cm /Im0 Do Q"
    keys = {"Rotate": turn} if turn else {}
    return scan(
        content, images=[picture(size=(413, 1417))], box=(0, 0, wide, high), **keys
    )


def repeated(pages: int = 200) -> bytes:
    """One image on many pages."""
    pdf = pikepdf.new()
    stream = stream_of(pdf, picture(size=(1240, 1754)))
    for _ in range(pages):
        pdf.pages.append(pikepdf.Page(page_of(pdf, [stream])))
    return saved(pdf)


ACCEPTED: dict[str, Callable[[], bytes]] = {
    "holed-tree.pdf": lambda: book_with_kids(
        lambda kids: [kids[0], b"null", *kids[1:]]
    ),
    "nested-tree.pdf": lambda: book(nested),
    "form-field.pdf": filled,
    "form-value.pdf": lambda: filled(drawn=None),
    "crop-box.pdf": cropped,
    "clip.pdf": clipped,
    "beside.pdf": beside,
    "cards.pdf": cards,
    "tiles.pdf": tiles,
    "columns.pdf": columns,
    "inline.pdf": inline,
    "layers.pdf": layered_scan,
    "user-unit.pdf": lambda: scan(
        "q 8.27 0 0 11.69 0 0 cm /Im0 Do Q 0.05 w 1 0 0 RG 2 5 m 6 5 l S",
        box=(0, 0, 8.27, 11.69),
        UserUnit=72,
    ),
    "useless-boxes.pdf": lambda: scan(CropBox=Array([0, 0, 0, 0]), Rotate=45),
    "tail.pdf": lambda: scan() + bytes(3000),
    "usage-rights.pdf": lambda: permitted("/UR3"),
    "mirrored.pdf": lambda: placed(MIRRORED),
    "flipped-1-bit.pdf": lambda: placed(FLIPPED, black_picture()),
    "slanted-1-bit.pdf": lambda: placed(SLANTED, black_picture()),
    "askew-1-bit.pdf": lambda: placed(ASKEW, black_picture()),
    "blue-stencil.pdf": lambda: stencil("0.1 0.1 0.4 rg"),
    "receipt.pdf": receipt,
}
"""Name → maker, of what must be accepted; part of ``corpus.scans.SCANS``."""
