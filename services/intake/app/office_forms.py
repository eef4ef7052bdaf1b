"""Forms of the office that are shown again with what was typed: see ``typed_forms``."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from starlette.responses import Response

from intake.app.visit import Visit, whole
from intake.domain.declared import KEY_FIELD
from intake.domain.handouts.fields import Handout
from intake.domain.records import NotFound
from intake.domain.views.page import FieldError
from intake.domain.views.tables import TableView

KEY_CHARACTERS: Final = 30


async def show_template(
    visit: Visit, *, status: int, kept: str | None = None, outcome: str | None = None
) -> Response:
    """The template that was being written."""
    return visit.desk.render(
        "template.html",
        visit.request,
        status=status,
        view=await visit.desk.templating.template(handout_of(visit), visit.by),
        me=visit.me,
        faults=(),
        form=visit.typed.again(),
        kept=kept,
        outcome=outcome,
    )


async def show_remark(
    visit: Visit, *, status: int, kept: str | None = None, outcome: str | None = None
) -> Response:
    """The register, with the note that was being written."""
    year, month = (whole(visit.typed.one(name), name) for name in ("year", "month"))
    view = await visit.desk.registering.register(visit.by, year=year, month=month)
    return visit.desk.render(
        "register.html",
        visit.request,
        status=status,
        view=view,
        me=visit.me,
        form=visit.typed.again(),
        kept=kept,
        outcome=outcome,
    )


async def show_table(
    visit: Visit,
    *,
    status: int,
    view: TableView | None = None,
    errors: Sequence[FieldError] = (),
    kept: str | None = None,
    outcome: str | None = None,
) -> Response:
    """The table with the row that was being typed, where one was sent."""
    key = visit.typed.one("key")
    me = replace(visit.me, key=key) if visit.me and errors and key else visit.me
    return visit.desk.render(
        "table.html",
        visit.request,
        status=status,
        view=view or _table_view(visit),
        me=me,
        errors=errors,
        form=visit.typed.again(),
        kept=kept,
        outcome=outcome,
    )


def _table_view(visit: Visit) -> TableView:
    chosen = visit.query(KEY_FIELD, KEY_CHARACTERS)
    return visit.desk.tabling.view(visit.path("table"), chosen, visit.by)


async def show_account(
    visit: Visit,
    *,
    status: int,
    errors: Sequence[FieldError] = (),
    kept: str | None = None,
    outcome: str | None = None,
) -> Response:
    """The page with the form as it was typed, where one was sent."""
    user = visit.request.path_params.get("user")
    view = await visit.desk.staffing.view(user, visit.by)
    key = visit.typed.one("key")
    me = replace(visit.me, key=key) if visit.me and errors and key else visit.me
    return visit.desk.render(
        "accounts.html" if user is None else "account-edit.html",
        visit.request,
        status=status,
        view=view,
        me=me,
        errors=errors,
        form=visit.typed.again("roles"),
        kept=kept,
        outcome=outcome,
    )


def handout_of(visit: Visit) -> Handout:
    """The paper that the address names. Raises NotFound for none of ours."""
    try:
        return Handout(visit.path("handout"))
    except ValueError as error:
        raise NotFound(visit.path("handout")) from error
