"""A scan as a desk makes it: paper, noise, a slight skew, ink, a red seal.

Run it: ``python tests/corpus/sample_scan.py OUT.pdf`` writes W3, the scan that is
benchmarked: seed 3, 3 pages A4, 300 dpi colour JPEG, 3.3 to 3.6 MB. The same bytes each
time on one set of libraries. Needs pillow, typst and pikepdf only. Every name on it is
invented.
"""

import io
import random
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import typst
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageChops, ImageFilter

A4_MM = (210.0, 297.0)
A3_MM = (297.0, 420.0)
DPI = 300
QUALITY = 72
PAPER = (247, 244, 236)

_HEAD = """
#set page(width: {width}mm, height: {height}mm, margin: (x: 24mm, y: 20mm))
#set text(font: "Libertinus Serif", size: 12.5pt, lang: "vi", fill: rgb("#22242c"))
#set par(justify: true, leading: 0.72em, first-line-indent: 1cm)
#let seal = circle(radius: 17mm, stroke: 1.6pt + rgb("#c4232b"))[
  #set align(center + horizon); #set par(first-line-indent: 0pt, justify: false)
  #text(size: 7pt, fill: rgb("#c4232b"), weight: "bold")[
    ỦY BAN NHÂN DÂN\\ PHƯỜNG HOA BAN\\ ★]]
"""
_BODIES = (
    """
#align(center)[*CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM*\\ *Độc lập – Tự do – Hạnh phúc*
  #line(length: 45mm, stroke: 0.6pt)
  #v(8mm) #text(size: 19pt)[*GIẤY KHAI SINH*] #v(5mm)]
#set par(first-line-indent: 0pt)
Họ, chữ đệm, tên: *LÒ THỊ BAN MAI* #h(1fr) Giới tính: Nữ\\
Ngày, tháng, năm sinh: 19/02/2003 _(ngày mười chín tháng hai năm hai nghìn linh ba)_\\
Nơi sinh: Trạm Y tế phường Hoa Ban\\
Dân tộc: Thái #h(1fr) Quốc tịch: Việt Nam\\
Quê quán: bản Nà Pàn, phường Hoa Ban\\
Họ, chữ đệm, tên người mẹ: *QUÀNG THỊ ƯỚC*, năm sinh 1978\\
Họ, chữ đệm, tên người cha: *LÒ VĂN KHUYẾN*, năm sinh 1975\\
Nơi cư trú: số 14, ngõ 3, đường Hoa Ban\\
Nơi đăng ký khai sinh: Ủy ban nhân dân phường Hoa Ban
#v(10mm)
#grid(columns: (1fr, 1fr), align: center,
  [Số: 41/2003\\ Quyển số: 01/2003], [*CHỦ TỊCH*\\ _(đã ký)_ #v(2mm) #seal
  *Cầm Văn Ngưỡng*])
#v(1fr)
#text(size: 9pt)[{filler}]
""",
    """
#align(center)[*TRÍCH LỤC BẢN ĐỒ ĐỊA CHÍNH*\\
  _Tờ bản đồ số 12, thửa đất số 207_ #v(4mm)]
{filler}
#v(4mm)
#align(center, table(columns: 5, stroke: 0.5pt, inset: 5pt,
  [*Điểm*], [*X (m)*], [*Y (m)*], [*Cạnh*], [*Dài (m)*],
  ..range(1, 15).map(i => ([#i], [2363#(100 + 7 * i).5], [48#(210 + 3 * i).2],
    [#i – #(i + 1)], [#(11 + calc.rem(i * 37, 17)).#calc.rem(i * 53, 10)])).flatten()))
#v(4mm)
{filler}
""",
    """
#align(center)[#text(size: 15pt)[*BẢN CAM KẾT*] #v(3mm)]
{filler}

{filler}
#v(6mm)
#grid(columns: (1fr, 1fr), align: center,
  [*Người cam kết*\\ _(ký, ghi rõ họ tên)_ #v(14mm) Lò Thị Ban Mai],
  [*XÁC NHẬN CỦA UBND PHƯỜNG* #v(2mm) #seal])
""",
)
_FILLER = (
    "Người được cấp có quyền và nghĩa vụ theo quy định của pháp luật; giấy này được "
    "lập thành hai bản có giá trị như nhau, một bản giao cho người yêu cầu, một bản "
    "lưu tại cơ quan. Mọi sự tẩy xóa, sửa chữa, bổ sung không đúng thẩm quyền đều làm "
    "cho giấy này không còn giá trị sử dụng. Khi bị mất, hỏng hoặc có thay đổi nội "
    "dung, người được cấp phải khai báo với Ủy ban nhân dân phường Hoa Ban trong thời "
    "hạn ba mươi ngày để được xem xét, giải quyết; hồ sơ nộp trực tiếp hoặc qua dịch "
    "vụ công. "
)


def sheet(
    number: int, *, seed: int = 3, size: tuple[float, float] = A4_MM, dpi: int = DPI
) -> Image.Image:
    """Page ``number`` (1…) as a scanner sees it: RGB; shared, so never change it."""
    return _sheet(number, seed, size, dpi)


@cache
def _sheet(number: int, seed: int, size: tuple[float, float], dpi: int) -> Image.Image:
    chance = random.Random(f"{seed}/{number}")
    ink = _ink(number, size, dpi)
    ink = ink.rotate(
        chance.uniform(-0.4, 0.4), Image.Resampling.BILINEAR, fillcolor="white"
    )
    paper = _texture(ink.size, chance)
    page = ImageChops.multiply(ink.filter(ImageFilter.BoxBlur(0.7)), paper)
    return _noisy(page, chance)


def jpeg(image: Image.Image, quality: int = QUALITY, dpi: int = DPI) -> bytes:
    """Of a copy: Pillow may leave what one saving was told on the image, where it
    wins over what the next one is told."""
    written = io.BytesIO()
    image.copy().save(written, "JPEG", quality=quality, dpi=(dpi, dpi))
    return written.getvalue()


def group4(image: Image.Image) -> bytes:
    """The bare T.6 stream of a 1-bit image: black pixels are black runs, which
    Pillow's TIFFs only have after an inversion."""
    written = io.BytesIO()
    image.point(lambda v: 255 - v).save(
        written, "TIFF", compression="group4", strip_size=1 << 28
    )
    tiff = Image.open(io.BytesIO(written.getvalue()))
    (at,), (length,) = tiff.tag_v2[273], tiff.tag_v2[279]
    return written.getvalue()[at : at + length]


def image_stream(
    pdf: pikepdf.Pdf, data: bytes, image: Image.Image, **entries: Any
) -> Any:
    """An image object; ``entries`` are its further keys."""
    space = {"1": Name.DeviceGray, "L": Name.DeviceGray}.get(image.mode, Name.DeviceRGB)
    keys = {
        "Type": Name.XObject,
        "Subtype": Name.Image,
        "Width": image.width,
        "Height": image.height,
        "BitsPerComponent": 1 if image.mode == "1" else 8,
        "ColorSpace": space,
    }
    return pdf.make_stream(data, {f"/{k}": v for k, v in (keys | entries).items()})


def add_page(
    pdf: pikepdf.Pdf, size: tuple[float, float], images: list[Any], content: str = ""
) -> Any:
    """A page of points ``size``; without ``content`` the first image fills it."""
    width, height = size
    content = content or f"q {width} 0 0 {height} 0 0 cm /Im0 Do Q"
    page = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, width, height]),
        Contents=pdf.make_stream(content.encode()),
        Resources=Dictionary(
            XObject=Dictionary({f"/Im{k}": image for k, image in enumerate(images)})
        ),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    return pdf.pages[-1].obj


def points(image: Image.Image, dpi: int = DPI) -> tuple[float, float]:
    return round(image.width * 72 / dpi, 2), round(image.height * 72 / dpi, 2)


def saved(pdf: pikepdf.Pdf, **options: Any) -> bytes:
    written = io.BytesIO()
    pdf.save(written, deterministic_id=True, **options)
    return written.getvalue()


@cache
def w3(seed: int = 3, pages: int = 3) -> bytes:
    """W3, the scan that the benchmark certifies, as a scanner writes a PDF."""
    pdf = pikepdf.new()
    for number in range(1, pages + 1):
        image = sheet(number, seed=seed)
        stream = image_stream(pdf, jpeg(image), image, Filter=Name.DCTDecode)
        add_page(pdf, points(image), [stream])
    return saved(pdf)


def _ink(number: int, size: tuple[float, float], dpi: int) -> Image.Image:
    head = _HEAD.replace("{width}", str(size[0])).replace("{height}", str(size[1]))
    body = _BODIES[(number - 1) % len(_BODIES)].replace("{filler}", _FILLER * 2)
    drawn = typst.compile(
        (head + body).encode(), format="png", ppi=float(dpi), ignore_system_fonts=True
    )
    # A text that runs over gives several pages: the first one is the sheet.
    first = drawn[0] if isinstance(drawn, list) else drawn
    return Image.open(io.BytesIO(first), formats=("PNG",)).convert("RGB")


def _texture(size: tuple[int, int], chance: random.Random) -> Image.Image:
    """Clouds and fibres around the paper's colour."""
    clouds = _grain((size[0] // 90, size[1] // 90), chance).resize(size)
    fibres = _grain((size[0] // 4, size[1] // 4), chance).resize(size)
    texture = Image.blend(clouds, fibres, 0.5)
    faint = texture.point([(v - 128) // 9 + 128 for v in range(256)])
    bands = [
        faint.point([min(255, max(0, v + tint - 128)) for v in range(256)])
        for tint in PAPER
    ]
    return Image.merge("RGB", bands)


def _noisy(page: Image.Image, chance: random.Random) -> Image.Image:
    """A sensor's noise, a little in each colour, more in all together."""
    common = _grain(page.size, chance).point([v // 14 for v in range(256)])
    bands = [ImageChops.add(band, common, offset=-9) for band in page.split()]
    return Image.merge("RGB", bands)


def _grain(size: tuple[int, int], chance: random.Random) -> Image.Image:
    return Image.frombytes("L", size, chance.randbytes(size[0] * size[1]))


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(w3())
