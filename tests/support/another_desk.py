"""A second process of the desk on the same database: it begins an act, says what it got
in the middle of its transaction, and commits when it is told to go on.

    python -m support.another_desk <database url> <folder of scans>

and then on standard input, line by line, an act and its names, and a line to go on.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.fuzz_desk import Paperless
from intake.adapters.sql import audit
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.looks import SqlLooks
from intake.domain.records import Note
from intake.usecases.certifying import Certifying
from intake.usecases.receiving import Receiving
from support import intake
from support.papers import Papers, papers_of

ROOT = Path(__file__).parents[2]
IN_HAND = "in hand"


class Halting(SqlCases):
    """Whoever decides within its transactions stops there first."""

    def __init__(self, papers: Papers, halt: Callable[[], None]) -> None:
        super().__init__(papers.opened.store)
        self._halt = halt

    async def open(self, agency, day, decide):
        return await super().open(agency, day, self._halted(decide))

    async def add(self, code, decide):
        return await super().add(code, self._halted(decide))

    async def enter(self, document, year, decide):
        return await super().enter(document, year, self._halted(decide))

    def _halted(self, decide: Callable[..., Any]) -> Callable[..., Any]:
        def wait(*known: Any) -> Any:
            outcome = decide(*known)
            self._halt()
            return outcome

        return wait


def _say_and_wait() -> None:
    print(IN_HAND, flush=True)
    sys.stdin.readline()


async def approve(
    papers: Papers, document: str, by: str, halt: Callable[[], None] = lambda: None
) -> str:
    """The entry that *document* has after it."""
    known = await papers.known(document)
    opened = papers.opened
    certifying = Certifying(
        cases=Halting(papers, halt),
        looks=SqlLooks(opened.store),
        marks=opened.marks,
        rules=opened.rules,
        random_bits=lambda bits: int.from_bytes(os.urandom(bits // 8)) >> (-bits % 8),
        clock=opened.clock,
    )
    certified = await certifying.approve(
        document, known.version, known.page_digests, papers.people[by]
    )
    return certified.entry


async def open_case(
    papers: Papers, by: str, halt: Callable[[], None] = lambda: None
) -> str:
    """Code of the case."""
    opened = papers.opened
    receiving = Receiving(
        cases=Halting(papers, halt),
        rules=opened.rules,
        clock=opened.clock,
        rebuilder=opened.rebuilder,
    )
    opening = await receiving.open_case(papers.form(), papers.people[by])
    return opening.case.code


async def note(
    papers: Papers, action: str, halt: Callable[[], None] = lambda: None
) -> str:
    """One line of the audit; its action."""
    line = Note(papers.opened.clock(), "", "", intake.AGENCY, action)

    def write(tx):
        audit.append(tx, line)
        halt()

    await papers.opened.store.write(write)
    return action


@dataclass(frozen=True, slots=True)
class AnotherDesk:
    """The other process. One act at a time."""

    process: asyncio.subprocess.Process

    @contextlib.asynccontextmanager
    async def in_the_middle(self, *act: str) -> AsyncIterator["AnotherDesk"]:
        """Of *act*, in its transaction, until it may go on."""
        self._write(" ".join(act))
        assert await self._line() == IN_HAND
        yield self

    async def go_on(self) -> str:
        """Let it commit; what it says then."""
        self._write("go on")
        return await self._line()

    async def killed(self) -> None:
        self.process.kill()
        await self.process.wait()

    def _write(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())

    async def _line(self) -> str:
        assert self.process.stdout is not None
        return (await self.process.stdout.readline()).decode().strip()


@contextlib.asynccontextmanager
async def another_desk(url: str, folder: Path) -> AsyncIterator[AnotherDesk]:
    roots = [str(ROOT / name) for name in ("libs", "services", "deploy", "tests")]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "support.another_desk", url, str(folder)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(roots)},
    )
    desk = AnotherDesk(process)
    try:
        yield desk
    finally:
        if process.returncode is None:
            await desk.killed()


async def _main(url: str, folder: str) -> None:
    opened = intake.house(url, Path(folder), intake.Hands(), Paperless())
    papers = await papers_of(opened)
    acts = {"approve": approve, "open": open_case, "note": note}
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        act, *names = line.split()
        print(await acts[act](papers, *names, _say_and_wait), flush=True)


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
