"""Scans that each reader takes differently, or that a careless reader takes wrongly:
descriptions that do not fit their data, senseless operators, forms without resources.
"""

import io
import zlib
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from corpus.odd_images import chunk, coded, segment, with_chunk
from corpus.odd_pdfs import A4, FULL, page_of, picture, scan
from corpus.sample_scan import image_stream, saved

SMALL = (310, 438)
TYPED = "".join(
    f"BT /F1 14 Tf 60 {760 - 18 * k} Td (Typed by a program, line {k}) Tj ET "
    for k in range(30)
)


def rows(
    mode: str = "RGB", data: bytes = b"", *, raw: bytes = b"", **keys: Any
) -> bytes:
    """A page of one deflated image; ``keys`` stand in its dictionary, None deletes."""
    image = picture(size=SMALL).convert(mode)
    pdf = pikepdf.new()
    deflated = raw or zlib.compress(data or image.tobytes())
    stream = image_stream(pdf, deflated, image, Filter=Name.FlateDecode)
    if mode == "CMYK":
        stream.ColorSpace = Name.DeviceCMYK
    for key, value in keys.items():
        if value is None:
            del stream[f"/{key}"]
        else:
            stream[f"/{key}"] = value
    pdf.pages.append(pikepdf.Page(page_of(pdf, [stream])))
    return saved(pdf)


def filtered(surplus: int = 1) -> bytes:
    """Rows with PNG's filters, and more parameters than filters."""
    image = picture(size=SMALL)
    row = 3 * image.width
    plain = image.tobytes()
    data = b"".join(b"\0" + plain[at : at + row] for at in range(0, len(plain), row))
    parms = Dictionary(Predictor=15, Colors=3, BitsPerComponent=8, Columns=image.width)
    return rows(
        data=data,
        Filter=Array([Name.FlateDecode]),
        DecodeParms=Array([parms, *[None] * surplus]),
    )


def palette(colours: int, *, decode: list[int] | None = None) -> bytes:
    """Four-bit numbers 0 to 15 in stripes, over a table of ``colours`` colours."""
    wide, high = SMALL
    row = bytes(17 * (at * 16 // (wide // 2)) for at in range(wide // 2))
    table = bytes(part for k in range(colours) for part in (17 * k, 0, 255 - 17 * k))
    keys: dict[str, Any] = {"Decode": Array(decode)} if decode else {}
    return rows(
        data=row * high,
        BitsPerComponent=4,
        ColorSpace=Array([Name.Indexed, Name.DeviceRGB, 15, String(table)]),
        **keys,
    )


def masked(key: str, share: float) -> bytes:
    """An image under a mask of which only ``share`` of the rows is there."""
    wide, high = SMALL
    pdf = pikepdf.open(io.BytesIO(rows()))
    stencil = key == "Mask"
    row = bytes((wide + 7) // 8) if stencil else b"\xff" * wide
    mask = pdf.make_stream(
        zlib.compress(row * round(high * share)),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=wide,
        Height=high,
        Filter=Name.FlateDecode,
        BitsPerComponent=1 if stencil else 8,
    )
    mask["/ImageMask" if stencil else "/ColorSpace"] = (
        True if stencil else Name.DeviceGray
    )
    pdf.pages[0].obj.Resources.XObject.Im0[f"/{key}"] = mask
    return saved(pdf)


def dct(mode: str = "RGB", *, mark: bool = True, **keys: Any) -> bytes:
    """A page of one JPEG; without Adobe's ``mark``; ``keys`` as in ``rows``. Pillow
    writes four inks upside down."""
    data = coded(picture(size=SMALL).convert(mode))
    if not mark:
        at = data.index(b"\xff\xee")
        data = data[:at] + data[at + 16 :]
    return rows(mode, raw=data, Filter=Name.DCTDecode, **keys)


def flagged_mark() -> bytes:
    """A JPEG with six bytes in Adobe's mark that no decoder reads."""
    data = coded(picture(size=SMALL))
    return data[:2] + segment(0xEE, b"AdobeGEHEIM\x01") + data[2:]


def jpx(**keys: Any) -> bytes:
    image = picture(size=SMALL).convert("L")
    out = io.BytesIO()
    image.save(out, "JPEG2000")
    pdf = pikepdf.new()
    stream = image_stream(pdf, out.getvalue(), image, Filter=Name.JPXDecode, **keys)
    pdf.pages.append(pikepdf.Page(page_of(pdf, [stream])))
    return saved(pdf)


def two_frames() -> bytes:
    """A JPEG with its frame header twice: no viewer shows it."""
    data = coded(picture(size=SMALL))
    at = data.index(b"\xff\xc0")
    end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return data[:end] + data[at:]


def twelve_bits() -> bytes:
    """A JPEG that says twelve bits a sample, which is lawful."""
    data = coded(picture(size=SMALL))
    at = data.index(b"\xff\xc0")
    return data[: at + 1] + b"\xc1" + data[at + 2 : at + 4] + b"\x0c" + data[at + 5 :]


def noted_png(kind: bytes, body: bytes, *, sum_fits: bool = True) -> bytes:
    """A PNG with one more chunk, whose checksum may be wrong."""
    out = io.BytesIO()
    picture(size=SMALL).save(out, "PNG")
    data = with_chunk(out.getvalue(), kind, body)
    if sum_fits:
        return data
    whole = chunk(kind, body)
    return data.replace(whole, whole[:-4] + b"\0\0\0\0")


def in_form(depth: int = 1, *, inline: bool = False) -> bytes:
    """A scan drawn by forms within forms; ``inline``: the innermost form has no
    /Resources and draws an inline image besides."""

    def edit(pdf: pikepdf.Pdf, page: Any) -> None:
        drawn, name, content = page.Resources.XObject.Im0, "Im0", FULL
        for level in range(depth):
            form = pdf.make_stream(
                content.encode() + (_INLINE if inline else b""),
                Type=Name.XObject,
                Subtype=Name.Form,
                BBox=Array([0, 0, *A4]),
            )
            if not inline:
                form.Resources = Dictionary(XObject=Dictionary({f"/{name}": drawn}))
            drawn, name = pdf.make_indirect(form), f"F{level}"
            content = f"/{name} Do"
        page.Resources.XObject[f"/{name}"] = drawn
        page.Contents = pdf.make_stream(content.encode())

    return scan(edit=edit)


_INLINE = b" q 200 0 0 200 50 50 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x30\nEI Q"


def split_content() -> bytes:
    """Content in three streams with a null between them."""

    def edit(pdf: pikepdf.Pdf, page: Any) -> None:
        first, second = (
            pdf.make_stream(part) for part in (b"q 595 0 0 842", b"0 0 cm /Im0 Do Q")
        )
        page.Contents = Array([first, None, second])

    return scan(edit=edit)


def membership(state: str, policy: str) -> bytes:
    """A scan in a layer that is ``on`` or ``off``, asked for by a policy."""

    def edit(pdf: pikepdf.Pdf, page: Any) -> None:
        group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("L")))
        off = [group] if state == "off" else []
        pdf.Root.OCProperties = Dictionary(
            OCGs=Array([group]), D=Dictionary(OFF=Array(off))
        )
        page.Resources.XObject.Im0.OC = Dictionary(
            Type=Name.OCMD, OCGs=Array([group]), P=Name(f"/{policy}")
        )

    return scan(edit=edit)


def titled(side: float) -> bytes:
    """A typed page behind a title page that has one picture of ``side`` points."""
    pdf = pikepdf.open(io.BytesIO(scan(f"q {side} 0 0 {side} 60 600 cm /Im0 Do Q")))
    typed = pikepdf.open(io.BytesIO(scan(TYPED)))
    pdf.pages.append(typed.pages[0])
    return saved(pdf)
