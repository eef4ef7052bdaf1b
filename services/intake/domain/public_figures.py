"""What everybody may know of an office: counts of months, and none of a month with so
few cases that a neighbour could tell whose they were (docs/decisions/0154).
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from ecopy.events import CaseFigures
from ecopy.figure_events import LEAST_CASES
from intake.domain import spans
from intake.domain.figures import MeasuredPaper
from intake.domain.measuring import ended_cases, spread
from intake.domain.spans import MonthSpan
from intake.domain.states import State

MONTHS: Final = 12
"""Reported anew each day: an archive that came from an older backup has them again
after a day."""
DAY: Final = timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)


def reported_months(today: date) -> tuple[MonthSpan, ...]:
    """The months that are reported on that day, newest first. Only days that are over
    count, so on the first of a month the newest is the one before.
    """
    return spans.last_months(today - DAY, MONTHS)


def bounds(month: MonthSpan, today: date) -> tuple[datetime, datetime]:
    """The first moment that counts, and the first one that does not any more."""
    return spans.instant(month.first), spans.instant(min(month.after, today))


def case_figures(
    papers: Iterable[MeasuredPaper], first: datetime, after: datetime
) -> CaseFigures | None:
    """The counts from *first* until before *after*; *papers* are all papers of every
    case of which one ended then. None of fewer cases than may be counted in public.
    """
    known = tuple(papers)
    cases = [case for case in ended_cases(known) if first <= case.at < after]
    took = spread(case.at - case.complete_at for case in cases)
    if took is None or len(cases) < LEAST_CASES:
        return None
    ended = [p.state for p in known if p.ended_at and first <= p.ended_at < after]
    copies = ended.count(State.ISSUED)
    return CaseFigures(
        cases=len(cases),
        on_time=sum(not case.late for case in cases),
        copies=copies,
        numbered=copies + ended.count(State.VOID),
        middle_minutes=max(round(took.middle / MINUTE), 0),
    )
