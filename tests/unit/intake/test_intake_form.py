"""What people type, made safe and parsed once."""

from datetime import date

import pytest

from intake.domain import intake_form, text
from intake.domain.intake_form import Mistaken, TypedCase

TODAY = date(2026, 11, 23)
KINDS = {"diploma": "Văn bằng"}
FIELDS = {
    "channel": "counter",
    "requester": "  Nguyễn   Thị Bích Đào ",
    "id_kind": "can-cuoc",
    "id_number": "000203004417",
    "birth_date": "09/05/2003",
    "phone": "0900 000 417",
    "privacy": "1",
}
PAPER = {"title": "Bằng", "kind": "diploma", "issuing_body": "", "pages": "3"}


def mistakes(fields=None, papers=None):
    with pytest.raises(Mistaken) as mistaken:
        intake_form.parse(
            TypedCase(
                FIELDS | (fields or {}), papers if papers is not None else [PAPER]
            ),
            KINDS,
            TODAY,
        )
    return [(error.field, error.key) for error in mistaken.value.errors]


def test_a_good_form_is_parsed_into_values():
    """Trimmed, dated, counted."""
    form = intake_form.parse(TypedCase(FIELDS, [PAPER, PAPER]), KINDS, TODAY)
    assert form.requester.name == "Nguyễn Thị Bích Đào"
    assert form.requester.birth_date == date(2003, 5, 9)
    assert [paper.pages for paper in form.papers] == [3, 3]


@pytest.mark.parametrize(
    ("fields", "mistake"),
    [
        ({"requester": " "}, ("requester", "error.requester")),
        ({"id_number": ""}, ("id_number", "error.id_number")),
        ({"id_kind": "?"}, ("id_kind", "error.id_kind")),
        ({"channel": ""}, ("channel", "error.channel")),
        ({"phone": ""}, ("phone", "error.contact")),
        ({"phone": "abc"}, ("phone", "error.phone")),
        ({"phone": "--------"}, ("phone", "error.phone")),
        ({"phone": "1234567"}, ("phone", "error.phone")),
        ({"phone": "1" * 16}, ("phone", "error.phone")),
        ({"birth_date": "24/11/2026"}, ("birth_date", "error.date")),
        ({"email": "a@b"}, ("email", "error.email")),
        ({"birth_date": "31/02/2003"}, ("birth_date", "error.date")),
        ({"birth_date": "mai"}, ("birth_date", "error.date")),
        ({"privacy": ""}, ("privacy", "error.privacy")),
    ],
)
def test_each_mistake_points_at_its_field(fields, mistake):
    """One field wrong: one line, that field."""
    assert mistakes(fields) == [mistake]


def test_a_person_may_be_born_today():
    """The sentence says "not after today", and today is not after it."""
    typed = TypedCase(FIELDS | {"birth_date": "23/11/2026"}, [PAPER])
    assert intake_form.parse(typed, KINDS, TODAY).requester.birth_date == TODAY


@pytest.mark.parametrize("kind", ["", "?"])
def test_no_kind_is_taken_for_granted(kind):
    """A paper whose kind nobody chose is not filed as the first of the list."""
    assert mistakes(papers=[PAPER, PAPER | {"kind": kind}]) == [
        ("kind-1", "error.kind")
    ]


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"originals_back": "post"}, ("address", "error.address")),
        ({"originals_back": "x"}, ("originals_back", "error.originals_back")),
    ],
)
def test_originals_go_back_by_post_only_to_an_address(said, wrong):
    assert mistakes(said) == [wrong]


def test_originals_go_back_with_the_result_unless_somebody_says_otherwise():
    """Also for a program of before."""
    posted = FIELDS | {"originals_back": "post", "address": "Tổ 7, Hoa Ban"}
    back = [
        intake_form.parse(TypedCase(f, [PAPER]), KINDS, TODAY).requester.originals_back
        for f in (FIELDS, posted)
    ]
    assert back == ["with-result", "post"]


@pytest.mark.parametrize("pages", ["0", "-1", "", "ba", "5001", "1.5"])
def test_pages_are_a_count_from_one(pages):
    """Anything else is said beside its own paper."""
    papers = [PAPER, PAPER | {"pages": pages}]
    assert mistakes(papers=papers) == [("pages-1", "error.pages")]


def test_all_mistakes_are_said_at_once():
    """Nobody sends a form five times."""
    found = mistakes({"requester": "", "privacy": ""}, [{}])
    assert [field for field, _ in found] == [
        "requester",
        "privacy",
        "title-0",
        "kind-0",
        "pages-0",
    ]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ha\\bằng.pdf", "bằng.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("tab\there\r\nX: y.pdf", "tab here  X: y.pdf"),
        ("zero\u200bwidth\u2066.pdf", "zerowidth.pdf"),
        ("", "?"),
        ("..", "?"),
        ("\x00\x1f", "?"),
    ],
)
def test_file_name_is_text(sent, shown):
    """No path, no control, no bidi override comes through."""
    assert text.file_name(sent) == shown


def test_long_file_name_keeps_its_end():
    """300 characters are cut in the middle: the type stays visible."""
    shown = text.file_name("ả" * 300 + ".pdf")
    assert len(shown) == text.NAME_CHARACTERS
    assert shown.endswith(".pdf")
    assert "…" in shown
