"""Lawful oddities of image data, and ways to hide, cut or contradict: bytes by code.

What scanners, faxes, printers and telephones really write, one function each, and the
same with something wrong. ``SECRET`` is what must never travel into a copy.
"""

import io
import struct
import zlib
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw

from corpus.sample_scan import add_page, image_stream, jpeg, saved
from corpus.scans import (
    SMALL_DPI,
    bilevel,
    group4,
    one_image_pdf,
    png,
    points,
    small,
)
from intake.adapters.rebuild import ccitt_codes

SECRET = b"SECRET-CCCD-001099000000"
EOI = b"\xff\xd9"
XMP_MIRRORED = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/'
    b'02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:tiff="http://'
    b'ns.adobe.com/tiff/1.0/" tiff:Orientation="2"/></rdf:RDF></x:xmpmeta>'
)


# --- JPEG --------------------------------------------------------------------------


def coded(image: Image.Image, **options: Any) -> bytes:
    """A JPEG of 300 dpi with Pillow's options."""
    written = io.BytesIO()
    image.save(written, "JPEG", **{"quality": 72, "dpi": (300, 300)} | options)
    return written.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def adobe(transform: int) -> bytes:
    """Adobe's colour mark (TN5116), exactly 12 bytes."""
    return segment(0xEE, b"Adobe" + struct.pack(">HHHB", 100, 0, 0, transform))


def telephone_jpeg() -> bytes:
    """Spectrum 0, 0 in a sequential scan header, as many telephones write it."""
    data = bytearray(coded(small()))
    at = data.rindex(b"\xff\xda")
    data[at + 11 : at + 14] = bytes(3)
    return bytes(data)


def late_height_jpeg(height: int | None = None) -> bytes:
    """Height 0 in the frame, the true one behind the scan: a feeder's JPEG."""
    image = small()
    data = coded(image)
    at = data.index(b"\xff\xc0") + 5
    marker = segment(
        0xDC, struct.pack(">H", image.height if height is None else height)
    )
    return data[:at] + bytes(2) + data[at + 2 : -2] + marker + EOI


def stuffed_jpeg() -> bytes:
    """Something hidden at each place of a JPEG where no decoder looks."""
    data = coded(small())
    start, end = data[:2], data[2:-2]
    hidden = (
        segment(0xEE, b"Adobe" + struct.pack(">HHHB", 100, 0, 0, 1) + SECRET)
        + segment(0xDB, b"\x03" + (SECRET * 3)[:64])
        + segment(0xC4, b"\x13" + bytes((0, len(SECRET))) + bytes(14) + SECRET)
        + segment(0xFE, SECRET)
        + segment(0xE5, SECRET)
        + segment(0xF3, SECRET)
        + SECRET
    )
    late = SECRET + segment(0xDC, struct.pack(">H", small().height) + SECRET)
    return start + hidden + end + late + segment(0xFE, SECRET) + EOI + SECRET


def surplus_jpeg(surplus: int) -> bytes:
    """Bytes behind the last block, before the end mark."""
    return coded(small())[:-2] + SECRET[:surplus] + EOI


def second_scan_jpeg() -> bytes:
    """A whole second scan with the first one's header: another picture, unread."""
    data = coded(small())
    other = coded(small(2))
    return data[:-2] + other[other.rindex(b"\xff\xda") :]


def filled_jpeg() -> bytes:
    """Fill bytes before markers, also in the coded data, and trailing zeros."""
    data = coded(small(), restart_marker_rows=4)
    for marker in (b"\xff\xdb", b"\xff\xda", b"\xff\xd0", b"\xff\xd3"):
        data = data.replace(marker, b"\xff\xff" + marker)
    return data + bytes(300)


def junk_headed_jpeg() -> bytes:
    """Bytes that are no marker between two segments."""
    data = coded(small())
    return data[:2] + b"\xff\x00junk" + data[2:]


def progressive(image: Image.Image | None = None) -> bytes:
    return coded(image or small(), progressive=True)


def without_last_scans() -> bytes:
    """Progressive, cut between two scans and closed: blurred, and no warning."""
    data = progressive()
    starts = [n for n in range(len(data)) if data[n : n + 2] == b"\xff\xda"]
    return data[: starts[3]] + EOI


def zero_filled_jpeg(share: float = 2 / 3, times: int = 1) -> bytes:
    """Cut; filled with zeros to the old size, or by far more; closed."""
    data = coded(small())
    return data[: int(len(data) * share)] + bytes(times * len(data)) + EOI


def flat_ended_jpeg() -> bytes:
    """White to the end, with codes of its own: a whole scan that ends in zeros."""
    page = Image.new("L", (1600, 2200), 255)
    page.paste(small().convert("L").resize((1600, 300)), (0, 0))
    return coded(page, optimize=True)


def without_an_interval() -> bytes:
    """One restart interval is missing."""
    data = coded(small(), restart_marker_rows=4)
    return data[: data.index(b"\xff\xd0")] + data[data.index(b"\xff\xd1") :]


def two_colour_marks() -> bytes:
    """JFIF says luma and chroma, Adobe says RGB, and RGB it is."""
    data = coded(small(), keep_rgb=True)
    jfif = segment(0xE0, b"JFIF\0" + bytes((1, 1, 1, 1, 44, 1, 44, 0, 0)))
    at = data.index(b"\xff\xdb")
    return data[:2] + jfif + adobe(0) + data[at:]


def grey_called_rgb_pdf() -> bytes:
    image = small().convert("L")
    return one_image_pdf(
        image, jpeg(image), Filter=Name.DCTDecode, ColorSpace=Name.DeviceRGB
    )


def half_size_pdf() -> bytes:
    """The dictionary says half of the JPEG's width and height."""
    image = small()
    half = image.resize((image.width // 2, image.height // 2))
    return one_image_pdf(half, jpeg(image), Filter=Name.DCTDecode)


def two_pictures_jpeg(second: Image.Image | None = None) -> bytes:
    written = io.BytesIO()
    small().save(
        written, "MPO", save_all=True, append_images=[second or small(2)], quality=72
    )
    return written.getvalue()


# --- PNG ---------------------------------------------------------------------------


def chunk(kind: bytes, body: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + check


def with_chunk(data: bytes, kind: bytes, body: bytes) -> bytes:
    """A PNG with one chunk more, right behind its head."""
    return data[:33] + chunk(kind, body) + data[33:]


def raw_png(
    size: tuple[int, int], depth: int, colour: int, rows: bytes, *more: bytes
) -> bytes:
    """A PNG of unfiltered rows, each with its filter's number before it."""
    head = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, 0)
    packed = chunk(b"IDAT", zlib.compress(rows))
    signature = b"\x89PNG\r\n\x1a\n"
    return (
        signature + chunk(b"IHDR", head) + b"".join(more) + packed + chunk(b"IEND", b"")
    )


def stuffed_png() -> bytes:
    """Behind the end of the deflated rows, and in colours that no pixel has."""
    data = png()
    return data[:-12] + chunk(b"IDAT", SECRET) + data[-12:]


def stuffed_palette_png() -> bytes:
    image = small().quantize(16)
    used = image.getpalette()[: 16 * 3]
    image.putpalette(used + list(SECRET))
    written = io.BytesIO()
    image.save(written, "PNG", bits=8)
    data = written.getvalue()
    return data.replace(
        chunk(b"PLTE", bytes(used)), chunk(b"PLTE", bytes(used) + SECRET)
    )


# --- rows in a PDF -----------------------------------------------------------------


def rows_pdf(data: bytes, image: Image.Image, *filters: Name, **more: Any) -> bytes:
    return one_image_pdf(image, data, Filter=Array(list(filters)), **more)


def run_length(data: bytes, *, marked: bool = True) -> bytes:
    """Literal runs only (ISO 32000-1, 7.4.5)."""
    runs = (data[n : n + 128] for n in range(0, len(data), 128))
    return b"".join(bytes((len(run) - 1,)) + run for run in runs) + b"\x80" * marked


def lzw(data: bytes, *, early: int = 1) -> bytes:
    """7.4.4; codes grow one code early, or not."""
    bits: list[str] = []
    table: dict[bytes, int] = {}
    width, before = 9, b""

    def put(code: int) -> None:
        bits.append(f"{code:0{width}b}")

    def clear() -> None:
        nonlocal width, table
        put(256)
        table, width = {bytes((n,)): n for n in range(256)}, 9

    clear()
    following = 258
    for byte in data:
        longer = before + bytes((byte,))
        if longer in table:
            before = longer
            continue
        put(table[before])
        table[longer] = following
        following += 1
        if following + early > 1 << width:
            width += 1
        if following >= 4093:
            clear()
            following = 258
        before = bytes((byte,))
    put(table[before])
    following += 1
    if following + early > 1 << width and width < 12:
        width += 1
    put(257)
    whole = "".join(bits)
    whole += "0" * (-len(whole) % 8)
    return int(whole, 2).to_bytes(len(whole) // 8, "big")


def ascii85(data: bytes) -> bytes:
    import base64

    return base64.a85encode(data) + b"~>"


def flate_with_more_pdf(more: bytes = b"\n", image: Image.Image | None = None) -> bytes:
    image = image or small()
    return rows_pdf(zlib.compress(image.tobytes() + more), image, Name.FlateDecode)


def flate_with_tail_pdf(image: Image.Image) -> bytes:
    data = zlib.compress(image.tobytes()) + SECRET
    return rows_pdf(data, image, Name.FlateDecode)


# --- fax ---------------------------------------------------------------------------


def changes(image: Image.Image) -> list[list[int]]:
    """Of each row: the columns at which the colour changes, from white on."""
    width, out = image.width, []
    for y in range(image.height):
        row = image.crop((0, y, width, y + 1)).tobytes()
        bits = f"{int.from_bytes(row, 'big'):0{8 * len(row)}b}"[:width]
        line, colour = [], "1"
        at = 0
        while (at := bits.find("0" if colour == "1" else "1", at)) >= 0:
            line.append(at)
            colour = "0" if colour == "1" else "1"
        out.append(line)
    return out


def run(colour: int, length: int) -> str:
    """T.4's codes for one run, out of the tables."""
    out = ""
    while length >= 2560:
        out, length = out + _code(colour, 2560), length - 2560
    if length >= 64:
        out += _code(colour, length - length % 64)
    return out + _code(colour, length % 64)


@cache
def _code(colour: int, length: int) -> str:
    table = ccitt_codes.RUNS[colour]
    found = (n for n, entry in enumerate(table) if entry and entry[1] == length)
    first = next(found)
    entry = table[first]
    assert entry is not None
    return f"{first:013b}"[: entry[0]]


def runs(line: list[int], width: int) -> Iterable[tuple[int, int]]:
    """Colour and length of each run of a row; the first one is white."""
    edges = [0, *line, width]
    for n in range(len(edges) - 1):
        yield n % 2, edges[n + 1] - edges[n]


def flat_line(line: list[int], width: int) -> str:
    return "".join(run(colour, length) for colour, length in runs(line, width))


def horizontal_line(line: list[int], width: int) -> str:
    """T.6 by horizontal mode alone: lawful, and no encoder's first choice."""
    pairs = list(runs(line, width))
    pairs += [(1, 0)] if len(pairs) % 2 else []
    return "".join(
        "001" + run(*pairs[n]) + run(*pairs[n + 1]) for n in range(0, len(pairs), 2)
    )


def uncompressed_line(line: list[int], width: int) -> str:
    """T.6 by its uncompressed mode: pixels as they are."""
    bits = "".join("01"[colour] * length for colour, length in runs(line, width))
    out, at = "0000001111", 0
    while at < width:
        ahead = bits[at : at + 5]
        if ahead == "00000":
            out, at = out + "000001", at + 5
        elif "1" in ahead:
            size = ahead.index("1") + 1
            out, at = out + ahead[:size], at + size
        else:  # white to the end: said by the exit
            return out + "0" * len(ahead) + "0000001" + "0"
    return out + "0000001" + "0"


def fax(
    image: Image.Image,
    line: Callable[[list[int], int], str],
    *,
    aligned: bool = False,
    before: str = "",
    end: str = "",
) -> bytes:
    """Rows coded one by one, with a mark ``before`` each and an ``end``."""
    out = ""
    for row in changes(image):
        out += before + line(row, image.width)
        out += "0" * (-len(out) % 8) if aligned else ""
    out += end
    out += "0" * (-len(out) % 8)
    return int("1" + out, 2).to_bytes(len(out) // 8 + 1, "big")[1:]


def fax_pdf(data: bytes, image: Image.Image, **parms: Any) -> bytes:
    parameters = Dictionary(
        **{"K": -1, "Columns": image.width, "Rows": image.height} | parms
    )
    return one_image_pdf(
        image, data, Filter=Name.CCITTFaxDecode, DecodeParms=parameters
    )


def group3(image: Image.Image, options: int = 0) -> bytes:
    """libtiff's Group 3; options as TIFF's T4Options (1: two-dimensional)."""
    written = io.BytesIO()
    image.point(lambda v: 255 - v).save(
        written,
        "TIFF",
        compression="group3",
        strip_size=1 << 28,
        tiffinfo={292: options},
    )
    tiff = Image.open(io.BytesIO(written.getvalue()))
    (at,), (length,) = tiff.tag_v2[273], tiff.tag_v2[279]
    return written.getvalue()[at : at + length]


def group3_pdf() -> bytes:
    image = bilevel()
    return fax_pdf(group3(image), image, K=0)


def stuffed_group4_pdf() -> bytes:
    image = bilevel()
    return fax_pdf(group4(image) + SECRET, image)


# --- pages -------------------------------------------------------------------------


def mirrored_jpeg(orientation: int = 2) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return coded(small(), exif=exif)


def fax_png() -> bytes:
    """204 × 98 lines: twice as high as it looks in pixels."""
    image = small().resize((1728, 1145)).convert("1")
    written = io.BytesIO()
    image.save(written, "PNG")
    return with_chunk(written.getvalue(), b"pHYs", struct.pack(">IIB", 8031, 3858, 1))


def circle(size: tuple[int, int]) -> Image.Image:
    """As high as wide on a square page of any number of pixels."""
    image = Image.new("L", size, 255)
    box = (size[0] * 0.2, size[1] * 0.2, size[0] * 0.8, size[1] * 0.8)
    ImageDraw.Draw(image).ellipse(box, fill=0)
    return image


def same_image_pdf(pages: int = 5) -> bytes:
    """One picture on many pages, as an object of its own on each."""
    pdf = pikepdf.new()
    image = small()
    data = jpeg(image)
    for _ in range(pages):
        stream = image_stream(pdf, data, image, Filter=Name.DCTDecode)
        add_page(pdf, points(image, SMALL_DPI), [stream])
    return saved(pdf)


ODD: dict[str, Callable[[], bytes]] = {
    "telephone.jpg": telephone_jpeg,
    "late-height.jpg": late_height_jpeg,
    "stuffed.jpg": stuffed_jpeg,
    "filled.jpg": filled_jpeg,
    "two-colour-marks.jpg": two_colour_marks,
    "two-pictures.jpg": two_pictures_jpeg,
    "mirrored.jpg": mirrored_jpeg,
    "stuffed-palette.png": stuffed_palette_png,
    "fax.png": fax_png,
    "group3.pdf": group3_pdf,
    "stuffed-group4.pdf": stuffed_group4_pdf,
    "flate-with-more.pdf": flate_with_more_pdf,
    "same-image.pdf": same_image_pdf,
}
"""Name → maker, of what must be accepted besides ``corpus.scans.SCANS``."""
