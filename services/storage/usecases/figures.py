"""What the desk reports of its office, and what the public page shows of it."""

from ecopy.events import FiguresReported
from storage.domain.public_figures import AgencyYear, agency_years
from storage.ports import GivenRatings, OfficeFigures, ReportedFigures


async def record_figures(report: FiguresReported, *, figures: OfficeFigures) -> None:
    """Keep the figures of a month in place of earlier ones. Safe to repeat."""
    await figures.record(report)


async def public_figures(
    *, figures: ReportedFigures, ratings: GivenRatings
) -> tuple[AgencyYear, ...]:
    """The years by agency, each agency's newest first."""
    return agency_years(await figures.all(), await ratings.all())
