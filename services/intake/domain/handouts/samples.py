"""Sample words for a template's preview. All names and numbers are invented."""

from intake.domain.agencies import AgencyEntry
from intake.domain.handouts.fields import Handout
from intake.domain.handouts.sheets import Filling, Value
from intake.domain.handouts.values import DEPUTY

_CASE = {
    "ma_ho_so": "H99.42.05.13-261123-0004",
    "so_ngan": "261123-0004",
    "nguoi_yeu_cau": "Nguyễn Thị Bích Đào",
    "dia_chi": "Tổ 7, phường Hoa Ban",
    "dien_thoai": "0900 000 417",
    "thu_dien_tu": "không có",
    "kenh": "Trực tiếp",
    "nguoi_tiep_nhan": "Lò Thị Minh Hạ",
    "nhan_luc": "09 giờ 16 phút, ngày 23 tháng 11 năm 2026",
    "nhan_ngay": "23 tháng 11 năm 2026",
    "hen_luc": "17 giờ 00 phút, ngày 23 tháng 11 năm 2026",
    "gia_han": "1 ngày làm việc, vì bản chính có nhiều trang",
    "cach_tra": "2 bản chính trả tại quầy cùng kết quả",
    "nop_thay": "Lò Văn Sáng",
    "nguoi_nop": "Lò Văn Sáng",
    "nguoi_in": "Lò Thị Minh Hạ",
    "so_giay_to": "2",
    "tong_trang": "4",
    "tong_phi": "7.000",
    "tra_cuu": "hoaban.example",
}
_DECIDED = {
    "so_phieu": "57",
    "loi_nhan": "Nếu bản chính ở ngân hàng, xin giấy xác nhận của ngân hàng kèm theo.",
    "ly_do": "hồ sơ có trang thiếu thông tin (TT10)",
    "cho_den": "07 tháng 12 năm 2026",
    "ten_giay_to": "Giấy phép kinh doanh karaoke",
    "so_trang": "2",
    "ma_ly_do": "D22.1",
    "cu_the": "trang 1, mục “Số phòng” có vết tẩy và viết lại bằng mực khác.",
    "phi": "4.000",
    "ngay": "23 tháng 11 năm 2026",
    "chuc_danh": f"{DEPUTY} CHỦ TỊCH\nPHÓ CHỦ TỊCH",
    "nguoi_ky": "Phạm Quốc Vĩnh",
    "ly_do_cham": "hồ sơ đã chuyển duyệt nhưng chưa được duyệt",
    "hen_moi": "10 giờ 00 phút, ngày 24 tháng 11 năm 2026",
    "hen_cu": "17 giờ 00 phút, ngày 23 tháng 11 năm 2026",
    "ly_do_gia_han": "bản chính có nhiều trang",
    "so_ngay": "1",
    "theo_thoa_thuan": "23 tháng 11 năm 2026",
    "so_quyet_dinh": "31/QĐ-UBND",
    "ngay_quyet_dinh": "23 tháng 11 năm 2026",
    "so_chung_thuc": "1166/2026",
    "ngay_chung_thuc": "20 tháng 11 năm 2026",
    "ban_thay_the": "1178/2026",
    "lien_ket": "https://hoaban.example/c/Jm3vT8kQ0aXr7pYd2LwZs5EnB4h",
    "lien_ket_den": "23/12/2026",
    "ma_tra_cuu": "7K2F-9MQX-4TBD",
}
_PERIOD = {
    "quyen": "02/2026-SCTĐT/BS",
    "thang": "11",
    "nam": "2026",
    "tu_so": "1160/2026",
    "den_so": "1162/2026",
    "so_luong": "3",
    "so_ban": "2",
    "so_huy": "1",
    "tong_phi": "6.000",
    "khoa_luc": "08 giờ 10 phút, ngày 01 tháng 12 năm 2026",
    "nguoi_khoa": "Trần Hữu Lộc",
    "chuc_danh_khoa": "Chủ tịch",
    "chua_khoa": "",
}
_OFFICER = "Phạm Quốc Vĩnh, Phó Chủ tịch"
_LINES = (
    *(("1160/2026", "19/11/2026", "Triệu Mùi Pham", "Giấy khai sinh", _OFFICER),),
    *(("1161/2026", "20/11/2026", "HTX Chè Shan Tả Vân", "Điều lệ", _OFFICER),),
    *(("1162/2026", "23/11/2026", "Giàng A Lềnh", "Giấy phép lái xe", _OFFICER),),
)
_FIGURES = (("1", "2.000", ""), ("0", "0", "Số hủy: hỏng khóa ký"), ("1", "4.000", ""))
_MONTHS = (
    ("10", "1010/2026", "1159/2026", "150", "149", "1", "512.000"),
    ("11", "1160/2026", "1162/2026", "3", "2", "1", "6.000"),
)


def filling(
    handout: Handout, agency: AgencyEntry, always: dict[str, Value], *, qr: str
) -> Filling:
    """What a preview is filled in with: *always* is the agency's own, the rest is
    invented.
    """
    missing = (
        "Hợp đồng mua bán nhà: trang 4 bỏ trống mục diện tích.",
        "Văn bản ủy quyền: xuất trình bản chính.",
    )
    months = handout is Handout.YEAR
    closed = "Trần Hữu Lộc, 01/12/2026"
    return Filling(
        values=_CASE | _DECIDED | _PERIOD | {"danh_sach_thieu": missing} | always,
        agency_lines=agency.versions[-1].name_lines,
        demo=True,
        qr=qr,
        handed_in=(
            ("1", "Bằng tốt nghiệp đại học và bảng điểm", "3", "1", "5.000 đ"),
            ("2", "Giấy khai sinh", "1", "1", "2.000 đ"),
        ),
        handed_in_sum=("4", "2", "7.000 đ"),
        lines=[(*row, closed) for row in _MONTHS]
        if months
        else [(*row, *more) for row, more in zip(_LINES, _FIGURES, strict=True)],
        lines_sum=("153", "151", "2", "518.000")
        if months
        else ("3", "1", "2", "6.000"),
    )
