"""A clerk's browser without a screen: pages, forms, cookies, and what a page says."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Final

import httpx

from onebox.forms import Form, form_to
from onebox.plain import CannotError

TIMEOUT_SECONDS: Final = 120.0
"""A large scan is rebuilt while the upload waits for its answer."""
_TAGS: Final = re.compile(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
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
    """One person at one face."""

    def __init__(self, origin: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=origin,
            follow_redirects=True,
            timeout=TIMEOUT_SECONDS,
            headers={"Accept-Language": "vi", "Accept": "text/html"},
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def look(self, path: str) -> Page:
        return _page(await self._client.get(path))

    async def send(
        self, page: Page, ending: str, values: Mapping[str, str | Sequence[str]]
    ) -> Page:
        """Fill in the form of *page* that goes to …*ending*, and press its button."""
        form = form_to(page.text, ending)
        answer = await self._client.post(
            form.action, data=form.filled(values), headers=self._same_origin()
        )
        return _page(answer)

    async def send_file(self, page: Page, ending: str, name: str, file: Path) -> Page:
        """Drop *file* on the form; it is read from the disk while it is sent."""
        form = form_to(page.text, ending)
        return _page(await self._post_file(form, name, file, {}))

    async def ask_of_file(
        self, page: Page, ending: str, name: str, file: Path
    ) -> dict[str, object]:
        """As ``send_file``, as a program asks: the answer in JSON."""
        form = form_to(page.text, ending)
        accept = {"Accept": "application/json"}
        answer = await self._post_file(form, name, file, accept)
        _page(answer)
        said: dict[str, object] = answer.json()
        return said

    async def save(self, path: str, place: Path) -> None:
        async with self._client.stream("GET", path) as answer:
            if answer.status_code != httpx.codes.OK:
                raise _unexpected(path, answer.status_code)
            with place.open("wb") as file:
                async for chunk in answer.aiter_bytes():
                    file.write(chunk)

    async def _post_file(
        self, form: Form, name: str, file: Path, headers: Mapping[str, str]
    ) -> httpx.Response:
        with file.open("rb") as content:
            return await self._client.post(
                form.action,
                data=form.filled({}),
                files={name: (file.name, content)},
                headers={**self._same_origin(), **headers},
            )

    def _same_origin(self) -> dict[str, str]:
        origin = str(self._client.base_url).rstrip("/")
        return {"Origin": origin, "Sec-Fetch-Site": "same-origin"}


def plain_text(html: str) -> str:
    return " ".join(unescape(_TAGS.sub(" ", html)).split())


def _page(answer: httpx.Response) -> Page:
    page = Page(answer.url.path, answer.text, answer.status_code)
    if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
        said = page.words(r'<div class="errors".*?</div>') or page.words(r"<h1.*?</h1>")
        raise CannotError(
            f"Trang {page.path} trả lời: {said}", f"Page {page.path} says: {said}"
        )
    if answer.is_error:
        raise _unexpected(page.path, answer.status_code)
    return page


def _unexpected(path: str, status: int) -> CannotError:
    return CannotError(
        f"Trang {path} trả lời {status}; xem nhật ký trong var/log.",
        f"Page {path} answered {status}; see the logs in var/log.",
    )
