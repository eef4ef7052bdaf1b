"""Good copies of many kinds, by a number: sizes, turns, images, layouts and words of
every length. The same number gives the same pages and words.
"""

import random
import re
from dataclasses import dataclass
from typing import Final

from chassis.clock import utc_now
from ecopy.composing import obstacles
from ecopy.events import CertificationOrdered
from signing.adapters.composer import compose
from signing.domain.copies import OrderedOriginal
from signing.domain.rope import MemoryOctets
from support.authority import Pki
from support.orders import order_of
from support.originals import (
    ScanPage,
    fax,
    flat,
    full_page,
    jpeg,
    original_of,
    palette_image,
)
from support.sealed import sealed_original

_SIZES: Final = (
    (595.5, 842.25), (842.25, 595.5), (420.0, 595.5), (612.0, 792.0), (297.75, 419.25),
    (841.5, 1190.25), (243.0, 153.0), (150.0, 600.0), (1190.25, 420.0), (72.0, 72.0),
)  # fmt: skip
"""Three quarters of a point are one pixel of ``readers.DPI``, so none is halved."""
_IMAGES: Final = (
    lambda seed: jpeg(seed, (430, 608)),
    lambda seed: jpeg(seed, (608, 430)),
    lambda seed: jpeg(seed, (430, 608), "L"),
    lambda _: fax((827, 1169)),
    lambda _: flat((150, 200)),
    lambda _: flat((160, 200), bits=1),
    lambda seed: palette_image(4, 11, (150, 100), seed),
    lambda seed: palette_image(1, 2, (160, 100), seed),
)
_STATEMENTS: Final = (
    "Chứng thực bản sao đúng với bản chính",
    "Sao y bản chính",
    "Chứng thực bản sao này có nội dung đầy đủ, chính xác như bản chính đã xuất trình",
)
_OFFICERS: Final = ("Ẩn", "Phạm Quốc Vĩnh", "Công Tằng Tôn Nữ Nguyễn Thị Hoàng Phượng")
_TITLES: Final = (
    (),
    ("CHỦ TỊCH",),
    ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
    ("TUQ. CHỦ TỊCH", "CÔNG CHỨC TƯ PHÁP – HỘ TỊCH", "PHỤ TRÁCH CHỨNG THỰC"),
)
_AGENCIES: Final = (
    ("ỦY BAN NHÂN DÂN", "PHƯỜNG HOA BAN"),
    ("UBND XÃ Y",),
    ("ỦY BAN NHÂN DÂN", "THỊ TRẤN NÔNG TRƯỜNG NGHĨA LỘ", "TỈNH BÀ RỊA – VŨNG TÀU"),
)
_PLACES: Final = ("Huế", "Hoa Ban", "Thị trấn Nông trường Nghĩa Lộ")
_NUMBERS: Final = ("1/2026", "1180/2026", "999999/2026")
_BOOKS: Final = ("1", "02/2026-SCTĐT/BS")
_HOSTS: Final = (
    "https://hoaban.example",
    "https://chung-thuc-dien-tu.phuong-hoa-ban.tinh-vi-du.example",
)
_FIELDS: Final = re.compile(rb"/Annots \[ \d[^\]]*\]")
_CODES: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class ReadableCopy:
    """What is shown to readers: a copy, and the original that it was made of."""

    content: bytes
    original: bytes
    pages: int


def readable_copy(pki: Pki, number: int) -> ReadableCopy:
    """The copy of this number, which its desk would have let pass: sealed with the
    names of *pki*'s officer and agency, or, an odd one, with any names and as it is
    before it is signed.
    """
    chance = random.Random(number)
    pages = [_page(chance) for _ in range(chance.choice((1, 1, 2, 3, 5)))]
    original, manifest = original_of(pages)
    plain = order_of(pki, original, manifest)
    changes = _words(plain, chance, named=number % 2 == 1)
    while list(obstacles(plain.model_copy(update=changes))):
        changes = _words(plain, chance, named=number % 2 == 1)
    if number % 2 == 0:
        sealed = sealed_original(pki, original, manifest, **changes)
        return ReadableCopy(sealed.content, original, len(pages) + 1)
    order = plain.model_copy(update=changes)
    ordered = OrderedOriginal(MemoryOctets(original), order.original.sha256)
    draft = compose(ordered, order, utc_now())
    return ReadableCopy(without_fields(bytes(draft.content)), original, len(pages) + 1)


def without_fields(draft: bytes) -> bytes:
    """MuPDF draws "SIGN HERE" into a field that waits, which no sealed copy has."""
    return _FIELDS.sub(lambda found: b"/Annots [ ]".ljust(len(found[0])), draft)


def _page(chance: random.Random) -> ScanPage:
    image = chance.choice(_IMAGES)(chance.randrange(1, 9))
    return full_page(image, chance.choice((0, 90, 180, 270)), chance.choice(_SIZES))


def _words(
    plain: CertificationOrdered, chance: random.Random, *, named: bool
) -> dict[str, object]:
    clause = plain.clause.model_copy(
        update={
            "template": f"clause/{chance.randrange(1, 5)}",
            "statement": chance.choice(_STATEMENTS),
            "number": chance.choice(_NUMBERS),
            "book": chance.choice(_BOOKS),
        }
    )
    officer, agency = plain.officer, plain.agency
    if named:
        names = {
            "name": chance.choice(_OFFICERS),
            "title_lines": chance.choice(_TITLES),
        }
        officer = officer.model_copy(update=names)
        lines = {"name_lines": chance.choice(_AGENCIES)}
        agency = agency.model_copy(update=lines)
    return {
        "clause": clause,
        "officer": officer,
        "agency": agency.model_copy(update={"place": chance.choice(_PLACES)}),
        "code": "".join(chance.choices(_CODES, k=12)),
        "public_host": chance.choice(_HOSTS),
        "demo": chance.random() < 0.5,
    }
