"""What is found in lines that were read: a table of papers, and what must not be."""

from datetime import date

import pytest

from intake.domain.page_texts import text_runs
from intake.domain.proposing import FIELDS, proposals
from support.read_pages import line, page

DECISION = (
    line(40, (60, "ỦY BAN NHÂN DÂN"), (330, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")),
    line(58, (60, "PHƯỜNG HOA BAN"), (360, "Độc lập - Tự do - Hạnh phúc")),
    line(90, (70, "Số: 2277/QĐ-UBND"), (340, "Hoa Ban, ngày 21 tháng 02 năm 2005")),
    line(140, (290, "QUYẾT ĐỊNH")),
    line(160, (220, "Về việc giao đất ở tại tổ dân phố 5")),
    line(200, (70, "Căn cứ Luật Đất đai ngày 29 tháng 11 năm 2013;")),
    line(400, (430, "CHỦ TỊCH")),
)
BIRTH = (
    line(40, (210, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")),
    line(58, (240, "Độc lập - Tự do - Hạnh phúc")),
    line(120, (280, "GIẦY KHAI SINH")),
    line(150, (420, "Số: 135/1992")),
    line(190, (70, "Họ, chữ đệm, tên: LÒ NGỌC ÁNH")),
    line(215, (70, "Ngày, tháng, năm sinh: 08/06/1992")),
    line(240, (70, "Họ, chữ đệm, tên người mẹ: Cầm Bảo Yến")),
    line(265, (70, "Nơi đăng ký khai sinh: Ủy bạn nhân dân phường Mường Thanh")),
    line(290, (70, "Ngày, tháng, năm đăng ký: 03/09/1992")),
    line(330, (400, "NGƯỜI KÝ GIẤY KHAI SINH")),
)
DIPLOMA = (
    line(
        40,
        (90, "SOCIALIST REPUBLIC OF VIETNAM"),
        (550, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    ),
    line(
        58,
        (90, "Independence - Freedom - Happiness"),
        (570, "Độc lập - Tự do - Hạnh phúc"),
    ),
    line(
        110,
        (80, "THE RECTOR OF TAY BAC UNIVERSITY"),
        (540, "HIỆU TRƯỞNG TRƯỜNG ĐẠI HỌC TÂY BẮC"),
    ),
    line(160, (120, "THE DEGREE OF BACHELOR"), (620, "BẰNG CỬ NHÂN")),
    line(210, (150, "Upon: Cam Bao Yen"), (600, "Cho: Cầm Bảo Yến")),
    line(300, (150, "December 15, 2018"), (560, "Sơn La, ngày 15 tháng 12 năm 2018")),
    line(480, (560, "Số hiệu: TB652295")),
    line(500, (560, "Số vào sổ gốc cấp bằng: 686/ĐHTB")),
)
ENGLISH = (
    line(40, (250, "THE DIRECTOR OF HOA BAN COLLEGE")),
    line(90, (280, "CERTIFICATE OF COMPLETION")),
    line(130, (200, "This is to certify that Lo Van Khuyen")),
    line(300, (80, "Date of birth: May 9, 2003")),
    line(330, (80, "March 7, 2024")),
    line(360, (80, "Certificate No: HB-1207")),
)
COMPANY = (
    line(
        40,
        (20, "SỞ KẾ HOẠCH VÀ ĐẦU TƯ TỈNH SƠN LA"),
        (262, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    ),
    line(58, (50, "PHÒNG ĐĂNG KÝ KINH DOANH"), (330, "Độc lập - Tự do - Hạnh phúc")),
    line(110, (200, "GIẤY CHỨNG NHẬN ĐĂNG KÝ DOANH NGHIỆP")),
    line(135, (230, "Mã số doanh nghiệp: 5586803799")),
    line(155, (210, "Đăng ký lần đầu: ngày 19 tháng 10 năm 2023")),
    line(200, (60, "Tên công ty: CÔNG TY TNHH VẬN TẢI BÌNH MINH")),
)
PAPERS = {
    "a decision": (
        DECISION,
        "Quyết định về việc giao đất ở tại tổ dân phố 5",
        "2277/QĐ-UBND",
        "ỦY BAN NHÂN DÂN PHƯỜNG HOA BAN",
        "21/02/2005",
        None,
    ),
    "a birth certificate, marks misread": (
        BIRTH,
        "Giấy khai sinh",
        "135/1992",
        "Ủy ban nhân dân phường Mường Thanh",
        "03/09/1992",
        "LÒ NGỌC ÁNH",
    ),
    "a bilingual diploma": (
        DIPLOMA,
        "Bằng cử nhân",
        "TB652295",
        "TRƯỜNG ĐẠI HỌC TÂY BẮC",
        "15/12/2018",
        "Cầm Bảo Yến",
    ),
    "an English certificate": (
        ENGLISH,
        "Certificate of completion",
        "HB-1207",
        "HOA BAN COLLEGE",
        "07/03/2024",
        "Lo Van Khuyen",
    ),
    "a company, its body close to the motto": (
        COMPANY,
        "Giấy chứng nhận đăng ký doanh nghiệp",
        "5586803799",
        "SỞ KẾ HOẠCH VÀ ĐẦU TƯ TỈNH SƠN LA PHÒNG ĐĂNG KÝ KINH DOANH",
        "19/10/2023",
        "CÔNG TY TNHH VẬN TẢI BÌNH MINH",
    ),
}


def found(*lines):
    offers = proposals([page(*lines)])
    return {name: offers[name].value for name in FIELDS if name in offers}


@pytest.mark.parametrize("name", PAPERS)
def test_each_field_of_the_paper(name):
    """Each is what the printed words say; a field that is not there is not made up."""
    lines, *expected = PAPERS[name]
    said = {f: v for f, v in zip(FIELDS, expected, strict=True) if v is not None}

    assert found(*lines) == said


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("Số: 12 / QĐ-UBND", "12 / QĐ-UBND"),
        ("Số 45/2012", "45/2012"),
        ("Số hiệu: A 123456", "A 123456"),
        ("221/GXN-UBND", "221/GXN-UBND"),
        ("Số vào sổ gốc cấp bằng: 686/ĐHTB", None),
        ("Số lượng: 12", None),
        ("Số: ........", None),
        ("Điện thoại: 0900 000 417", None),
    ],
)
def test_the_number(words, number):
    """Behind its label, or in the shape of an office's own; no other figures."""
    assert found(line(90, (70, words))).get("number") == number


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("Sơn La, ngày 01 tháng 3 năm 1998", date(1998, 3, 1)),
        ("Ngày cấp: 05-06-2021", date(2021, 6, 5)),
        ("December 15, 2018", date(2018, 12, 15)),
        ("Sinh ngày: 03/08/1987", None),
        ("Ngày sinh: 03/08/1987", None),
        ("Căn cứ Nghị định ngày 16 tháng 02 năm 2015", None),
        ("ngày 31 tháng 02 năm 2015", None),
        ("ngày 12 tháng 13 năm 2015", None),
    ],
)
def test_the_day_of_issue(words, day):
    """No birthday, no law's day, and none that no calendar has."""
    offered = found(line(90, (70, words))).get("issued_on")

    assert offered == (f"{day:%d/%m/%Y}" if day else None)


@pytest.mark.parametrize(
    ("words", "holder"),
    [
        ("Họ và tên: Tòng Văn Tưởng", "Tòng Văn Tưởng"),
        ("Cấp cho ông (bà): Lò Thị Ước, sinh năm 1980", "Lò Thị Ước"),
        ("Ông/Bà: Điêu Bảo Yến ........", "Điêu Bảo Yến"),
        ("Chứng nhận ông: Vì Văn Khuyến", "Vì Văn Khuyến"),
        ("Họ và tên người mẹ: Lò Thị Ước", None),
        ("Họ, chữ đệm, tên người cha: Lò Văn Ước", None),
        ("Họ và tên: ................", None),
        ("Ông", None),
    ],
)
def test_the_holder(words, holder):
    """Whom it was made out to, and none of the parents."""
    assert found(line(90, (70, words))).get("holder") == holder


def test_how_sure_an_offer_is():
    """An offer is as sure as the words that it is made of: one bad word is enough."""
    good = line(90, (70, "Họ và tên: Tòng Văn Tưởng"))
    bad = line(90, (70, "Họ và tên: Tòng Văn? Tưởng"))
    weak = line(90, (70, "tại đây vào ngày 01 tháng 03 năm 1998"), sure=88)
    assert proposals([page(good)])["holder"].sure == "sure"
    assert proposals([page(bad)])["holder"].sure == "unsure"
    assert proposals([page(weak)])["issued_on"].sure == "unsure"


def test_the_first_page_that_has_a_field_says_it():
    """A cover without words leaves the fields to the page behind it; a third page is
    not asked.
    """
    cover, first = page(), page(*BIRTH)
    assert proposals([cover, first])["number"].value == "135/1992"
    assert proposals([first, page(*DECISION)])["number"].value == "135/1992"
    assert proposals([cover, cover, first]) == {}


def test_columns_are_told_apart():
    """A wide gap parts them, and the motto begins one where there is no gap."""
    assert [part.text for part in text_runs(DECISION[:1])] == [
        "ỦY BAN NHÂN DÂN",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    ]
    assert len(text_runs(COMPANY[:1])) == 2
    assert text_runs([()]) == ()
