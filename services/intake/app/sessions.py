"""Staff come and go: the forms of signing in, signing out and a new password.

Whether a password is right, and how often one may be tried, is decided in
``intake.usecases.signing_in``. Start at ``sign_in``.
"""

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

from starlette.responses import Response

from intake.app import again, refusals
from intake.app.acts import MISTAKEN, see_other
from intake.app.pages import NEXT_CHARACTERS, account_view, own_path
from intake.app.sender import signed_in_visit
from intake.app.visit import Visit
from intake.domain.calendar import ZONE
from intake.domain.guesses import WrongPassword
from intake.domain.views.page import FieldError, SignInView
from intake.usecases.signing_in import SignedIn

ALMOST_A_MINUTE = timedelta(seconds=59)
"""A lock that ends within a minute is over at the next one that a clock shows."""
FORGET = "Clear-Site-Data"
"""https://www.w3.org/TR/clear-site-data/: the pictures are never cached, but drafts,
the list of pages seen and what an older version of the desk left behind are."""


async def sign_in(visit: Visit) -> Response:
    typed = visit.typed
    there = own_path(typed.one("next") or visit.query("next", NEXT_CHARACTERS) or "/")
    user, password = typed.one("user"), typed.one("password")
    errors = tuple(
        FieldError(name, f"error.{name}")
        for name, value in (("user", user), ("password", password))
        if not value.strip()
    )
    view = SignInView(
        next=there,
        user=user[:128],
        notice=None,
        kept=typed.one("kept"),
        kept_to=typed.one("kept_to"),
    )
    if errors:
        return _sign_in_again(visit, MISTAKEN, view, errors)
    try:
        address = visit.desk.address(visit.request)
        signed_in = await visit.desk.staff.sign_in(user, password, address)
    except WrongPassword as wrong:
        return _sign_in_again(visit, _denied(wrong), *_with_tries_left(view, wrong))
    response = await _form_kept(visit, signed_in) or see_other(there)
    set_session(visit, response, signed_in.token)
    response.headers[FORGET] = '"cache"'  # of whoever sat here before
    return response


async def _form_kept(visit: Visit, signed_in: SignedIn) -> Response | None:
    """The form that stood open when the session ended, if it is this person's."""
    if signed_in.user.must_change:
        return None  # the next page asks for another password
    mine = signed_in_visit(visit, signed_in)
    try:
        return await again.resume(
            mine, visit.typed.one("kept_to"), visit.typed.one("kept")
        )
    except refusals.LAWFUL:
        return None  # the case is gone or the kept text is none: the next page says so


async def sign_out(visit: Visit) -> Response:
    await visit.desk.staff.sign_out(visit.token, visit.by)
    return _signed_out(visit, "signed-out")


async def change_password(visit: Visit) -> Response:
    typed = visit.typed
    if typed.one("new") != typed.one("again"):
        return _account_again(visit, FieldError("again", "error.password-again"))
    try:
        await visit.desk.staff.change_password(
            typed.one("current"), typed.one("new"), visit.by
        )
    except WrongPassword as wrong:
        return _account_again(visit, _wrong("current", wrong))
    except ValueError as error:
        return _account_again(visit, FieldError("new", str(error)))
    return _signed_out(visit, "password-changed")


def set_session(visit: Visit, response: Response, token: str) -> None:
    response.set_cookie(
        visit.desk.cookie,
        token,
        path="/",
        secure=visit.desk.secure,
        httponly=True,
        samesite="strict",
    )


def _with_tries_left(
    view: SignInView, wrong: WrongPassword
) -> tuple[SignInView, tuple[FieldError, ...]]:
    shown = replace(view, tries_left=wrong.tries_left, locked_until=wrong.locked_until)
    return shown, (_wrong("user", wrong),)


def _wrong(field: str, wrong: WrongPassword) -> FieldError:
    if wrong.locked_until is not None:
        until = wrong.locked_until.astimezone(ZONE) + ALMOST_A_MINUTE
        return FieldError(field, "error.locked", {"hour": f"{until:%H:%M}"})
    key = "error.sign-in" if field == "user" else "error.current"
    return FieldError(field, key, {"n": wrong.tries_left})


def _denied(wrong: WrongPassword) -> HTTPStatus:
    locked = wrong.locked_until is not None
    return HTTPStatus.TOO_MANY_REQUESTS if locked else HTTPStatus.UNAUTHORIZED


def _sign_in_again(
    visit: Visit, status: int, view: SignInView, errors: tuple[FieldError, ...]
) -> Response:
    return visit.desk.render(
        "sign-in.html", visit.request, status=status, view=view, errors=errors
    )


def _account_again(visit: Visit, error: FieldError) -> Response:
    return visit.desk.render(
        "account.html",
        visit.request,
        status=MISTAKEN,
        view=account_view(visit),
        me=visit.me,
        errors=(error,),
    )


def _signed_out(visit: Visit, notice: str) -> Response:
    response = see_other(f"/sign-in?notice={notice}")
    response.headers[FORGET] = '"cache", "storage"'
    response.delete_cookie(
        visit.desk.cookie,
        path="/",
        secure=visit.desk.secure,
        httponly=True,
        samesite="strict",
    )
    return response
