"""A clerk's browser without a screen: pages, forms, cookies, and what a page says.

It knows HTML and HTTP, not the story: which page follows which stands in ``story``.
Forms are filled in by ``forms``. Start at ``Browser``.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Final, TypeVar

import httpx

from chassis.starting import CannotStart
from onebox.forms import HtmlForm, form_to

TIMEOUT_SECONDS: Final = 120.0
"""A large scan is rebuilt while the upload waits for its answer."""
_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout)
"""Failures in which nobody has read a byte of the request."""
# A page of our own, of known shape: no parser of HTML for the words between its tags
# (docs/decisions/0023).
_TAGS: Final = re.compile(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", re.DOTALL)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PagePatience:
    """How a page is asked for again."""

    seconds: float = 10.0
    """The time after which no more is asked: a killed service is up within seconds."""
    pause_seconds: float = 0.2


PATIENCE: Final = PagePatience()


@dataclass(frozen=True, slots=True)
class HtmlPage:
    path: str
    text: str
    status: int

    def words(self, pattern: str) -> str | None:
        """Plain text of the first piece of HTML that *pattern* finds."""
        found = re.search(pattern, self.text, re.DOTALL)
        return plain_text(found[0]) if found else None

    def found(self, pattern: str) -> str | None:
        """The pattern's first group, as the page means it."""
        match = re.search(pattern, self.text, re.DOTALL)
        return unescape(match[1]) if match else None


class Browser:
    """One person at one face. A service that is just being started again is waited
    for; CannotStart when it does not come, or when nobody can say whether it has
    done what was sent.
    """

    def __init__(self, origin: str, *, patience: PagePatience = PATIENCE) -> None:
        self._patience = patience
        self._client = httpx.AsyncClient(
            base_url=origin,
            follow_redirects=True,
            timeout=TIMEOUT_SECONDS,
            headers={"Accept-Language": "vi", "Accept": "text/html"},
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def look(self, path: str) -> HtmlPage:
        return _page(await self._get(path))

    async def send(
        self, page: HtmlPage, ending: str, values: Mapping[str, str | Sequence[str]]
    ) -> HtmlPage:
        """Fill in the form of *page* that goes to …*ending*, and press its button."""
        form = form_to(page.text, ending)
        filled = form.filled(values)

        async def press() -> httpx.Response:
            return await self._client.post(
                form.action,
                data=filled,
                headers=self._same_origin(),
                follow_redirects=False,
            )

        return _page(await self._follow(await self._ask(press, form.action, _NOT_SENT)))

    async def send_file(
        self, page: HtmlPage, ending: str, name: str, file: Path
    ) -> HtmlPage:
        """Drop *file* on the form; it is read from the disk while it is sent."""
        form = form_to(page.text, ending)

        async def drop() -> httpx.Response:
            return await self._post_file(form, name, file, {})

        return _page(await self._follow(await self._ask(drop, form.action, _NOT_SENT)))

    async def ask_of_file(
        self, page: HtmlPage, ending: str, name: str, file: Path
    ) -> dict[str, object]:
        """The JSON answer to a file that is sent as ``send_file`` sends one. It changes
        nothing there, so it is asked again as a page is.
        """
        form = form_to(page.text, ending)

        async def ask() -> httpx.Response:
            accept = {"Accept": "application/json"}
            return await self._post_file(form, name, file, accept)

        answer = await self._ask(ask, form.action)
        _page(answer)
        content: dict[str, object] = answer.json()
        return content

    async def save(self, path: str, place: Path) -> None:
        async def download() -> None:
            async with self._client.stream("GET", path) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise _unexpected(path, answer.status_code)
                with place.open("wb") as file:
                    async for chunk in answer.aiter_bytes():
                        file.write(chunk)

        await self._ask(download, path)

    async def _get(self, path: str) -> httpx.Response:
        async def get() -> httpx.Response:
            return await self._client.get(path)

        return await self._ask(get, path)

    async def _follow(self, answer: httpx.Response) -> httpx.Response:
        """Follow a redirect as a step of its own: it may be repeated, the form not."""
        there = answer.next_request
        return answer if there is None else await self._get(str(there.url))

    async def _post_file(
        self, form: HtmlForm, name: str, file: Path, headers: Mapping[str, str]
    ) -> httpx.Response:
        with file.open("rb") as content:
            return await self._client.post(
                form.action,
                data=form.filled({}),
                files={name: (file.name, content)},
                headers={**self._same_origin(), **headers},
                follow_redirects=False,
            )

    async def _ask(
        self,
        ask: Callable[[], Awaitable[T]],
        path: str,
        harmless: tuple[type[httpx.TransportError], ...] = (httpx.TransportError,),
    ) -> T:
        """What *ask* gives, asked again for some seconds after a *harmless* failure."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience.seconds
        while True:
            try:
                return await ask()
            except httpx.TransportError as error:
                if not isinstance(error, harmless):
                    raise _cut_off(path) from error
                if loop.time() > deadline:
                    raise _silent(path, self._patience.seconds) from error
            await asyncio.sleep(self._patience.pause_seconds)

    def _same_origin(self) -> dict[str, str]:
        origin = str(self._client.base_url).rstrip("/")
        return {"Origin": origin, "Sec-Fetch-Site": "same-origin"}


def plain_text(html: str) -> str:
    return " ".join(unescape(_TAGS.sub(" ", html)).split())


def _page(answer: httpx.Response) -> HtmlPage:
    page = HtmlPage(answer.url.path, answer.text, answer.status_code)
    if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
        reason = page.words(r'<div class="errors".*?</div>') or page.words(
            r"<h1.*?</p>"
        )
        raise CannotStart(
            f"Trang {page.path} trả lời: {reason}", f"Page {page.path} says: {reason}"
        )
    if answer.is_error:
        raise _unexpected(page.path, answer.status_code)
    return page


def _unexpected(path: str, status: int) -> CannotStart:
    return CannotStart(
        f"Trang {path} trả lời {status}; xem nhật ký trong var/log.",
        f"Page {path} answered {status}; see the logs in var/log.",
    )


def _silent(path: str, seconds: float) -> CannotStart:
    return CannotStart(
        f"Trang {path} không trả lời suốt {seconds:g} giây; xem nhật ký trong"
        f" var/log rồi chạy lại.",
        f"Page {path} did not answer for {seconds:g} seconds; see the logs in"
        f" var/log and run again.",
    )


def _cut_off(path: str) -> CannotStart:
    return CannotStart(
        f"Mất kết nối khi đang gửi {path}, không rõ đã nhận chưa nên không gửi lại:"
        f" xem nhật ký trong var/log rồi chạy lại.",
        f"The connection broke while {path} was being sent; it may have been received,"
        f" so it is not sent again: see the logs in var/log and run again.",
    )
