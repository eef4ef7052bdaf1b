"""Every kind of scan that a desk sees. Each function returns a file's bytes.

Small where size is not the point: 100 to 200 dpi halves of the sample sheets.
"""

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageCms

from corpus import odd_pdfs
from corpus.sample_scan import (
    A3_MM,
    A4_MM,
    add_page,
    group4,
    image_stream,
    jpeg,
    points,
    saved,
    sheet,
    w3,
)

SMALL_DPI = 100
FILE_DPI = 300
"""That a JPEG or PNG file says of itself."""


def small(number: int = 1, size: tuple[float, float] = A4_MM) -> Image.Image:
    return sheet(number, size=size, dpi=SMALL_DPI).copy()


def bilevel(number: int = 2, dpi: int = SMALL_DPI) -> Image.Image:
    grey = sheet(number, dpi=dpi).convert("L")
    return grey.point(lambda v: 255 if v > 150 else 0).convert("1")


def one_image_pdf(image: Image.Image, data: bytes, **entries: object) -> bytes:
    pdf = pikepdf.new()
    stream = image_stream(pdf, data, image, **entries)
    add_page(pdf, points(image, SMALL_DPI), [stream])
    return saved(pdf)


@cache
def small_pdf(pages: int = 1) -> bytes:
    pdf = pikepdf.new()
    for number in range(1, pages + 1):
        image = small(number)
        stream = image_stream(pdf, jpeg(image), image, Filter=Name.DCTDecode)
        add_page(pdf, points(image, SMALL_DPI), [stream])
    return saved(pdf)


@cache
def grey_pdf() -> bytes:
    image = small().convert("L")
    return one_image_pdf(image, jpeg(image), Filter=Name.DCTDecode)


def flate_pdf() -> bytes:
    image = small()
    return one_image_pdf(image, zlib.compress(image.tobytes()), Filter=Name.FlateDecode)


def deflated_jpeg_pdf() -> bytes:
    image = small()
    filters = Array([Name.FlateDecode, Name.DCTDecode])
    return one_image_pdf(image, zlib.compress(jpeg(image)), Filter=filters)


@cache
def group4_pdf() -> bytes:
    image = bilevel()
    parms = Dictionary(K=-1, Columns=image.width, Rows=image.height)
    return one_image_pdf(
        image, group4(image), Filter=Name.CCITTFaxDecode, DecodeParms=parms
    )


def inverted_group4_pdf() -> bytes:
    """/BlackIs1 and /Decode [1 0] undo each other: looks like ``group4_pdf``."""
    image = bilevel()
    parms = Dictionary(K=-1, Columns=image.width, BlackIs1=True)
    return one_image_pdf(
        image,
        group4(image),
        Filter=Name.CCITTFaxDecode,
        DecodeParms=parms,
        Decode=Array([1, 0]),
    )


def stencil_pdf() -> bytes:
    """An image mask painted black, as many copiers write a black and white page."""
    image = bilevel()
    parms = Dictionary(K=-1, Columns=image.width, Rows=image.height)
    pdf = pikepdf.new()
    stream = image_stream(
        pdf, group4(image), image, Filter=Name.CCITTFaxDecode, DecodeParms=parms
    )
    stream.ImageMask = True
    del stream["/ColorSpace"]
    add_page(pdf, points(image, SMALL_DPI), [stream])
    return saved(pdf)


def strips_pdf(strips: int = 5) -> bytes:
    image = small()
    pdf = pikepdf.new()
    width, height = points(image, SMALL_DPI)
    streams, content = [], ""
    for k in range(strips):
        top, low = (image.height * n // strips for n in (k, k + 1))
        strip = image.crop((0, top, image.width, low))
        streams.append(image_stream(pdf, jpeg(strip), strip, Filter=Name.DCTDecode))
        y, h = (height * n / image.height for n in (image.height - low, low - top))
        content += f"q {width} 0 0 {h:.4f} 0 {y:.4f} cm /Im{k} Do Q\n"
    add_page(pdf, (width, height), streams, content)
    return saved(pdf)


def indexed_pdf() -> bytes:
    image = small().quantize(16)
    palette = bytes(image.getpalette()[: 16 * 3])
    space = Array([Name.Indexed, Name.DeviceRGB, 15, palette])
    return one_image_pdf(
        image,
        zlib.compress(image.tobytes()),
        Filter=Name.FlateDecode,
        ColorSpace=space,
    )


def jpx_pdf() -> bytes:
    image = small().resize((413, 585))
    written = io.BytesIO()
    image.save(written, "JPEG2000", irreversible=False)
    pdf = pikepdf.new()
    stream = image_stream(pdf, written.getvalue(), image, Filter=Name.JPXDecode)
    add_page(pdf, points(image, 50), [stream])
    return saved(pdf)


def jbig2_pdf() -> bytes:
    return jbig2_pdf_of(bilevel(), SMALL_DPI)


def jbig2_pdf_of(image: Image.Image, dpi: int) -> bytes:
    """One generic region in MMR, which is T.6 again (ITU-T T.88, 7.4.6)."""
    size = struct.pack(">II", image.width, image.height)
    page = size + struct.pack(">IIBH", 0, 0, 0, 0)
    region = size + struct.pack(">IIB", 0, 0, 0) + b"\x01" + group4(image)
    data = _segment(0, 48, page) + _segment(1, 38, region)
    pdf = pikepdf.new()
    stream = image_stream(pdf, data, image, Filter=Name.JBIG2Decode)
    add_page(pdf, points(image, dpi), [stream])
    return saved(pdf)


def _segment(number: int, kind: int, data: bytes) -> bytes:
    return struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data


def cmyk_pdf() -> bytes:
    """Pillow writes CMYK upside down, as Adobe does: hence /Decode."""
    image = small().convert("CMYK")
    return one_image_pdf(
        image,
        jpeg(image),
        Filter=Name.DCTDecode,
        ColorSpace=Name.DeviceCMYK,
        Decode=Array([1, 0] * 4),
    )


def icc_pdf() -> bytes:
    """sRGB by an embedded profile: the same as device colours."""
    image = small()
    pdf = pikepdf.new()
    profile = pdf.make_stream(srgb_profile(), N=3)
    space = Array([Name.ICCBased, profile])
    stream = image_stream(
        pdf, jpeg(image), image, Filter=Name.DCTDecode, ColorSpace=space
    )
    add_page(pdf, points(image, SMALL_DPI), [stream])
    return saved(pdf)


@cache
def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def mixed_pdf() -> bytes:
    """A4, A3, and A4 lying; the last one by /Rotate."""
    pdf = pikepdf.new()
    for size in (A4_MM, A3_MM, (A4_MM[1], A4_MM[0])):
        image = small(1, size)
        stream = image_stream(pdf, jpeg(image), image, Filter=Name.DCTDecode)
        add_page(pdf, points(image, SMALL_DPI), [stream])
    image = small()
    stream = image_stream(pdf, jpeg(image), image, Filter=Name.DCTDecode)
    add_page(pdf, points(image, SMALL_DPI), [stream]).Rotate = 90
    return saved(pdf)


def turned_pdf() -> bytes:
    """The image lies in the file and is turned upright by its matrix."""
    image = small().transpose(Image.Transpose.ROTATE_90)
    pdf = pikepdf.new()
    stream = image_stream(pdf, jpeg(image), image, Filter=Name.DCTDecode)
    height, width = points(image, SMALL_DPI)
    content = f"q 0 {-height} {width} 0 0 {height} cm /Im0 Do Q"
    add_page(pdf, (width, height), [stream], content)
    return saved(pdf)


def cropped_pdf() -> bytes:
    """/CropBox shows the middle of a larger page, in a form, under a clip."""
    image = small()
    pdf = pikepdf.new()
    width, height = points(image, SMALL_DPI)
    stream = image_stream(pdf, jpeg(image), image, Filter=Name.DCTDecode)
    form = pdf.make_stream(
        f"q {width} 0 0 {height} 50 70 cm /I Do Q".encode(),
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, 2000, 2000]),
        Resources=Dictionary(XObject=Dictionary(I=stream)),
    )
    content = f"q 50 70 {width} {height} re W n /Im0 Do Q"
    page = add_page(pdf, (width + 100, height + 140), [form], content)
    page.CropBox = Array([50, 70, 50 + width, 70 + height])
    return saved(pdf)


def ocr_pdf() -> bytes:
    """A scan with an invisible text layer: dropped, and nobody is asked."""
    return _with_content("BT /F1 12 Tf 3 Tr 72 700 Td (OCR) Tj ET")


def stamped_pdf() -> bytes:
    """A vector drawn over the scan: the page is rendered."""
    return _with_content("q 0.8 0.1 0.1 RG 4 w 300 300 120 60 re S Q")


def texted_pdf() -> bytes:
    """Visible text over the scan."""
    return _with_content("BT /F1 24 Tf 72 400 Td (BAN SAO) Tj ET")


def annotated_pdf() -> bytes:
    """A stamp annotation with its own appearance lies on the scan."""
    pdf = pikepdf.open(io.BytesIO(small_pdf()))
    appearance = pdf.make_stream(
        b"1 0 0 rg 0 0 100 50 re f",
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, 100, 50]),
    )
    stamp = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Stamp,
        Rect=Array([100, 100, 200, 150]),
        F=4,
        AP=Dictionary(N=appearance),
    )
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(stamp)])
    return saved(pdf)


def active_pdf() -> bytes:
    """JavaScript, actions, an attachment, a link, metadata: none may survive."""
    pdf = pikepdf.open(io.BytesIO(small_pdf()))
    script = Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert('x')"))
    pdf.Root.OpenAction = script
    pdf.Root.AA = Dictionary(WC=script)
    pdf.attachments["evil.exe"] = b"MZ"
    page = pdf.pages[0].obj
    page.AA = Dictionary(O=script)
    link = Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 200, 200]), A=script
    )
    page.Annots = Array([pdf.make_indirect(link)])
    with pdf.open_metadata() as metadata:
        metadata["dc:title"] = "bí mật"
    pdf.docinfo["/Author"] = "ai đó"
    return saved(pdf)


def partly_born_digital_pdf() -> bytes:
    """A scanned page, then a typed one: the second is rendered."""
    pdf = pikepdf.open(io.BytesIO(_with_content("")))
    page = add_page(pdf, (595, 842), [], "BT /F1 24 Tf 72 700 Td (Typed) Tj ET")
    page.Resources.Font = _font()
    return saved(pdf)


def photo_jpeg(orientation: int = 6, dpi: int = 72) -> bytes:
    """As a telephone writes it: Exif with orientation, GPS and maker, 72 dpi; behind
    the end a second picture."""
    image = small().transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "HoaBan Phone"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (21.0, 19.0, 37.0)
    written = io.BytesIO()
    image.save(
        written,
        "JPEG",
        exif=exif,
        dpi=(dpi, dpi),
        comment=b"secret",
        icc_profile=srgb_profile(),
    )
    return written.getvalue() + jpeg(image.resize((64, 64)))


def progressive_jpeg() -> bytes:
    written = io.BytesIO()
    small().save(written, "JPEG", progressive=True, dpi=(FILE_DPI, FILE_DPI))
    return written.getvalue()


def cmyk_jpeg() -> bytes:
    return jpeg(small().convert("CMYK"), dpi=FILE_DPI)


def png(mode: str = "RGB", dpi: int | None = None) -> bytes:
    image = small()
    if mode == "RGBA":
        image = image.copy()
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    elif mode == "I;16":
        image = image.convert("L").convert("I").point(lambda v: v * 257).convert("I;16")
    else:
        image = image.quantize(32) if mode == "P" else image.convert(mode)
    written = io.BytesIO()
    image.save(written, "PNG", dpi=(dpi or FILE_DPI,) * 2, compress_level=1)
    return written.getvalue()


def _with_content(more: str) -> bytes:
    pdf = pikepdf.open(io.BytesIO(small_pdf()))
    page = pdf.pages[0]
    page.contents_add(more.encode())
    page.obj.Resources.Font = _font()
    return saved(pdf)


def _font() -> Dictionary:
    return Dictionary(
        F1=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    )


SCANS: dict[str, Callable[[], bytes]] = {
    "w3.pdf": w3,
    "small.pdf": small_pdf,
    "grey.pdf": grey_pdf,
    "flate.pdf": flate_pdf,
    "deflated-jpeg.pdf": deflated_jpeg_pdf,
    "group4.pdf": group4_pdf,
    "inverted-group4.pdf": inverted_group4_pdf,
    "stencil.pdf": stencil_pdf,
    "strips.pdf": strips_pdf,
    "indexed.pdf": indexed_pdf,
    "jpx.pdf": jpx_pdf,
    "jbig2.pdf": jbig2_pdf,
    "cmyk.pdf": cmyk_pdf,
    "icc.pdf": icc_pdf,
    "mixed.pdf": mixed_pdf,
    "turned.pdf": turned_pdf,
    "cropped.pdf": cropped_pdf,
    "ocr.pdf": ocr_pdf,
    "stamped.pdf": stamped_pdf,
    "texted.pdf": texted_pdf,
    "annotated.pdf": annotated_pdf,
    "active.pdf": active_pdf,
    "partly-born-digital.pdf": partly_born_digital_pdf,
    **odd_pdfs.ACCEPTED,
    "photo.jpg": photo_jpeg,
    "progressive.jpg": progressive_jpeg,
    "cmyk.jpg": cmyk_jpeg,
    "rgb.png": png,
    "rgba.png": lambda: png("RGBA"),
    "palette.png": lambda: png("P"),
    "grey.png": lambda: png("L"),
    "bilevel.png": lambda: png("1"),
    "grey16.png": lambda: png("I;16"),
}
"""Name → maker, of all that must be accepted."""
