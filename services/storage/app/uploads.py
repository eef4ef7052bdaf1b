"""Files that are brought to be checked, judged while they arrive and never kept here.

How much one file may be is asked here and in ``adapters.strangers``; how fast a body
must come is asked of every body alike, in ``chassis.bodies``. Start at ``open_upload``.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from chassis.multipart import MultipartError, MultipartReader
from storage.app.visit import PublicVisit
from storage.ports import TooLargeError
from storage.usecases import CheckAnswer

FIELD_BYTES: Final = 4096
"""More than a digest (64) or a file's name (255 on every file system) can need."""
FIELDS: Final = 16
"""Our page sends two."""
FORM: Final = "multipart/form-data"


class NamedTooLargeError(Exception):
    """A file larger than what is taken to be checked."""

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.name = name
        self.limit = limit


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A form, read up to the first byte of its first file."""

    reader: MultipartReader
    """The rest of the form: the file, if there is one, and whatever follows it."""
    fields: Mapping[str, str]
    """The text fields that stood before the file."""
    file_name: str | None
    """A stranger's text. None without a file; empty for a file field left alone."""


async def open_upload(request: Request) -> UploadForm:
    """Read the fields before the first file. Raises MultipartError."""
    kind = request.headers.get("content-type", "")
    reader = MultipartReader(kind, request.stream())
    fields: dict[str, str] = {}
    left = FIELDS
    while (part := await reader.next_part()) is not None:
        if part.file_name is not None:
            return UploadForm(reader, fields, part.file_name)
        # Parts, not names: one name a million times is one field and a million parts.
        if not left:
            raise MultipartError("too many fields")
        left -= 1
        fields[part.name] = await reader.text(most_bytes=FIELD_BYTES)
    return UploadForm(reader, fields, None)


async def judge_upload(visit: PublicVisit, form: UploadForm, name: str) -> CheckAnswer:
    """The answer for the form's file. Raises NamedTooLargeError and MultipartError."""
    try:
        return await visit.storage.check_file(form.reader.content(), visit.sender)
    except TooLargeError as error:
        # Browsers send the whole body before they read: a connection closed in the
        # middle is shown as a broken line, and nobody learns that the file is too
        # large. So as much again is read and dropped before the answer.
        with contextlib.suppress(TimeoutError):
            await form.reader.drain(most_bytes=error.limit)
        raise NamedTooLargeError(name, error.limit) from error


async def judge_body(visit: PublicVisit) -> CheckAnswer:
    """The answer for a request whose whole body is the file."""
    try:
        return await visit.storage.check_file(visit.request.stream(), visit.sender)
    except TooLargeError as error:
        raise NamedTooLargeError("", error.limit) from error
