"""Official papers whose title, number, body, date and holder are known.

Layouts of Vietnamese offices (Decree 30/2020/NĐ-CP, appendix I; Circular 04/2020/TT-BTP
for civil status) and of bilingual diplomas. Start at ``papers``.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw

from corpus.labelled import pens, words
from corpus.labelled.camera import photographed
from corpus.labelled.pages import Taken
from corpus.labelled.pens import BLACK, px
from corpus.labelled.scanner import scanned
from corpus.labelled.sheets import A4
from corpus.labelled.words import font

FIELDS: Final = ("title", "number", "issuing_body", "date", "holder")
_PLACES: Final = ("Hoa Ban", "Sơn La", "Mường Thanh", "Quỳnh Nhai", "Tây Bắc")
_MATTERS: Final = (
    "cấp giấy phép xây dựng nhà ở",
    "công nhận hộ nghèo năm 2024",
    "bổ nhiệm kế toán trưởng",
    "giao đất ở tại tổ dân phố 5",
)
_COMPANIES: Final = ("Nông sản Tây Bắc", "Xây dựng Mường La", "Vận tải Bình Minh")


@dataclass(frozen=True, slots=True)
class Official:
    """A picture of a paper, and what a person reads on it."""

    id: str
    kind: str
    image: Image.Image
    fields: dict[str, str]
    """The fields of ``FIELDS`` that stand on the paper; a date is ``YYYY-MM-DD``."""
    lines: tuple[str, ...]
    """All print, line by line."""


class _Sheet:
    """Prints lines and remembers them."""

    def __init__(self, size: tuple[int, int], family: tuple[str, str, str]) -> None:
        self.page = Image.new("RGB", (px(size[0]), px(size[1])), "white")
        self.draw = ImageDraw.Draw(self.page)
        self.family = family
        self.lines: list[str] = []

    def print(
        self, at: tuple[float, float], text: str, points: float, **how: object
    ) -> None:
        bold = 1 if how.get("bold") else 0
        anchor = str(how.get("anchor", "la"))
        face = font(self.family[bold], points)
        self.draw.text((px(at[0]), px(at[1])), text, BLACK, font=face, anchor=anchor)
        self.lines.append(text)

    def motto(self, x: float, y: float) -> None:
        self.print((x, y), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, **_HEAD)
        self.print((x, y + 6), "Độc lập - Tự do - Hạnh phúc", 13, **_HEAD)

    def body(self, y: float, chance: random.Random, count: int) -> float:
        for _ in range(count):
            self.print((25, y), words.sentence(chance, 12), 13)
            y += 7.5
        return y

    def sign(self, x: float, y: float, role: str, chance: random.Random) -> None:
        self.print((x, y), role, 13, **_HEAD)
        pens.seal(self.page, (px(x - 14), px(y + 24)), chance)
        pens.signature(self.page, (px(x - 14), px(y + 22)), chance)
        self.print((x, y + 40), words.person(chance), 13, **_HEAD)


_HEAD: Final = {"bold": True, "anchor": "ma"}
Drawn = tuple[_Sheet, dict[str, str]]
_Maker = Callable[[random.Random, tuple[str, str, str]], Drawn]


def papers(seed: int, count: int, taken: Taken) -> Iterator[Official]:
    """*count* papers, upright, of each sort in turn; the same for the same seed."""
    for number in range(count):
        chance = random.Random(f"official/{taken}/{seed}/{number}")
        kind, make = _KINDS[number % len(_KINDS)]
        sheet, fields = make(chance, chance.choice(words.families()))
        name = f"{taken}-{seed}-{number:02}"
        image = _taken(sheet.page, taken, chance)
        yield Official(name, kind, image, fields, tuple(sheet.lines))


def _taken(page: Image.Image, taken: Taken, chance: random.Random) -> Image.Image:
    skew, sigma = chance.uniform(-1.2, 1.2), chance.uniform(0.3, 0.8)
    if taken == "scan":
        bilevel = chance.random() < 0.12
        return scanned(
            page, skew=skew, sigma=sigma, side=None, bilevel=bilevel, chance=chance
        )[0]
    return photographed(
        page, skew=skew, sigma=sigma, side=None, shaken=False, chance=chance
    )[0]


def decision(chance: random.Random, family: tuple[str, str, str]) -> Drawn:
    """Body on the left, motto on the right, title in the middle."""
    sheet, place, day = _Sheet(A4, family), chance.choice(_PLACES), _day(chance)
    number = f"{chance.randrange(1, 3000)}/QĐ-UBND"
    matter = chance.choice(_MATTERS)
    sheet.print((55, 18), "ỦY BAN NHÂN DÂN", 13, **_HEAD)
    sheet.print((55, 24), f"PHƯỜNG {place.upper()}", 13, **_HEAD)
    sheet.motto(145, 18)
    sheet.print((55, 34), f"Số: {number}", 13, anchor="ma")
    sheet.print((145, 34), f"{place}, {_in_words(day)}", 13, anchor="ma")
    sheet.print((105, 50), "QUYẾT ĐỊNH", 15, **_HEAD)
    sheet.print((105, 57), f"Về việc {matter}", 14, **_HEAD)
    y = sheet.body(72, chance, chance.randrange(6, 14))
    sheet.sign(150, y + 8, "CHỦ TỊCH", chance)
    return sheet, {
        "title": f"QUYẾT ĐỊNH Về việc {matter}",
        "number": number,
        "issuing_body": f"ỦY BAN NHÂN DÂN PHƯỜNG {place.upper()}",
        "date": _iso(day),
    }


def confirmation(chance: random.Random, family: tuple[str, str, str]) -> Drawn:
    """A certificate made out to one person."""
    sheet, place, day = _Sheet(A4, family), chance.choice(_PLACES), _day(chance)
    number, person = f"{chance.randrange(1, 900):02}/GXN-UBND", words.person(chance)
    title = chance.choice(("GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN", "GIẤY CHỨNG NHẬN"))
    sheet.print((55, 18), f"UBND PHƯỜNG {place.upper()}", 13, **_HEAD)
    sheet.motto(145, 18)
    sheet.print((55, 30), f"Số: {number}", 13, anchor="ma")
    sheet.print((145, 34), f"{place}, {_in_words(day)}", 13, anchor="ma")
    sheet.print((105, 52), title, 15, **_HEAD)
    label = chance.choice(("Cấp cho ông (bà):", "Chứng nhận ông (bà):", "Họ và tên:"))
    sheet.print((25, 68), f"{label} {person}", 13)
    sheet.print((25, 76), f"Sinh ngày: {words.date(chance)}", 13)
    y = sheet.body(84, chance, chance.randrange(4, 9))
    sheet.sign(150, y + 8, "CHỦ TỊCH", chance)
    return sheet, {
        "title": title,
        "number": number,
        "issuing_body": f"UBND PHƯỜNG {place.upper()}",
        "date": _iso(day),
        "holder": person,
    }


def birth(chance: random.Random, family: tuple[str, str, str]) -> Drawn:
    """Motto in the middle, body and date at the end."""
    sheet, place, day = _Sheet(A4, family), chance.choice(_PLACES), _day(chance)
    number = f"{chance.randrange(1, 400)}/{day[2]}"
    child = words.person(chance).upper()
    body = f"Ủy ban nhân dân phường {place}"
    sheet.motto(105, 18)
    sheet.print((105, 40), "GIẤY KHAI SINH", 18, **_HEAD)
    sheet.print((150, 54), f"Số: {number}", 13)
    y = 66.0
    for line in (
        f"Họ, chữ đệm, tên: {child}",
        f"Ngày, tháng, năm sinh: {words.date(chance)}",
        f"Nơi sinh: Trạm y tế phường {place}",
        f"Họ, chữ đệm, tên người mẹ: {words.person(chance)}",
        f"Họ, chữ đệm, tên người cha: {words.person(chance)}",
        f"Nơi đăng ký khai sinh: {body}",
        f"Ngày, tháng, năm đăng ký: {day[0]:02}/{day[1]:02}/{day[2]}",
    ):
        sheet.print((25, y), line, 13)
        y += 9
    sheet.sign(150, y + 6, "NGƯỜI KÝ GIẤY KHAI SINH", chance)
    return sheet, {
        "title": "GIẤY KHAI SINH",
        "number": number,
        "issuing_body": body,
        "date": _iso(day),
        "holder": child,
    }


def company(chance: random.Random, family: tuple[str, str, str]) -> Drawn:
    sheet, place, day = _Sheet(A4, family), chance.choice(_PLACES), _day(chance)
    number = f"55{chance.randrange(10_000_000, 99_999_999)}"
    name = f"CÔNG TY TNHH {chance.choice(_COMPANIES).upper()}"
    body = f"SỞ KẾ HOẠCH VÀ ĐẦU TƯ TỈNH {place.upper()}"
    sheet.print((62, 18), body, 10.5, **_HEAD)
    sheet.print((62, 24), "PHÒNG ĐĂNG KÝ KINH DOANH", 11, **_HEAD)
    sheet.motto(155, 18)
    sheet.print((105, 46), "GIẤY CHỨNG NHẬN ĐĂNG KÝ DOANH NGHIỆP", 15, **_HEAD)
    sheet.print((105, 54), "CÔNG TY TRÁCH NHIỆM HỮU HẠN HAI THÀNH VIÊN", 12, **_HEAD)
    sheet.print((105, 62), f"Mã số doanh nghiệp: {number}", 13, anchor="ma")
    sheet.print((105, 69), f"Đăng ký lần đầu: {_in_words(day)}", 13, anchor="ma")
    sheet.print((25, 84), f"Tên công ty: {name}", 13)
    sheet.print((25, 92), f"Địa chỉ: tổ 5, phường {place}", 13)
    y = sheet.body(102, chance, chance.randrange(3, 8))
    sheet.sign(150, y + 8, "TRƯỞNG PHÒNG", chance)
    return sheet, {
        "title": "GIẤY CHỨNG NHẬN ĐĂNG KÝ DOANH NGHIỆP",
        "number": number,
        "issuing_body": f"{body} PHÒNG ĐĂNG KÝ KINH DOANH",
        "date": _iso(day),
        "holder": name,
    }


def diploma(chance: random.Random, family: tuple[str, str, str]) -> Drawn:
    """English on the left, Vietnamese on the right, as Circular 27/2019/TT-BGDĐT."""
    sheet, day = _Sheet(A4[::-1], family), _day(chance)
    person = words.person(chance)
    number = f"TB{chance.randrange(100_000, 999_999)}"
    months = ("January", "February", "March", "April", "May", "June", "July")
    month = (*months, "August", "September", "October", "November", "December")
    for line, y, points, bold in (
        ("SOCIALIST REPUBLIC OF VIETNAM", 20, 11, True),
        ("Independence - Freedom - Happiness", 26, 11, True),
        ("THE RECTOR OF TAY BAC UNIVERSITY", 42, 12, True),
        ("has conferred", 50, 12, False),
        ("THE DEGREE OF BACHELOR", 60, 16, True),
        (f"Upon: {person}", 78, 13, False),
        (f"{month[day[1] - 1]} {day[0]}, {day[2]}", 110, 12, False),
    ):
        sheet.print((80, y), line, points, bold=bold, anchor="ma")
    sheet.motto(222, 20)
    for line, y, points, bold in (
        ("HIỆU TRƯỞNG TRƯỜNG ĐẠI HỌC TÂY BẮC", 42, 12, True),
        ("cấp", 50, 12, False),
        ("BẰNG CỬ NHÂN", 60, 16, True),
        (f"Cho: {person}", 78, 13, False),
        (f"Sơn La, {_in_words(day)}", 110, 12, False),
    ):
        sheet.print((222, y), line, points, bold=bold, anchor="ma")
    sheet.sign(222, 120, "HIỆU TRƯỞNG", chance)
    sheet.print((190, 178), f"Số hiệu: {number}", 12)
    reference = f"{chance.randrange(1, 900)}/ĐHTB"
    sheet.print((190, 185), f"Số vào sổ gốc cấp bằng: {reference}", 12)
    return sheet, {
        "title": "BẰNG CỬ NHÂN",
        "number": number,
        "issuing_body": "TRƯỜNG ĐẠI HỌC TÂY BẮC",
        "date": _iso(day),
        "holder": person,
    }


_KINDS: Final[tuple[tuple[str, _Maker], ...]] = (
    ("decision", decision),
    ("confirmation", confirmation),
    ("birth", birth),
    ("company", company),
    ("diploma", diploma),
)


def _day(chance: random.Random) -> tuple[int, int, int]:
    day, month = chance.randrange(1, 29), chance.randrange(1, 13)
    return day, month, chance.randrange(1990, 2026)


def _in_words(day: tuple[int, int, int]) -> str:
    return f"ngày {day[0]:02} tháng {day[1]:02} năm {day[2]}"


def _iso(day: tuple[int, int, int]) -> str:
    return f"{day[2]}-{day[1]:02}-{day[0]:02}"
