"""A page with a form into which people type: what each form gathers, and the one way in
which all of them are shown, for the first time or once more. Start at ``show``.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from starlette.responses import Response

from intake.app.visit import Visit
from intake.domain.views.page import FieldError

Fields = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class TypedPage:
    """The page that a form stands on, with what was typed into it."""

    template: str
    view: object
    form: Fields
    more: Mapping[str, object] = field(default_factory=dict)
    """What this template takes beside these."""


Gather = Callable[[Visit], Awaitable[TypedPage]]


async def show(
    visit: Visit,
    gather: Gather,
    *,
    status: int = HTTPStatus.OK,
    errors: tuple[FieldError, ...] = (),
    kept: str | None = None,
    outcome: str | None = None,
    same_form: bool = False,
) -> Response:
    """The page, with what is to be mended. *kept* says why the form comes back, and
    *outcome* is the page of its earlier act.

    A form with mistakes, or one that says so (*same_form*), goes on under its own key:
    from the first try to the last it is one form, and acts once.
    """
    page, key = await gather(visit), visit.typed.one("key")
    goes_on = bool(errors or same_form) and key
    return visit.desk.render(
        page.template,
        visit.request,
        status=status,
        view=page.view,
        me=replace(visit.me, key=key) if visit.me and goes_on else visit.me,
        errors=errors,
        form=page.form,
        kept=kept,
        outcome=outcome,
        **page.more,
    )
