import io
import re

import pikepdf
import pypdfium2
import pytest
from PIL import ImageChops

from chassis.clock import utc_now
from ecopy.refusals import Reason, Refusal, cause_of
from signing.adapters.composer import compose
from signing.domain.copies import OrderedOriginal
from signing.domain.layout import MARGIN_POINTS
from signing.domain.rope import MemoryOctets
from support import build
from support.originals import flat, full_page, jpeg, one_of_each_kind, original_of

SCALE = 2.0
WHOLE = (596.0, 842.0)
"""With the margin of 25.5 points every edge falls on a pixel at this scale."""


def draft_of(pages, **changes):
    original, manifest = original_of(pages)
    order = build.ordered(manifest=manifest, demo=True, **changes)
    draft = compose(
        OrderedOriginal(MemoryOctets(original), order.original.sha256), order, utc_now()
    )
    return original, bytes(draft.content)


def rasters(content):
    pdf = pypdfium2.PdfDocument(content)
    pages = [page.render(scale=SCALE).to_pil().convert("RGB") for page in pdf]
    pdf.close()
    return pages


def test_original_pages_look_the_same_outside_the_margin():
    """Raster of each original page = raster of the copy's page above its margin."""
    original, draft = draft_of(one_of_each_kind(WHOLE))
    before, after = rasters(original), rasters(draft)
    assert len(after) == len(before) + 1
    for page, copied in zip(before, after, strict=False):
        width, height = page.size
        assert copied.size == (width, height + MARGIN_POINTS * SCALE)
        above = copied.crop((0, 0, width, height))
        different = ImageChops.difference(page, above)
        assert different.getbbox() is None


def test_the_margin_says_which_page_of_which_copy():
    """Each page's margin holds number, code and page x/y, and the demo line."""
    _, draft = draft_of(one_of_each_kind())
    pdf = pypdfium2.PdfDocument(draft)
    for index, page in enumerate(pdf):
        words = page.get_textpage().get_text_bounded()
        assert f"Trang {index + 1}/7" in words
        assert "Bản sao số 1180/2026 · 7K2F-9MQX-4TBD" in words
        assert "không có giá trị pháp lý" in words
    pdf.close()


def test_the_clause_page_says_everything():
    """Motto, agency, statement, number, book, date, title, name, code, address, pages,
    digest and how to verify stand on the last page as text.
    """
    _, draft = draft_of([full_page(jpeg())])
    pdf = pypdfium2.PdfDocument(draft)
    words = pdf[1].get_textpage().get_text_bounded()
    pdf.close()
    for part in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "PHƯỜNG HOA BAN",
        "Chứng thực bản sao đúng với bản chính",
        "Số chứng thực: 1180/2026",
        "Quyển số: 02/2026-SCTĐT/BS",
        "Ngày 23 tháng 11 năm 2026",
        "KT. CHỦ TỊCH",
        "Phạm Quốc Vĩnh",
        "7K2F-9MQX-4TBD",
        "hoaban.example/kiem-tra",
        "gồm 1 trang bản chính",
        *re.findall(".{8}", build.ref().sha256),
        "Kiểm tra: đưa tệp PDF này",
    ):
        assert part in words


def test_nothing_of_the_original_but_its_images_comes_over():
    """Each page has the keys of the dialect and no others; streams are untouched."""
    original, draft = draft_of(one_of_each_kind())
    with (
        pikepdf.open(io.BytesIO(original)) as before,
        pikepdf.open(io.BytesIO(draft)) as after,
    ):
        for page, copied in zip(before.pages, after.pages, strict=False):
            allowed = {"/Type", "/Parent", "/MediaBox", "/Annots", "/Resources"}
            assert set(copied.obj.keys()) - {"/Rotate"} == {*allowed, "/Contents"}
            for name, image in page.obj.Resources.XObject.items():
                twin = copied.obj.Resources.XObject[name]
                assert twin.read_raw_bytes() == image.read_raw_bytes()


def test_identity_stands_in_the_metadata():
    """dc:identifier is the entry id; XMP and Info say the same."""
    _, draft = draft_of([full_page(jpeg())])
    with pikepdf.open(io.BytesIO(draft)) as pdf:
        packet = pdf.Root.Metadata.read_bytes().decode()
        title = str(pdf.docinfo["/Title"])
    assert f"<dc:identifier>{build.ENTRY}</dc:identifier>" in packet
    assert title == "Bản sao chứng thực số 1180/2026"
    assert title in packet


def test_a_draft_is_one_classic_revision():
    """Classic table, no object stream, and it ends where the next one will start."""
    _, draft = draft_of([full_page(jpeg())])
    assert draft.startswith(b"%PDF-1.7\n%\xbf\xf7\xa2\xfe\n1 0 obj\n")
    assert draft.endswith(b"%%EOF\n")
    assert b"/ObjStm" not in draft
    assert len(re.findall(rb"startxref", draft)) == 1


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"sha256": "0" * 64}, "stream"),
        ({"width": 826}, "/Width"),
        ({"bits": 4}, "/BitsPerComponent"),
        ({"colour_space": "DeviceGray"}, "/ColorSpace"),
        ({"filter": "FlateDecode"}, "/Filter"),
        ({"inverted": True}, "/Decode"),
        ({"decode_parms": {"K": -1}}, "/DecodeParms"),
        ({"placement": (595.2, 0, 0, 841.92, 0, 1)}, "cm (595.2"),
    ],
)
def test_an_image_that_nobody_approved_is_refused(change, word):
    """Every fact of the manifest is compared; the refusal names page and fact."""
    original, (page,) = original_of([full_page(jpeg())])
    image = page.images[0].model_copy(update=change)
    refusal = refused(original, (page.model_copy(update={"images": (image,)}),))
    assert refusal.reason is Reason.ORIGINAL_MISMATCH
    cause, values = cause_of(refusal.detail)
    assert (cause, values["page"]) == ("page-differs", "1")
    assert word in values["part"]


@pytest.mark.parametrize(
    "change", [{"height": 842.0}, {"rotation": 90}, {"images": ()}]
)
def test_a_page_that_nobody_approved_is_refused(change):
    original, (page,) = original_of([full_page(jpeg())])
    refusal = refused(original, (page.model_copy(update=change),))
    assert refusal.reason is Reason.ORIGINAL_MISMATCH


def test_a_page_too_many_is_refused():
    original, manifest = original_of([full_page(jpeg())] * 2)
    assert refused(original, manifest[:1]).reason is Reason.ORIGINAL_MISMATCH


def test_a_page_that_draws_more_than_its_images_is_refused():
    original, manifest = original_of([full_page(jpeg())])
    with pikepdf.open(io.BytesIO(original)) as pdf:
        drawing = pdf.pages[0].obj.Contents.read_bytes()
        pdf.pages[0].obj.Contents = pdf.make_stream(drawing + b"0 0 9 9 re f\n")
        out = io.BytesIO()
        pdf.save(out)
    assert refused(out.getvalue(), manifest).reason is Reason.ORIGINAL_MISMATCH


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7\n%%EOF\n"])
def test_bytes_that_are_no_pdf_are_refused(content):
    _, manifest = original_of([full_page(jpeg())])
    assert refused(content, manifest).reason is Reason.ORIGINAL_UNREADABLE


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("statement", "Chứng thực " * 120),
        ("number", "1180/2026" * 30),
        ("book", "02/2026-SCTĐT/BS" * 4),
        ("statement", "Chứngthực" * 12),
    ],
)
def test_a_clause_that_does_not_fit_is_refused(what, words):
    """Nothing is cut and nothing shrinks below reading: a person must shorten it."""
    original, manifest = original_of([full_page(jpeg())])
    clause = build.ordered().clause.model_copy(update={what: words})
    refusal = refused(original, manifest, clause=clause)
    assert refusal.reason is Reason.CLAUSE_DOES_NOT_FIT
    assert cause_of(refusal.detail)[0] == "words-too-long"


@pytest.mark.parametrize("who", ["officer", "title", "agency"])
def test_a_word_wider_than_its_room_is_refused(who):
    """There is no place to break it: it would run off the page."""
    original, manifest = original_of([full_page(jpeg())])
    order, word = build.ordered(), "Phạmquốcvĩnh" * 8
    changes = {
        "officer": order.officer.model_copy(update={"name": word}),
        "title": order.officer.model_copy(update={"title_lines": (word,)}),
        "agency": order.agency.model_copy(update={"name_lines": (word,)}),
    }
    field = "agency" if who == "agency" else "officer"
    refusal = refused(original, manifest, **{field: changes[who]})
    assert refusal.reason is Reason.CLAUSE_DOES_NOT_FIT
    assert cause_of(refusal.detail)[0] == "words-too-long"


def test_four_lines_of_agency_and_a_long_title_fit():
    original, manifest = original_of([full_page(jpeg())])
    order = build.ordered()
    agency = order.agency.model_copy(
        update={
            "name_lines": (
                "ỦY BAN NHÂN DÂN",
                "TỈNH HOA BAN",
                "TRUNG TÂM PHỤC VỤ",
                "HÀNH CHÍNH CÔNG",
            )
        }
    )
    officer = order.officer.model_copy(
        update={"title_lines": ("TUQ. CHỦ TỊCH", "PHÓ GIÁM ĐỐC TRUNG TÂM", "PHỤC VỤ")}
    )
    changed = order.model_copy(
        update={"agency": agency, "officer": officer, "manifest": manifest}
    )
    draft = compose(
        OrderedOriginal(MemoryOctets(original), order.original.sha256),
        changed,
        utc_now(),
    )
    assert draft.pages == 2


LONG_TITLE = (
    "PHÓ GIÁM ĐỐC PHỤ TRÁCH BỘ PHẬN TIẾP NHẬN VÀ TRẢ KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH"
    " CHÍNH CỦA TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG"
)
STATEMENT = (
    "Chứng thực bản sao đúng với bản chính được lập tại cơ quan đăng ký hộ tịch, gồm"
    " các trang bản chính và trang lời chứng, theo yêu cầu của người nộp hồ sơ đã được"
    " tiếp nhận, đối chiếu và ghi vào sổ chứng thực điện tử của cơ quan thực hiện chứng"
    " thực theo quy định của pháp luật hiện hành của Nhà nước về chứng thực"
)
NARROW = (153.0, 241.0)
"""54 × 85 mm, a card."""


@pytest.mark.parametrize("template", ["clause/3", "clause/4"])
def test_long_words_wrap_and_stay_readable(template):
    """A statement of 300 letters, a long title, a long name, four lines of agency:
    all of it stands on the page, in letters of at least 7 points."""
    words = clause_words(
        template,
        statement=STATEMENT,
        titles=("KT. GIÁM ĐỐC", LONG_TITLE),
        name="Công Tằng Tôn Nữ Hoàng Phương Thảo Nguyên Thị Bích Ngọc",
        lines=("ỦY BAN NHÂN DÂN", "TỈNH HOA BAN", "TRUNG TÂM", "HÀNH CHÍNH CÔNG"),
    )
    assert len(STATEMENT) >= 300
    for part in (STATEMENT, LONG_TITLE, "Thị Bích Ngọc", "TRUNG TÂM HÀNH CHÍNH CÔNG"):
        assert part in words


def test_the_second_layout_says_the_place():
    """Two layouts are data: the order's name decides, and the words differ so."""
    assert "Hoa Ban, ngày 23 tháng 11 năm 2026" in clause_words("clause/4")
    assert "Hoa Ban, ngày" not in clause_words("clause/3")


def test_an_unknown_layout_is_refused():
    """Never another one in its place; the refusal names those that there are."""
    original, manifest = original_of([full_page(jpeg())])
    clause = build.ordered().clause.model_copy(update={"template": "clause/99"})
    refusal = refused(original, manifest, clause=clause)
    assert refusal.reason is Reason.CLAUSE_DOES_NOT_FIT
    assert "clause/4" in cause_of(refusal.detail)[1]["known"]


@pytest.mark.parametrize(
    "host", ["https://phường-hoa-ban.example", f"https://{'a' * 3000}.example"]
)
def test_an_address_that_no_code_can_hold_is_refused(host):
    """A person mends it; it is no fault that is tried again for ever."""
    original, manifest = original_of([full_page(jpeg())])
    refusal = refused(original, manifest, public_host=host)
    assert refusal.reason is Reason.CLAUSE_DOES_NOT_FIT
    assert cause_of(refusal.detail)[0] == "address-unfit"
    assert len(refusal.detail) < 500


SIXTY_MM = 60 / 25.4 * 72
TEN_MM = 10 / 25.4 * 72
SIZES = [
    (NARROW, 5.0),
    ((241.0, 153.0), 5.0),
    ((297.0, 842.0), 5.0),
    ((842.0, 1191.0), 9.0),
    ((1191.0, 842.0), 9.0),
    ((SIXTY_MM, TEN_MM), 5.0),
    ((SIXTY_MM, 14_374.5), 5.0),
    ((14_374.5, TEN_MM), 9.0),
    ((14_374.5, 14_374.5), 9.0),
    ((102.0, 842.0), 4.0),
    ((57.0, 842.0), 3.0),
    ((TEN_MM, 842.0), 1.5),
    ((3.0, 842.0), 0.1),
]
"""As seen, in points, and the least type size of its footer: cards, slips, A3, the
narrowest page that intake takes, the largest that PDF/A knows, and, from older cases,
strips of 36, 20, 10 and one millimetres."""


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize(("size", "least"), SIZES)
def test_every_page_size_has_its_footer(size, least, rotation):
    """All of the footer's words lie within the margin, in letters as large as the page
    allows; no page is refused for its size."""
    turned = size if rotation in (0, 180) else size[::-1]
    _, draft = draft_of([full_page(flat((60, 40)), rotation, turned)])
    with pikepdf.open(io.BytesIO(draft)) as pdf:
        pdf.pages[0].obj.Rotate = 0
        pdf.pages[0].obj.Contents = pdf.make_stream(b"/F Do")
        pdf.pages[0].obj.MediaBox = [0, 0, size[0], MARGIN_POINTS]
        out = io.BytesIO()
        pdf.save(out)
    pdf = pypdfium2.PdfDocument(out.getvalue())
    page = pdf[0].get_textpage()
    words = " ".join(page.get_text_bounded().split())
    shown = [k for k in range(page.count_chars()) if page.get_text_range(k, 1).strip()]
    boxes = [page.get_charbox(k) for k in shown]
    sizes = [pypdfium2.raw.FPDFText_GetFontSize(page, k) for k in shown]
    pdf.close()
    for part in (
        *("Bản sao số", "1180/2026", "7K2F-9MQX-4TBD", "Trang 1/2"),
        *("Bản thử nghiệm –", "không có giá trị", "pháp lý"),
    ):
        assert part in words
    left, low = min(b[0] for b in boxes), min(b[1] for b in boxes)
    right, high = max(b[2] for b in boxes), max(b[3] for b in boxes)
    assert 0 <= left <= right <= size[0]
    assert 0 <= low <= high <= MARGIN_POINTS
    assert min(sizes) >= least


def test_two_hundred_pages_are_numbered_to_the_end():
    """As many as intake takes for a paper; of mixed sizes, each with its own margin."""
    sizes = [WHOLE, (842.0, 596.0), (842.0, 1191.0), (420.0, 595.0)]
    image = flat((60, 40))
    pages = [full_page(image, 0, sizes[k % 4]) for k in range(200)]
    _, draft = draft_of(pages)
    pdf = pypdfium2.PdfDocument(draft)
    assert len(pdf) == 201
    for index in (0, 1, 2, 3, 199):
        words = pdf[index].get_textpage().get_text_bounded()
        assert f"Trang {index + 1}/201" in words
    pdf.close()


def clause_words(template, *, statement=None, titles=None, name=None, lines=None):
    """The last page's words; line ends are spaces."""
    order = build.ordered()
    clause = {"template": template} | ({"statement": statement} if statement else {})
    person = {"name": name, "title_lines": titles} if name else {}
    agency = {"name_lines": lines} if lines else {}
    _, draft = draft_of(
        [full_page(jpeg())],
        clause=order.clause.model_copy(update=clause),
        officer=order.officer.model_copy(update=person),
        agency=order.agency.model_copy(update=agency),
    )
    pdf = pypdfium2.PdfDocument(draft)
    words = pdf[1].get_textpage().get_text_bounded()
    pdf.close()
    return " ".join(words.split())


def refused(content, manifest, **changes):
    order = build.ordered(manifest=manifest, **changes)
    with pytest.raises(Refusal) as caught:
        compose(
            OrderedOriginal(MemoryOctets(content), order.original.sha256),
            order,
            utc_now(),
        )
    return caught.value
