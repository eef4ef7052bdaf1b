"""``office.search_1m_p95_ms`` and ``office.board_1m_p95_ms``: a million cases on
PostgreSQL, asked as the page's use case asks.

``BENCH_CASES`` makes fewer of them (``million``); build/search.md has what each kind of
question costs. Start at ``measure``.
"""

import asyncio
import os
import tempfile
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Final

from sqlalchemy import text

from bench.figures import ROOT, Figure
from bench.office import million
from support.papers import Papers, open_papers
from support.servers import postgres_server

CASES: Final = int(os.environ.get("BENCH_CASES", "1000000"))
ROUNDS: Final = 20
SEARCH_GOAL, BOARD_GOAL = 50, 80
SEARCHES: Final = {
    "a surname of 380,000": "nguyen",
    "the beginning of it": "ngu",
    "a letter": "t",
    "two common words": "tran van",
    "a whole name": "Nguyễn Thị Bích Yến",
    "two that hardly anybody has": "sam lo",
    "a common word and a rare one": "nguyen quang oanh",
    "a code": "{short}",
    "a whole code": "{code}",
    "a number": "1180/2025",
    "the beginning of a number": "12",
    "an identity number": "{id}",
    "a telephone": "{phone}",
    "words of a title": "khai sinh",
    "words of scans": "w17 w301",
    "a surname and a word of scans": "nguyen w17",
    "no hit": "xyzzy",
    "no hit beside a common word": "nguyen xyzzy",
    "two common words that nobody has both of": "khai ket",
}
BOARDS: Final[dict[str, dict[str, str]]] = {
    "all that is open": {},
    "mine": {"whose": "mine"},
    "awaiting": {"state": "awaiting"},
    "late": {"due": "late"},
    "waiting longest": {"order": "age", "age": "1"},
    "ended this month": {"state": "ended"},
    "issued in an old month": {"state": "issued", "month": "2025-03"},
    "mine of an old month": {"state": "ended", "month": "2025-03", "whose": "mine"},
    "refused in an old month": {"state": "refused", "month": "2025-03"},
}

Asked = tuple[str, list[float], int]
"""What was asked, how many ms it took each time, and how many rows were shown."""


async def measure() -> dict[str, Figure]:
    with (
        tempfile.TemporaryDirectory(prefix="ecopy-bench-") as folder,
        postgres_server() as server,
    ):
        async with open_papers(Path(folder), server.place()) as papers:
            began = perf_counter()
            sample = await papers.opened.store.write(partial(million.fill, count=CASES))
            await asyncio.to_thread(_vacuum, papers)
            note = f"{CASES:,} cases, made in {perf_counter() - began:.0f} s"
            searches = [
                await _ask(papers, name, {"q": words.format(**sample)})
                for name, words in SEARCHES.items()
            ]
            boards = [await _ask(papers, name, said) for name, said in BOARDS.items()]
            boards.append(await _ask_deep(papers))
            _write(note, searches, boards)
    return {
        "office.search_1m_p95_ms": _figure(searches, SEARCH_GOAL, note),
        "office.board_1m_p95_ms": _figure(boards, BOARD_GOAL, note),
    }


async def _ask(papers: Papers, name: str, said: dict[str, str]) -> Asked:
    took, rows = [], 0
    for _ in range(ROUNDS):
        began = perf_counter()
        view = await papers.desk.board.view(papers.people["ha"], said)
        took.append(1000 * (perf_counter() - began))
        rows = sum(len(group.rows) for group in view.groups)
    return name, took, rows


async def _ask_deep(papers: Papers) -> Asked:
    """The hundredth page of a month costs what the first one does."""
    said = {"state": "ended", "month": "2025-03"}
    for _ in range(100):
        view = await papers.desk.board.view(papers.people["ha"], said)
        said["after"] = view.more or ""
    return await _ask(papers, "the hundredth page of a month", said)


def _vacuum(papers: Papers) -> None:
    """Leave the tables as autovacuum does: a fresh COPY is another thing."""
    with papers.opened.store.engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        alone.execute(text("VACUUM (ANALYZE)"))


def _p95(took: list[float]) -> float:
    return sorted(took)[int(0.95 * (len(took) - 1))]


def _figure(asked: list[Asked], goal: int, note: str) -> Figure:
    every = [ms for _, took, _ in asked for ms in took]
    worst, name = max((_p95(took), name) for name, took, _ in asked)
    return Figure(
        round(_p95(every), 1),
        "ms",
        f"≤ {goal}",
        f"{note}; {len(asked)} kinds, the dearest is {name!r} with {worst:.1f} ms",
    )


def _write(note: str, searches: list[Asked], boards: list[Asked]) -> None:
    lines = [note, "", "| asked | rows | median ms | 95th ms |", "|---|---|---|---|"]
    for name, took, rows in (*searches, *boards):
        middle = sorted(took)[len(took) // 2]
        lines.append(f"| {name} | {rows} | {middle:.1f} | {_p95(took):.1f} |")
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "search.md").write_text("\n".join(lines) + "\n", "utf-8")
