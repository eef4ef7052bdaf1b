"""The dashboard: what the office is measured by, and the same figures for a
spreadsheet.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, get_args

from chassis.clock import Clock
from intake.domain import plotting, spans
from intake.domain.calendar import local_day
from intake.domain.exports import Cell, ExportTable, csv_bytes
from intake.domain.figures import Measured, Satisfaction, Spread
from intake.domain.handouts.wording import Sentences
from intake.domain.measuring import measured
from intake.domain.people import Actor
from intake.domain.rules import Rules
from intake.domain.spans import MonthSpan
from intake.domain.views.names import OfficeNames
from intake.domain.views.overview import OverviewView
from intake.ports import Measures, ReportedRatings

Plot = Literal["time", "steps", "people", "kinds", "stars"]
PLOTS: Final[tuple[Plot, ...]] = get_args(Plot)
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Words:
    """The catalogue, what the agency calls things, and what citizens have said."""

    say: Sentences
    names: OfficeNames
    satisfaction: Satisfaction


@dataclass(frozen=True, slots=True)
class Measuring:
    """The figures of an agency, with the port that they take."""

    measures: Measures
    ratings: ReportedRatings
    rules: Rules
    words: Sentences
    clock: Clock

    async def overview(self, slug: str, by: Actor) -> OverviewView:
        """The page of the span *slug*. Raises ValueError where there is no such one."""
        now = self.clock()
        today = local_day(now)
        span = spans.span_of(slug, today)
        figures = await self._measured(span, by)
        said = await self.ratings.of(by.agency, span)
        return OverviewView(
            agency_name=self.rules.agency(by.agency).on(today).name,
            now=now,
            span=span,
            spans=spans.offered(today),
            figures=figures,
            satisfaction=said,
            stars=plotting.star_bars(said.counts),
            bars=plotting.bars(figures.slots),
            reaches=plotting.reaches(figures),
        )

    async def csv(self, slug: str, plot: Plot, by: Actor) -> bytes:
        """The numbers behind one plot, as CSV. Raises ValueError for a span that does
        not exist.
        """
        span = spans.span_of(slug, local_day(self.clock()))
        names = self.rules.tables(by.agency).names(local_day(self.clock()))
        figures = await self._measured(span, by)
        said = await self.ratings.of(by.agency, span)
        head, rows = TABLES[plot](figures, _Words(self.words, names, said))
        words = tuple(self.words(f"overview.col.{column}") for column in head)
        return csv_bytes(ExportTable(plot, words, rows))

    async def _measured(self, span: MonthSpan, by: Actor) -> Measured:
        now = self.clock()
        slots = spans.slots(span, local_day(now))
        first, after = spans.instant(span.first), spans.instant(span.after)
        # A month's plot begins some weeks before the month does.
        earliest = min((spans.instant(slot.first) for slot in slots), default=first)
        papers = await self.measures.papers(by.agency, min(first, earliest), after)
        return measured(
            papers,
            await self.measures.open(by.agency),
            first=first,
            after=after,
            slots=slots,
            now=now,
        )


Rows = tuple[tuple[Cell, ...], ...]
Table = Callable[[Measured, _Words], tuple[tuple[str, ...], Rows]]


def _time(figures: Measured, _words: _Words) -> tuple[tuple[str, ...], Rows]:
    rows = tuple((each.slot.first, each.on_time, each.late) for each in figures.slots)
    return ("first", "on-time", "late"), rows


def _steps(figures: Measured, words: _Words) -> tuple[tuple[str, ...], Rows]:
    rows = tuple(
        (words.say(f"overview.step.{step}"), found.count, *_minutes(found))
        for step, found in figures.steps.items()
    )
    return ("step", "papers", "middle", "most"), rows


def _people(figures: Measured, words: _Words) -> tuple[tuple[str, ...], Rows]:
    rows = tuple(
        (
            person.name,
            words.say(f"overview.step.{person.step}"),
            person.holds,
            person.done.count if person.done else 0,
            *(_minutes(person.done) if person.done else ("", "")),
        )
        for person in figures.people
    )
    return ("person", "step", "holds", "papers", "middle", "most"), rows


def _kinds(figures: Measured, words: _Words) -> tuple[tuple[str, ...], Rows]:
    rows = tuple(
        (
            words.names.kind(each.kind, "vi")
            if each.kind
            else words.say("overview.sum"),
            each.copies,
            each.on_time.part,
            each.sent_back,
            each.refused,
        )
        for each in figures.kinds
    )
    return ("kind", "copies", "in-time", "sent-back", "refused"), rows


def _stars(_figures: Measured, words: _Words) -> tuple[tuple[str, ...], Rows]:
    counts = enumerate(words.satisfaction.counts, 1)
    return ("stars", "ratings"), tuple(counts)


def _minutes(found: Spread) -> tuple[int, int]:
    return round(found.middle / MINUTE), round(found.most / MINUTE)


TABLES: Final[Mapping[Plot, Table]] = {
    "time": _time,
    "steps": _steps,
    "people": _people,
    "kinds": _kinds,
    "stars": _stars,
}
