"""One browser at one face, which presses again when a page breaks off.

Every request and its answer goes into the history. Start at ``Visitor``.
"""

import asyncio
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape

import httpx

from onebox.forms import HtmlForm, forms_on
from onebox.people import Person
from storm.history import History

AGAIN_SECONDS = 0.3
TIMEOUT_SECONDS = 30.0
PATIENCE_SECONDS = 240.0
"""Until a person gives up a request that nobody answers."""
BUSY = frozenset({429, 500, 502, 503, 504})
"""Answers after which a person presses again: nothing was said about the paper."""
CONTROLS = re.compile(
    r"<textarea\b.*?</textarea>|</?(?:form|input|select|option)\b[^>]*>", re.DOTALL
)
"""All of a page that its forms are made of; the rest is ten times as much to read."""
# httpcore looks for this module at each new lock, and Python searches the whole path
# for one that is not installed: a tenth of the storm's time.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

Files = Sequence[tuple[str, tuple[str, bytes, str]]]
"""Field, then name, content and type of its file, as httpx sends them."""


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

    @cached_property
    def forms(self) -> list[HtmlForm]:
        return forms_on("".join(CONTROLS.findall(self.text)))

    def form(self, ending: str) -> HtmlForm | None:
        """The first one whose action ends with *ending*."""
        actions = ((form.action.split("?")[0], form) for form in self.forms)
        return next((form for action, form in actions if action.endswith(ending)), None)


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

    def leave(self) -> None:
        """The browser is closed: what comes next begins with a password."""
        self.client.cookies.clear()

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
        files: Files | None = None,
        *,
        follow: bool = True,
    ) -> Page:
        """Press the button, again with the very same form while nothing is answered.
        Without *follow* the page that a 303 leads to is named and not asked for.
        """
        more: dict[str, object] = {"files": files} if files else {}
        answer = await self.ask(
            "POST",
            form.action,
            data=form.filled(values),
            headers={"Origin": self.origin, "Sec-Fetch-Site": "same-origin"},
            **more,
        )
        if not follow and answer.is_redirect:
            return Page(httpx.URL(answer.headers["location"]).path, "", 303)
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
