"""``office.register_month_print_s``: a month of 2,000 lines, from the database to the
PDF, as whoever presses "print" waits for it.

The lines lie in a database of the service's own migrations, and the paper is set by the
service's own worker. Each print is checked: all lines are on its pages.
"""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, insert, select

from bench.figures import Figure
from intake.adapters.sql.tables import documents, register
from intake.domain.closing import Period
from support.handouts import words
from support.papers import Papers, open_papers

LINES: Final = 2000
ROUNDS: Final = 5
GOAL: Final = 5.0
NOVEMBER: Final = Period(2026, 11)


async def measure() -> dict[str, Figure]:
    with tempfile.TemporaryDirectory(prefix="ecopy-bench-") as folder:
        async with open_papers(Path(folder)) as papers:
            await papers.issued()
            await papers.opened.store.write(fill)
            first, *others = [await _print(papers) for _ in range(ROUNDS + 1)]
    return {
        "office.register_month_print_s": Figure(
            round(statistics.median(others), 2),
            "s",
            f"≤ {GOAL:g}",
            f"{LINES} lines, the median of {ROUNDS}; the first, with the start of the "
            f"process that forks, {first:.2f} s",
        )
    }


async def _print(papers: Papers) -> float:
    began = time.perf_counter()
    made = await papers.desk.bookkeeping.printed(NOVEMBER, papers.people["vinh"])
    took = time.perf_counter() - began
    missing = missing_numbers(" ".join(words(made)))
    if missing:
        raise AssertionError(f"{len(missing)} lines are not on the print")
    return took


def missing_numbers(text: str) -> list[int]:
    return [n for n in range(1, LINES + 1) if f" {n}/2026 " not in f" {text} "]


def fill(tx: Connection, lines: int = LINES) -> None:
    """The paper that is there and its line again and again, each under a number and
    with a name of its own.
    """
    line = dict(tx.execute(select(register)).one()._mapping)
    paper = dict(tx.execute(select(documents)).one()._mapping)
    for n in range(2, lines + 1):
        name = f"{paper['case']}-{n}"
        tx.execute(insert(documents).values(**{**paper, "id": name, "ordinal": n}))
        changed = {
            "entry": f"{line['agency']}/E/2026/{n}",
            "ordinal": n,
            "number": f"{n}/2026",
            "requester": f"Nguyễn Thị Bích Đào {n}",
            "title": "Giấy chứng nhận quyền sử dụng đất và tài sản khác gắn liền",
            "document": name,
        }
        tx.execute(insert(register).values(**{**line, **changed}))
