"""Vietnamese text of any length, and the faces it is set in."""

import random
from functools import cache
from pathlib import Path
from typing import Final

from PIL import ImageFont

DPI: Final = 150
"""Of every drawn sheet: a little finer than the desk's picture of A4."""
_OURS: Final = Path("services/signing/adapters/composing/templates/fonts")
_NOTO: Final = Path("/usr/share/fonts/truetype/noto")
_ROOT: Final = Path(__file__).parents[3]
FACES: Final = (
    ("LiberationSerif-Regular", "LiberationSerif-Bold", "LiberationSerif-Italic"),
    ("LiberationSans-Regular", "LiberationSans-Bold", "LiberationSans-Regular"),
)
"""Families that lie in the repository: text, headings, notes."""
MORE_FACES: Final = (
    ("NotoSans-Regular", "NotoSans-Bold", "NotoSans-Italic"),
    ("NotoSerif-Regular", "NotoSerif-Bold", "NotoSerif-Italic"),
)
"""Families of Debian's fonts-noto-core, for a machine that has it."""
_TEXT: Final = (
    "người được cấp có quyền và nghĩa vụ theo quy định của pháp luật giấy này lập "
    "thành hai bản giá trị như nhau một giao cho yêu cầu lưu tại cơ quan mọi sự tẩy "
    "xóa sửa chữa bổ sung không đúng thẩm đều làm còn sử dụng khi bị mất hỏng hoặc "
    "thay đổi nội dung phải khai báo với ủy ban nhân dân phường trong thời hạn ba "
    "mươi ngày để xem xét giải quyết hồ sơ nộp trực tiếp qua dịch công trình xây "
    "dựng nhà ở thửa đất số tờ bản đồ diện tích mục đích nguồn gốc căn cứ nghị quyết "
    "hội đồng tỉnh thành phố kế hoạch năm học sinh trường trung phổ thông kết quả "
    "đăng ký kinh doanh vốn điều lệ chủ tịch giám đốc ông bà họ tên quê quán thường "
    "trú tạm dân tộc quốc chứng thực chữ sao y chính phụ lục biên họp ngõ đường"
)
_SYLLABLES: Final = tuple(_TEXT.split())
_CAPITALS: Final = ("Lò", "Cầm", "Quàng", "Điêu", "Tòng", "Hoàng", "Vì", "Lường")
_GIVEN: Final = ("Ban Mai", "Văn Khuyến", "Thị Ước", "Ngọc Ánh", "Văn Tưởng", "Bảo Yến")


@cache
def font(name: str, points: float) -> ImageFont.FreeTypeFont:
    folder = _NOTO if name.startswith("Noto") else _ROOT / _OURS
    basic = ImageFont.Layout.BASIC
    size = round(points * DPI / 72)
    return ImageFont.truetype(str(folder / f"{name}.ttf"), size, layout_engine=basic)


def families() -> tuple[tuple[str, str, str], ...]:
    """Those of the repository, and the machine's if it has them."""
    there = (_NOTO / f"{MORE_FACES[0][0]}.ttf").is_file()
    return FACES + MORE_FACES if there else FACES


def sentence(chance: random.Random, words: int) -> str:
    """So many syllables, with the figures and commas of an official paper."""
    chosen = [chance.choice(_SYLLABLES) for _ in range(words)]
    for n in range(words):
        if chance.random() < 0.06:
            chosen[n] = str(chance.randrange(1, 3000))
        elif chance.random() < 0.05:
            chosen[n] += chance.choice((",", ";", "."))
        elif chance.random() < 0.06:
            chosen[n] = chosen[n].capitalize()
    return " ".join(chosen).capitalize()


def person(chance: random.Random) -> str:
    return f"{chance.choice(_CAPITALS)} {chance.choice(_GIVEN)}"


def date(chance: random.Random) -> str:
    day, month = chance.randrange(1, 29), chance.randrange(1, 13)
    return f"{day:02}/{month:02}/{chance.randrange(1950, 2026)}"


def figures(chance: random.Random) -> str:
    return f"{chance.randrange(100, 99999) / 10:.1f}".replace(".", ",")
