"""The forms into which people type, each with its page that shows it once more.

When one comes back, and to whom, is in ``again``. A form that is not here is opened
anew and costs a tick. Start at ``shown``.
"""

from dataclasses import replace
from typing import Any, Final, Protocol

from starlette.responses import Response
from starlette.routing import compile_path

from intake.app.case_forms import show_correction, show_ending, show_supplement
from intake.app.office_forms import show_account, show_remark, show_table, show_template
from intake.app.visit import Visit, case_of
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
        view=replace(
            visit.desk.pages.new_case(visit.by),
            arrivals=await visit.desk.inbox.picked(
                visit.typed.all("arrival"), visit.by
            ),
        ),
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


async def show_details(
    visit: Visit,
    *,
    status: int,
    kept: str | None = None,
    outcome: str | None = None,
) -> Response:
    """The page desk, with what was typed about the paper."""
    return visit.desk.render(
        "page-desk.html",
        visit.request,
        status=status,
        view=await visit.desk.pages.page_desk(visit.path("document"), visit.by),
        me=visit.me,
        form=visit.typed.again("page"),
        form_name=visit.request.url.path.rsplit("/", 1)[1],
        kept=kept,
        outcome=outcome,
    )


async def show_decision(
    visit: Visit,
    *,
    status: int,
    errors: tuple[FieldError, ...] = (),
    kept: str | None = None,
    outcome: str | None = None,
) -> Response:
    """The wall, with the form of a refusal or of a send-back open."""
    return visit.desk.render(
        "review-wall.html",
        visit.request,
        status=status,
        view=await visit.desk.wall.view(visit.path("document"), visit.by),
        me=_me(visit, errors),
        errors=errors,
        form=visit.typed.again("page"),
        form_name=visit.request.url.path.rsplit("/", 1)[1],
        kept=kept,
        outcome=outcome,
    )


_SHOWN: Final[tuple[tuple[str, Show], ...]] = (
    ("/cases", show_case),
    ("/cases/{code}/documents", show_paper),
    ("/cases/{code}/correct", show_correction),
    ("/cases/{code}/end", show_ending),
    ("/cases/{code}/supplement", show_supplement),
    ("/documents/{document}/details", show_details),
    ("/documents/{document}/refuse", show_decision),
    ("/documents/{document}/send-back", show_decision),
    ("/documents/{document}/void", show_void),
    ("/templates/{handout}", show_template),
    ("/register/notes", show_remark),
    ("/tables/{table}", show_table),
    ("/accounts", show_account),
    ("/accounts/{user}", show_account),
)
"""Forms into which people type; the others are opened anew and cost a tick."""


def _me(visit: Visit, errors: tuple[FieldError, ...]) -> Me | None:
    """A form with mistakes goes on under its own key: from the first try to the last it
    is one form, and acts once.
    """
    key = visit.typed.one("key")
    return replace(visit.me, key=key) if visit.me and errors and key else visit.me


def shown(path: str) -> tuple[Show, dict[str, Any]] | None:
    """What shows the form that is sent to *path*, and the names in that path."""
    for pattern, show in _SHOWN:
        match = compile_path(pattern)[0].fullmatch(path)
        if match is not None:
            return show, match.groupdict()
    return None
