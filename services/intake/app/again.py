"""A form that could not be sent is shown again, with what was typed, ready to send.

Three ways lead here: the session ended while the form stood open, the form is of an
earlier session, or it has acted before and now holds something else. Nothing is sent by
itself. What was typed is never kept on the server: it travels in the sign-in form of
the same browser and comes back with the password. The form's own key, made for one
person and signed, says whose it is, so another person who signs in there sees nothing
of it (docs/decisions/0051). Start at ``stale``.
"""

from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from intake.app import recall, refusals
from intake.app.again_office import show_remark, show_template
from intake.app.visit import KEPT_CHARACTERS, Typed, Visit, typed_text
from intake.domain.form_keys import UsedBefore
from intake.domain.numbers import split_document_id
from intake.domain.records import NotFound
from intake.domain.views.page import FieldError, Me

PAPER: Final = ("title", "kind", "issuing_body", "pages")


class Show(Protocol):
    """Show a form once more. *kept* says why it comes back, *outcome* is the page of
    its earlier act.
    """

    async def __call__(
        self,
        visit: Visit,
        *,
        status: int,
        kept: str | None = None,
        outcome: str | None = None,
    ) -> Response: ...


async def show_case(
    visit: Visit,
    *,
    status: int,
    errors: tuple[FieldError, ...] = (),
    kept: str | None = None,
    outcome: str | None = None,
) -> Response:
    """The form of a new case."""
    return visit.desk.render(
        "case-new.html",
        visit.request,
        status=status,
        view=visit.desk.pages.new_case(visit.by),
        me=_me(visit, errors),
        errors=errors,
        form=visit.typed.again(*PAPER),
        kept=kept,
        outcome=outcome,
    )


async def show_paper(
    visit: Visit,
    *,
    status: int,
    errors: tuple[FieldError, ...] = (),
    kept: str | None = None,
    outcome: str | None = None,
) -> Response:
    """The case with its form for one more paper."""
    return visit.desk.render(
        "case.html",
        visit.request,
        status=status,
        view=await visit.desk.pages.case(visit.path("code"), visit.by),
        me=_me(visit, errors),
        kinds=visit.desk.pages.new_case(visit.by).kinds,
        errors=errors,
        form=visit.typed.again(*PAPER),
        kept=kept,
        outcome=outcome,
    )


async def show_void(
    visit: Visit,
    *,
    status: int,
    kept: str | None = None,
    outcome: str | None = None,
) -> Response:
    """The case, with the form that declares a number of it void open."""
    case = case_of(visit.path("document"))
    return visit.desk.render(
        "case.html",
        visit.request,
        status=status,
        view=await visit.desk.pages.case(case, visit.by),
        me=visit.me,
        form=visit.typed.again(),
        form_name=visit.path("document"),
        kept=kept,
        outcome=outcome,
    )


async def show_decision(
    visit: Visit,
    *,
    status: int,
    kept: str | None = None,
    outcome: str | None = None,
) -> Response:
    """The wall, with the form of a refusal or of a send-back open."""
    return visit.desk.render(
        "review-wall.html",
        visit.request,
        status=status,
        view=await visit.desk.pages.wall(visit.path("document"), visit.by),
        me=visit.me,
        form=visit.typed.again(),
        form_name=visit.request.url.path.rsplit("/", 1)[1],
        kept=kept,
        outcome=outcome,
    )


def case_of(document: str) -> str:
    """The code of the case that a document is in. NotFound for what is no document."""
    try:
        return split_document_id(document)[0]
    except ValueError as error:
        raise NotFound(document) from error


_SHOWN: Final[tuple[tuple[str, Show], ...]] = (
    ("/cases", show_case),
    ("/cases/{code}/documents", show_paper),
    ("/documents/{document}/refuse", show_decision),
    ("/documents/{document}/send-back", show_decision),
    ("/documents/{document}/void", show_void),
    ("/templates/{handout}", show_template),
    ("/register/notes", show_remark),
)
"""Forms into which people type; the others are opened anew and cost a tick."""


def _me(visit: Visit, errors: tuple[FieldError, ...]) -> Me | None:
    """A form with mistakes goes on under its own key: from the first try to the last it
    is one form, and acts once.
    """
    key = visit.typed.one("key")
    return replace(visit.me, key=key) if visit.me and errors and key else visit.me


async def stale(visit: Visit) -> Response:
    """A form of an earlier session, or with a key past its life: nothing was done."""
    key = visit.typed.one("key")
    if visit.me is None or not visit.desk.forms.owns(visit.me.user, key):
        return refusals.refused(
            HTTPStatus.FORBIDDEN,
            "error.csrf",
            visit.request,
            visit.desk,
            me=visit.me,
        )
    return await _ready(visit, "stale", "error.csrf")


async def used(visit: Visit, outcome: str) -> Response:
    """It acted before with something else in it: a person must say what is meant."""
    return await _show(visit, "used", "error.form-used", outcome=outcome)


def text_to_keep(request: Request, typed: Typed) -> str | None:
    """What was typed, to travel with the sign-in form; None if it is not kept."""
    if _shown(request.url.path) is None or not typed.one("key"):
        return None
    fields = {name: v for name, v in typed.fields.items() if name != "csrf"}
    text = urlencode(fields, doseq=True)
    return text if len(text) <= KEPT_CHARACTERS else None


async def resume(visit: Visit, to: str, text: str) -> Response | None:
    """After signing in: the form as it was, for whoever typed it; None for all others.

    *visit* is of the person who has just signed in; *to* and *text* are what
    ``text_to_keep`` gave to the sign-in form. They come back from the browser, so
    anybody may have made them.
    """
    found = _shown(to)
    if found is None or visit.me is None or len(text) > KEPT_CHARACTERS:
        return None
    typed = typed_text(text)
    if not visit.desk.forms.owns(visit.me.user, typed.one("key")):
        return None
    # A request to the form's own address, as if it had just been sent there: its page
    # takes names from the path. The body was read with the sign-in form and is not read
    # again; what was typed is in ``typed``.
    scope = {**visit.request.scope, "path": to, "path_params": found[1]}
    there = replace(visit, request=Request(scope), typed=typed)
    return await _ready(there, "session", "error.csrf")


async def _ready(visit: Visit, why: str, key: str) -> Response:
    """Under the form's own key while that lives: if the form had acted after all, and
    only its answer was lost, sending it again brings that answer.
    """
    mine = visit.typed.one("key")
    use = visit.desk.forms.use(
        visit.by.user, mine, visit.request.url.path, visit.typed.fields
    )
    if use is None or visit.me is None:
        return await _show(visit, why, key)
    before: UsedBefore | None = await visit.desk.forms.used_before(use)
    if before is None:
        return await _show(replace(visit, me=replace(visit.me, key=mine)), why, key)
    if before.same:
        return await recall.to_outcome(before, visit)
    return await used(visit, before.outcome)


async def _show(
    visit: Visit, why: str, key: str, *, outcome: str | None = None
) -> Response:
    found = _shown(visit.request.url.path)
    status = HTTPStatus.CONFLICT
    if found is None:
        status = HTTPStatus.FORBIDDEN if key == "error.csrf" else status
        return refusals.refused(status, key, visit.request, visit.desk, me=visit.me)
    show, _ = found
    return await show(visit, status=status, kept=why, outcome=outcome)


def _shown(path: str) -> tuple[Show, dict[str, Any]] | None:
    for pattern, show in _SHOWN:
        match = compile_path(pattern)[0].fullmatch(path)
        if match is not None:
            return show, match.groupdict()
    return None
