"""The words by which ``proposing`` finds a field, without marks and in small letters.

Labels are patterns of ``re``, tried in this order over all lines; ``NAMES`` are spelt
as they are on paper.
"""

from typing import Final

EDGES: Final = " .,;:…_-–—|'\"`*()[]"
"""A leader, a frame or a speck puts these round a value."""
CAPITALS: Final = 0.7
"""A line with this share of capitals is a heading; some are read as small letters."""

# --- titles ---------------------------------------------------------------------------

NAMES: Final = (
    "giấy chứng nhận quyền sử dụng đất",
    "giấy chứng nhận đăng ký doanh nghiệp",
    "giấy chứng nhận đăng ký hộ kinh doanh",
    "giấy chứng nhận đăng ký kết hôn",
    "giấy chứng nhận kết hôn",
    "giấy chứng nhận",
    "giấy xác nhận tình trạng hôn nhân",
    "giấy xác nhận",
    "giấy khai sinh",
    "giấy báo tử",
    "giấy phép lái xe",
    "giấy phép xây dựng",
    "giấy phép",
    "giấy ủy quyền",
    "giấy ra viện",
    "giấy",
    "quyết định",
    "bằng tốt nghiệp",
    "bằng cử nhân",
    "bằng kỹ sư",
    "bằng thạc sĩ",
    "bằng",
    "chứng chỉ",
    "chứng minh nhân dân",
    "căn cước công dân",
    "căn cước",
    "hợp đồng",
    "biên bản",
    "trích lục khai sinh",
    "trích lục khai tử",
    "trích lục kết hôn",
    "trích lục",
    "học bạ",
    "sổ hộ khẩu",
    "bảng điểm",
    "đơn đề nghị",
    "bản cam kết",
    "tờ khai",
    "thông báo",
)
"""Longer names stand before those that they begin with."""
TITLES: Final = (
    *("giay ", "quyet dinh", "bang ", "chung chi", "chung minh", "can cuoc"),
    *("hop dong", "bien ban", "trich luc", "hoc ba", "so ho khau", "don de nghi"),
    *("ban cam ket", "to khai", "thong bao", "ke hoach", "bao cao"),
)
ENGLISH_TITLES: Final = (
    *("the degree of", "certificate", "diploma", "transcript", "licence", "license"),
)
OPEN_TITLES: Final = frozenset(
    (
        *("giay chung nhan", "giay xac nhan", "giay phep", "hop dong", "bien ban"),
        *("chung chi", "bang tot nghiep", "thong bao", "trich luc"),
    )
)
"""These names go on in the next line of capitals."""
CONCERNING: Final = ("ve viec", "v/v", "ve chu truong")
BODIES: Final = (
    *("uy ban", "ubnd", "so ", "bo ", "phong ", "truong ", "cong ty", "chu tich"),
    *("giam doc", "truong phong", "hieu truong", "tm.", "kt.", "nguoi "),
)
"""A heading that begins with one of these names who issues or signs."""

# --- the number -----------------------------------------------------------------------

NUMBER: Final = r"[\s:.]*(?P<n>(?:[a-z]{1,4}[ .-]?)?\d[\da-z]*(?:\s?[/–-]\s?[\da-z]+)*)"
NUMBER_LABELS: Final = (
    r"so\s?[:.]",
    r"so hieu(?: van bang)?\s?[:.]?",
    r"ma so (?:doanh nghiep|ho kinh doanh|thue)\s?[:.]?",
    r"so giay(?: chung nhan)?\s?[:.]",
    r"(?:serial|registration|certificate|diploma) (?:number|no)\s?[:.]?",
    r"(?:no|nr)\s?[:.]",
    r"so(?=\s\d+\s?/)",
    r"(?=\d+/(?:\d{4}/)?[a-z]{2,})",
)

# --- the date -------------------------------------------------------------------------

DATES: Final = (
    r"ngay\s?(?P<day>\d{1,2})\s?thang\s?(?P<month>\d{1,2})\s?nam\s?(?P<year>\d{4})",
    r"(?P<day>\d{1,2})\s?[/.-]\s?(?P<month>\d{1,2})\s?[/.-]\s?(?P<year>\d{4})",
    r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (?P<day>\d{1,2}),? (?P<year>\d{4})",  # noqa: E501 - one pattern
)
_MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
MONTHS: Final = {name: number for number, name in enumerate(_MONTHS, start=1)}
DATE_LABELS: Final = (
    (r"^ngay,? thang,? nam dang ky\s?[:.]?\s?", False),
    (r"^dang ky (?:lan dau|thay doi[^:]*)\s?[:.,]?\s?", False),
    (r"^(?:ngay cap|cap ngay|date of issue)\s?[:.]?\s?", False),
    (r"^(?:[^\d,]{2,40},\s?)?(?=ngay)", False),
    (r"^", False),
    (r"", True),
)
"""The beginning of a line, and whether other dates stand behind it, too."""
NOT_ISSUED: Final = (
    "sinh",
    "ngay sinh",
    "ngay, thang, nam sinh",
    "date of birth",
    "can cu",
)
"""A line that begins with one of these has another date: a birth's, a law's."""

# --- the holder -----------------------------------------------------------------------

HOLDER: Final = r"[\s:.…]*(?P<who>[a-z][a-z .&-]{3,80}?)\s*(?=$|[,;(:|…]|\.{2}| sinh )"
_MR: Final = r"(?:\s?(?:cho|cho:|rang|rang:)?\s?ong\s?(?:\(ba\)|/\s?ba)?)?"
HOLDER_LABELS: Final = (
    r"ho,? (?:chu dem,?|va chu dem)(?: va)? ten(?: nguoi duoc khai sinh)?\s?:",
    r"(?:cap cho|chung nhan|xac nhan)" + _MR + r"\s?:",
    r"(?:cap cho|chung nhan|xac nhan)(?: cho)? (?:ong|ba)(?:\s?\(ba\)|\s?/\s?ba)?\s?:?",
    r"ho(?: va)? ten(?: nguoi (?!me|cha)[^:]{0,30})?\s?:",
    r"ten (?:cong ty|doanh nghiep|to chuc|ho kinh doanh)[^:]{0,30}:",
    r"cho\s?:",
    r"(?:ong|ba|ong/ba|ong \(ba\))\s?:",
    r"(?:upon|full name|this is to certify that|conferred (?:on|upon))\s?:?",
)

# --- the body -------------------------------------------------------------------------

REST: Final = r"[\s:.]*(?P<rest>[a-z].{4,})$"
BODY_LABELS: Final = (
    r"noi dang ky(?: khai sinh| ket hon| khai tu)?\s?:",
    r"(?:noi cap|co quan cap|issued by)\s?:",
)
PARTS_OF_BODIES: Final = (
    *("ủy ban nhân dân", "tỉnh", "thành phố", "phường", "huyện", "thị xã"),
    *("kế hoạch và đầu tư", "phòng đăng ký kinh doanh", "tài nguyên và môi trường"),
    *("giáo dục và đào tạo", "trường đại học", "trường trung học"),
)
ROLES: Final = (
    *("hieu truong ", "giam doc ", "bo truong ", "chu tich ", "vien truong "),
    *("cuc truong ", "tong cuc truong "),
)
ENGLISH_ROLES: Final = ("the rector of ", "the president of ", "the director of ")
