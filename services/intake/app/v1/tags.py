"""ETags (RFC 9110): an answer that has not changed is not sent again, and a change
names what it was made from.

A tag is the versions of what is shown, and a digest of the answer: ``"3.7-5f2c…"`` is a
case of version 3 whose one paper has version 7. A change compares the versions alone,
because those count what people and programs change; the digest also moves when only
time has passed. Start at ``tagged``.
"""

import hashlib
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from pydantic import BaseModel
from starlette.responses import Response

from intake.app.v1.misfits import Stale, Unmatched
from intake.app.visit import Visit
from intake.domain.numbers import document_id

DIGEST_CHARACTERS: Final = 16
_TAG: Final = re.compile(r'"(\d{1,9}(?:\.\d{1,9}){0,60})-[0-9a-f]{16}"', re.ASCII)


def tagged(
    visit: Visit,
    model: BaseModel,
    versions: Iterable[int],
    *,
    status: int = HTTPStatus.OK,
    location: str = "",
) -> Response:
    """The answer with its tag; 304 where a GET's sender has it already."""
    body = model.model_dump_json().encode()
    digest = hashlib.sha256(body).hexdigest()[:DIGEST_CHARACTERS]
    tag = f'"{".".join(map(str, versions))}-{digest}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if location:
        headers["Location"] = location
    if visit.request.method in {"GET", "HEAD"} and _known(visit, tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, status, headers, media_type="application/json")


def matched(visit: Visit) -> tuple[int, ...]:
    """The versions that the change was made from. Raises Unmatched where the request
    names none, Stale where it names none of ours.
    """
    sent = visit.request.headers.get("if-match", "").strip()
    if not sent or sent == "*":
        # A star would say "whatever it is now": that is what this header is against.
        raise Unmatched
    found = _TAG.fullmatch(sent)
    if found is None:
        raise Stale
    return tuple(map(int, found[1].split(".")))


def version(visit: Visit) -> int:
    """The first of them: of a paper its own, of a case the case's."""
    return matched(visit)[0]


def papers(visit: Visit, names: Iterable[str]) -> dict[str, int]:
    """The version of each of these papers of the case, as the case's tag has them."""
    versions = matched(visit)[1:]
    found: dict[str, int] = {}
    for name in names:
        case, _, ordinal = name.rpartition("-")
        nth = int(ordinal) if ordinal.isascii() and ordinal.isdecimal() else 0
        if case != visit.path("code") or not 1 <= nth <= len(versions):
            raise Stale
        found[name] = versions[nth - 1]
    return found


def every_paper(visit: Visit) -> dict[str, int]:
    """The version of each paper of the case, as the case's tag has them."""
    versions = enumerate(matched(visit)[1:], start=1)
    code = visit.path("code")
    return {document_id(code, nth): version for nth, version in versions}


def _known(visit: Visit, tag: str) -> bool:
    sent = visit.request.headers.get("if-none-match", "")
    return any(
        each.strip().removeprefix("W/") in {tag, "*"} for each in sent.split(",")
    )
