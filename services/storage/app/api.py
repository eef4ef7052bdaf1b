"""The same checks for programs, JSON in OpenAPI and problem+json; and who asks whether
this process lives.
"""

from typing import Annotated, Final

from fastapi import Path
from starlette.responses import JSONResponse, Response

from chassis.measures import reconciled
from chassis.metrics_page import metrics_page
from ecopy.identifiers import parse_code
from storage.app.responses import (
    DIGEST,
    CodeResponse,
    copy_response,
    verdict_response,
)
from storage.app.uploads import FORM, judge_body, judge_upload, open_upload
from storage.app.visit import PublicVisit
from storage.domain.names import plain_name
from storage.usecases import CheckAnswer

FILE_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/pdf": {"schema": {"type": "string"}},
            FORM: {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string"}},
                }
            },
        },
    }
}
"""The body of ``verify`` for OpenAPI: FastAPI cannot see it, since it is streamed."""


def sha256_parameter(
    sha256: Annotated[str, Path(pattern=f"^{DIGEST.pattern}$")],
) -> str:
    """FastAPI documents and checks the path's digest by this; anything else is 422."""
    return sha256


def code_parameter(code: str) -> str:
    """FastAPI documents the path's code by this; how codes may be typed is ours."""
    return code


async def healthz(_: PublicVisit) -> Response:
    """Alive: nothing else is asked."""
    return JSONResponse({"status": "ok"})


async def readyz(visit: PublicVisit) -> Response:
    """503 while the bus or the catalogue does not answer, or the catalogue is empty
    beside a full archive.
    """
    ready = await visit.storage.ready()
    words = {"status": "ready" if ready else "waiting"}
    return JSONResponse(words, 200 if ready else 503)


async def metrics(visit: PublicVisit) -> Response:
    """The three counters of the catalogue's books, for Prometheus."""
    return metrics_page(visit.request, reconciled("storage", visit.storage.figures()))


async def verify(visit: PublicVisit) -> Response:
    """Judge a file: the body itself, or the first file of a form."""
    name = ""
    if (visit.header("content-type") or "").startswith(FORM):
        form = await open_upload(visit.request)
        name = plain_name(form.file_name or "")
        answer = await judge_upload(visit, form, name)
    else:
        answer = await judge_body(visit)
    return _verdict(visit, answer, name)


async def digest(visit: PublicVisit) -> Response:
    """Genuine or withdrawn, if the archive holds these bytes; else 404: only the
    file itself can then be judged.
    """
    answer = await visit.storage.check_digest(visit.path("sha256"))
    if answer is None:
        return visit.problem(404, "not-archived")
    return _verdict(visit, answer, "")


async def code(visit: PublicVisit) -> Response:
    """In the register or not. A code proves no file: it is never genuine."""
    try:
        copy = await visit.storage.look_up(parse_code(visit.path("code")))
    except ValueError:
        return visit.problem(422, "not-a-code")
    if copy is None:
        return visit.problem(404, "unknown")
    status = "listed_withdrawn" if copy.withdrawal else "listed"
    body = CodeResponse(
        status=status, certified_copy=copy_response(copy, visit.face.mergers)
    )
    return JSONResponse(body.model_dump())


def _verdict(visit: PublicVisit, answer: CheckAnswer, name: str) -> Response:
    mergers = visit.face.mergers
    body = verdict_response(answer, name=name, at=visit.now(), mergers=mergers)
    return JSONResponse(body.model_dump(mode="json"))
