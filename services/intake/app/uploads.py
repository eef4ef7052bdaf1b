"""Files from a form, part by part while they arrive: memory does not grow with them."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from intake.app import refusals
from intake.app.guard import CSRF_HEADER, same_token
from intake.app.responses import (
    FileResponse,
    FilesResponse,
    PlacesResponse,
    json_response,
)
from intake.app.visit import TooMuch, Unreadable, Visit, whole
from intake.domain import showing
from intake.domain.files import StoredFile
from intake.domain.form_keys import UsedBefore
from intake.domain.records import NotFound
from intake.domain.states import NotAllowed

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

HEADER_BYTES: Final = 16 << 10
FIELD_BYTES: Final = 4 << 10
MOST_FILES: Final = 200


class _End(Enum):
    PART = "part"


_END: Final = _End.PART


@dataclass(slots=True)
class Part:
    """One part's headers; its content follows in the stream."""

    headers: dict[bytes, bytes] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self._option(b"name")

    @property
    def file_name(self) -> str | None:
        return self._option(b"filename") if b"filename" in self._options() else None

    def _option(self, name: bytes) -> str:
        return self._options().get(name, b"").decode("utf-8", "replace")

    def _options(self) -> dict[bytes, bytes]:
        return parse_options_header(self.headers.get(b"content-disposition", b""))[1]


class Parts:
    """The parts of a multipart body, in order. Raises Unreadable, TooMuch."""

    def __init__(self, request: Request) -> None:
        kind, options = parse_options_header(request.headers.get("content-type"))
        if kind != b"multipart/form-data" or b"boundary" not in options:
            raise Unreadable("multipart")
        self._stream = request.stream()
        self._ready: deque[Part | bytes | _End] = deque()
        self._part = Part()
        self._name, self._value = bytearray(), bytearray()
        try:
            self._parser = MultipartParser(options[b"boundary"], self._callbacks())
        except FormParserError as error:  # a boundary that is too long
            raise Unreadable("multipart") from error

    async def each(self) -> AsyncIterator[Part]:
        """The next part; what was not read of the one before is passed over."""
        while (item := await self._next()) is not None:
            if isinstance(item, Part):
                yield item

    async def content(self) -> AsyncIterator[bytes]:
        """Of the part given last, chunk by chunk. Unreadable if its end is missing."""
        while isinstance(item := await self._next(), bytes):
            yield item
        if item is not _END:
            raise Unreadable("multipart")

    async def text(self) -> str:
        value = bytearray()
        async for chunk in self.content():
            value += chunk
            if len(value) > FIELD_BYTES:
                raise TooMuch
        return value.decode("utf-8", "replace")

    async def _next(self) -> Part | bytes | _End | None:
        """None once the body is over."""
        while not self._ready:
            try:
                chunk = await anext(self._stream)
                self._parser.write(chunk)
            except StopAsyncIteration:
                return None
            except (FormParserError, ClientDisconnect) as error:
                raise Unreadable("multipart") from error
        return self._ready.popleft()

    def _callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": lambda: self._ready.append(self._part),
            "on_part_data": lambda d, s, e: self._ready.append(d[s:e]),
            "on_part_end": lambda: self._ready.append(_END),
        }

    def _begin(self) -> None:
        self._part = Part()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]
        self._bounded()

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._bounded()

    def _bounded(self) -> None:
        if len(self._name) + len(self._value) > HEADER_BYTES:
            raise TooMuch

    def _header_end(self) -> None:
        self._part.headers[bytes(self._name).lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()


async def reserve(visit: Visit) -> Response:
    """Reserve places for files that a script is about to send, in the clerk's order."""
    first = await visit.desk.files.reserve_places(
        visit.path("document"), visit.typed.number("count"), visit.by
    )
    return json_response(PlacesResponse(first=first))


async def upload(visit: Visit) -> Response:
    """Take files, each by itself: a refused one has its reason, the others go on."""
    parts = Parts(visit.request)
    try:
        received = await _each_file(visit, parts)
    except (NotAllowed, NotFound, PermissionError) as error:
        await _drain(parts)
        if isinstance(error, PermissionError):
            return _forged(visit)
        raise
    return _answer(visit, received)


async def _each_file(visit: Visit, parts: Parts) -> list[StoredFile]:
    """Raises PermissionError if a file comes before the form's token."""
    sent, key, place = visit.request.headers.get(CSRF_HEADER, ""), "", 0
    received: list[StoredFile] = []
    until = asyncio.get_running_loop().time() + visit.desk.rules.upload_seconds
    async for part in parts.each():
        if part.name == "csrf":
            sent = await parts.text()
        elif part.name == "key":
            key = await parts.text()
        elif part.name == "place":
            place = _place(await parts.text())
        elif part.name == "files" and part.file_name is not None:
            if not _genuine(visit, sent):
                raise PermissionError
            _check_share(received, until)
            if part.file_name:  # empty: a browser's file field left alone
                place = place or await _places_of_form(visit, key)
                received.append(await _receive(visit, part.file_name, parts, place))
                place += bool(place)
    return received


def _check_share(received: list[StoredFile], until: float) -> None:
    """One request's files are rebuilt one after another, and others wait for the same
    workers: neither two hundred tiny files nor a few slow ones may hold them for long.
    What was received stays; the first file is taken however slowly it came.
    """
    if len(received) >= MOST_FILES:
        raise TooMuch
    if received and asyncio.get_running_loop().time() > until:
        raise NotAllowed("error.upload-time", n=len(received))


def _genuine(visit: Visit, sent: str) -> bool:
    bearer = visit.request.headers.get("authorization", "").lower()
    if bearer.startswith("bearer "):
        return True
    return visit.me is not None and same_token(visit.me.csrf, sent)


async def _drain(parts: Parts) -> None:
    """Read on to the end, so that the browser hears the answer."""
    async for _part in parts.each():
        pass


async def _places_of_form(visit: Visit, key: str) -> int:
    """The first of the places that belong to this form: the same at its second use, so
    that its files are the same files again. 0 without a key.
    """
    use = visit.desk.forms.use(visit.by.user, key, visit.request.url.path, {})
    if use is None:
        return 0
    document = visit.path("document")
    try:
        with visit.desk.forms.acting(use, "{places}"):
            return await visit.desk.files.reserve_places(document, MOST_FILES, visit.by)
    except UsedBefore as before:
        return int(before.outcome) - MOST_FILES + 1


def _place(text: str) -> int:
    return whole(text, "place")


async def _receive(visit: Visit, name: str, parts: Parts, place: int) -> StoredFile:
    return await visit.desk.files.receive_file(
        visit.path("document"), name, parts.content(), visit.by, place=place
    )


def _forged(visit: Visit) -> Response:
    return refusals.refused(
        HTTPStatus.FORBIDDEN, "error.csrf", visit.request, visit.desk, me=visit.me
    )


def _answer(visit: Visit, received: list[StoredFile]) -> Response:
    document = visit.path("document")
    if not visit.program:
        return RedirectResponse(f"/documents/{document}/desk", HTTPStatus.SEE_OTHER)
    return json_response(FilesResponse(files=[_file(file) for file in received]))


def _file(stored: StoredFile) -> FileResponse:
    file = showing.file_view(stored)
    return FileResponse(
        id=file.id,
        name=file.name,
        size=file.size,
        state=file.state,
        pages=file.pages,
        reason=file.reason,
        detail=file.detail,
        signatures=file.signatures,
    )
