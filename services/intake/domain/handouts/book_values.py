"""What a print of the register says: its rows, its months, its totals."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from intake.domain.calendar import ZONE
from intake.domain.closing import Closing, Period, Totals, totals
from intake.domain.handouts.sheets import Value
from intake.domain.handouts.wording import Sentences, amount, moment_words, short_day
from intake.domain.register import RegisterLine, RegisterNote
from intake.domain.states import UNENDED, State


def period_values(
    period: Period,
    lines: Sequence[RegisterLine],
    closing: Closing | None,
    *,
    book: str,
    now: datetime,
) -> dict[str, Value]:
    """Totals and closing; of a closed period the totals that were confirmed. *book* is
    the one that is named where the period has no line.
    """
    sums = closing.totals if closing else totals(lines)
    books = dict.fromkeys(line.entry.book for line in lines)
    return {
        "quyen": ", ".join(books) or book,
        "nam": str(period.year),
        "thang": str(period.month or ""),
        "tu_so": sums.first or "–",
        "den_so": sums.last or "–",
        "so_luong": amount(sums.lines),
        "so_ban": amount(sums.copies),
        "so_huy": amount(sums.void),
        "tong_phi": amount(sums.fee),
        "khoa_luc": moment_words(closing.at) if closing else "",
        "nguoi_khoa": closing.by_name if closing else "",
        "chuc_danh_khoa": closing.title if closing else "",
        "chua_khoa": "" if closing else moment_words(now),
    }


def book_rows(lines: Sequence[RegisterLine], words: Sentences) -> list[tuple[str, ...]]:
    """All lines in the eight columns of the book."""
    return [_row(line, words) for line in lines]


def rows_sum(sums: Totals) -> tuple[str, ...]:
    """The foot of that table: lines, void ones, copies and fee."""
    return (
        amount(sums.lines),
        amount(sums.void) if sums.void else "",
        amount(sums.copies),
        amount(sums.fee),
    )


def month_rows(
    lines: Sequence[RegisterLine], closings: Mapping[int, Closing]
) -> list[tuple[str, ...]]:
    """A year's months that have lines: month, first and last number, lines, copies,
    void, fee, and who has closed it.
    """
    rows = []
    for month in sorted({line.entry.date.month for line in lines}):
        closing = closings.get(month)
        own = [line for line in lines if line.entry.date.month == month]
        sums = closing.totals if closing else totals(own)
        figures = (sums.lines, sums.copies, sums.void, sums.fee)
        whose = _closed_by(closing) if closing else "chưa khóa"
        rows.append((str(month), sums.first, sums.last, *map(amount, figures), whose))
    return rows


def months_sum(sums: Totals) -> tuple[str, ...]:
    return tuple(map(amount, (sums.lines, sums.copies, sums.void, sums.fee)))


def _closed_by(closing: Closing) -> str:
    return f"{closing.by_name}, {short_day(closing.at.astimezone(ZONE).date())}"


def _row(line: RegisterLine, words: Sentences) -> tuple[str, ...]:
    entry, void = line.entry, line.state is State.VOID
    return (
        entry.number,
        short_day(entry.date),
        entry.requester,
        entry.title,
        f"{entry.officer}, {entry.officer_title}",
        "0" if void else amount(entry.copies),
        "0" if void else amount(entry.fee),
        remarks(line, words),
    )


def remarks(line: RegisterLine, words: Sentences) -> str:
    """The last column: every note in its order, or what a number still waits for."""
    if line.notes:
        return "; ".join(_remark(note, words) for note in line.notes)
    if line.state in UNENDED:
        return words(f"register.not-yet.{line.state}")
    return ""


def _remark(note: RegisterNote, words: Sentences) -> str:
    if not note.kind:
        return note.text
    local = note.at.astimezone(ZONE)
    key = f"register.note.{note.kind}"
    return words(key, text=note.text, who=note.by, at=f"{local:%H:%M %d/%m/%Y}")
