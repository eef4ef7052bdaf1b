"""Forms of the office that are shown again with what was typed: see ``typed_pages``."""

from typing import Final

from intake.app.typed_pages import TypedPage
from intake.app.visit import Visit, whole
from intake.domain.board_filters import FIELDS
from intake.domain.declared import KEY_FIELD
from intake.domain.handouts.fields import Handout
from intake.domain.records import NotFound
from intake.domain.views.tables import TableView

KEY_CHARACTERS: Final = 30


async def board_page(visit: Visit) -> TypedPage:
    """The board as it was narrowed, with the name that was typed for it."""
    said = {name: visit.typed.one(name) for name in FIELDS}
    view = await visit.desk.board.view(visit.by, said)
    return TypedPage("board.html", view, visit.typed.again())


async def template_page(visit: Visit) -> TypedPage:
    """The template that was being written."""
    view = await visit.desk.templating.template(handout_of(visit), visit.by)
    return TypedPage("template.html", view, visit.typed.again(), {"faults": ()})


async def remark_page(visit: Visit) -> TypedPage:
    """The register, with the note that was being written."""
    year, month = (whole(visit.typed.one(name), name) for name in ("year", "month"))
    view = await visit.desk.registering.register(visit.by, year=year, month=month)
    return TypedPage("register.html", view, visit.typed.again())


async def table_page(visit: Visit) -> TypedPage:
    """The table with the row that was being typed, where one was sent."""
    chosen = visit.query(KEY_FIELD, KEY_CHARACTERS)
    view = visit.desk.tabling.view(visit.path("table"), chosen, visit.by)
    return shown_table(visit, view)


def shown_table(visit: Visit, view: TableView) -> TypedPage:
    return TypedPage("table.html", view, visit.typed.again())


async def account_page(visit: Visit) -> TypedPage:
    """The list of accounts, or one where the address names one."""
    user = visit.request.path_params.get("user")
    view = await visit.desk.staffing.view(user, visit.by)
    template = "accounts.html" if user is None else "account-edit.html"
    return TypedPage(template, view, visit.typed.again("roles"))


async def calendar_page(visit: Visit) -> TypedPage:
    """The calendar of now, with the day or the hour that was typed."""
    view = visit.desk.governing.calendar(None, None, visit.by)
    return TypedPage("calendar.html", view, visit.typed.again())


async def delegations_page(visit: Visit) -> TypedPage:
    """The delegations, with the one that was typed, or why one was to end."""
    view = visit.desk.governing.delegations(visit.by)
    named = visit.request.path_params.get("delegation")
    more = {"form_name": named}
    return TypedPage("delegations.html", view, visit.typed.again("kinds"), more)


async def fees_page(visit: Visit) -> TypedPage:
    """The fees, with the one that was typed."""
    view = visit.desk.governing.fees(visit.by)
    return TypedPage("fees.html", view, visit.typed.again())


async def switches_page(visit: Visit) -> TypedPage:
    """The switches, with the day that was typed for one of them."""
    view = visit.desk.governing.switches(visit.by)
    more = {"form_name": visit.typed.one("switch")}
    return TypedPage("switches.html", view, visit.typed.again(), more)


async def seal_page(visit: Visit) -> TypedPage:
    """The seal keeper's queue, with why a copy was to be withheld."""
    view = await visit.desk.releasing.view(visit.by)
    more = {"form_name": visit.path("document")}
    return TypedPage("seal.html", view, visit.typed.again(), more)


async def programs_page(visit: Visit) -> TypedPage:
    """The programs, with the one that was typed. Its token is never shown again."""
    view = await visit.desk.programs.admitting.view(visit.by)
    return TypedPage("programs.html", view, visit.typed.again("scopes"))


async def letter_page(visit: Visit) -> TypedPage:
    """The letter, with why it was to be replayed or dismissed."""
    number = whole(visit.path("number"), "number")
    view = await visit.desk.overseeing.letter(number, visit.by)
    return TypedPage("letter.html", view, visit.typed.again())


async def inbox_page(visit: Visit) -> TypedPage:
    """The inbox, with why an arrival was to be set aside."""
    view = await visit.desk.inbox.page(visit.by, document="")
    more = {"form_name": visit.path("arrival")}
    return TypedPage("inbox.html", view, visit.typed.again(), more)


def handout_of(visit: Visit) -> Handout:
    """The paper that the address names. Raises NotFound for none of ours."""
    try:
        return Handout(visit.path("handout"))
    except ValueError as error:
        raise NotFound(visit.path("handout")) from error
