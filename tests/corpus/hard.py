"""Scans of a realistic size, in the codings that used to make a copy grow."""

import io
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from corpus.sample_scan import add_page, image_stream, jpeg, points, saved, sheet
from corpus.scans import bilevel, group4, jbig2_pdf_of

DPI = 300


def page_pdf(image: Image.Image, data: bytes, dpi: int = DPI, **entries: Any) -> bytes:
    pdf = pikepdf.new()
    stream = image_stream(pdf, data, image, **entries)
    add_page(pdf, points(image, dpi), [stream])
    return saved(pdf)


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, dpi=(DPI, DPI), **options)
    return out.getvalue()


def text_jbig2() -> bytes:
    return jbig2_pdf_of(bilevel(2, DPI), DPI)


def same_jbig2_pages(pages: int = 4) -> bytes:
    """One image drawn on each of four pages, one object in the scan."""
    pdf = pikepdf.open(io.BytesIO(text_jbig2()))
    for _ in range(pages - 1):
        pdf.pages.append(pdf.pages[0])
    return saved(pdf)


def palette_pdf(dpi: int = DPI) -> bytes:
    image = sheet(1, dpi=dpi).quantize(64)
    colours = bytes(image.getpalette()[: 64 * 3])
    return page_pdf(
        image,
        zlib.compress(image.tobytes(), 9),
        dpi,
        Filter=Name.FlateDecode,
        ColorSpace=Array([Name.Indexed, Name.DeviceRGB, 63, colours]),
    )


def grey_palette_pdf(dpi: int = DPI) -> bytes:
    """Sixteen greys in four bits, over DeviceGray."""
    image = sheet(1, dpi=dpi).convert("L").point(lambda v: v >> 4)
    greys = np.pad(np.asarray(image), ((0, 0), (0, image.width % 2)))
    packed = (greys[:, ::2] << 4 | greys[:, 1::2]).tobytes()
    shades = bytes(v * 17 for v in range(16))
    return page_pdf(
        image,
        zlib.compress(packed, 9),
        dpi,
        Filter=Name.FlateDecode,
        BitsPerComponent=4,
        ColorSpace=Array([Name.Indexed, Name.DeviceGray, 15, shades]),
    )


def palette_png() -> bytes:
    return written(sheet(1, dpi=DPI).quantize(64), "PNG", optimize=True)


def grey_png() -> bytes:
    return written(sheet(2, dpi=150).convert("L"), "PNG", optimize=True)


def group4_pdf() -> bytes:
    image = bilevel(2, DPI)
    parms = Dictionary(K=-1, Columns=image.width, Rows=image.height)
    return page_pdf(image, group4(image), Filter=Name.CCITTFaxDecode, DecodeParms=parms)


def mirrored_pdf() -> bytes:
    """A JPEG placed by a matrix that mirrors it."""
    image = sheet(1, dpi=DPI)
    pdf = pikepdf.new()
    data = written(image, "JPEG", quality=72)
    stream = image_stream(pdf, data, image, Filter=Name.DCTDecode)
    width, height = points(image, DPI)
    add_page(
        pdf,
        (width, height),
        [stream],
        f"q {-width} 0 0 {height} {width} 0 cm /Im0 Do Q",
    )
    return saved(pdf)


def skewed_pdf() -> bytes:
    """One bit, placed a little aslant: what a scanner's own deskewing leaves."""
    image = bilevel(2, DPI)
    pdf = pikepdf.new()
    parms = Dictionary(K=-1, Columns=image.width, Rows=image.height)
    stream = image_stream(
        pdf, group4(image), image, Filter=Name.CCITTFaxDecode, DecodeParms=parms
    )
    width, height = points(image, DPI)
    content = f"q {width} 5.2 -7.35 {height} 3 -2 cm /Im0 Do Q"
    add_page(pdf, (width, height), [stream], content)
    return saved(pdf)


def layers_pdf() -> bytes:
    """Mixed raster content: a background of 75 dpi under letters of 300 dpi."""
    image = sheet(1, dpi=DPI)
    paper = image.resize((image.width // 4, image.height // 4))
    ink = image.convert("L").point(lambda v: 255 if v > 110 else 0, "1")
    pdf = pikepdf.new()
    parms = Dictionary(K=-1, Columns=ink.width, Rows=ink.height)
    below = image_stream(pdf, jpeg(paper), paper, Filter=Name.DCTDecode)
    above = image_stream(
        pdf, group4(ink), ink, Filter=Name.CCITTFaxDecode, DecodeParms=parms
    )
    above.ImageMask = True
    del above["/ColorSpace"]
    width, height = points(image, DPI)
    placed = f"{width} 0 0 {height} 0 0 cm"
    content = f"q {placed} /Im0 Do Q q 0.1 0.1 0.2 rg {placed} /Im1 Do Q"
    add_page(pdf, (width, height), [below, above], content)
    return saved(pdf)


HARD: dict[str, Callable[[], bytes]] = {
    "text-jbig2.pdf": text_jbig2,
    "same-jbig2.pdf": same_jbig2_pages,
    "palette.pdf": palette_pdf,
    "grey-palette.pdf": grey_palette_pdf,
    "palette-300.png": palette_png,
    "grey-150.png": grey_png,
    "group4-300.pdf": group4_pdf,
    "mirrored.pdf": mirrored_pdf,
    "skewed.pdf": skewed_pdf,
    "layers.pdf": layers_pdf,
}
"""Name → maker."""
