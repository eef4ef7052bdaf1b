"""What a page costs by the kind of file it comes in: the processor's time a megapixel.

Not among the figures, because a table of two dozen rows has no goal; it says where the
next saving lies. Each kind holds the same page, A4 at 300 dpi in colour, grey or black
and white, and is rebuilt with both pictures of the page in this process: without the
fork and the walls, which cost each file the same. ``python -m bench.desk.kinds`` prints
the table, the dearest first; ``python -m bench.desk.kinds bmp tiff-lzw`` these two.
"""

import io
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from pikepdf import Array, Dictionary, Name
from PIL import Image

from corpus.sample_scan import group4, jpeg, sheet
from corpus.scans import bilevel, jbig2_pdf_of, one_image_pdf
from intake.adapters.rebuild import decode, kinds, pdf, sniff, worker
from intake.adapters.rebuild.limits import Limits

DPI: Final = 300
ROUNDS: Final = 3
BASE: Final = "jpeg-pdf"
"""The kind that all are compared with: what most scanners write."""


@cache
def page(mode: str = "RGB") -> Image.Image:
    image = sheet(1, dpi=DPI)
    return bilevel(1, dpi=DPI) if mode == "1" else image.convert(mode)


def file(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    page(mode).save(out, kind, **{"dpi": (DPI, DPI)} | options)
    return out.getvalue()


def deflated_pdf(mode: str = "RGB", **keys: object) -> bytes:
    image = page(mode)
    return one_image_pdf(
        image, zlib.compress(image.tobytes()), Filter=Name.FlateDecode, **keys
    )


def indexed_pdf() -> bytes:
    image = page().quantize(64)
    palette = bytes((image.getpalette() or [])[: 64 * 3])
    return one_image_pdf(
        image,
        zlib.compress(image.tobytes()),
        Filter=Name.FlateDecode,
        ColorSpace=Array([Name.Indexed, Name.DeviceRGB, 63, palette]),
    )


def palette_png() -> bytes:
    out = io.BytesIO()
    page().quantize(64).save(out, "PNG", dpi=(DPI, DPI))
    return out.getvalue()


def deep_png() -> bytes:
    grey = page("L")
    deep = Image.frombytes("I;16B", grey.size, grey.resize(grey.size).tobytes() * 2)
    out = io.BytesIO()
    deep.convert("I;16").save(out, "PNG", dpi=(DPI, DPI))
    return out.getvalue()


def jpx_pdf() -> bytes:
    out = io.BytesIO()
    page().save(out, "JPEG2000", irreversible=True, quality_layers=[20])
    return one_image_pdf(page(), out.getvalue(), Filter=Name.JPXDecode)


def jpeg_pdf(mode: str = "RGB", **keys: object) -> bytes:
    image = page(mode)
    return one_image_pdf(image, jpeg(image), Filter=Name.DCTDecode, **keys)


def masked_pdf() -> bytes:
    """With /Decode turned for one channel, which no copy can say: rendered."""
    return jpeg_pdf(Decode=Array([0, 1, 0, 1, 0, 0.9]))


def group4_pdf() -> bytes:
    image = page("1")
    parms = Dictionary(K=-1, Columns=image.width, Rows=image.height)
    return one_image_pdf(
        image, group4(image), Filter=Name.CCITTFaxDecode, DecodeParms=parms
    )


KINDS: Final[Mapping[str, Callable[[], bytes]]] = {
    "jpeg-pdf": jpeg_pdf,
    "jpeg": partial(file, "JPEG", quality=72),
    "jpeg-grey": partial(file, "JPEG", "L", quality=72),
    "jpeg-progressive": partial(file, "JPEG", quality=72, progressive=True),
    "jpeg-cmyk": partial(file, "JPEG", "CMYK", quality=72),
    "png": partial(file, "PNG"),
    "png-grey": partial(file, "PNG", "L"),
    "png-alpha": partial(file, "PNG", "RGBA"),
    "png-palette": palette_png,
    "png-16-bit": deep_png,
    "png-1-bit": partial(file, "PNG", "1"),
    "webp": partial(file, "WEBP", quality=80, method=0),
    "webp-lossless": partial(file, "WEBP", lossless=True, quality=0, method=0),
    "bmp": partial(file, "BMP"),
    "bmp-grey": partial(file, "BMP", "L"),
    "tiff-raw": partial(file, "TIFF"),
    "tiff-lzw": partial(file, "TIFF", compression="tiff_lzw"),
    "tiff-deflate": partial(file, "TIFF", compression="tiff_adobe_deflate"),
    "tiff-packbits": partial(file, "TIFF", compression="packbits"),
    "tiff-grey": partial(file, "TIFF", "L"),
    "tiff-cmyk": partial(file, "TIFF", "CMYK"),
    "tiff-lab": partial(file, "TIFF", "LAB"),
    "tiff-jpeg": partial(file, "TIFF", compression="jpeg", quality=72),
    "tiff-group3": partial(file, "TIFF", "1", compression="group3"),
    "tiff-group4": partial(file, "TIFF", "1", compression="group4"),
    "group4-pdf": group4_pdf,
    "jbig2-pdf": lambda: jbig2_pdf_of(page("1"), DPI),
    "jpx-pdf": jpx_pdf,
    "flate-pdf": deflated_pdf,
    "grey-flate-pdf": partial(deflated_pdf, "L"),
    "cmyk-flate-pdf": partial(deflated_pdf, "CMYK", ColorSpace=Name.DeviceCMYK),
    "cmyk-jpeg-pdf": partial(
        jpeg_pdf, "CMYK", ColorSpace=Name.DeviceCMYK, Decode=Array([1, 0] * 4)
    ),
    "indexed-pdf": indexed_pdf,
    "rendered-pdf": masked_pdf,
}


def main(*names: str) -> None:
    kinds.preload()
    limits = Limits()
    decode.set_bounds(limits)
    pdf.set_bounds(limits)
    asked = names or tuple(KINDS)
    with tempfile.TemporaryDirectory(prefix="ecopy-bench-") as folder:
        costs = {
            name: cost(KINDS[name](), Path(folder), limits)
            for name in dict.fromkeys((BASE, *asked))
        }
    base = costs[BASE][0]
    print(f"{'kind':18} ms/megapixel  × {BASE}  bytes in → out")
    for name, (spent, size, made) in sorted(costs.items(), key=lambda c: -c[1][0]):
        print(f"{name:18} {spent:12.1f} {spent / base:11.1f}  {size:,} → {made:,}")


def cost(data: bytes, folder: Path, limits: Limits) -> tuple[float, int, int]:
    """Milliseconds a megapixel, the median of some rounds; the bytes of the file and
    of what it becomes.
    """
    source, into = folder / "scan", folder / "into"
    into.mkdir(exist_ok=True)
    source.write_bytes(data)
    kind, spent, pixels = sniff.media_type(source), [], 0
    for _ in range(ROUNDS):
        started = time.process_time()
        report = worker.rebuild(kind, source, into, limits)
        spent.append(time.process_time() - started)
        pixels = sum(
            p["facts"]["width"] * p["facts"]["height"] for p in report["pages"]
        )
    made = (into / "pages.pdf").stat().st_size
    return statistics.median(spent) * 1e9 / pixels, len(data), made


if __name__ == "__main__":
    main(*sys.argv[1:])
