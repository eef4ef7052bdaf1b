"""One request: who sends it, what was typed, and what came with the page."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from intake.app.desk import Desk
from intake.domain.records import Actor
from intake.domain.views import Me

BODY_BYTES: Final = 1 << 20
"""Of a form or a JSON body; files go through ``uploads``."""
MOST_FIELDS: Final = 2000
JSON_TYPE: Final = "application/json"
AHEAD: Final = ("sec-purpose", "purpose", "x-moz", "x-purpose")
"""Headers in which browsers, new and old, say that they fetch ahead."""


class TooMuch(Exception):  # noqa: N818 - answered with 413
    """A form larger than any that we make."""


class Unreadable(ValueError):  # noqa: N818 - answered with 400
    """Not the fields that the route asks for."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Form fields, or the members of a JSON object, as text."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        return next(iter(self.fields.get(name, ())), "")

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(self.fields.get(name, ()))

    def number(self, name: str) -> int:
        """Raises Unreadable for anything else."""
        try:
            return int(self.one(name))
        except ValueError as error:
            raise Unreadable(name) from error

    def again(self, *lists: str) -> dict[str, str | list[str]]:
        """For the page that shows it once more; *lists* stay lists. No password."""
        return {
            name: list(values) if name in lists else values[0]
            for name, values in self.fields.items()
            if values
            and name not in {"csrf", "key", "password", "current", "new", "again"}
        }


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that passed its route's rule."""

    request: Request
    desk: Desk
    me: Me | None
    actor: Actor | None
    token: str
    typed: Typed

    @property
    def by(self) -> Actor:
        """Whoever is signed in; the route's rule says that somebody is."""
        if self.actor is None:
            raise PermissionError("nobody is signed in")
        return self.actor

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    @property
    def program(self) -> bool:
        return program(self.request)


def ahead(request: Request) -> bool:
    """A browser that fetches a page before anybody has asked to see it."""
    said = " ".join(request.headers.get(name, "") for name in AHEAD).lower()
    return any(word in said for word in ("prefetch", "prerender", "preview"))


def looked_at(request: Request) -> bool:
    """The answer is a page before somebody's eyes: not a script's look at what is new,
    not HEAD, not a page fetched ahead.
    """
    by_script = request.headers.get("sec-fetch-dest") == "empty"
    return request.method != "HEAD" and not by_script and not ahead(request)


def program(request: Request) -> bool:
    """A program asks for JSON; a browser's form or link asks for HTML."""
    accept = request.headers.get("accept", "")
    asks = "json" in accept and "text/html" not in accept
    return asks or request.url.path.startswith("/v1/")


Endpoint = Callable[[Visit], Awaitable[Response]]


async def typed(request: Request) -> Typed:
    """The body as fields. Raises TooMuch, Unreadable."""
    body = await _body(request)
    if request.headers.get("content-type", "").startswith(JSON_TYPE):
        return Typed(_json(body))
    try:
        return typed_text(body.decode())
    except UnicodeDecodeError as error:
        raise Unreadable("form") from error


def typed_text(text: str) -> Typed:
    """The fields of a form as a browser writes them. Raises Unreadable."""
    try:
        return Typed(parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise Unreadable("form") from error


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            raise TooMuch
    return bytes(body)


def _json(body: bytes) -> dict[str, list[str]]:
    try:
        members: Any = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:  # brackets within brackets
        raise Unreadable("json") from error
    if not isinstance(members, dict):
        raise Unreadable("json")
    return {
        name: [_text(v) for v in (value if isinstance(value, list) else [value])]
        for name, value in members.items()
    }


def _text(value: object) -> str:
    """Raises Unreadable for half a character, a lone surrogate: JSON can write one, but
    nothing can store it.
    """
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Unreadable("json") from error
    return text
