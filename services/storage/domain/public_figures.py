"""What an office is measured by, as its public page shows it: months of a year, their
sum, and the plot over them.

The desk counts and decides what may be counted in public (docs/decisions/0154); here
nothing is known of a case. Start at ``agency_years``.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ecopy.events import CaseFigures, FiguresReported
from ecopy.figure_events import LEAST_RATINGS
from storage.domain.ratings import DatedRating, by_month

MONTHS: Final = 12
WIDTH: Final = 600.0
"""The width of the plot's box, of which a month has a twelfth."""
FLOOR: Final = 176.0
"""Where the bars stand, from the top of the box."""
TALLEST: Final = 140.0
BAR: Final = 36.0


@dataclass(frozen=True, slots=True)
class MonthBar:
    """What a month looks like in the plot, in the units of its box."""

    middle: float
    left: float
    top: float
    height: float
    late_top: float
    late_height: float


@dataclass(frozen=True, slots=True)
class ReportedMonth:
    month: int
    figures: CaseFigures | None
    """None of so few cases that they are not counted in public."""
    bar: MonthBar


@dataclass(frozen=True, slots=True)
class AgencyYear:
    """The figures of one agency and year."""

    agency: str
    name: str
    year: int
    months: tuple[ReportedMonth, ...]
    """From January on, those that were reported."""
    reported_at: datetime
    stars: tuple[int, ...] = ()
    """How often each rating was given in months of ``LEAST_RATINGS`` or more."""

    @property
    def counted(self) -> tuple[CaseFigures, ...]:
        return tuple(m.figures for m in self.months if m.figures is not None)

    @property
    def cases(self) -> int:
        return sum(each.cases for each in self.counted)

    @property
    def on_time(self) -> int:
        return sum(each.on_time for each in self.counted)

    @property
    def copies(self) -> int:
        return sum(each.copies for each in self.counted)

    @property
    def numbered(self) -> int:
        return sum(each.numbered for each in self.counted)


def agency_years(
    reports: Iterable[FiguresReported], ratings: Iterable[DatedRating]
) -> tuple[AgencyYear, ...]:
    """The years by agency, each agency's newest first; *reports* has a month once."""
    said = _stars_by_year(ratings)
    grouped: dict[tuple[str, int], list[FiguresReported]] = defaultdict(list)
    for report in reports:
        grouped[report.agency, -report.year].append(report)
    return tuple(
        _year(months, said.get((agency, -year), ()))
        for (agency, year), months in sorted(grouped.items())
    )


def _year(reports: Sequence[FiguresReported], stars: Sequence[int]) -> AgencyYear:
    newest = max(reports, key=lambda each: each.at)
    tallest = max((r.figures.cases for r in reports if r.figures), default=1)
    return AgencyYear(
        agency=newest.agency,
        name=newest.name,
        year=newest.year,
        months=tuple(
            ReportedMonth(each.month, each.figures, _bar(each, TALLEST / tallest))
            for each in sorted(reports, key=lambda each: each.month)
        ),
        reported_at=newest.at,
        stars=tuple(stars),
    )


def _stars_by_year(
    ratings: Iterable[DatedRating],
) -> dict[tuple[str, int], list[int]]:
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    for (agency, year, _), said in by_month(ratings).items():
        if len(said) >= LEAST_RATINGS:
            found[agency, year] += [each.stars for each in said]
    return found


def _bar(report: FiguresReported, scale: float) -> MonthBar:
    cases = report.figures.cases if report.figures else 0
    on_time = report.figures.on_time if report.figures else 0
    height, late = on_time * scale, (cases - on_time) * scale
    middle = (report.month - 0.5) * WIDTH / MONTHS
    return MonthBar(
        middle=middle,
        left=middle - BAR / 2,
        top=round(FLOOR - height, 1),
        height=round(height, 1),
        late_top=round(FLOOR - height - late, 1),
        late_height=round(late, 1),
    )
