"""The protocol tus 1.0.0: uploads that go on where they stopped.

https://tus.io/protocols/resumable-upload with creation, creation-with-upload,
termination, expiration and checksum. Here are its headers and statuses alone; what is
done is in ``intake.usecases.uploading``. Own code: the servers on PyPI bring a store
and a guard of their own (docs/decisions/0104). Its addresses stand in
``routes.uploads``. Start at ``begin``.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable
from email.utils import format_datetime
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import problem
from intake.app.visit import Unreadable, Visit, whole
from intake.domain import text
from intake.domain.uploading import Announced, Spoilt, TooLong, Upload
from intake.usecases.uploading import SentDigest

VERSION: Final = "1.0.0"
PIECE_TYPE: Final = "application/offset+octet-stream"
EXTENSIONS: Final = "creation,creation-with-upload,termination,expiration,checksum"
ALGORITHMS: Final = ("sha1", "sha256")
OVERRIDE: Final = "x-http-method-override"
METADATA_CHARACTERS: Final = 4096
MODIFIED_CHARACTERS: Final = 32
PAGE_CHARACTERS: Final = 100
LENGTH_DIGITS: Final = 18
"""Fits a 64-bit integer; what is too long for a file is a 413, not a 400."""


def spoken(
    handle: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """The handler, for those who speak this version; each answer says so, too."""

    async def answer(request: Request) -> Response:
        asks_what = request.method == "OPTIONS"
        if not asks_what and request.headers.get("tus-resumable") != VERSION:
            status = HTTPStatus.PRECONDITION_FAILED
            response: Response = problem(status, "Speak tus 1.0.0", slug="tus-version")
            response.headers["Tus-Version"] = VERSION
        else:
            response = await handle(request)
        if not asks_what:
            response.headers["Tus-Resumable"] = VERSION
        return response

    return answer


async def offer(visit: Visit) -> Response:
    """What this server can do."""
    return Response(
        status_code=HTTPStatus.NO_CONTENT,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(visit.desk.rules.file_bytes),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        },
    )


async def begin(visit: Visit) -> Response:
    """A new upload, with its first bytes if they came along."""
    headers, uploading = visit.request.headers, visit.desk.uploading
    brings = _brings_bytes(headers)
    if brings and headers.get("content-type") != PIECE_TYPE:
        return _other_type()
    digest = _digest(headers)
    upload = await uploading.begin(
        visit.path("document"), _announced(headers), visit.by
    )
    if brings:
        try:
            upload = await uploading.append(
                upload.id, 0, visit.request.stream(), visit.by, digest=digest
            )
        except (TooLong, Spoilt):
            # Its sender was never told its address. It would take a file's place in the
            # paper and room on the disk until it is swept, or become an empty file.
            await uploading.end(upload.id, visit.by)
            raise
    elif upload.whole:
        upload = await uploading.state(upload.id, visit.by)
    answer = _standing(visit, upload, HTTPStatus.CREATED)
    versioned = "/v1" if visit.request.url.path.startswith("/v1/") else ""
    answer.headers["Location"] = f"{versioned}/uploads/{upload.id}"
    return answer


async def state(visit: Visit) -> Response:
    """How much of an upload is durable: the sender goes on from there."""
    upload = await visit.desk.uploading.state(visit.path("upload"), visit.by)
    answer = _standing(visit, upload, HTTPStatus.OK)
    answer.headers["Upload-Length"] = str(upload.announced.length)
    if upload.announced.metadata:
        answer.headers["Upload-Metadata"] = upload.announced.metadata
    return answer


async def append(visit: Visit) -> Response:
    """More bytes, from the offset on that the sender names."""
    headers = visit.request.headers
    if headers.get("content-type") != PIECE_TYPE:
        return _other_type()
    upload = await visit.desk.uploading.append(
        visit.path("upload"),
        _length(headers, "upload-offset"),
        visit.request.stream(),
        visit.by,
        digest=_digest(headers),
    )
    return _standing(visit, upload, HTTPStatus.NO_CONTENT)


async def end(visit: Visit) -> Response:
    """The sender does not want it any more."""
    await visit.desk.uploading.end(visit.path("upload"), visit.by)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def overridden(visit: Visit) -> Response:
    """Whoever can only send POST names the method in a header."""
    methods = {"PATCH": append, "DELETE": end, "HEAD": state}
    meant = methods.get(visit.request.headers.get(OVERRIDE, "").upper())
    if meant is None:
        return problem(HTTPStatus.METHOD_NOT_ALLOWED, "Send PATCH", slug="method")
    return await meant(visit)


def _standing(visit: Visit, upload: Upload, status: int) -> Response:
    until = upload.touched_at + visit.desk.rules.upload_life
    headers = {
        "Upload-Offset": str(upload.offset),
        "Upload-Expires": format_datetime(until, usegmt=True),
    }
    return Response(status_code=status, headers=headers)


def _other_type() -> Response:
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    return problem(status, f"Send {PIECE_TYPE}", slug="media-type")


def _brings_bytes(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _length(headers: Headers, name: str) -> int:
    """Raises Unreadable for what is no number of bytes."""
    sent = headers.get(name, "")
    if not (sent.isascii() and sent.isdecimal()) or len(sent) > LENGTH_DIGITS:
        raise Unreadable(name)
    return int(sent)


def _announced(headers: Headers) -> Announced:
    metadata = headers.get("upload-metadata", "")
    if not metadata.isascii() or len(metadata) > METADATA_CHARACTERS:
        raise Unreadable("upload-metadata")
    values = dict(_pair(pair) for pair in metadata.split(",") if pair.strip())
    return Announced(
        length=_length(headers, "upload-length"),
        name=values.get("filename", ""),
        place=whole(values.get("place", "0"), "place"),
        metadata=metadata,
        modified=text.line(values.get("modified", ""))[:MODIFIED_CHARACTERS],
        replaces=text.line(values.get("replaces", ""))[:PAGE_CHARACTERS],
    )


def _pair(sent: str) -> tuple[str, str]:
    """One key of the metadata with its value; the value may be absent."""
    key, _, value = sent.strip().partition(" ")
    try:
        return key, base64.b64decode(value, validate=True).decode()
    except ValueError as error:
        raise Unreadable("upload-metadata") from error


def _digest(headers: Headers) -> SentDigest | None:
    """Raises Unreadable for an algorithm that ``offer`` does not name."""
    sent = headers.get("upload-checksum")
    if sent is None:
        return None
    algorithm, _, value = sent.partition(" ")
    if algorithm not in ALGORITHMS:
        raise Unreadable("upload-checksum")
    try:
        return SentDigest(algorithm, base64.b64decode(value, validate=True))
    except binascii.Error as error:
        raise Unreadable("upload-checksum") from error
