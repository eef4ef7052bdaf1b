"""What people look at: every GET that answers with a page or a picture.

Nothing here writes, but for the note that a certifier was given a page's picture. Start
at ``board``.
"""

import io
from dataclasses import replace
from http import HTTPStatus

import segno
from starlette.responses import RedirectResponse, Response, StreamingResponse

from intake.app.visit import Unreadable, Visit, ahead, whole
from intake.domain import text as texts
from intake.domain.passwords import PASSWORD_LENGTH
from intake.domain.views.page import AccountView, SignInView

WORD_CHARACTERS = 40
SEARCH_CHARACTERS = 200
NEXT_CHARACTERS = 500
ID_CHARACTERS = 80
ASKED = (
    *("q", "whose", "state", "due", "age", "order"),
    *("waits", "channel", "month", "after", "before"),
)
"""What the board's address may say."""
NOTICES = frozenset(
    {"idle", "unsent", "signed-out", "password-changed", "password-unsure"}
)


async def sign_in(visit: Visit) -> Response:
    there = own_path(visit.query("next", NEXT_CHARACTERS) or "/")
    if visit.me is not None:
        return RedirectResponse(there, HTTPStatus.SEE_OTHER)
    notice = visit.query("notice", WORD_CHARACTERS)
    view = SignInView(next=there, user="", notice=notice if notice in NOTICES else None)
    return visit.desk.render("sign-in.html", visit.request, view=view)


async def account(visit: Visit) -> Response:
    return _page(visit, "account.html", account_view(visit))


async def news(visit: Visit) -> Response:
    """A stream for the page that is seen, or 204: then a browser asks no more."""
    bell, by = visit.desk.bell, visit.by
    if bell is None or visit.request.method == "HEAD" or bell.full_for(by.user):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return StreamingResponse(
        bell.ring(by.user, by.agency),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def board(visit: Visit) -> Response:
    said = {name: visit.query(name, SEARCH_CHARACTERS) for name in ASKED}
    view = await visit.desk.board.view(visit.by, said)
    return _page(visit, "board.html", view)


async def new_case(visit: Visit) -> Response:
    """The empty form; with scans of the inbox that the address names, and their number
    of pages.
    """
    visit.desk.receiving.check_takes_cases(visit.by)
    ids = visit.queries("arrival", ID_CHARACTERS)
    arrivals = await visit.desk.inbox.picked(ids, visit.by)
    pages = sum(arrival.pages for arrival in arrivals)
    return visit.desk.render(
        "case-new.html",
        visit.request,
        view=replace(visit.desk.pages.new_case(visit.by), arrivals=arrivals),
        me=visit.me,
        form={"pages": [str(pages)]} if arrivals else {},
    )


async def case(visit: Visit) -> Response:
    view = await visit.desk.pages.case(visit.path("code"), visit.by)
    kinds = visit.desk.pages.new_case(visit.by).kinds
    return visit.desk.render(
        "case.html", visit.request, view=view, me=visit.me, kinds=kinds
    )


async def page_desk(visit: Visit) -> Response:
    view = await visit.desk.pages.page_desk(visit.path("document"), visit.by)
    return _page(visit, "page-desk.html", view)


async def wall(visit: Visit) -> Response:
    document = visit.request.path_params.get("document")
    view = await visit.desk.wall.view(document, visit.by)
    return _page(visit, "review-wall.html", view)


async def register(visit: Visit) -> Response:
    query = visit.request.query_params
    view = await visit.desk.registering.register(
        visit.by,
        year=_bounded(query.get("year"), 2000, 2999),
        month=_bounded(query.get("month"), 1, 12),
    )
    return _page(visit, "register.html", view)


async def thumb(visit: Visit) -> Response:
    picture = await visit.desk.pictures.thumb(
        visit.path("document"), visit.path("page"), visit.by
    )
    return _picture(picture)


async def coming(visit: Visit) -> Response:
    picture = await visit.desk.pictures.coming(
        visit.path("document"),
        visit.path("file"),
        whole(visit.path("number"), "number"),
        visit.by,
    )
    return _picture(picture)


async def large(visit: Visit) -> Response:
    picture = await visit.desk.pictures.large(
        visit.path("document"), visit.path("page"), visit.by, shown=_shown(visit)
    )
    return _picture(picture)


async def tile(visit: Visit) -> Response:
    picture = await visit.desk.pictures.tile(
        visit.path("document"), visit.path("page"), visit.path("tile"), visit.by
    )
    return _picture(picture)


async def link_qr(visit: Visit) -> Response:
    """The QR of the citizen's link, for the counter's screen."""
    url = await visit.desk.registering.link(visit.path("document"), visit.by)
    drawn = io.BytesIO()
    segno.make(url, error="m").save(drawn, kind="svg", scale=6, border=4)
    return Response(drawn.getvalue(), media_type="image/svg+xml")


def account_view(visit: Visit) -> AccountView:
    me = visit.me
    if me is None:
        raise PermissionError("nobody is signed in")
    return AccountView(
        user=me.user,
        name=me.name,
        roles=me.roles,
        agency_name=me.agency_name,
        min_length=PASSWORD_LENGTH,
        must_change=me.must_change,
    )


def own_path(there: str) -> str:
    """The path if it is plainly one of this desk, and no other origin; else ``/``."""
    # "//host" and "/\host" are other origins to a browser.
    plain = there.startswith("/") and not there.startswith(("//", "/\\"))
    shown = texts.line(there) == there and len(there) <= NEXT_CHARACTERS
    return there if plain and shown else "/"


def _picture(picture: bytes) -> Response:
    """A citizen's paper: no copy of it stays in a browser or on the way there."""
    headers = {"Cache-Control": "private, no-store"}
    return Response(picture, media_type="image/jpeg", headers=headers)


def _shown(visit: Visit) -> bool:
    """HEAD brings no picture; a prefetch brings one that nobody may ever look at."""
    return visit.request.method == "GET" and not ahead(visit.request)


def _page(visit: Visit, name: str, view: object) -> Response:
    return visit.desk.render(name, visit.request, view=view, me=visit.me)


def _bounded(text: str | None, least: int, most: int) -> int | None:
    if not text:
        return None
    number = whole(text, "number")
    if not least <= number <= most:
        raise Unreadable("number")
    return number
