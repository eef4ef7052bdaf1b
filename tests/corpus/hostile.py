"""Files that must be refused, each for its own reason. Bytes by committed scripts."""

import io
import struct
import zlib
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name

from corpus.sample_scan import add_page, jpeg, saved
from corpus.scans import bilevel, group4, one_image_pdf, png, small, small_pdf


def password_pdf() -> bytes:
    """Asks for a password."""
    return _encrypted(user="bi-mat")


def locked_pdf() -> bytes:
    """Opens without a password but forbids copying: encrypted all the same."""
    return _encrypted(user="")


def signed_pdf() -> bytes:
    """A scan that somebody signed: a field with a signature in it."""
    return _with_signature(Name.Sig, Name("/ETSI.CAdES.detached"))


def timestamped_pdf() -> bytes:
    return _with_signature(Name.DocTimeStamp, Name("/ETSI.RFC3161"))


def born_digital_pdf() -> bytes:
    pdf = pikepdf.new()
    page = add_page(pdf, (595, 842), [], "BT /F1 24 Tf 72 700 Td (Typed) Tj ET")
    page.Resources.Font = Dictionary(
        F1=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    )
    return saved(pdf)


def text_pdf() -> bytes:
    return "Đây không phải là tệp PDF.\n".encode() * 40


def cut_jpeg() -> bytes:
    whole = jpeg(small())
    return whole[: len(whole) * 2 // 3]


def healed_jpeg() -> bytes:
    """Cut in the middle, with an end marker put behind: looks whole from outside."""
    return cut_jpeg() + b"\xff\xd9"


def cut_png() -> bytes:
    whole = png()
    return whole[: len(whole) * 2 // 3]


def cut_pdf() -> bytes:
    whole = small_pdf()
    return whole[: len(whole) * 2 // 3]


def cut_jpeg_pdf() -> bytes:
    """Whole as a PDF, but the scanner's JPEG in it ends in the middle."""
    return one_image_pdf(small(), healed_jpeg(), Filter=Name.DCTDecode)


def stamped_cut_jpeg_pdf() -> bytes:
    """The same under a stamp: the page would be rendered, half of it grey."""
    pdf = pikepdf.open(io.BytesIO(cut_jpeg_pdf()))
    pdf.pages[0].contents_add(b"q 300 300 120 60 re S Q")
    return saved(pdf)


def cut_group4_pdf() -> bytes:
    """Lenient decoders paint the missing half white."""
    image = bilevel()
    data = group4(image)
    parms = Dictionary(K=-1, Columns=image.width, Rows=image.height)
    return one_image_pdf(
        image,
        data[: len(data) // 2],
        Filter=Name.CCITTFaxDecode,
        DecodeParms=parms,
    )


def cut_flate_pdf() -> bytes:
    image = small()
    data = zlib.compress(image.tobytes()[: image.width * 900])
    return one_image_pdf(image, data, Filter=Name.FlateDecode)


def cut_palette_pdf() -> bytes:
    image = small().quantize(16)
    space = Array([Name.Indexed, Name.DeviceRGB, 15, bytes(48)])
    data = zlib.compress(image.tobytes()[: image.width * 500])
    return one_image_pdf(image, data, Filter=Name.FlateDecode, ColorSpace=space)


def cut_jpx_pdf() -> bytes:
    written = io.BytesIO()
    image = small().resize((413, 585))
    image.save(written, "JPEG2000", irreversible=False)
    data = written.getvalue()
    return one_image_pdf(image, data[: len(data) // 2], Filter=Name.JPXDecode)


def pageless_pdf() -> bytes:
    return saved(pikepdf.new())


def many_pages_pdf(pages: int = 201) -> bytes:
    pdf = pikepdf.new()
    for _ in range(pages):
        add_page(pdf, (595, 842), [], " ")
    return saved(pdf)


def bomb_png(side: int = 30_000) -> bytes:
    """900 million pixels in about a hundred kilobytes."""
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    chunks = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def bomb_pdf(side: int = 30_000) -> bytes:
    """The same in a PDF's image."""
    pdf = pikepdf.new()
    image = pdf.make_stream(
        zlib.compress(bytes(1000)),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=side,
        Height=side,
        BitsPerComponent=8,
        ColorSpace=Name.DeviceRGB,
        Filter=Name.FlateDecode,
    )
    add_page(pdf, (595, 842), [image])
    return saved(pdf)


def looping_pdf() -> bytes:
    """A form that draws itself."""
    pdf = pikepdf.open(io.BytesIO(small_pdf()))
    form = pdf.make_stream(
        b"/F Do", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9])
    )
    form.Resources = Dictionary(XObject=Dictionary(F=form))
    page = pdf.pages[0]
    page.obj.Resources.XObject.F = form
    page.contents_add(b"/F Do")
    return saved(pdf)


def inflating_pdf(size: int = 1 << 30) -> bytes:
    """A page content that unfolds to a gigabyte of operators."""
    pdf = pikepdf.open(io.BytesIO(small_pdf()))
    deflate = zlib.compressobj(9)
    block = b"q Q " * (1 << 18)
    packed = b"".join(deflate.compress(block) for _ in range(size // len(block)))
    content = pdf.make_stream(packed + deflate.flush(), Filter=Name.FlateDecode)
    pdf.pages[0].obj.Contents = content
    return saved(pdf, compress_streams=False)


def _encrypted(user: str) -> bytes:
    pdf = pikepdf.open(io.BytesIO(small_pdf()))
    written = io.BytesIO()
    locks = pikepdf.Encryption(owner="chu", user=user, R=6)
    pdf.save(written, encryption=locks)
    return written.getvalue()


def _with_signature(kind: Name, subfilter: Name) -> bytes:
    pdf = pikepdf.open(io.BytesIO(small_pdf()))
    signature = Dictionary(
        Type=kind,
        Filter=Name("/Adobe.PPKLite"),
        SubFilter=subfilter,
        ByteRange=Array([0, 10, 20, 10]),
        Contents=pikepdf.String(b"\x30\x00"),
    )
    field = Dictionary(
        FT=Name.Sig,
        T=pikepdf.String("Sig"),
        Type=Name.Annot,
        Subtype=Name.Widget,
        Rect=Array([0, 0, 0, 0]),
        V=pdf.make_indirect(signature),
    )
    fields = Array([pdf.make_indirect(field)])
    pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=fields, SigFlags=3))
    return saved(pdf)


def _chunk(kind: bytes, body: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + check


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "password.pdf": (password_pdf, "password"),
    "locked.pdf": (locked_pdf, "password"),
    "signed.pdf": (signed_pdf, "already-signed"),
    "timestamped.pdf": (timestamped_pdf, "already-signed"),
    "born-digital.pdf": (born_digital_pdf, "born-digital"),
    "text.pdf": (text_pdf, "unknown-type"),
    "cut.jpg": (cut_jpeg, "truncated"),
    "healed.jpg": (healed_jpeg, "truncated"),
    "cut.png": (cut_png, "truncated"),
    "cut.pdf": (cut_pdf, "truncated"),
    "cut-jpeg.pdf": (cut_jpeg_pdf, "truncated"),
    "stamped-cut-jpeg.pdf": (stamped_cut_jpeg_pdf, "truncated"),
    "cut-group4.pdf": (cut_group4_pdf, "truncated"),
    "cut-flate.pdf": (cut_flate_pdf, "truncated"),
    "cut-palette.pdf": (cut_palette_pdf, "truncated"),
    "cut-jpx.pdf": (cut_jpx_pdf, "damaged"),
    "empty.pdf": (bytes, "empty"),
    "pageless.pdf": (pageless_pdf, "no-pages"),
    "many-pages.pdf": (many_pages_pdf, "too-many-pages"),
    "bomb.png": (bomb_png, "too-many-pixels"),
    "bomb.pdf": (bomb_pdf, "too-many-pixels"),
    "looping.pdf": (looping_pdf, "damaged"),
}
"""Name → maker and the slug of its refusal (``intake.domain.scan.ScanFault``)."""
