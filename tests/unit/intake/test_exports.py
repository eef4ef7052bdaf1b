"""The register in a spreadsheet: every letter and nought, and nothing that is run."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import pytest

from intake.adapters.spreadsheets import XlsxSpreadsheets
from intake.domain import exports
from intake.domain.register import RegisterNote
from intake.domain.states import State
from intake.wiring.handouts import vietnamese
from support.handouts import line

AT = datetime(2026, 12, 1, 1, 10, 30, 5, tzinfo=UTC)
FORMULAS = (
    '=HYPERLINK("http://evil.example","x")',
    "+84900000417",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1)",
    "\t=1+1",
    " =1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
)
FIGURES = ("0012", "12/2026", "1E5", "007", "12-3", "1.000", "10:30", "3,5", "5%")
TEXTS = ("Nguyễn Thị Bích Đào", "Đường số 3", "02/2026-SCTĐT/BS", "E", "", "a=b", "x-1")
NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheet(*lines):
    return exports.sheet("11-2026", lines, vietnamese)


def rows(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize("text", [*FORMULAS, *FIGURES])
def test_what_a_spreadsheet_would_change_is_guarded(text):
    """The text itself stays, behind an apostrophe."""
    assert exports.guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", TEXTS)
def test_other_texts_stay_as_they_are(text):
    """A name is not spelled otherwise for the sake of those that are dangerous."""
    assert exports.guarded(text) == text


def test_csv_has_its_mark_its_letters_and_its_figures():
    """Excel tells UTF-8 by the mark at the start; a day is written so that no country
    reads it as another one.
    """
    note = RegisterNote(AT, "Phạm Quốc Vĩnh", "sai\ntên", "added")
    content = exports.csv_bytes(sheet(line(12, note, title="Sổ, “đỏ”")))

    assert content.startswith(b"\xef\xbb\xbf")
    head, row = rows(content)
    assert head[2] == "Họ tên người yêu cầu chứng thực"
    assert row == [
        "'12/2026",
        "2026-11-23",
        "Nguyễn Thị Bích Đào",
        "Sổ, “đỏ”",
        "Phạm Quốc Vĩnh, PHÓ CHỦ TỊCH",
        "1",
        "4000",
        "sai\ntên (Phạm Quốc Vĩnh, 08:10 01/12/2026)",
    ]


@pytest.mark.parametrize("name", FORMULAS)
def test_no_cell_of_csv_begins_a_formula(name):
    """Whatever a citizen is called, in each column that is typed."""
    made = rows(exports.csv_bytes(sheet(line(1, requester=name, title=name))))

    assert all(not cell.lstrip().startswith(tuple("=+-@")) for cell in made[1])


def test_a_void_number_counts_for_nothing():
    """Its line stays as it was entered."""
    void = rows(exports.csv_bytes(sheet(line(3, state=State.VOID))))[1]

    assert void[5:7] == ["0", "0"]


def test_every_line_is_exported():
    """Not the page that is shown."""
    lines = [line(n) for n in range(1, 2001)]

    assert len(rows(exports.csv_bytes(sheet(*lines)))) == 2001
    assert len(cells(XlsxSpreadsheets().xlsx(sheet(*lines), AT))) == 2001


def cells(content):
    """The rows of the first page: (kind, value) of each cell. Raises for a formula."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        names = book.namelist()
        shared = ET.fromstring(book.read("xl/sharedStrings.xml"))
        page = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    texts = ["".join(t.text or "" for t in si.iter(f"{NS}t")) for si in shared]
    assert not [name for name in names if "vba" in name or "externalLink" in name]
    assert page.find(f".//{NS}f") is None, "a formula"
    assert page.find(f".//{NS}hyperlink") is None, "a link"
    made = []
    for row in page.iter(f"{NS}row"):
        made.append([])
        for cell in row:
            value = cell.findtext(f"{NS}v") or ""
            text = cell.get("t") == "s"
            made[-1].append(("text", texts[int(value)]) if text else ("figure", value))
    return made


@pytest.mark.parametrize("name", [*FORMULAS, "http://evil.example", "0012"])
def test_a_workbook_has_texts_where_texts_were_typed(name):
    """No formula, no link and no figure is made of a name."""
    _, row = cells(XlsxSpreadsheets().xlsx(sheet(line(12, requester=name)), AT))

    assert row[0] == ("text", "12/2026")
    assert row[2] == ("text", name)
    assert row[5:7] == [("figure", "1"), ("figure", "4000")]


def test_a_workbook_has_days_as_days():
    """So that they can be sorted; 1 is 1900-01-01 (ECMA-376 part 1, 18.17.4.1)."""
    _, row = cells(XlsxSpreadsheets().xlsx(sheet(line(12)), AT))

    serial = (date(2026, 11, 23) - date(1899, 12, 30)).days
    assert row[1] == ("figure", str(serial))


def test_a_workbook_is_made_at_our_clocks_moment():
    """The same lines at the same moment are the same bytes."""
    first, second = [XlsxSpreadsheets().xlsx(sheet(line(1)), AT) for _ in range(2)]

    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as book:
        assert b"2026-12-01T08:10:30" in book.read("docProps/core.xml")
