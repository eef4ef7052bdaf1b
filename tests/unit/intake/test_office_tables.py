"""The tables that an agency may change: what counts on a day, and what is refused."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from intake.domain import desk_ends, fee, number_formats, table_rows
from intake.domain.declared import KEY_FIELD, typed_values
from intake.domain.handouts.notice_values import supplement_values
from intake.domain.office_tables import (
    GROUNDS,
    KINDS,
    LACKS,
    NUMBERS,
    OTHER_LACK,
    SUPPORT,
    TABLES,
)
from intake.domain.own_tables import OwnTables
from intake.domain.people import Actor, Role
from intake.domain.records import Conflict, NotFound
from intake.domain.refusing import HELD, Ground
from intake.domain.showing_tables import table_view
from intake.domain.states import NotAllowed
from intake.domain.table_rows import TableRow, TakenBack, TypedRow
from support.casework import CASE
from support.casework_views import REQUEST
from support.intake import AGENCY, MORNING, house_rules

LONG = Actor("long", "Hà Bảo Long", AGENCY, frozenset({Role.ADMINISTRATOR}))
TODAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 24)
LATER = date(2027, 3, 1)
BOOK = {"number": "{so}/{nam}", "book": "{quyen:2}/{nam}-SCTĐT/BS", "ordinal": "2"}
GROUND = {"vi": "Lời mới", "en": "", "act": "refuse", "by": "both"}
KIND = {"vi": "Bằng cấp", "en": "", "used": "yes"}


def row(table, key, values, day=TOMORROW, **more):
    known = {"agency": AGENCY, "by": "Long", "at": MORNING, "seq": 1}
    return TableRow(table, key, day, values, **known | more)


def rules_with(*rows):
    return replace(house_rules(), own=lambda _: OwnTables(rows=rows))


def tables(*rows):
    return rules_with(*rows).tables(AGENCY)


def faults(table, key, values, *others):
    known = tables(*others).of(table)
    return [e.key for e in TABLES[table].faults(row(table, key, values), known)]


def number_faults(*others, **changed):
    return faults(NUMBERS, "E", BOOK | changed, *others)


def test_the_program_s_grounds_are_those_of_the_law():
    """Who may say so, and what is held, as decree and code have it."""
    program = tables()
    assert set(program.certifiers_grounds(TODAY)) == set(Ground)
    assert set(program.clerks_grounds(TODAY)) == set(desk_ends.NOT_ACCEPTED)
    assert program.held_grounds(TODAY) == HELD


def test_a_refusal_keeps_the_words_of_its_day():
    """Printed a year later it says what the ground said on the day of the refusal."""
    known = tables(row(GROUNDS, "D22.1", GROUND))
    assert known.ground("D22.1", TODAY).vi.startswith("Bản chính bị tẩy xóa")
    assert known.ground("D22.1", TOMORROW).vi == "Lời mới"
    assert known.ground("D22.1", LATER).of("en") == "Lời mới"
    assert known.ground("QQQ", LATER).vi == "QQQ"


def test_what_is_missing_keeps_the_words_of_the_day_it_was_asked_for():
    """On the slip that is printed again later, too; one that has ended is not offered,
    and what fits no other reason always is.
    """
    ended = row(LACKS, "pages", KIND | {"vi": "thiếu tờ", "used": "no"})
    known = tables(ended)
    assert "pages" in known.lacks(TODAY)
    assert "pages" not in known.lacks(TOMORROW)
    request = replace(REQUEST, at=MORNING)
    missing = replace(request.lacks[0], ground="pages")
    asked = replace(request, lacks=(missing,))
    said = [
        supplement_values(replace(asked, at=at), CASE, known)["ly_do"]
        for at in (MORNING, MORNING + timedelta(days=1))
    ]
    assert said == ["thiếu trang", "thiếu tờ"]
    over = KIND | {"used": "no"}
    assert faults(LACKS, OTHER_LACK, over) == ["error.lack-other"]


def test_a_new_key_counts_from_its_day_and_can_end():
    begun = row(KINDS, "dat-dai", KIND)
    ended = row(KINDS, "dat-dai", KIND | {"used": "no"}, LATER, seq=2)
    known = tables(begun, ended)
    offered = ["dat-dai" in known.kinds(day) for day in (TODAY, TOMORROW, LATER)]
    assert offered == [False, True, False]
    assert known.kind_name("dat-dai", LATER) == "Bằng cấp"
    nobody = row(GROUNDS, "D18", GROUND | {"by": "nobody"})
    assert "D18" not in tables(nobody).certifiers_grounds(TOMORROW)


def test_what_was_taken_back_never_counts():
    back = replace(row(KINDS, "diploma", KIND), taken_back=TakenBack("Long", MORNING))
    assert tables(back).kind_name("diploma", LATER) == "Văn bằng, chứng chỉ"


def test_of_one_day_the_agencys_own_counts_and_of_its_own_the_newest():
    common = replace(row(KINDS, "diploma", KIND | {"vi": "chung"}), agency="", seq=0)
    mine = row(KINDS, "diploma", KIND | {"vi": "riêng"})
    assert table_rows.in_force((mine, common), LATER)["diploma"] is mine
    newer = replace(common, valid_from=LATER)
    assert table_rows.in_force((mine, newer), LATER)["diploma"] is newer


def test_a_budget_bears_its_part_of_what_comes_on_its_channel():
    """Whole đồng in the payer's favour; a case keeps what counted on its day."""
    rules = rules_with(row(SUPPORT, "portal", {"percent": "33", "basis": "NQ 1"}))
    day_after = MORNING + timedelta(days=1)
    paid = [
        rules.fee_rule(AGENCY, at, channel).fee(3)
        for at, channel in (
            (MORNING, "portal"),
            (day_after, "counter"),
            (day_after, "portal"),
        )
    ]
    assert paid == [5000, 5000, 3350]
    free = fee.supported(rules.fees[0], 100)
    assert [free.fee(n) for n in (1, 500)] == [0, 0]
    assert faults(SUPPORT, "portal", {"percent": "5", "basis": ""}) == [
        "error.column-empty"
    ]


def test_a_number_is_written_as_its_day_has_it():
    """The year of the number's own day, and the book that counts then."""
    known = tables(row(NUMBERS, "E", BOOK | {"number": "{so:4}/ĐT", "ordinal": "3"}))
    before, after = known.book_on(TODAY), known.book_on(TOMORROW)
    assert (before.number(7, 2026), before.name(2026)) == (
        "7/2026",
        "02/2026-SCTĐT/BS",
    )
    assert (after.number(7, 2026), after.name(2026)) == ("0007/ĐT", "03/2026-SCTĐT/BS")


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"number": "{nam}"}, "error.number-once"),
        ({"number": "{so}/{so}"}, "error.number-once"),
        ({"number": "1{so}/{nam}"}, "error.number-touches"),
        ({"number": "{so}\N{ARABIC-INDIC DIGIT ONE}"}, "error.number-touches"),
        ({"number": "{so}{nam}"}, "error.number-touches"),
        ({"number": "{so:2}{nam}"}, "error.number-touches"),
        ({"number": "{so.__class__}"}, "error.number-brace"),
        ({"number": "{so:0}"}, "error.number-brace"),
        ({"number": "{{so}"}, "error.number-brace"),
        ({"number": "{quyen}-{so}"}, "error.number-brace"),
        ({"book": "{quyen}"}, "error.number-once"),
        ({"book": "{quyen}{nam}"}, "error.number-touches"),
    ],
)
def test_a_format_that_would_not_tell_numbers_apart_is_refused(changed, key):
    assert key in number_faults(**changed)


def test_a_format_may_not_repeat_what_another_of_the_year_wrote():
    """3-7 of the one would be 3-7 of the other: two numbers with one text. So it is
    beside the program's own format: its 3/2026 would be the 2026th.
    """
    first = row(NUMBERS, "E", BOOK | {"number": "{so}-7"})
    assert number_faults(first, number="3-{so}") == ["error.number-doubles"]
    assert number_faults(first, number="{so}-8") == []
    taken = replace(first, taken_back=TakenBack("Long", MORNING))
    assert number_faults(taken, number="3-{so}") == []
    assert number_faults(number="3/{so}") == ["error.number-doubles"]


def test_a_later_book_of_a_year_has_a_higher_ordinal():
    """Its name would stand on two books. The next year may begin at one."""
    earlier = row(NUMBERS, "E", BOOK | {"ordinal": "5"}, TODAY)
    assert number_faults(earlier, ordinal="4") == ["error.book-back"]
    assert number_faults(earlier, ordinal="5") == []
    next_year = row(NUMBERS, "E", BOOK | {"ordinal": "1"}, date(2027, 1, 1))
    assert TABLES[NUMBERS].faults(next_year, tables(earlier).of(NUMBERS)) == ()


def test_what_the_law_has_held_stays_held():
    hold = GROUND | {"act": "hold"}
    assert faults(GROUNDS, "TT11", GROUND | {"by": "certifier"}) == ["error.ground-act"]
    assert faults(GROUNDS, "D18", hold) == ["error.ground-act"]
    assert faults(GROUNDS, "RUT", GROUND) == ["error.ground-own"]
    assert faults(GROUNDS, "D99", hold) == ["error.ground-held"]
    assert faults(GROUNDS, "D99", hold | {"by": "certifier"}) == []
    assert faults(KINDS, "other", KIND | {"used": "no"}) == ["error.kind-other"]


def typed(table, key, **values):
    _, errors = typed_values(TABLES[table], {**values, KEY_FIELD: key})
    return {error.field: error.key for error in errors}


def test_each_column_says_what_it_takes():
    kind = {"vi": "x" * 81, "en": "", "used": "maybe"}
    assert typed(KINDS, "Giấy", **kind) == {
        KEY_FIELD: "error.row-key",
        "vi": "error.column-long",
        "used": "error.column-choice",
    }
    for percent in ("101", "-1", "5%", "٥"):
        found = typed(SUPPORT, "portal", percent=percent, basis="")
        assert found == {"percent": "error.column-figure"}
    assert typed(SUPPORT, "fax", percent="1", basis="") == {KEY_FIELD: "error.row-key"}
    assert typed(KINDS, "x", vi=" ", en="", used="yes") == {"vi": "error.column-empty"}


def entered(day):
    return table_rows.entered(KINDS, TypedRow("x", day, KIND), LONG, MORNING)


def test_a_row_begins_tomorrow_at_the_earliest():
    """What was said and printed today stays as it was."""
    assert entered(TOMORROW).valid_from == TOMORROW
    for day in (TODAY, TOMORROW + timedelta(days=731)):
        with pytest.raises(NotAllowed, match="table-from"):
            entered(day)
    with pytest.raises(NotAllowed, match="row-twice"):
        table_rows.check_free(entered(TOMORROW), (entered(TOMORROW),))


def test_a_planned_row_is_taken_back_before_its_day_and_not_on_it():
    """The last second of the day before, at the desk, is before."""
    planned = row(KINDS, "x", KIND)
    last = MORNING.replace(hour=16, minute=59, second=59)
    taken, note = table_rows.taken_back((planned,), KINDS, 1, LONG, last)
    assert (taken.by, note.action) == (LONG.name, "row-taken-back")
    with pytest.raises(NotAllowed, match="row-begun"):
        table_rows.taken_back((planned,), KINDS, 1, LONG, last + timedelta(seconds=1))
    with pytest.raises(NotFound):
        table_rows.taken_back((planned,), GROUNDS, 1, LONG, MORNING)
    done = replace(planned, taken_back=taken)
    with pytest.raises(Conflict):
        table_rows.taken_back((done,), KINDS, 1, LONG, MORNING)


def test_a_form_from_before_a_change_is_told_who_was_first():
    known = (row(KINDS, "x", KIND),)
    table_rows.check_version(known, KINDS, 1)
    table_rows.check_version(known, GROUNDS, 0)
    with pytest.raises(Conflict) as raised:
        table_rows.check_version(known, KINDS, 0)
    assert raised.value.who == "Long"
    taken = replace(known[0], taken_back=TakenBack("Nhất", MORNING))
    with pytest.raises(Conflict) as raised:
        table_rows.check_version((taken,), KINDS, 1)
    assert raised.value.who == "Nhất"
    with pytest.raises(NotAllowed):
        table_rows.check_version(known, KINDS, 2)


def test_the_page_has_what_is_planned_first():
    planned = row(KINDS, "diploma", KIND)
    view = table_view(TABLES[KINDS], rules_with(planned), AGENCY, MORNING)
    assert (view.rows[0].standing, view.rows[0].own) == ("later", True)
    assert {line.standing for line in view.rows[1:]} == {"now"}
    after = table_view(
        TABLES[KINDS], rules_with(planned), AGENCY, MORNING + timedelta(days=2)
    )
    standing = {line.standing for line in after.rows if line.key == "diploma"}
    assert standing == {"now", "before"}


def test_a_preview_has_three_numbers():
    """As the register and the clause would have them on that day."""
    samples = number_formats.samples(row(NUMBERS, "E", BOOK, LATER), None)
    assert samples == (
        "1/2027, 02/2027-SCTĐT/BS",
        "42/2027, 02/2027-SCTĐT/BS",
        "1180/2027, 02/2027-SCTĐT/BS",
    )
