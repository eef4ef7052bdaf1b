"""The administrator's pages of accounts. A password that is made here is in the answer
to the form that made it, and nowhere else. Start at ``page``.
"""

from dataclasses import replace
from typing import Final

from starlette.responses import Response

from intake.app.acts import MISTAKEN, done
from intake.app.office_forms import account_page
from intake.app.typed_pages import show
from intake.app.visit import Visit
from intake.domain.accounts import BadAccount
from intake.domain.people import User
from intake.domain.views.page import FieldError, Receipt

AT_ACCOUNTS: Final = "/accounts"


async def page(visit: Visit) -> Response:
    """The list, or one account where the address names one."""
    return await show(visit, account_page)


async def add(visit: Visit) -> Response:
    typed = visit.typed
    try:
        form = visit.desk.staffing.form(
            typed.one("name"), typed.all("roles"), typed.one("officer"), visit.by
        )
        added, password = await visit.desk.staffing.add(
            typed.one("user"), form, visit.by
        )
    except BadAccount as bad:
        return await show(visit, account_page, status=MISTAKEN, errors=_errors(bad))
    return await _given(visit, added, password)


async def change(visit: Visit) -> Response:
    typed, user = visit.typed, visit.path("user")
    try:
        form = visit.desk.staffing.form(
            typed.one("name"), typed.all("roles"), typed.one("officer"), visit.by
        )
        changed = await visit.desk.staffing.change(
            user, form, typed.number("version"), visit.by
        )
    except BadAccount as bad:
        return await show(visit, account_page, status=MISTAKEN, errors=_errors(bad))
    return _done(visit, "account-changed", changed)


async def lock(visit: Visit) -> Response:
    version = visit.typed.number("version")
    locked = await visit.desk.staffing.lock(visit.path("user"), version, visit.by)
    return _done(visit, "account-locked", locked)


async def unlock(visit: Visit) -> Response:
    version = visit.typed.number("version")
    unlocked = await visit.desk.staffing.unlock(visit.path("user"), version, visit.by)
    return _done(visit, "account-unlocked", unlocked)


async def give_password(visit: Visit) -> Response:
    given, password = await visit.desk.staffing.give_password(
        visit.path("user"), visit.typed.number("version"), visit.by
    )
    return await _given(visit, given, password)


async def sign_out(visit: Visit) -> Response:
    version = visit.typed.number("version")
    out = await visit.desk.staffing.sign_out(visit.path("user"), version, visit.by)
    return _done(visit, "account-signed-out", out)


async def _given(visit: Visit, user: User, password: str) -> Response:
    """No redirect: the page would have to fetch the password from somewhere. Sent again
    the form leads to the list, which has none.
    """
    view = await visit.desk.staffing.view(user.id, visit.by)
    answer = visit.desk.render(
        "account-edit.html",
        visit.request,
        view=replace(view, given=password),
        me=visit.me and replace(visit.me, key=visit.desk.forms.key(visit.by.user)),
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _done(visit: Visit, slug: str, user: User) -> Response:
    return done(visit, AT_ACCOUNTS, Receipt(slug, {"who": user.name}))


def _errors(bad: BadAccount) -> tuple[FieldError, ...]:
    return tuple(FieldError(field, key, values) for field, key, values in bad.faults)
