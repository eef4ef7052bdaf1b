"""The administrator's pages of the declared tables, one each (``office_tables``)."""

from typing import Final

from starlette.responses import Response

from intake.app.acts import MISTAKEN, done
from intake.app.governing import typed_day
from intake.app.office_forms import shown_table, table_page
from intake.app.typed_pages import TypedPage, show
from intake.app.visit import Visit, whole
from intake.domain.declared import KEY_FIELD
from intake.domain.intake_form import Mistaken
from intake.domain.office_tables import TABLES
from intake.domain.records import NotFound
from intake.domain.views.page import Receipt

AT_TABLE: Final = "/tables/{table}"


async def page(visit: Visit) -> Response:
    return await show(visit, table_page)


async def enter(visit: Visit) -> Response:
    typed, table = visit.typed, visit.path("table")
    try:
        row = await visit.desk.tabling.enter(
            table,
            typed.one(KEY_FIELD).strip(),
            typed_day(typed.one("valid_from")),
            _values(visit),
            version=typed.number("version"),
            by=visit.by,
        )
    except Mistaken as mistaken:
        return await show(visit, table_page, status=MISTAKEN, errors=mistaken.errors)
    values: dict[str, str | int] = {"day": f"{row.valid_from:%d/%m/%Y}"}
    return done(visit, f"/tables/{table}", Receipt("row-entered", values))


async def preview(visit: Visit) -> Response:
    """What the row of the form will look like. Nothing is written."""
    typed = visit.typed
    try:
        view = visit.desk.tabling.tried(
            visit.path("table"),
            typed.one(KEY_FIELD).strip(),
            typed_day(typed.one("valid_from")),
            _values(visit),
            visit.by,
        )
    except Mistaken as mistaken:
        return await show(visit, table_page, status=MISTAKEN, errors=mistaken.errors)

    async def tried(_visit: Visit) -> TypedPage:
        return shown_table(visit, view)

    return await show(visit, tried)


async def take_back(visit: Visit) -> Response:
    table = visit.path("table")
    seq = whole(visit.path("row"), "row")
    await visit.desk.tabling.take_back(table, seq, visit.by)
    return done(visit, f"/tables/{table}", Receipt("row-taken-back", {}))


def _values(visit: Visit) -> dict[str, str]:
    """The columns of the table; NotFound for one that is not declared."""
    table = TABLES.get(visit.path("table"))
    if table is None:
        raise NotFound(visit.path("table"))
    return {column.name: visit.typed.one(column.name) for column in table.columns}
