"""Which papers there are, and the names that the template of each may use."""

from enum import StrEnum
from typing import Final


class Handout(StrEnum):
    """A kind of paper, by the name of its folder in ``tables/handouts``."""

    RECEIPT = "receipt"
    SUPPLEMENT = "supplement"
    REFUSAL = "refusal"
    NOT_ACCEPTED = "not-accepted"
    APOLOGY = "apology"
    EXTENSION = "extension"
    WITHDRAWAL = "withdrawal"
    LINK = "link"
    MONTH = "register-month"
    YEAR = "register-year"


OF_A_CASE: Final = frozenset(
    {
        Handout.RECEIPT,
        Handout.SUPPLEMENT,
        Handout.REFUSAL,
        Handout.NOT_ACCEPTED,
        Handout.APOLOGY,
        Handout.EXTENSION,
        Handout.WITHDRAWAL,
        Handout.LINK,
    }
)
_ALWAYS: Final = frozenset({"co_quan", "noi", "ngay_in", "mau_ban", "mau_tu"})
_CASE: Final = _ALWAYS | {
    *("ma_ho_so", "so_ngan", "nguoi_yeu_cau", "dia_chi", "dien_thoai", "thu_dien_tu"),
    *("kenh", "nguoi_tiep_nhan", "nhan_luc", "nhan_ngay", "hen_luc", "nguoi_in"),
    *("so_giay_to", "tong_trang", "tong_phi", "tra_cuu"),
}
_SIGNED: Final = _CASE | {"chuc_danh", "nguoi_ky"}
_PERIOD: Final = _ALWAYS | {
    *("quyen", "nam", "tu_so", "den_so", "so_luong", "so_ban", "so_huy", "tong_phi"),
    *("khoa_luc", "nguoi_khoa", "chuc_danh_khoa", "chua_khoa", "so_trang_in"),
}
FIELDS: Final = {
    Handout.RECEIPT: _CASE | {"gia_han", "cach_tra", "nop_thay", "nguoi_nop"},
    Handout.SUPPLEMENT: _CASE
    | {"so_phieu", "danh_sach_thieu", "loi_nhan", "ly_do", "cho_den"},
    Handout.REFUSAL: _SIGNED
    | {"ten_giay_to", "so_trang", "ma_ly_do", "ly_do", "cu_the", "phi", "ngay"},
    Handout.NOT_ACCEPTED: _CASE
    | {"ten_giay_to", "so_trang", "ma_ly_do", "ly_do", "cu_the", "ngay"},
    Handout.APOLOGY: _SIGNED | {"ly_do_cham", "hen_moi"},
    Handout.EXTENSION: _SIGNED
    | {"hen_cu", "ly_do_gia_han", "so_ngay", "theo_thoa_thuan"},
    Handout.WITHDRAWAL: _SIGNED
    | {"so_quyet_dinh", "ngay_quyet_dinh", "ten_giay_to", "so_chung_thuc", "quyen"}
    | {"ngay_chung_thuc", "ly_do", "ban_thay_the"},
    Handout.LINK: _CASE
    | {"ten_giay_to", "so_chung_thuc", "quyen", "lien_ket", "lien_ket_den"}
    | {"ma_tra_cuu"},
    Handout.MONTH: _PERIOD | {"thang"},
    Handout.YEAR: _PERIOD,
}
"""Names that stand in braces in a template, without diacritics."""
LISTS: Final = frozenset({"danh_sach_thieu"})
"""Fields that have several lines; they fill a line that begins with ``+``."""
PAGE_COUNT: Final = "so_trang_in"
"""How many pages the print has: only who typesets it can say."""
TABLE_OF: Final = {
    Handout.RECEIPT: "bang-giay-to",
    Handout.MONTH: "bang-so",
    Handout.YEAR: "bang-thang",
}
"""The table without which a paper would not say what it is for."""
