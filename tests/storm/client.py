"""The people at the desk: they fill in forms, and press again when a page breaks off.

Every request and its answer goes into the history. A step counts as acknowledged when
its answer said so, and from then on the checker asks for it. Start at
``Counter.carry``.
"""

import asyncio
import hashlib
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape

import httpx

from onebox.forms import HtmlForm, form_to
from onebox.people import Person
from onebox.story import REQUESTER
from storm.history import History, Paper

AGAIN_SECONDS = 0.3
TIMEOUT_SECONDS = 30.0
PATIENCE_SECONDS = 240.0
"""Until a person gives up a request that nobody answers."""
BUSY = frozenset({429, 500, 502, 503, 504})
"""Answers after which a person presses again: nothing was said about the paper."""


class GaveUp(Exception):
    """Nobody answered for as long as these people wait."""


@dataclass(frozen=True)
class Page:
    path: str
    text: str
    status: int

    def first(self, pattern: str) -> str:
        match = re.search(pattern, self.text, re.DOTALL)
        return unescape(match[1]) if match else ""

    def form(self, ending: str) -> HtmlForm | None:
        try:
            return form_to(self.text, ending)
        except LookupError:
            return None


@dataclass
class Visitor:
    """One browser at one face."""

    origin: str
    history: History
    who: str
    person: Person | None = None
    patience: float = PATIENCE_SECONDS
    client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.AsyncClient(
            base_url=self.origin,
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
            headers={"Accept-Language": "vi", "Accept": "text/html"},
        )

    async def close(self) -> None:
        await self.client.aclose()

    async def ask(
        self, method: str, path: str, *, until: frozenset[int] = BUSY, **more: object
    ) -> httpx.Response:
        """The first answer that says something; GaveUp if none comes."""
        deadline = time.monotonic() + self.patience
        while True:
            answer = await self._once(method, path, **more)
            if answer is not None and answer.status_code not in until:
                return answer
            if time.monotonic() > deadline:
                raise GaveUp(f"{self.who}: {method} {path}")
            await asyncio.sleep(AGAIN_SECONDS)

    async def look(self, path: str) -> Page:
        """A page; a session that has ended is begun again on the way."""
        page = await self._follow(await self.ask("GET", path))
        if page.path == "/sign-in" and self.person is not None:
            await self.sign_in(page)
            page = await self._follow(await self.ask("GET", path))
        return page

    async def sign_in(self, page: Page | None = None) -> None:
        assert self.person is not None
        page = page or await self._follow(await self.ask("GET", "/sign-in"))
        typed = {"user": self.person.user, "password": self.person.password}
        form = page.form("/sign-in")
        if form is not None:
            await self.send(form, typed)

    async def send(
        self,
        form: HtmlForm,
        values: Mapping[str, str | Sequence[str]],
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
    ) -> Page:
        """Press the button, again with the very same form while nothing is answered."""
        more: dict[str, object] = {"files": files} if files else {}
        answer = await self.ask(
            "POST",
            form.action,
            data=form.filled(values),
            headers={"Origin": self.origin, "Sec-Fetch-Site": "same-origin"},
            **more,
        )
        return await self._follow(answer)

    async def _follow(self, answer: httpx.Response) -> Page:
        for _ in range(3):
            if not answer.is_redirect:
                break
            answer = await self.ask("GET", answer.headers["location"])
        return Page(answer.url.path, answer.text, answer.status_code)

    async def _once(
        self, method: str, path: str, **more: object
    ) -> httpx.Response | None:
        began = time.monotonic()
        answer, got = None, ""
        try:
            answer = await self.client.request(method, path, **more)  # type: ignore[arg-type]
            got = str(answer.status_code)
        except httpx.TransportError as error:
            got = type(error).__name__
        took = time.monotonic() - began
        self.history.asked(self.who, method, path, took=took, got=got)
        return answer


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
        typed = {"title": paper.title, "kind": "diploma", "pages": "1"}
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
        while page.status == 200 and page.path.endswith("/desk"):
            if '<li class="is-busy">' in page.text:
                await asyncio.sleep(AGAIN_SECONDS)
                page = await self.clerk.look(page.path)
                continue
            form, values, files = self._next_form(paper, page)
            if form is None:
                self._acknowledge(paper, "submitted")
                return
            done = await self.clerk.send(form, values, files)
            if done.status != 200:
                break
            self._note_step(paper, form.action.rsplit("/", 1)[-1], done)
            page = done
        if page.status == 404:
            paper.trouble = f"{page.path} is not there"
        await asyncio.sleep(
            AGAIN_SECONDS if "submitted" not in paper.acknowledged else 0
        )

    def _next_form(
        self, paper: Paper, page: Page
    ) -> tuple[
        HtmlForm | None, dict[str, str], dict[str, tuple[str, bytes, str]] | None
    ]:
        if '<li class="is-done">' not in page.text and page.form("/files"):
            name = f"to-{paper.n}.jpg"
            return page.form("/files"), {}, {"files": (name, paper.scan, "image/jpeg")}
        if (compare := page.form("/compare")) is not None:
            return compare, {"all_present": "1"}, None
        return page.form("/submit"), {}, None

    def _note_step(self, paper: Paper, act: str, done: Page) -> None:
        case = done.first(r'href="(/cases/[^"]+)"')
        paper.case = paper.case or case
        if act == "files" and '<li class="is-done">' in done.text:
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
        done = await self.certifier.send(form, {"seen": form.values_of("seen")})
        if done.status == 200 and done.path.startswith("/wall"):
            self._acknowledge(paper, "approved")

    async def _look_for_copy(self, paper: Paper) -> None:
        await self.read_case(paper)
        if "issued" not in paper.acknowledged:
            waited = time.monotonic() - paper.acknowledged["approved"]
            await asyncio.sleep(min(1.0, max(0.1, waited / 5)))

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
