"""Papers as they are set: their words, all of them, and nothing that is run."""

import io

import pikepdf
import pypdfium2
import pytest

from ecopy.refusals import Trouble
from intake.domain.closing import Period
from intake.domain.handouts import book_values
from intake.domain.handouts.fields import Handout
from intake.domain.handouts.sheets import Filling
from intake.wiring.handouts import vietnamese
from support.handouts import AT, facts, line, sample, words
from support.prepared import prepared_typesetter

LINES = 2000
HOSTILE = '#include "/etc/passwd" $x^2$ *đậm* _nghiêng_ \\ @a <b> `c` = d #sys.inputs'
MARKUP = 'Trần #read("/etc/passwd") Đường'


async def pdf(made):
    return await prepared_typesetter().pdf(made, AT)


@pytest.mark.parametrize("handout", Handout)
async def test_each_paper_says_what_its_template_says(handout):
    """With every diacritic, in fonts that lie in the file."""
    made = facts(handout)
    content = await pdf(made)
    (page,) = words(content)

    assert made["title"] in page
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in page
    assert "UBND PHƯỜNG HOA BAN" in page
    assert "Mẫu bản 1" in page
    with pikepdf.open(io.BytesIO(content)) as file:
        fonts = [
            found
            for found in file.objects
            if isinstance(found, pikepdf.Dictionary)
            and found.get("/Type") == "/FontDescriptor"
        ]
        assert fonts
        assert all("/FontFile2" in font for font in fonts)


async def test_a_receipt_has_all_that_a_receipt_must_have():
    """Case, clerk, requester, papers with pages, received, due, how it is returned."""
    (page,) = words(await pdf(facts(Handout.RECEIPT)))

    for said in (
        "H99.42.05.13-261123-0004",
        "Nguyễn Thị Bích Đào",
        "Tổ 7, phường Hoa Ban",
        "0900 000 417",
        "Chứng thực bản sao điện tử từ bản chính (2.000815)",
        "1 Bằng tốt nghiệp đại học và bảng điểm 3 1 5.000 đ",
        "Cộng 4 2 7.000 đ",
        "09 giờ 16 phút, ngày 23 tháng 11 năm 2026",
        "17 giờ 00 phút, ngày 23 tháng 11 năm 2026",
        "bản chính trả tại quầy",
        "hoaban.example",
        "Lò Thị Minh Hạ",
        "NGƯỜI NỘP HỒ SƠ",
        "NGƯỜI TIẾP NHẬN HỒ SƠ",
    ):
        assert said in page, said


@pytest.mark.parametrize("name", [HOSTILE, MARKUP, "=HYPERLINK(1)", "{so_ngan}"])
async def test_a_name_is_set_as_it_is_written(name):
    """Typst's own markup in a citizen's name is letters on paper."""
    filling = sample(Handout.APOLOGY, nguoi_yeu_cau=name)
    (page,) = words(await pdf(facts(Handout.APOLOGY, filling=filling)))

    assert f"Kính gửi: {name}" in page


async def test_a_word_that_is_too_long_stays_on_the_paper():
    """An address of a hundred letters breaks; nothing runs off the edge."""
    address = "a" * 90 + "@example.vn"
    filling = sample(Handout.RECEIPT, thu_dien_tu=address)
    content = await pdf(facts(Handout.RECEIPT, filling=filling))

    with pypdfium2.PdfDocument(io.BytesIO(content)) as document:
        page = document[0]
        text = page.get_textpage()
        right = max(text.get_rect(n)[2] for n in range(text.count_rects()))
        shown = text.get_text_bounded().replace("\u200b", "")
        text.close()
        width = page.get_width()
        page.close()
    assert right < width
    assert address in "".join(shown.split())


async def test_a_letter_without_a_glyph_does_not_stop_the_print():
    """The clerk sees the empty box and writes by hand; nobody waits for a font."""
    filling = sample(Handout.APOLOGY, nguoi_yeu_cau="Trần 𠀋 An")

    assert "Trần" in words(await pdf(facts(Handout.APOLOGY, filling=filling)))[0]


async def test_the_same_paper_is_the_same_bytes():
    """A second print of a paper can be held against the first."""
    first, second = [await pdf(facts(Handout.RECEIPT)) for _ in range(2)]

    assert first == second


def month(lines):
    values = book_values.period_values(Period(2026, 11), lines, None, book="02", now=AT)
    given = sample(Handout.MONTH).values
    return Filling(
        values=dict(given) | values,
        agency_lines=("UBND PHƯỜNG HOA BAN",),
        demo=True,
        lines=book_values.book_rows(lines, vietnamese),
        lines_sum=("2.000", "", "2.000", "8.000.000"),
    )


async def test_a_months_print_has_all_its_lines_and_numbered_pages():
    """Not the first page of data alone: 2,000 numbers, each once, in their order, and
    the totals and signatures at the end.
    """
    lines = [line(n, requester=f"Người thứ {n}") for n in range(1, LINES + 1)]
    pages = words(await pdf(facts(Handout.MONTH, filling=month(lines))))

    of = len(pages)
    for number, page in enumerate(pages, 1):
        assert f"trang {number}/{of}" in page
        assert "CÓ GIÁ TRỊ PHÁP LÝ" in page
    assert all("Quyển số 02/2026-SCTĐT/BS · Tháng 11 năm 2026" in p for p in pages)
    book = " ".join(pages)
    places = [book.index(f" {n}/2026 23/11/2026 ") for n in range(1, LINES + 1)]
    assert places == sorted(places)
    assert "Cộng: 2.000 số" in book
    assert f"Bản in này có {of} trang" in pages[-1]
    assert "NGƯỜI XÁC NHẬN" in pages[-1]


async def test_the_picture_is_of_the_first_page():
    """What the administrator sees beside the text of a template."""
    made = await prepared_typesetter().picture(facts(Handout.RECEIPT), AT)

    assert made.startswith(b"\x89PNG")


async def test_what_cannot_be_set_is_trouble_of_this_machine():
    """Nobody gets half a paper, and the page says that it is no fault of theirs."""
    with pytest.raises(Trouble):
        await pdf({"size": "a5"})
