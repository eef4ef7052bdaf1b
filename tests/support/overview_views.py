"""The dashboard as it may look: a month with a late case, a year, and nothing yet."""

from datetime import timedelta

from ecopy.events import CitizensWords
from intake.domain import plotting, spans
from intake.domain.calendar import local_day
from intake.domain.figures import MeasuredPaper, OpenPaper, Satisfaction
from intake.domain.measuring import measured
from intake.domain.states import State
from intake.domain.views.overview import OverviewView
from support.desk_views import NOW

SAID = Satisfaction((4, 5, 7, 24, 171), (CitizensWords(stars=1, text="Chờ <lâu> quá"),))
TODAY = local_day(NOW)
MINUTE = timedelta(minutes=1)


def paper(number: int, *, days: int, late: bool = False) -> MeasuredPaper:
    ended = NOW - timedelta(days=days)
    began = ended - 134 * MINUTE
    return MeasuredPaper(
        case=f"H99.42.05.13-261123-{number:04}",
        ordinal=1,
        kind=("diploma", "birth-certificate", "land-use")[number % 3],
        state=State.ISSUED,
        complete_at=began,
        due_at=ended + (-5 if late else 60) * MINUTE,
        ended_at=ended,
        submitted_at=began + 21 * MINUTE,
        submitted_by=("Lò Thị Minh Hạ", "Sùng Thị Mẩn")[number % 2],
        approved_at=ended - 7 * MINUTE,
        approved_by="Phạm Quốc Vĩnh",
        sealed_at=ended - MINUTE,
        sent_back=number % 5 == 0,
    )


PAPERS = (
    *(paper(number, days=number // 4) for number in range(150)),
    paper(150, days=2, late=True),
    paper(151, days=9, late=True),
)
OPEN = (
    OpenPaper(State.RECEIVED, NOW, NOW - 20 * MINUTE, "Lò Thị Minh Hạ", stuck=False),
    OpenPaper(State.REGISTERED, NOW - MINUTE, NOW, "Sùng Thị Mẩn", stuck=True),
)


def view(
    slug: str, papers: tuple[MeasuredPaper, ...], *opened: OpenPaper
) -> OverviewView:
    span = spans.span_of(slug, TODAY)
    figures = measured(
        papers,
        opened,
        first=spans.instant(span.first),
        after=spans.instant(span.after),
        slots=spans.slots(span, TODAY),
        now=NOW,
    )
    said = SAID if papers else Satisfaction((0, 0, 0, 0, 0))
    return OverviewView(
        agency_name="UBND phường Hoa Ban",
        now=NOW,
        span=span,
        spans=spans.offered(TODAY),
        figures=figures,
        satisfaction=said,
        stars=plotting.star_bars(said.counts),
        bars=plotting.bars(figures.slots),
        reaches=plotting.reaches(figures),
    )


def busy() -> OverviewView:
    return view("", PAPERS, *OPEN)


def year() -> OverviewView:
    return view(str(TODAY.year), PAPERS, *OPEN)


def empty() -> OverviewView:
    return view("", ())
