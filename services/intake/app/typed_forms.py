"""The forms into which people type, each with its page that shows it once more.

When one comes back, and to whom, is in ``again``. A form that is not here is opened
anew and costs a tick. Start at ``shown``.
"""

from dataclasses import replace
from typing import Any, Final

from starlette.routing import compile_path

from intake.app.case_forms import (
    correction_page,
    ending_page,
    extension_page,
    requester_typed,
    supplement_page,
)
from intake.app.office_forms import (
    account_page,
    board_page,
    calendar_page,
    delegations_page,
    fees_page,
    inbox_page,
    letter_page,
    programs_page,
    remark_page,
    seal_page,
    switches_page,
    table_page,
    template_page,
)
from intake.app.typed_pages import Gather, TypedPage
from intake.app.visit import Visit, case_of
from intake.domain.recognising import Earlier
from intake.domain.views.case_new import EarlierView

PAPER: Final = ("title", "kind", "issuing_body", "pages", "copies")


async def case_page(
    visit: Visit, earlier: tuple[Earlier, ...] | None = None
) -> TypedPage:
    """The form of a new case; with whoever came before, if somebody looked for them.
    One of them stands in the fields only if the clerk has taken them.
    """
    picked = await visit.desk.inbox.picked(visit.typed.all("arrival"), visit.by)
    offers = tuple(map(_offered, earlier or ()))
    view = replace(
        visit.desk.pages.new_case(visit.by),
        arrivals=picked,
        sought=earlier is not None,
        earlier=offers,
    )
    form, chosen = visit.typed.again(*PAPER), visit.typed.one("take")
    for offer in offers:
        form |= offer.fields if offer.case == chosen else {}
    return TypedPage("case-new.html", view, form)


def _offered(earlier: Earlier) -> EarlierView:
    return EarlierView(
        case=earlier.case,
        fields=requester_typed(earlier.requester),
        last=earlier.last,
        times=earlier.times,
    )


async def paper_page(visit: Visit) -> TypedPage:
    """The case with its form for one more paper."""
    view = await visit.desk.pages.case(visit.path("code"), visit.by)
    kinds = visit.desk.pages.new_case(visit.by).kinds
    return TypedPage("case.html", view, visit.typed.again(*PAPER), {"kinds": kinds})


async def void_page(visit: Visit) -> TypedPage:
    """The case, with the form that declares a number of it void open."""
    document = visit.path("document")
    view = await visit.desk.pages.case(case_of(document), visit.by)
    return TypedPage("case.html", view, visit.typed.again(), {"form_name": document})


async def details_page(visit: Visit) -> TypedPage:
    """The page desk, with what was typed about the paper."""
    view = await visit.desk.pages.page_desk(visit.path("document"), visit.by)
    return TypedPage("page-desk.html", view, visit.typed.again("page"), _named(visit))


async def decision_page(visit: Visit) -> TypedPage:
    """The wall, with the form of a refusal or of a send-back open."""
    view = await visit.desk.wall.view(visit.path("document"), visit.by)
    return TypedPage("review-wall.html", view, visit.typed.again("page"), _named(visit))


_SHOWN: Final[tuple[tuple[str, Gather], ...]] = (
    ("/cases", case_page),
    ("/cases/earlier", case_page),
    ("/cases/{code}/documents", paper_page),
    ("/cases/{code}/correct", correction_page),
    ("/cases/{code}/end", ending_page),
    ("/cases/{code}/extend", extension_page),
    ("/cases/{code}/supplement", supplement_page),
    ("/documents/{document}/details", details_page),
    ("/documents/{document}/refuse", decision_page),
    ("/documents/{document}/send-back", decision_page),
    ("/documents/{document}/void", void_page),
    ("/views", board_page),
    ("/templates/{handout}", template_page),
    ("/register/notes", remark_page),
    ("/tables/{table}", table_page),
    ("/accounts", account_page),
    ("/accounts/{user}", account_page),
    ("/documents/{document}/pages/adjust", details_page),
    ("/documents/{document}/pages/split", details_page),
    ("/documents/{document}/pages/merge", details_page),
    ("/inbox/{arrival}/set-aside", inbox_page),
    ("/calendar", calendar_page),
    ("/calendar/hours", calendar_page),
    ("/delegations", delegations_page),
    ("/delegations/{delegation}/revoke", delegations_page),
    ("/fees", fees_page),
    ("/programs", programs_page),
    ("/switches", switches_page),
    ("/documents/{document}/withhold", seal_page),
    ("/system/letters/{number}/replay", letter_page),
    ("/system/letters/{number}/dismiss", letter_page),
)
"""Forms into which people type; the others are opened anew and cost a tick."""


def _named(visit: Visit) -> dict[str, str]:
    """Which of a page's forms it is, by the last part of its address."""
    return {"form_name": visit.request.url.path.rsplit("/", 1)[1]}


def shown(path: str) -> tuple[Gather, dict[str, Any]] | None:
    """What shows the form that is sent to *path*, and the names in that path."""
    for pattern, gather in _SHOWN:
        match = compile_path(pattern)[0].fullmatch(path)
        if match is not None:
            return gather, match.groupdict()
    return None
