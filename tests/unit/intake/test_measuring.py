"""What the office is measured by, from papers with the instants of their way."""

import random
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ecopy.figure_events import LEAST_CASES
from intake.domain import plotting, public_figures, spans
from intake.domain.figures import MeasuredPaper, OpenPaper, Share, SlotCount
from intake.domain.measuring import durations, ended_cases, measured, spread
from intake.domain.spans import MonthSpan, Slot
from intake.domain.states import State

NINE = datetime(2026, 11, 23, 2, tzinfo=UTC)
"""9:00 in Vietnam, on the Monday of week 48."""
TODAY = date(2026, 11, 29)
MINUTE = timedelta(minutes=1)
PAPER = MeasuredPaper(
    case="H99-261123-0001",
    ordinal=1,
    kind="diploma",
    state=State.ISSUED,
    complete_at=NINE,
    due_at=NINE + 480 * MINUTE,
    ended_at=NINE + 60 * MINUTE,
    submitted_at=NINE + 20 * MINUTE,
    submitted_by="Hạ",
    approved_at=NINE + 50 * MINUTE,
    approved_by="Vĩnh",
    sealed_at=NINE + 55 * MINUTE,
)
OPEN = OpenPaper(
    state=State.RECEIVED,
    due_at=NINE + 480 * MINUTE,
    since=NINE,
    received_by="Hạ",
    stuck=False,
)


def of_november(*papers, opened=(), now=NINE + 120 * MINUTE):
    span = spans.span_of("2026-11", TODAY)
    return measured(
        papers,
        opened,
        first=spans.instant(span.first),
        after=spans.instant(span.after),
        slots=spans.slots(span, TODAY),
        now=now,
    )


def later(paper, minutes):
    return replace(paper, ended_at=paper.ended_at + minutes * MINUTE)


def test_a_case_is_late_by_its_last_paper():
    """One minute after the due hour, with the other paper long before it."""
    second = later(replace(PAPER, ordinal=2), 421)

    assert of_november(PAPER).on_time == Share(1, 1)
    assert of_november(PAPER, second).on_time == Share(0, 1)
    assert of_november(PAPER, later(second, -1)).on_time == Share(1, 1)


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        (State.RECEIVED, False),
        (State.AWAITING, False),
        (State.SIGNED, False),
        (State.REFUSED, True),
        (State.VOID, True),
        (State.MERGED, True),
    ],
)
def test_a_case_counts_when_its_last_paper_has_ended(state, counts):
    """A merged one is no paper of its own."""
    ended = None if state in {State.RECEIVED, State.AWAITING, State.SIGNED} else NINE
    other = replace(PAPER, ordinal=2, state=state, ended_at=ended)

    assert bool(ended_cases((PAPER, other))) is counts


def test_a_case_without_a_copy_is_not_returned():
    """Nothing was to be returned, so it is neither on time nor late; its refusal is
    counted with its kind.
    """
    refused = replace(PAPER, state=State.REFUSED)
    figures = of_november(refused)

    assert figures.on_time == Share(0, 0)
    assert figures.kinds[-1].refused == 1
    assert figures.kinds[-1].on_time == Share(0, 0)


def test_what_ended_before_the_span_is_in_its_weeks_only():
    """The plot of a month begins some weeks before it."""
    october = replace(PAPER, ended_at=datetime(2026, 10, 28, 3, tzinfo=UTC))
    figures = of_november(october)

    assert figures.on_time == Share(0, 0)
    assert figures.kinds == ()
    assert [s.slot.label for s in figures.slots if s.on_time] == ["44"]


def test_the_month_begins_at_midnight_in_vietnam():
    before = replace(PAPER, ended_at=datetime(2026, 10, 31, 16, 59, 59, tzinfo=UTC))
    at_once = replace(before, ended_at=datetime(2026, 10, 31, 17, tzinfo=UTC))

    assert of_november(before).on_time.whole == 0
    assert of_november(at_once).on_time.whole == 1


def test_steps_follow_each_other():
    minutes = {step: taken / MINUTE for step, taken in durations(PAPER).items()}

    assert minutes == {"desk": 20, "approval": 30, "sealing": 5, "archiving": 5}


def test_a_step_without_an_end_is_left_out():
    """The archive's answer may overtake the news of the signatures, and an old audit
    may lack a line.
    """
    unsealed = replace(PAPER, sealed_at=None)
    overtaken = replace(PAPER, sealed_at=PAPER.ended_at + MINUTE)

    assert set(durations(unsealed)) == {"desk", "approval"}
    assert durations(overtaken)["archiving"] == timedelta()


def test_each_person_has_what_they_did_and_what_they_hold():
    awaiting = replace(OPEN, state=State.AWAITING)
    figures = of_november(PAPER, opened=(OPEN, replace(OPEN, stuck=True), awaiting))
    people = {(p.name, p.step): (p.holds, p.done) for p in figures.people}

    assert people["Hạ", "desk"] == (2, spread([20 * MINUTE]))
    assert people["Vĩnh", "approval"] == (0, spread([30 * MINUTE]))
    assert (figures.open, figures.stuck, figures.late) == (3, 1, 0)


def test_an_open_paper_is_late_after_its_hour():
    assert of_november(opened=(OPEN,), now=OPEN.due_at).late == 0
    assert of_november(opened=(OPEN,), now=OPEN.due_at + MINUTE).late == 1


def test_kinds_come_with_their_sum():
    land = replace(PAPER, case="b", kind="land", sent_back=2)
    void = replace(PAPER, case="c", kind="land", state=State.VOID)
    figures = of_november(PAPER, replace(PAPER, case="d"), land, void)

    assert [(k.kind, k.copies, k.sent_back) for k in figures.kinds] == [
        ("diploma", 2, 0),
        ("land", 1, 2),
        ("", 3, 2),
    ]
    assert figures.electronic == Share(3, 4)


@pytest.mark.parametrize("count", [1, 2, 9, 10, 11, 19, 20, 21, 60])
def test_nine_of_ten_did_not_exceed_what_is_said(count):
    """Also where durations are equal, at each count around the tens."""
    dice = random.Random(count)
    minutes = [dice.randrange(count) for _ in range(count)]
    found = spread(minute * MINUTE for minute in minutes)
    assert found is not None
    inside = sum(minute * MINUTE <= found.most for minute in minutes)

    assert inside >= 0.9 * len(minutes)
    assert sum(minute * MINUTE < found.most for minute in minutes) < 0.9 * len(minutes)
    assert found.middle <= found.most
    assert {found.middle, found.most} <= {minute * MINUTE for minute in minutes}


@pytest.mark.parametrize(
    ("slug", "first", "after"),
    [
        ("", (2026, 11, 1), (2026, 12, 1)),
        ("2026-12", (2026, 12, 1), (2027, 1, 1)),
        ("2026-Q1", (2026, 1, 1), (2026, 4, 1)),
        ("2026-Q4", (2026, 10, 1), (2027, 1, 1)),
        ("2026", (2026, 1, 1), (2027, 1, 1)),
    ],
)
def test_a_slug_names_its_days(slug, first, after):
    span = spans.span_of(slug, TODAY)

    assert (span.first, span.after) == (date(*first), date(*after))
    assert spans.span_of(span.slug, TODAY) == span


@pytest.mark.parametrize(
    "slug", ["2026-13", "2026-0", "2026-Q5", "26", "x", "2026-11 ", "٢٠٢٦", "1999"]
)
def test_any_other_text_is_no_span(slug):
    with pytest.raises(ValueError, match=f"^{re.escape(slug)}$"):
        spans.span_of(slug, TODAY)


def test_spans_are_offered_back_over_the_new_year():
    slugs = [span.slug for span in spans.offered(date(2026, 2, 3))]

    assert slugs[:3] == ["2026-02", "2026-01", "2025-12"]
    assert slugs[12:16] == ["2026-Q1", "2025-Q4", "2025-Q3", "2025-Q2"]
    assert slugs[16:] == ["2026", "2025"]


@pytest.mark.parametrize(
    ("span", "labels"),
    [
        (MonthSpan(2026, 11, 1), [str(week) for week in range(41, 49)]),
        (MonthSpan(2026, 10, 3), [str(week) for week in range(40, 49)]),
        (MonthSpan(2026, 1, 12), [str(month) for month in range(1, 12)]),
        (MonthSpan(2026, 1, 1), ["50", "51", "52", "1", "2", "3", "4", "5"]),
        (MonthSpan(2027, 3, 1), []),
    ],
)
def test_a_plot_ends_today(span, labels):
    """Weeks by ISO 8601: week 1 of 2026 begins on 29/12/2025."""
    assert [slot.label for slot in spans.slots(span, TODAY)] == labels


def test_bars_are_as_tall_as_their_counts():
    slot = Slot("48", date(2026, 11, 23), date(2026, 11, 30))
    counts = [SlotCount(slot, 4, 0), SlotCount(slot, 1, 1), SlotCount(slot, 0, 0)]
    tall, stacked, none = plotting.bars(counts)

    assert tall.height == plotting.TALLEST
    assert stacked.height == stacked.late_height == plotting.TALLEST / 4
    assert stacked.late_top + stacked.late_height == stacked.top
    assert (none.height, none.late_height) == (0, 0)
    assert plotting.bars([SlotCount(slot, 0, 0)])[0].height == 0


def test_the_longest_step_reaches_the_end():
    lines = plotting.reaches(of_november(PAPER))

    assert [line.step for line in lines if line.longest] == ["approval"]
    assert lines[1].end == plotting.LINE_LEFT + plotting.LINE_LENGTH
    assert plotting.reaches(of_november()) == ()


def test_the_wait_for_the_seal_keeper_is_a_step_of_its_own():
    """From the approval to the release, under the keeper's name; sealing begins there.
    Where no person releases the seal, there is no such step.
    """
    released = NINE + 54 * MINUTE
    paper = replace(PAPER, released_at=released, released_by="Ngân")
    found = of_november(paper)
    assert found.steps["release"].most == 4 * MINUTE
    assert found.steps["sealing"].most == MINUTE
    waited = [person for person in found.people if person.step == "release"]
    assert [(p.name, p.done.most) for p in waited] == [("Ngân", 4 * MINUTE)]
    assert "release" not in of_november(PAPER).steps


def cases_of_november(count):
    """As many cases, each of one paper that took an hour, the first one late."""
    papers = [replace(PAPER, case=f"case {n}") for n in range(count)]
    return [later(papers[0], 500), *papers[1:]]


def in_public(papers, today=TODAY):
    first, after = public_figures.bounds(MonthSpan(2026, 11, 1), today)
    return public_figures.case_figures(papers, first, after)


def test_what_everybody_may_know_is_counted_of_ten_cases_or_more():
    """Of fewer a neighbour could tell whose they were: not even how many is said."""
    void = replace(PAPER, case="case 0", ordinal=2, state=State.VOID)
    assert in_public(cases_of_november(LEAST_CASES - 1)) is None
    found = in_public([*cases_of_november(LEAST_CASES), void])
    assert (found.cases, found.on_time, found.middle_minutes) == (10, 9, 60)
    assert (found.copies, found.numbered) == (10, 11)


def test_only_days_that_are_over_count_in_public():
    """Nobody sees a figure change with the one case of an afternoon; on the first of a
    month the newest is the month before.
    """
    papers = cases_of_november(LEAST_CASES)
    assert in_public(papers, date(2026, 11, 23)) is None
    assert in_public(papers, date(2026, 11, 24)).cases == 10
    newest = public_figures.reported_months(date(2026, 12, 1))[0]
    assert newest == MonthSpan(2026, 11, 1)
    assert len(public_figures.reported_months(TODAY)) == 12
