"""The code page: in the register or not. A code proves no file (spec 3.6)."""

from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ecopy.identifiers import format_code, parse_code
from storage.app.throttling import Counter
from storage.domain.names import plain_name
from storage.usecases import Storage
from storage.web.rendering import Faces, language

SHOWN_CHARACTERS = 40


def routes(storage: Storage, faces: Faces, counter: Counter) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/k")
    async def typed(request: Request, code: str = "") -> Response:
        """The form of the checking page: send people on to the code's own page."""
        try:
            found = format_code(parse_code(code))
        except ValueError:
            return misread(request, code)
        lang = "?lang=en" if language(request) == "en" else ""
        return RedirectResponse(f"/k/{quote(found)}{lang}", 303)

    @router.api_route("/k/{typed_code}", methods=["GET", "HEAD"])
    async def code_page(request: Request, typed_code: str) -> Response:
        counter.code(request)
        try:
            code = parse_code(typed_code)
        except ValueError:
            return misread(request, typed_code)
        copy = await storage.look_up(code)
        if copy is None:
            shown = format_code(code)
            return faces.page(request, "unknown.html.j2", 404, code=shown)
        return faces.page(request, "code.html.j2", copy=copy)

    def misread(request: Request, typed_code: str) -> Response:
        lang = language(request)
        wrong = "verify.code_bad" if typed_code.strip() else "verify.code_none"
        return faces.page(
            request,
            "verify.html.j2",
            422,
            code_error=faces.pages.text(wrong, lang=lang),
            file_error="",
            typed=plain_name(typed_code, longest=SHOWN_CHARACTERS),
            most=faces.most,
        )

    return router
