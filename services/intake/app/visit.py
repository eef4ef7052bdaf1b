"""One request: who sends it, what was typed, and what came with the page.

Whether that person may is the guard's question, and what is done is the endpoint's.
Start at ``Visit``, then at ``typed``, the one door for text (docs/decisions/0064).
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from intake.app.desk import Desk
from intake.domain import text
from intake.domain.numbers import split_document_id
from intake.domain.people import Actor
from intake.domain.records import NotFound
from intake.domain.views.page import Me

BODY_BYTES: Final = 1 << 20
"""The largest form or JSON body; files go through ``uploads``."""
MOST_FIELDS: Final = 2000
FIELD_CHARACTERS: Final = 4096
"""Twice the longest words that a form of ours takes."""
KEPT_CHARACTERS: Final = 64 << 10
"""A whole form that waits for a sign-in, as text: a case of fifty papers is a fifth."""
PATH_CHARACTERS: Final = 200
SECRETS: Final = frozenset({"password", "current", "new", "again"})
JSON_TYPE: Final = "application/json"
AHEAD: Final = ("sec-purpose", "purpose", "x-moz", "x-purpose")
"""Headers in which browsers, new and old, say that they fetch ahead."""


class TooMuch(Exception):
    """The form is larger than any that we make: answered with 413."""


class Unreadable(ValueError):
    """The fields are not those that the route asks for: answered with 400."""


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
        return whole(self.one(name), name)

    def versions(self) -> dict[str, int]:
        """The version of each paper as the form showed it, sent as fields ``paper`` of
        the shape ``<document>:<version>``. Raises Unreadable.
        """
        versions: dict[str, int] = {}
        for value in self.all("paper"):
            document, _, version = value.rpartition(":")
            versions[document] = whole(version, "paper")
        return versions

    def again(self, *lists: str) -> dict[str, str | list[str]]:
        """The fields for a page that shows them once more; *lists* stay lists.
        Passwords are left out.
        """
        return {
            name: list(values) if name in lists else values[0]
            for name, values in self.fields.items()
            if values and name not in {"csrf", "key"} | SECRETS
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
    sent: bytes = b""  # of a route that reads JSON by itself (``Rule.json``)

    @property
    def by(self) -> Actor:
        """Whoever is signed in; the route's rule says that somebody is."""
        if self.actor is None:
            raise PermissionError("nobody is signed in")
        return self.actor

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    def query(self, name: str, most: int) -> str:
        """One line of the address's query, cut at *most* characters; empty if it is
        not there.
        """
        return text.line(self.request.query_params.get(name, ""))[:most]

    def queries(self, name: str, most: int) -> tuple[str, ...]:
        """Every line that the address's query has of that name, each cut at *most*
        characters.
        """
        lines = self.request.query_params.getlist(name)
        return tuple(text.line(line)[:most] for line in lines)

    @property
    def program(self) -> bool:
        return program(self.request)


def ahead(request: Request) -> bool:
    """Whether a browser fetches the page before anybody has asked to see it."""
    purpose = " ".join(request.headers.get(name, "") for name in AHEAD).lower()
    return any(word in purpose for word in ("prefetch", "prerender", "preview"))


def looked_at(request: Request) -> bool:
    """Whether the answer is a page before somebody's eyes: not a script's look at what
    is new, not HEAD, not a page fetched ahead.
    """
    by_script = request.headers.get("sec-fetch-dest") == "empty"
    return request.method != "HEAD" and not by_script and not ahead(request)


def program(request: Request) -> bool:
    """Whether a program asks: for JSON, where a browser's form or link wants HTML."""
    accept = request.headers.get("accept", "")
    asks = "json" in accept and "text/html" not in accept
    return asks or request.url.path.startswith("/v1/")


def check_path(request: Request) -> None:
    """Raises NotFound for an address with a part that no name of ours has. PostgreSQL
    would fail on some of them instead of finding nothing.
    """
    for value in map(str, request.path_params.values()):
        if text.line(value) != value or len(value) > PATH_CHARACTERS:
            raise NotFound("no name of ours")


def whole(typed: str, name: str) -> int:
    """Raises Unreadable for what is no whole number of a few digits."""
    try:
        return text.whole_number(typed)
    except ValueError as error:
        raise Unreadable(name) from error


Endpoint = Callable[[Visit], Awaitable[Response]]


async def typed(request: Request) -> Typed:
    """The body as fields. Raises TooMuch, Unreadable."""
    body = await body_of(request)
    if request.headers.get("content-type", "").startswith(JSON_TYPE):
        return _cleaned(_json(body))
    try:
        return typed_text(body.decode())
    except UnicodeDecodeError as error:
        raise Unreadable("form") from error


def typed_text(sent: str) -> Typed:
    """The fields of a form as a browser writes them. Raises Unreadable."""
    try:
        fields = parse_qs(sent, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Unreadable("form") from error
    return _cleaned(fields)


def _cleaned(fields: Mapping[str, Sequence[str]]) -> Typed:
    """The one door for what people and programs type: nothing that hides gets in."""
    return Typed(
        {
            text.clean(name): [_bounded(name, _shown(name, value)) for value in values]
            for name, values in fields.items()
        }
    )


def _shown(name: str, value: str) -> str:
    """A password is only ever compared: its characters are its owner's business, but
    for halves of surrogate pairs, which have no bytes to hash.
    """
    if name in SECRETS:
        return value.encode("utf-8", "replace").decode()
    return text.clean(value)


def _bounded(name: str, value: str) -> str:
    """A form that waits for a sign-in is left to ``again.resume``: where it is too
    long, the person signs in without it.
    """
    if name != "kept" and len(value) > FIELD_CHARACTERS:
        raise TooMuch
    return value


async def body_of(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            raise TooMuch
    return bytes(body)


def _json(body: bytes) -> dict[str, list[str]]:
    try:
        members: Any = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:  # nested a thousand deep
        raise Unreadable("json") from error
    if not isinstance(members, dict):
        raise Unreadable("json")
    fields = {
        name: value if isinstance(value, list) else [value]
        for name, value in members.items()
    }
    if sum(map(len, fields.values())) > MOST_FIELDS:
        raise TooMuch
    return {name: [*map(_plain, values)] for name, values in fields.items()}


def _plain(value: object) -> str:
    """The text of a JSON string, number or truth value. Unreadable: what is nested is
    no field.
    """
    if isinstance(value, (dict, list)):
        raise Unreadable("json")
    return "" if value is None else str(value)


def case_of(document: str) -> str:
    """The code of the case that a document is in. NotFound for what is no document."""
    try:
        return split_document_id(document)[0]
    except ValueError as error:
        raise NotFound(document) from error
