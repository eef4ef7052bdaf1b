"""What a template may say, and that a bad one is named line by line."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from intake.domain.handouts import language, templates
from intake.domain.handouts.fields import FIELDS, Handout
from intake.domain.handouts.language import BadTemplate
from intake.domain.handouts.templates import HandoutTemplate
from intake.domain.people import Actor
from intake.domain.states import NotAllowed
from intake.wiring.handouts import default_templates
from support.handouts import facts, sample

GOOD = "#kho: A5\n= PHIẾU\n"
LONG = Actor("long", "Hà Bảo Long", "H99")
NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)


def faults(text, handout=Handout.SUPPLEMENT):
    with pytest.raises(BadTemplate) as raised:
        language.parse(text, handout)
    return [(f.line, f.slug, dict(f.values)) for f in raised.value.faults]


@pytest.mark.parametrize("handout", Handout)
def test_the_program_comes_with_a_template_for_each_paper(handout):
    """And each of its fields has words in the preview, so that none is overlooked."""
    templates = [t for t in default_templates() if t.handout is handout]
    assert templates
    filled_in = {*sample(handout).values, "so_trang_in"}
    for one in templates:
        parsed = language.parse(one.text, handout)
        used = {name for block in parsed.blocks for name in block.fields}
        assert used <= FIELDS[handout] <= filled_in | {"chua_khoa"}


@pytest.mark.parametrize(
    ("line", "slug", "values"),
    [
        ("Đến {zzz}.", "field", {"n": "zzz"}),
        ("Đến {cho_denn}.", "field-near", {"n": "cho_denn", "meant": "cho_den"}),
        ("#quoc-hieuu", "directive-near", {"n": "quoc-hieuu", "meant": "quoc-hieu"}),
        ('#include "x"', "directive", {"n": 'include "x"'}),
        ("Đến {cho_den", "brace", {}),
        ("Đến cho_den}", "brace", {}),
        ("*Đến {cho_den}", "bold", {}),
        ("Thiếu {danh_sach_thieu}", "list", {"n": "danh_sach_thieu"}),
        ("+ {cho_den}", "no-list", {"n": "cho_den"}),
        ("/ Mã hồ sơ {ma_ho_so}", "pair", {}),
        ("#ky", "no-words", {"n": "ky"}),
        ("#bang-so", "foreign-table", {"n": "bang-so"}),
        ("#kho: A4", "twice", {"n": "kho"}),
    ],
)
def test_a_fault_is_named_with_its_line(line, slug, values):
    """The administrator reads which line, and what was meant where that is plain."""
    assert faults(f"{GOOD}% ghi chú\n{line}\n") == [(4, slug, values)]


def test_all_faults_of_a_template_are_named_at_once():
    """Nobody mends one only to read of the next."""
    found = faults("= A {x_y}\n#kho: A3\nĐến {cho_den\n")

    assert [(line, slug) for line, slug, _ in found] == [
        (1, "field"),
        (2, "size"),
        (3, "brace"),
    ]


def test_a_paper_without_what_it_is_for_is_no_template():
    """A receipt without its table of papers, a register without its lines."""
    assert faults(GOOD, Handout.RECEIPT) == [(3, "missing", {"n": "#bang-giay-to"})]
    assert faults("#bang-so\n", Handout.MONTH) == [
        (2, "missing", {"n": "#kho"}),
        (2, "missing", {"n": "="}),
    ]


def test_a_template_has_bounds():
    """Two hundred lines are more than any paper has."""
    assert faults(GOOD + "a\n" * 200)[0][:2] == (1, "too-long")
    assert faults(GOOD + "a" * 4000)[0][:2] == (1, "too-long")


def test_a_line_with_an_empty_field_is_left_out_where_it_says_so():
    """``?`` begins a line that has nothing to say without its field."""
    text = f"{GOOD}? Bản kế: {{loi_nhan}}\nĐến {{cho_den}}\n"
    shown, hidden = (
        facts(Handout.SUPPLEMENT, text, sample(Handout.SUPPLEMENT, loi_nhan=words))
        for words in ("mai", "")
    )

    assert [b["kind"] for b in shown["blocks"]] == ["title", "paragraph", "paragraph"]
    assert [b["kind"] for b in hidden["blocks"]] == ["title", "paragraph"]


def test_what_is_filled_in_is_never_read_as_a_template():
    """A name with braces and asterisks is a name."""
    name = "*{ma_ho_so}* #kho: A4"
    filling = sample(Handout.SUPPLEMENT, nguoi_yeu_cau=name)
    made = facts(Handout.SUPPLEMENT, f"{GOOD}{{nguoi_yeu_cau}}", filling)

    assert made["blocks"][1]["runs"] == [{"text": name, "bold": False, "pages": False}]
    assert made["size"] == "a5"


def version(day, agency="", text="a"):
    return HandoutTemplate(Handout.RECEIPT, day, text, agency)


def test_a_day_keeps_its_template():
    """A later version changes nothing of an earlier day, and an agency's own goes
    before the program's from its first day on.
    """
    old, new = version(date(2026, 1, 1)), version(date(2026, 9, 1))
    own = version(date(2026, 7, 1), "H99")
    known = (old, new, own)

    def used(*day):
        return templates.in_force(known, Handout.RECEIPT, date(*day))

    assert used(2026, 6, 30) == (old, 1)
    assert used(2026, 7, 1) == (own, 2)
    assert used(2026, 12, 31) == (own, 2)
    assert templates.in_force((old, new), Handout.RECEIPT, date(2026, 12, 31))[0] is new


def test_of_two_versions_from_one_day_the_later_one_counts():
    """Who has made a mistake issues again, as long as the day has not come."""
    first, second = (version(date(2026, 7, 1), "H99", text) for text in "ab")

    used, _ = templates.in_force((first, second), Handout.RECEIPT, date(2026, 8, 1))
    assert used is second


def test_a_template_holds_from_tomorrow_at_the_earliest():
    """A paper of today that is printed again looks as it did in the morning."""
    text = f"{GOOD}#bang-giay-to\r\n"

    def issue(day):
        return templates.issued(Handout.RECEIPT, text, day, by=LONG, at=NOON)

    with pytest.raises(NotAllowed) as refused:
        issue(date(2026, 11, 23))
    assert refused.value.values == {"day": "24/11/2026"}
    template, note = issue(date(2026, 11, 24))
    assert template.text == f"{GOOD}#bang-giay-to\n"
    assert note.action == "template-issued"
    assert note.values == {"handout": "receipt", "from": "2026-11-24"}


def test_a_bad_template_is_not_issued():
    """What cannot be printed does not wait for the day on which it would be."""
    with pytest.raises(BadTemplate):
        templates.issued(Handout.MONTH, GOOD, date(2027, 1, 1), by=LONG, at=NOON)


def test_a_sample_leaves_the_agencys_own_words():
    """The preview is of the agency whose template it is."""
    filling = sample(Handout.RECEIPT)

    assert filling.agency_lines == ("UBND PHƯỜNG HOA BAN",)
    assert replace(filling).values["noi"] == "Hoa Ban"
