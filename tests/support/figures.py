"""Reports of what an office is measured by."""

from datetime import datetime

from ecopy.events import CaseFigures, FiguresReported
from support import build


def reported(
    agency: str,
    month: int,
    cases: int | None,
    *,
    late: int = 0,
    at: datetime = build.NOON,
    year: int = 2026,
    name: str = "UBND phường Hoa Ban",
) -> FiguresReported:
    """Four copies of three cases, and one number that became none; None for a month of
    too few cases.
    """
    counted = None
    if cases is not None:
        counted = CaseFigures(
            cases=cases,
            on_time=cases - late,
            copies=cases * 4 // 3,
            numbered=cases * 4 // 3 + 1,
            middle_minutes=134,
        )
    return FiguresReported(
        at=at, agency=agency, name=name, year=year, month=month, figures=counted
    )
