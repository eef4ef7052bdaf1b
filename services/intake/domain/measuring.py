"""What the office is measured by: on time or late, how long each step took, who holds
what, and what kinds of paper were certified.

Everything is derived from the books of cases and from the audit, when the page is asked
for; nothing is counted beside them that could differ. Durations are hours of the clock,
nights and days off included. Start at ``measured``.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median_low
from typing import Final

from intake.domain.calendar import local_day
from intake.domain.figures import (
    STEPS,
    EndedCase,
    KindCount,
    Measured,
    MeasuredPaper,
    OpenPaper,
    PersonCount,
    Share,
    SlotCount,
    Spread,
    Step,
)
from intake.domain.spans import Slot
from intake.domain.states import EDITABLE, ENDS, State

NINE_TENTHS: Final = 0.9


def measured(
    papers: Iterable[MeasuredPaper],
    open_papers: Sequence[OpenPaper],
    *,
    first: datetime,
    after: datetime,
    slots: Sequence[Slot],
    now: datetime,
) -> Measured:
    """The figures of the span from *first* until before *after*; *papers* are all
    papers of every case of which one ended in the span or in one of the *slots*.
    """
    known = tuple(papers)
    cases = ended_cases(known)
    inside = [case for case in cases if first <= case.at < after]
    ended = [p for p in known if p.ended_at and first <= p.ended_at < after]
    issued = [paper for paper in ended if paper.state is State.ISSUED]
    numbered = [p for p in ended if p.state in {State.ISSUED, State.VOID}]
    return Measured(
        on_time=Share(sum(not case.late for case in inside), len(inside)),
        electronic=Share(len(issued), len(numbered)),
        took=spread(case.at - case.complete_at for case in inside),
        slots=tuple(_slot(slot, cases) for slot in slots),
        steps=_steps(issued),
        people=_people(issued, open_papers),
        kinds=_kinds(ended),
        open=len(open_papers),
        stuck=sum(paper.stuck for paper in open_papers),
        late=sum(now > paper.due_at for paper in open_papers),
    )


def ended_cases(papers: Iterable[MeasuredPaper]) -> tuple[EndedCase, ...]:
    """The cases of these papers that are wholly ended and brought a copy."""
    cases: dict[str, list[MeasuredPaper]] = defaultdict(list)
    for paper in papers:
        if paper.state is not State.MERGED:
            cases[paper.case].append(paper)
    found = (_ended_case(code, inside) for code, inside in cases.items())
    return tuple(case for case in found if case is not None)


def spread(durations: Iterable[timedelta]) -> Spread | None:
    """None of no durations. Both are durations that did occur: the middle of an even
    number is the shorter of two, and what nine of ten did not exceed is the nearest
    rank.
    """
    known = sorted(durations)
    if not known:
        return None
    rank = -int(-NINE_TENTHS * len(known) // 1)
    return Spread(len(known), median_low(known), known[rank - 1])


def _ended_case(code: str, papers: Sequence[MeasuredPaper]) -> EndedCase | None:
    ends = [paper.ended_at for paper in papers if paper.ended_at is not None]
    issued = any(paper.state is State.ISSUED for paper in papers)
    if not issued or any(p.state not in ENDS for p in papers) or not ends:
        return None
    return EndedCase(code, papers[0].complete_at, papers[0].due_at, max(ends))


def _slot(slot: Slot, cases: Iterable[EndedCase]) -> SlotCount:
    late = [c.late for c in cases if slot.first <= local_day(c.at) < slot.after]
    return SlotCount(slot, late.count(False), late.count(True))


def _steps(issued: Sequence[MeasuredPaper]) -> dict[Step, Spread]:
    taken: dict[Step, list[timedelta]] = defaultdict(list)
    for paper in issued:
        for step, duration in durations(paper).items():
            taken[step].append(duration)
    spreads = {step: spread(taken[step]) for step in STEPS}
    return {step: found for step, found in spreads.items() if found is not None}


def durations(paper: MeasuredPaper) -> dict[Step, timedelta]:
    """How long each step of the paper took; a step of which an end is not known is left
    out. An archive that answers before the news of the signatures took no time.
    """
    bounds: dict[Step, tuple[datetime | None, datetime | None]] = {
        "desk": (paper.complete_at, paper.submitted_at),
        "approval": (paper.submitted_at, paper.approved_at),
        "release": (paper.approved_at, paper.released_at),
        "sealing": (paper.released_at or paper.approved_at, paper.sealed_at),
        "archiving": (paper.sealed_at, paper.ended_at),
    }
    return {
        step: max(until - since, timedelta())
        for step, (since, until) in bounds.items()
        if since is not None and until is not None
    }


def _people(
    issued: Sequence[MeasuredPaper], open_papers: Sequence[OpenPaper]
) -> tuple[PersonCount, ...]:
    done: dict[tuple[Step, str], list[timedelta]] = defaultdict(list)
    for paper in issued:
        taken = durations(paper)
        doers: tuple[tuple[Step, str], ...] = (
            ("desk", paper.submitted_by),
            ("approval", paper.approved_by),
            ("release", paper.released_by),
        )
        for step, name in doers:
            if name and step in taken:
                done[step, name].append(taken[step])
    holds: dict[tuple[Step, str], int] = defaultdict(int)
    for held in open_papers:
        # What waits for approval waits for every certifier, and what waits for the
        # seal for every keeper: no name stands there.
        if held.state in EDITABLE or held.state is State.DRAFT:
            holds["desk", held.received_by] += 1
    found = [
        PersonCount(name, step, holds[step, name], spread(done.get((step, name), ())))
        for step, name in {*done, *holds}
    ]
    return tuple(sorted(found, key=lambda each: (STEPS.index(each.step), each.name)))


def _kinds(ended: Iterable[MeasuredPaper]) -> tuple[KindCount, ...]:
    kinds: dict[str, list[MeasuredPaper]] = defaultdict(list)
    for paper in ended:
        if paper.state is not State.MERGED:
            kinds[paper.kind].append(paper)
    counted = [_kind(kind, papers) for kind, papers in kinds.items()]
    counted.sort(key=lambda each: (-each.copies, each.kind))
    whole = [paper for papers in kinds.values() for paper in papers]
    return (*counted, _kind("", whole)) if counted else ()


def _kind(kind: str, papers: Sequence[MeasuredPaper]) -> KindCount:
    issued = [paper for paper in papers if paper.state is State.ISSUED]
    in_time = sum(p.ended_at is not None and p.ended_at <= p.due_at for p in issued)
    return KindCount(
        kind,
        copies=len(issued),
        on_time=Share(in_time, len(issued)),
        sent_back=sum(paper.sent_back for paper in papers),
        refused=sum(paper.state is State.REFUSED for paper in papers),
    )
