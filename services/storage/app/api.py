"""The same checks for programs: JSON in OpenAPI, problem+json (spec 5.5)."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis.clock import Clock
from chassis.http import problem
from ecopy.identifiers import parse_code
from storage.app.responses import (
    DIGEST,
    CodeSaid,
    VerdictSaid,
    copy_said,
    said,
)
from storage.app.throttling import Counter
from storage.app.uploads import judge_body, judge_form
from storage.domain.names import plain_name
from storage.usecases import Storage
from storage.web.forms import Form

Digest = Annotated[str, Path(pattern=f"^{DIGEST.pattern}$")]


def routes(storage: Storage, counter: Counter, *, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["verify"])

    @router.post(
        "/verify",
        response_model=VerdictSaid,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/pdf": {"schema": {"type": "string"}},
                    "multipart/form-data": {
                        "schema": {
                            "type": "object",
                            "properties": {"file": {"type": "string"}},
                        }
                    },
                },
            }
        },
    )
    async def verify(request: Request) -> Response:
        """Judge a file: the body itself, or the first file of a form."""
        counter.file(request)
        with counter.in_hand(request):
            body, sender = request.stream(), counter.sender(request)
            kind = request.headers.get("content-type", "")
            if kind.startswith("multipart/form-data"):
                form = await Form(kind, body).open()
                name = plain_name(form.file_name or "")
                answer = await judge_form(storage, form, name, sender)
            else:
                name = ""
                answer = await judge_body(storage, body, sender)
        return JSONResponse(said(answer, name=name, at=clock()).model_dump(mode="json"))

    @router.get("/digests/{sha256}", response_model=VerdictSaid)
    async def digest(request: Request, sha256: Digest) -> Response:
        """Genuine or withdrawn, if the archive holds these bytes; else 404: only the
        file itself can then be judged.
        """
        counter.file(request)
        answer = await storage.check_digest(sha256)
        if answer is None:
            return problem(404, "No archived copy has this digest", slug="not-archived")
        return JSONResponse(said(answer, name="", at=clock()).model_dump(mode="json"))

    @router.get("/codes/{code}", response_model=CodeSaid)
    async def code(request: Request, code: str) -> Response:
        """In the register or not. A code proves no file: it is never genuine."""
        counter.code(request)
        try:
            copy = await storage.look_up(parse_code(code))
        except ValueError:
            return problem(422, "A code has 12 letters and digits", slug="not-a-code")
        if copy is None:
            return problem(404, "Not in the register", slug="unknown")
        status = "listed_withdrawn" if copy.withdrawal else "listed"
        body = CodeSaid(status=status, certified_copy=copy_said(copy))
        return JSONResponse(body.model_dump())

    return router
