"""Dates, numbers and sizes as people of one language write them.

Dates are ``dd/mm/yyyy`` and hours 24 h in both languages: staff read both.
"""

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from typing import Final

MARKS: Final = {"vi": (".", ","), "en": (",", ".")}
"""Thousands, decimals."""
KILOBYTE: Final = 1000
MEGABYTE: Final = 1000 * KILOBYTE
MEBIBYTE: Final = 1 << 20


def filters(lang: str, *, zone: tzinfo) -> dict[str, Callable[..., str]]:
    """Template filters; every datetime given to them must be aware."""
    return {
        "day": lambda at: format_day(at, zone=zone),
        "hour": lambda at: _local(at, zone=zone).strftime("%H:%M"),
        "moment": lambda at: _local(at, zone=zone).strftime("%H:%M %d/%m/%Y"),
        "iso": lambda at: _local(at, zone=zone).isoformat(timespec="seconds"),
        "number": lambda value: format_number(value, lang=lang),
        "size": lambda value: format_size(value, lang=lang),
    }


def format_day(at: date, *, zone: tzinfo) -> str:
    """A datetime's day in ``zone``, or a plain date: ``23/11/2026``."""
    day = _local(at, zone=zone) if isinstance(at, datetime) else at
    return day.strftime("%d/%m/%Y")


def format_number(value: float, *, lang: str) -> str:
    """``5.000`` and ``3,4`` in Vietnamese, ``5,000`` and ``3.4`` in English."""
    thousands, decimals = MARKS[lang]
    text = f"{value:,d}" if isinstance(value, int) else f"{value:,.1f}"
    return text.replace(",", "\0").replace(".", decimals).replace("\0", thousands)


def format_size(size: int, *, lang: str) -> str:
    """Bytes for people: ``912 KB``, ``3,4 MB``, decimal.

    A limit set in whole mega- or mebibytes reads whole: ``200 MB``.
    """
    if size == 0:
        return "0 byte" if lang == "vi" else "0 bytes"
    if size < MEGABYTE:
        return f"{max(1, round(size / KILOBYTE))} KB"
    for unit in (MEGABYTE, MEBIBYTE):
        if size % unit == 0:
            return f"{format_number(size // unit, lang=lang)} MB"
    return f"{format_number(size / MEGABYTE, lang=lang)} MB"


def _local(at: datetime, *, zone: tzinfo) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a datetime without a zone")
    return at.astimezone(zone)
