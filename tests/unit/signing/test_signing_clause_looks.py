"""How the clause page is divided, measured on the page as a reader draws it."""

from itertools import pairwise

import pypdfium2
import pytest

from chassis.clock import utc_now
from signing.adapters.composer import compose
from signing.adapters.composing.clause_layouts import layout
from signing.domain.copies import OrderedOriginal
from signing.domain.rope import MemoryOctets
from support import build
from support.originals import full_page, jpeg, original_of

MM = 72 / 25.4
PAGE_MM = 306.0
AGENCY = ("ỦY BAN NHÂN DÂN", "PHƯỜNG HOA BAN")


@pytest.fixture(scope="module")
def draft():
    original, manifest = original_of([full_page(jpeg())])
    order = build.ordered(manifest=manifest, demo=True)
    stage = OrderedOriginal(MemoryOctets(original), order.original.sha256)
    return bytes(compose(stage, order, utc_now()).content)


@pytest.fixture(scope="module")
def lines(draft):
    """Each line of the default clause page: its words, and its upper and lower edge in
    millimetres from the page's head."""
    with pypdfium2.PdfDocument(draft) as pdf:
        return list(_lines(pdf[1].get_textpage()))


def _lines(page):
    for k in range(page.count_rects()):
        left, low, right, high = page.get_rect(k)
        words = page.get_text_bounded(left, low, right, high).strip()
        yield words, PAGE_MM - high / MM, PAGE_MM - low / MM


def place(lines, words, at=0):
    """Where the line that has these words has its middle."""
    found = [(up + low) / 2 for line, up, low in lines if words in line]
    assert found, words
    return found[at]


def test_the_space_is_divided_as_drawn(lines):
    """Some 20 mm above the officer's title, not 38; a line's gap under the state's
    name; room between title, table and date."""
    assert 18 < place(lines, "KT. CHỦ TỊCH") - place(lines, "Ngày 23") < 24
    assert 4.5 < place(lines, "Độc lập") - place(lines, "CỘNG HÒA") < 7
    assert 11 < place(lines, "Số chứng thực") - place(lines, "Chứng thực bản") < 16
    assert 52 < place(lines, "Chứng thực bản sao") < 62


def test_names_stand_clear_of_the_line_of_time(
    lines,
):
    """Which is drawn 4 points above the lower edge of a field when it is signed."""
    _, lower, _, _ = layout("clause/3").fields["Officer"]
    time_line = PAGE_MM - (lower + 4) / MM
    for name in ("Phạm Quốc Vĩnh", AGENCY[0]):
        upper = max(up for line, up, _ in lines if name in line)
        assert upper - time_line > 3


def test_the_agencys_name_breaks_where_its_record_says(
    lines,
):
    """At the head and under the seal, a line for each line of the record."""
    whole = [line for line, _, _ in lines]
    for words in AGENCY:
        assert sum(words in line for line in whole) == 2
    assert not any(AGENCY[0] in line and AGENCY[1] in line for line in whole)
    heads = [place(lines, words, 1) for words in AGENCY]
    assert all(4 < lower - upper < 7 for upper, lower in pairwise(heads))


def test_the_code_stands_beside_the_middle_of_its_words(draft, lines):
    """The QR code's middle is that of the text beside it, within 2 mm."""
    with pypdfium2.PdfDocument(draft) as pdf:
        page = pdf[1].render(scale=1 / MM).to_pil().convert("L")  # a pixel a mm
    beside = page.crop((28, 243, 58, 296)).point(lambda shade: 255 * (shade < 128))
    _, upper, _, lower = beside.getbbox()
    first, last = place(lines, "Mã tra cứu"), place(lines, "Đúng bản đã", -1)
    assert abs(243 + (upper + lower) / 2 - (first + last) / 2) < 2


@pytest.mark.parametrize("letter", ["Ộ", "Ệ"])
def test_hats_sit_on_their_capitals(draft, letter):
    """In the state's name: of the letter's height, less than a fifteenth is empty
    between hat and letter. In the type of before it was a sixth."""
    with pypdfium2.PdfDocument(draft) as pdf:
        page, words = pdf[1], pdf[1].get_textpage()
        at = words.get_text_range().index("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
        at += words.get_text_range(at, 40).index(letter)
        left, low, right, high = words.get_charbox(at)
        width, height = page.get_size()
        crop = (left, low, width - right, height - high)
        picture = page.render(scale=40, crop=crop).to_pil().convert("L")
    rows = [picture.crop((0, y, picture.width, y + 1)) for y in range(picture.height)]
    inked = [row.getextrema()[0] < 128 for row in rows]
    hat = inked.index(False, inked.index(True))
    gap = inked.index(True, hat) - hat
    assert gap / picture.height < 1 / 15
