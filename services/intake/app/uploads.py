"""Files from a form, part by part while they arrive: memory does not grow with them.

What is in a file is looked at elsewhere, in a process of its own. Start at ``upload``;
``reserve`` gives places before (docs/decisions/0050).
"""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from starlette.responses import RedirectResponse, Response

from chassis.multipart import MultipartError, MultipartReader, PartTooLargeError
from intake.app import refusals
from intake.app.guard import CSRF_HEADER, same_token
from intake.app.responses import (
    FileResponse,
    FilesResponse,
    PlacesResponse,
    json_response,
)
from intake.app.visit import TooMuch, Unreadable, Visit, whole
from intake.domain import showing_files
from intake.domain.files import StoredFile
from intake.domain.form_keys import UsedBefore
from intake.domain.records import NotFound
from intake.domain.states import NotAllowed
from intake.domain.uploading import NoRoom
from intake.ports import QueueFull

FIELD_BYTES: Final = 4 << 10
"""The most bytes of a field beside the files: a token, a key or a number."""


async def reserve(visit: Visit) -> Response:
    """Reserve places for files that a script is about to send, in the clerk's order."""
    first = await visit.desk.files.reserve_places(
        visit.path("document"), visit.typed.number("count"), visit.by
    )
    return json_response(PlacesResponse(first=first))


async def upload(visit: Visit) -> Response:
    """Take files, each by itself: a refused one has its reason, the others go on."""
    try:
        return _answer(visit, await received(visit))
    except PermissionError:
        return forged(visit)


async def received(visit: Visit) -> list[StoredFile]:
    """The files of the request. PermissionError for one before the form's token."""
    try:
        return await _receive_files(visit)
    except PartTooLargeError as error:
        raise TooMuch from error
    except MultipartError as error:
        raise Unreadable("multipart") from error


async def _receive_files(visit: Visit) -> list[StoredFile]:
    """Store each file of the form. PermissionError for one before the form's token."""
    request = visit.request
    size = request.headers.get("content-length", "0")
    form = MultipartReader(request.headers.get("content-type", ""), request.stream())
    try:
        await visit.desk.uploading.check_room(int(size) if size.isdecimal() else 0)
        return await _each_file(visit, form)
    except (NotAllowed, NotFound, NoRoom, PermissionError, QueueFull):
        # A browser that is still sending sees an answer only after the last byte.
        while await form.next_part() is not None:
            pass
        raise


@dataclass(slots=True)
class _Fields:
    """What the form says before its files."""

    csrf: str
    key: str = ""
    place: int = 0
    """The place of the next file; 0 if the clerk's order is not reserved."""
    replaces: str = ""
    """The page in whose place the files are to lie; empty for files of their own."""


async def _each_file(visit: Visit, form: MultipartReader) -> list[StoredFile]:
    fields = _Fields(visit.request.headers.get(CSRF_HEADER, ""))
    received: list[StoredFile] = []
    rules = visit.desk.rules
    until = asyncio.get_running_loop().time() + rules.upload_seconds
    while (part := await form.next_part()) is not None:
        if part.name in {"csrf", "key", "place", "old"}:
            _fill(fields, part.name, await form.text(most_bytes=FIELD_BYTES))
        elif part.name == "files" and part.file_name is not None:
            # The token stands before the files in the form, so a forged one is refused
            # before a byte of a file is stored.
            if not genuine(visit, fields.csrf):
                raise PermissionError
            _check_share(received, rules.request_files, until)
            if part.file_name:  # empty: a browser's file field left alone
                received.append(await _receive(visit, part.file_name, form, fields))
    return received


def _fill(fields: _Fields, name: str, text: str) -> None:
    match name:
        case "csrf":
            fields.csrf = text
        case "key":
            fields.key = text
        case "old":
            fields.replaces = text
        case _:
            fields.place = whole(text, "place")


def _check_share(received: list[StoredFile], most: int, until: float) -> None:
    """One request's files are rebuilt one after another, and others wait for the same
    workers: neither hundreds of tiny files nor a few slow ones may hold them for long.
    What was received stays; the first file is taken however slowly it came.
    """
    if len(received) >= most:
        raise TooMuch
    if received and asyncio.get_running_loop().time() > until:
        raise NotAllowed("error.upload-time", n=len(received))


def genuine(visit: Visit, sent: str) -> bool:
    bearer = visit.request.headers.get("authorization", "").lower()
    if bearer.startswith("bearer "):
        return True
    return visit.me is not None and same_token(visit.me.csrf, sent)


async def _places_of_form(visit: Visit, key: str) -> int:
    """The first of the places that belong to this form: the same at its second use, so
    that its files are the same files again. 0 without a key.
    """
    use = visit.desk.forms.use(visit.by.user, key, visit.request.url.path, {})
    if use is None:
        return 0
    document, most = visit.path("document"), visit.desk.rules.request_files
    try:
        with visit.desk.forms.acting(use, "{places}"):
            return await visit.desk.files.reserve_places(document, most, visit.by)
    except UsedBefore as before:
        return int(before.outcome) - most + 1


async def _receive(
    visit: Visit, name: str, form: MultipartReader, fields: _Fields
) -> StoredFile:
    fields.place = fields.place or await _places_of_form(visit, fields.key)
    file = await visit.desk.files.receive_file(
        visit.path("document"),
        name,
        form.content(),
        visit.by,
        place=fields.place,
        replaces=fields.replaces,
    )
    fields.place += bool(fields.place)
    return file


def forged(visit: Visit) -> Response:
    """Nothing of it was stored."""
    return refusals.refused(
        HTTPStatus.FORBIDDEN, "error.csrf", visit.request, visit.desk, me=visit.me
    )


def _answer(visit: Visit, received: list[StoredFile]) -> Response:
    document = visit.path("document")
    if not visit.program:
        return RedirectResponse(f"/documents/{document}/desk", HTTPStatus.SEE_OTHER)
    return json_response(FilesResponse(files=[_file(file) for file in received]))


def _file(stored: StoredFile) -> FileResponse:
    file = showing_files.file_view(stored)
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
