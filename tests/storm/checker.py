"""Invariants I1 to I8, from what people were answered and from the public faces only.

I1 every accepted paper ends issued · I2 one archived copy for each number, its bytes
constant · I3 numbers 1..n without a hole · I4 what is served is what is archived · I5
no link opens another's copy · I6 no copy outside the journal · I7 journal and audit are
unbroken · I8 after the fault everything drains without a person. Start at ``judge``.
"""

import asyncio
import hashlib
import random
import re
import time
from collections import Counter as Tally
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import httpx

from onebox.browser import plain_text
from storm.client import Counter
from storm.history import STEPS, History, Paper
from storm.house import StormHouse
from storm.report import Findings
from storm.visitor import GaveUp

MOST_VERIFIED = 12
"""Copies that are brought to the verify page at each judgement, drawn by chance. All
else is looked at for every copy: its line, its number, its link's bytes at the end, and
what lies in the archive.
"""
READERS = 6
QUIET_SECONDS = 30.0
"""How long the judge asks for a page while nothing is struck."""
ROWS_A_COPY = 3
"""Intent, outcome and issue of each copy stand in the journal."""
UNHEARD = frozenset({429, 502, 503, 504})


@dataclass
class Judge:
    house: StormHouse
    counter: Counter
    history: History
    findings: Findings
    archive: Path
    """Folder of the archive's public bytes."""
    chance: random.Random

    async def judge(self, papers: Iterable[Paper], *, wholly: bool) -> None:
        """Call it when nothing is struck and nothing is on its way. *wholly*: every
        copy is downloaded once more, else some.
        """
        known = [paper for paper in papers if paper.acknowledged]
        lines = await self._register()
        self._numbers(lines, known)
        fetched = [paper for paper in known if "fetched" in paper.acknowledged]
        some = self.chance.sample(fetched, min(len(fetched), MOST_VERIFIED))
        archived = await asyncio.to_thread(self.archived)
        await self._each_copy(fetched if wholly else some, archived)
        for paper in some:
            await self._genuine(paper)
            await self._near_misses(paper)
        self._each_once(fetched)
        await self._chains(len(archived))

    async def books(self, papers: Iterable[Paper], copies: int) -> None:
        """The register's lines, the journal and the audit alone, of so many copies."""
        known = [paper for paper in papers if paper.acknowledged]
        self._numbers(await self._register(), known)
        await self._chains(copies)

    async def settle(self, papers: Iterable[Paper], seconds: float) -> None:
        """I1 and I8: bring on what waits, for *seconds*; the rest stands still."""
        deadline = time.monotonic() + seconds
        visitors = (self.counter.clerk, self.counter.certifier, self.counter.citizen)
        for visitor in visitors:
            visitor.patience = seconds
        left = [p for p in papers if p.acknowledged and "fetched" not in p.acknowledged]
        # Side by side: one that stands still must not take the others' time.
        await asyncio.gather(*(self._finish(paper, deadline) for paper in left))
        for visitor in visitors:
            visitor.patience = QUIET_SECONDS

    async def _finish(self, paper: Paper, deadline: float) -> None:
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                await self.counter.carry(paper)
        except (GaveUp, TimeoutError):
            self._not_finished(paper)
        if paper.trouble:
            self.findings.broken("lost", f"{paper.title}: {paper.trouble}")

    def _not_finished(self, paper: Paper) -> None:
        if "issued" in paper.acknowledged:
            self.findings.broken("lost", f"copy {paper.number} was never served")
            return
        last = [step for step in STEPS if step in paper.acknowledged][-1]
        self.findings.broken("stuck", f"{paper.title} stands at {last}")

    async def _register(self) -> list[tuple[int, str]]:
        """(ordinal, title) of each line of the book, as the page shows it."""
        page = await self.counter.clerk.look("/register")
        months = set(re.findall(r'href="(/register\?year=[^"]+)"', page.text))
        pages = [page] if not months else []
        pages += [
            await self.counter.clerk.look(unescape(month)) for month in sorted(months)
        ]
        lines = []
        for each in pages:
            for row in re.findall(
                r'<tr[^>]*><th scope="row" class="num">.*?</tr>', each.text, re.DOTALL
            ):
                cells = [
                    plain_text(cell)
                    for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
                ]
                lines.append((int(cells[0].split("/")[0]), cells[3]))
        return lines

    def _numbers(self, lines: list[tuple[int, str]], papers: list[Paper]) -> None:
        ordinals = Tally(ordinal for ordinal, _ in lines)
        titles = Tally(title for _, title in lines)
        for ordinal, times in ordinals.items():
            if times > 1:
                self.findings.broken(
                    "double", f"number {ordinal} is there {times} times"
                )
        for title, times in titles.items():
            if times > 1:
                self.findings.broken("double", f"{title} has {times} numbers")
        for ordinal in range(1, max(ordinals, default=0) + 1):
            if ordinal not in ordinals:
                self.findings.broken("holes", f"number {ordinal} is not there")
        by_title = {title: ordinal for ordinal, title in lines}
        for paper in papers:
            if "approved" in paper.acknowledged and paper.title not in by_title:
                self.findings.broken(
                    "lost", f"{paper.title}: approved, not in the book"
                )
            elif paper.number and paper.number.split("/")[0] != str(
                by_title[paper.title]
            ):
                self.findings.broken("double", f"{paper.title}: number has changed")

    async def _each_copy(
        self, papers: list[Paper], archived: dict[str, list[str]]
    ) -> None:
        """Some at a time: thousands of downloads would be an hour one by one."""
        left = iter(papers)

        async def reader() -> None:
            for paper in left:
                await self._copy(paper, archived)

        await asyncio.gather(*(reader() for _ in range(READERS)))

    async def _copy(self, paper: Paper, archived: dict[str, list[str]]) -> None:
        """I2 and I4."""
        content = await self._served(paper)
        digest = hashlib.sha256(content).hexdigest()
        if not content:
            self.findings.broken("lost", f"copy {paper.number} is not served")
        elif digest != paper.sha256:
            self.findings.broken("wrong_bytes", f"copy {paper.number} has changed")
        kept = archived.get(paper.number.split("/")[0], [])
        if kept != [paper.sha256]:
            seen = f"archive has {len(kept)} of number {paper.number}"
            invariant = "wrong_bytes" if kept else "lost"
            self.findings.broken(invariant, f"{seen}, not the served one alone")

    async def _served(self, paper: Paper) -> bytes:
        try:
            return await self.counter.download(paper)
        except (GaveUp, httpx.HTTPError):
            return b""

    async def _genuine(self, paper: Paper) -> None:
        content = await self._served(paper)
        if not content:
            return  # that is said already
        answer = await self.counter.citizen.ask(
            "POST", "/v1/verify", until=UNHEARD, content=content
        )
        verdict = answer.json().get("verdict") if answer.status_code == 200 else answer
        if verdict != "genuine":
            self.findings.broken("wrong_bytes", f"copy {paper.number}: {verdict}")

    async def _near_misses(self, paper: Paper) -> None:
        """I5: a token with one letter changed, and one that nobody was given."""
        before, token = httpx.URL(paper.link).path.rsplit("/", 1)
        at = self.chance.randrange(len(token))
        near = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        stranger = "".join(self.chance.sample(token, len(token)))
        for wrong in {near, stranger} - {token}:
            answer = await self.counter.citizen.ask(
                "GET", f"{before}/{wrong}/download", until=UNHEARD
            )
            if answer.status_code == 200:
                self.findings.broken("open_links", f"{wrong} opens a copy")

    def _each_once(self, papers: list[Paper]) -> None:
        """I5: two links never brought the same copy."""
        for digest, times in Tally(paper.sha256 for paper in papers).items():
            if times > 1:
                self.findings.broken("open_links", f"{digest} came by {times} links")

    async def _chains(self, archived: int) -> None:
        """I6 and I7, by the commands that anybody can run."""
        for book in ("journal", "audit"):
            done = await asyncio.to_thread(self.house.run, book, "verify")
            self.history.note(
                "verify", book=book, said=done.stdout, status=done.returncode
            )
            if done.returncode != 0:
                said = (done.stdout + done.stderr).strip()[-300:]
                self.findings.broken("broken_chains", f"{book}: {said}")
            rows = re.search(r"^rows: (\d+)", done.stdout, re.MULTILINE)
            if book == "journal" and rows and int(rows[1]) < ROWS_A_COPY * archived:
                seen = f"journal has {rows[1]} rows for {archived} archived copies"
                self.findings.broken("broken_chains", seen)

    def archived(self) -> dict[str, list[str]]:
        """Ordinal → digests of what lies in the archive under it."""
        found: dict[str, list[str]] = {}
        for path in self.archive.rglob("*.pdf"):
            if ".incoming" in path.parts or "self-test" in path.parts:
                continue
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found.setdefault(path.parent.name, []).append(digest)
        return found
