"""Numbers, days and hours as Vietnamese papers write them."""

from collections.abc import Callable
from datetime import date, datetime

from intake.domain.calendar import ZONE

Sentences = Callable[..., str]
"""The Vietnamese catalogue: a key and its values become a sentence."""
BLANK = "……………………………"
"""Room to write by hand what the desk does not know."""


def day_words(day: date) -> str:
    """``23 tháng 11 năm 2026``; months 1 and 2 have a nought before them, as Decree
    30/2020/NĐ-CP, annex I, has it for papers of an office.
    """
    month = f"{day.month:02d}" if day.month <= 2 else str(day.month)  # noqa: PLR2004
    return f"{day.day:02d} tháng {month} năm {day.year}"


def moment_words(at: datetime) -> str:
    """``09 giờ 16 phút, ngày 23 tháng 11 năm 2026``."""
    local = at.astimezone(ZONE)
    return f"{local:%H} giờ {local:%M} phút, ngày {day_words(local.date())}"


def amount(number: int) -> str:
    """``118.000``."""
    return f"{number:,}".replace(",", ".")


def short_day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
