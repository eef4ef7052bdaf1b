"""The people at the desk: they fill in forms, and press again when a page breaks off.

A step counts as acknowledged when its answer said so, and from then on the checker asks
for it. Start at ``Counter.carry``.
"""

import asyncio
import hashlib
import re
import time
from dataclasses import dataclass
from html import unescape

import httpx

from onebox.forms import HtmlForm
from onebox.story import REQUESTER
from storm.history import History, Paper
from storm.visitor import AGAIN_SECONDS, Files, Page, Visitor

BUSY_SECONDS = 0.5
MOST_BUSY_SECONDS = 2.5
"""Between two looks at a file that is not rebuilt yet, at first and at most."""
ANSWERED = frozenset({200, 303})


@dataclass
class Counter:
    """A clerk, a certifier and a citizen who bring one paper after another through."""

    clerk: Visitor
    certifier: Visitor
    citizen: Visitor
    history: History

    async def close(self) -> None:
        for visitor in (self.clerk, self.certifier, self.citizen):
            await visitor.close()

    def join(self, other: "Counter") -> None:
        """Go on with the sessions of *other*, as one more window of its browsers."""
        self.clerk.client.cookies = other.clerk.client.cookies
        self.certifier.client.cookies = other.certifier.client.cookies

    async def carry(self, paper: Paper, *, to: str = "fetched") -> None:
        """Bring *paper* on until *to* is acknowledged or it stands still for good."""
        steps = {
            "opened": self._open,
            "submitted": self._bring_to_certifier,
            "approved": self._approve,
            "issued": self._look_for_copy,
            "fetched": self._fetch,
        }
        for step, act in steps.items():
            while step not in paper.acknowledged and not paper.trouble:
                await act(paper)
            if step == to or paper.trouble:
                return

    def _acknowledge(self, paper: Paper, step: str, **more: str) -> None:
        if step not in paper.acknowledged:
            paper.acknowledged[step] = time.monotonic()
            self.history.note("acknowledged", paper=paper.n, step=step, **more)

    async def _open(self, paper: Paper) -> None:
        page = await self.clerk.look("/cases/new")
        form = page.form("/cases")
        if form is None:
            await asyncio.sleep(AGAIN_SECONDS)
            return
        typed = {"title": paper.title, "kind": "diploma"}
        typed |= {"pages": str(len(paper.scans))}
        typed |= {"issuing_body": "ĐH Minh Họa Sông Trà"}
        page = await self.clerk.send(form, {**REQUESTER, **typed})
        if page.status == 200 and page.path.endswith("/desk"):
            paper.document = page.path.removesuffix("/desk")
            self._acknowledge(paper, "opened", document=paper.document)
            await self._at_desk(paper, page)

    async def _bring_to_certifier(self, paper: Paper) -> None:
        await self._at_desk(paper, await self.clerk.look(f"{paper.document}/desk"))

    async def _at_desk(self, paper: Paper, page: Page) -> None:
        """From whatever the desk shows to the certifier, as far as it leads."""
        pause = BUSY_SECONDS
        while page.status == 200 and page.path.endswith("/desk"):
            if '<li class="is-busy">' in page.text:
                await asyncio.sleep(pause)
                pause = min(MOST_BUSY_SECONDS, 1.5 * pause)
                page = await self.clerk.look(page.path)
                continue
            form, values, files = self._next_form(paper, page)
            if form is None:
                self._acknowledge(paper, "submitted")
                return
            act = form.action.split("?")[0].rsplit("/", 1)[-1]
            # What is behind the others is not needed; each page costs the desk 20 ms.
            page = await self.clerk.send(form, values, files, follow=act == "compare")
            if page.status not in ANSWERED:
                break
            self._note_step(paper, act, page)
            if act == "files" and page.path.endswith("/desk"):
                await asyncio.sleep(BUSY_SECONDS)
                page = await self.clerk.look(page.path)
        if page.status == 404:
            paper.trouble = f"{page.path} is not there"
        await asyncio.sleep(
            AGAIN_SECONDS if "submitted" not in paper.acknowledged else 0
        )

    def _next_form(
        self, paper: Paper, page: Page
    ) -> tuple[HtmlForm | None, dict[str, str], Files | None]:
        there = page.text.count('<li class="is-done">')
        if there < len(paper.scans) and page.form("/files"):
            files = [
                ("files", (f"to-{paper.n}-{n}.jpg", scan, "image/jpeg"))
                for n, scan in enumerate(paper.scans[there:], there + 1)
            ]
            return page.form("/files"), {}, files
        if (compare := page.form("/compare")) is not None:
            return compare, {"all_present": "1"}, None
        return page.form("/submit"), {}, None

    def _note_step(self, paper: Paper, act: str, done: Page) -> None:
        case = done.first(r'href="(/cases/[^"]+)"')
        paper.case = paper.case or case
        if act == "files" and done.path.endswith("/desk"):
            self._acknowledge(paper, "uploaded")
        if act == "compare" and done.form("/submit"):
            self._acknowledge(paper, "compared")
        if act == "submit" and done.path.startswith("/cases/"):
            paper.case = done.path
            self._acknowledge(paper, "submitted")

    async def _approve(self, paper: Paper) -> None:
        name = paper.document.rsplit("/", 1)[-1]
        page = await self.certifier.look(f"/wall/{name}")
        form = page.form(f"{paper.document}/approve")
        if form is None:
            await self.read_case(paper)
            await asyncio.sleep(AGAIN_SECONDS)
            return
        for image in re.findall(r'src="([^"]+/pictures/[^"]+)"', page.text):
            await self.certifier.look(unescape(image))
        seen = {"seen": form.values_of("seen")}
        done = await self.certifier.send(form, seen, follow=False)
        if done.status in ANSWERED and done.path.startswith("/wall"):
            self._acknowledge(paper, "approved")

    async def _look_for_copy(self, paper: Paper) -> None:
        await self.read_case(paper)
        if "issued" not in paper.acknowledged:
            waited = time.monotonic() - paper.acknowledged["approved"]
            await asyncio.sleep(min(1.0, max(0.1, waited / 5)))

    async def look_once(self, paper: Paper) -> None:
        """Whether the copy is there by now; if it is, the citizen takes it."""
        await self.read_case(paper)
        if "issued" in paper.acknowledged:
            await self._fetch(paper)

    async def read_case(self, paper: Paper) -> None:
        """What the case's page says: number and link, once they are there."""
        page = await self.clerk.look(paper.case)
        if page.status == 404:
            paper.trouble = f"{page.path} is not there"
        number = page.first(r"<dd>(\d+/\d{4})</dd>")
        link = page.first(r'href="([^"]+)" data-link')
        if number and paper.number and number != paper.number:
            paper.trouble = f"number {paper.number} became {number}"
        if number:
            paper.number = number
            self._acknowledge(paper, "approved")
        if number and link:
            paper.link = link
            self._acknowledge(paper, "issued", number=number, link=link)

    async def _fetch(self, paper: Paper) -> None:
        content = await self.download(paper)
        if content:
            paper.sha256 = hashlib.sha256(content).hexdigest()
            self._acknowledge(paper, "fetched", sha256=paper.sha256)

    async def download(self, paper: Paper) -> bytes:
        """What the citizen's link brings; nothing where it is not brought whole."""
        path = httpx.URL(paper.link).path
        answer = await self.citizen.ask("GET", f"{path}/download")
        return answer.content if answer.status_code == 200 else b""
