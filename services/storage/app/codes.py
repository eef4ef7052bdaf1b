"""The page of a verification code: in the register or not. A code proves no file, so no
page here ever says *genuine*.
"""

from typing import Final
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from ecopy.identifiers import format_code, parse_code
from storage.app.visit import PublicVisit
from storage.domain.names import plain_name
from storage.web.rendering import language

SHOWN_CHARACTERS: Final = 40
"""How much of a mistyped code is shown again: the form's field takes as many."""


async def code_form(visit: PublicVisit) -> Response:
    """The form of the checking page: send people on to the code's own page."""
    typed = visit.request.query_params.get("code", "")
    try:
        code = format_code(parse_code(typed))
    except ValueError:
        return _misread(visit, typed)
    lang = "?lang=en" if language(visit.request) == "en" else ""
    return RedirectResponse(f"/k/{quote(code)}{lang}", 303)


async def code_page(visit: PublicVisit) -> Response:
    typed = visit.path("code")
    try:
        code = parse_code(typed)
    except ValueError:
        return _misread(visit, typed)
    copy = await visit.storage.look_up(code)
    if copy is None:
        return visit.page("unknown.html.j2", 404, code=format_code(code))
    return visit.page("code.html.j2", copy=copy)


def _misread(visit: PublicVisit, typed: str) -> Response:
    """The form again, with what was typed and one sentence beside the field."""
    wrong = "verify.code_bad" if typed.strip() else "verify.code_none"
    return visit.page(
        "verify.html.j2",
        422,
        code_error=visit.words(wrong),
        file_error="",
        typed=plain_name(typed, longest=SHOWN_CHARACTERS),
        most=visit.face.render.file_bytes,
    )
