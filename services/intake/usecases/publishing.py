"""The first figures of each agency, announced for the public page.

The desk counts and the public face shows: whoever reads that page asks nothing of the
desk. Start at ``PublicReports.announce``.
"""

from dataclasses import dataclass
from datetime import date

from chassis.clock import Clock
from ecopy.events import FiguresReported
from intake.domain import public_figures
from intake.domain.agencies import AgencyEntry, NoOffice
from intake.domain.calendar import local_day
from intake.domain.rules import Rules
from intake.domain.spans import MonthSpan
from intake.ports import Announcements, Measures


@dataclass(frozen=True, slots=True)
class PublicReports:
    measures: Measures
    announcements: Announcements
    rules: Rules
    clock: Clock

    async def announce(self) -> int:
        """Report the last months of every agency; how many reports that were. Safe to
        repeat: the later report of a month holds.
        """
        today = local_day(self.clock())
        reports: list[FiguresReported] = []
        for agency in self.rules.agencies.values():
            for month in public_figures.reported_months(today):
                reports += await self._report(agency, month, today)
        await self.announcements.add(reports)
        return len(reports)

    async def _report(
        self, agency: AgencyEntry, month: MonthSpan, today: date
    ) -> list[FiguresReported]:
        try:
            name = agency.on(today).name
        except NoOffice:  # it begins on a later day
            return []
        first, after = public_figures.bounds(month, today)
        papers = await self.measures.papers(agency.code, first, after)
        report = FiguresReported(
            at=self.clock(),
            agency=agency.code,
            name=name,
            year=month.year,
            month=month.month,
            figures=public_figures.case_figures(papers, first, after),
        )
        return [report]
