"""Between the wire and a route: session, rule, token against forged requests.

A route without a rule cannot be built (``routes.ROUTES``). A signed-in browser's unsafe
request carries the session's token, in the form or as a header, and comes from our own
origin; a program with a bearer session needs no token, because no browser sends one by
itself. Start at ``guarded``.
"""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from chassis.http import problem
from intake.app import again, once, receipts, refusals
from intake.app.desk import Desk
from intake.app.route import CLERKS, Rule
from intake.app.visit import (
    Endpoint,
    Typed,
    Visit,
    check_path,
    looked_at,
    program,
    typed,
)
from intake.domain.calendar import local_day
from intake.domain.people import Session, User
from intake.domain.views.page import Me, Receipt, SignInView
from intake.usecases.signing_in import SignedIn, actor_of

CSRF_HEADER: Final = "x-csrf-token"
UNSAFE: Final = frozenset({"POST", "PATCH", "DELETE"})
OWN_SITE: Final = frozenset({"same-origin", "none"})
_AFTER_ACT: Final = {
    "/sign-out": "signed-out",
    "/account/password": "password-unsure",
}
"""Address of a form → the notice, where "nothing was recorded" would be the wrong one.
"""


@dataclass(frozen=True, slots=True)
class _Known:
    token: str
    bearer: bool
    session: Session | None = None
    user: User | None = None
    arrivals: int | None = None
    """What waits in the inbox of a clerk who looks at a page."""


def guarded(
    endpoint: Endpoint, rule: Rule, desk: Desk, outcome: str = ""
) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint behind its rule; every lawful "no" becomes an answer.

    *outcome* is the page that follows the endpoint's act (``once``); empty for a route
    that does not act.
    """

    async def once_admitted(visit: Visit) -> Response:
        return await once.run(endpoint, outcome, visit)

    async def answer(request: Request) -> Response:
        me: Me | None = None
        try:
            known = await _known(request, desk)
            me = _me(known, request, desk)
            check_path(request)
            response = await _run_if_admitted(once_admitted, rule, request, desk, known)
        except refusals.LAWFUL as error:
            response = refusals.answer_to(error, request, desk, me)
        receipts.clear(response, desk, me)
        return response

    return answer


def same_token(session_csrf: str, sent: str) -> bool:
    return hmac.compare_digest(session_csrf.encode(), sent.encode())


def from_own_site(request: Request) -> bool:
    """What the browser says of the sender; silence is left to the token."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in OWN_SITE
    origin = request.headers.get("origin")
    return origin is None or _netloc(origin) == request.headers.get("host")


def _netloc(origin: str) -> str | None:
    """Host and port of an origin; None for what is no address, such as ``http://[``."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


async def _run_if_admitted(
    endpoint: Endpoint, rule: Rule, request: Request, desk: Desk, known: _Known
) -> Response:
    me = _me(known, request, desk)
    body = Typed()
    # Before the session is asked: what was typed into a form whose session has ended is
    # shown again after the sign-in (docs/decisions/0051). Bounded, so nobody gains by
    # it.
    if request.method == "POST" and not rule.streams:
        body = await typed(request)
    if rule.signed_in and known.user is None:
        return _to_sign_in(request, desk, known, body)
    if known.user is not None and not rule.admits(known.user.roles):
        return refusals.refused(HTTPStatus.FORBIDDEN, "error.403", request, desk, me=me)
    actor = actor_of(known.user, desk.address(request)) if known.user else None
    visit = Visit(request, desk, me, actor, known.token, body)
    if request.method in UNSAFE and not _genuine(request, rule, known, body):
        return await _forged_or_old(visit)
    return await endpoint(visit)


async def _forged_or_old(visit: Visit) -> Response:
    """Nothing is done. A person's own form of an earlier session is shown again."""
    request, desk = visit.request, visit.desk
    if from_own_site(request):
        return await again.stale(visit)
    return refusals.refused(
        HTTPStatus.FORBIDDEN, "error.csrf", request, desk, me=visit.me
    )


def signed_in_visit(visit: Visit, signed_in: SignedIn) -> Visit:
    """The same request, as sent by the person who has just signed in."""
    session, user = signed_in.session, signed_in.user
    known = _Known(signed_in.token, bearer=False, session=session, user=user)
    actor = actor_of(user, visit.desk.address(visit.request))
    me = _me(known, visit.request, visit.desk)
    return replace(visit, me=me, actor=actor, token=signed_in.token)


def _genuine(request: Request, rule: Rule, known: _Known, body: Typed) -> bool:
    if known.bearer and known.session is not None:
        return True  # no browser adds this header for another site
    # The sender's site is asked even where the token would do: it also covers the form
    # of signing in, which has no session and so no token.
    if not from_own_site(request):
        return False
    if not rule.signed_in:
        return True
    sent = request.headers.get(CSRF_HEADER) or body.one("csrf")
    if rule.streams and not sent and not rule.by_header:
        return True  # the stream's first part is looked at by ``uploads``
    return known.session is not None and same_token(known.session.csrf, sent)


async def _known(request: Request, desk: Desk) -> _Known:
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    is_bearer = scheme.lower() == "bearer"
    token = bearer if is_bearer else request.cookies.get(desk.cookie, "")
    found = await desk.staff.resume(token) if token else None
    if found is None:
        return _Known(token, is_bearer)
    arrivals = await _arrivals(request, desk, found[1])
    return _Known(token, is_bearer, *found, arrivals=arrivals)


async def _arrivals(request: Request, desk: Desk, user: User) -> int | None:
    shown = request.method == "GET" and not program(request)
    if not shown or not CLERKS.admits(user.roles):
        return None
    return await desk.inbox.badge(actor_of(user, desk.address(request)))


async def reader(request: Request, desk: Desk) -> Me | None:
    """Who reads a page that no route made; nobody where that cannot be looked up."""
    try:
        return _me(await _known(request, desk), request, desk)
    except refusals.LAWFUL:
        return None


def _me(known: _Known, request: Request, desk: Desk) -> Me | None:
    if known.user is None or known.session is None:
        return None
    user = known.user
    agency = desk.rules.agencies.get(user.agency)
    day = local_day(known.session.seen_at)
    return Me(
        user=user.id,
        name=user.name,
        roles=frozenset(map(str, user.roles)),
        agency=user.agency,
        agency_name=agency.on(day).name if agency else user.agency,
        csrf=known.session.csrf,
        key=desk.forms.key(user.id),
        demo=desk.rules.demo,
        arrivals=known.arrivals,
        receipt=_receipt(known, request, desk) if looked_at(request) else None,
    )


def _receipt(known: _Known, request: Request, desk: Desk) -> Receipt | None:
    return receipts.read(known.token, request.cookies.get(receipts.cookie(desk), ""))


def _to_sign_in(request: Request, desk: Desk, known: _Known, body: Typed) -> Response:
    """Redirect to the sign-in, which leads back here; what was typed goes along."""
    if program(request):
        return problem(HTTPStatus.UNAUTHORIZED, "Sign in first", slug="sign-in")
    kept = again.text_to_keep(request, body) if from_own_site(request) else None
    if kept is not None:
        view = SignInView(
            next=refusals.back(request),
            user="",
            notice="kept",
            kept=kept,
            kept_to=request.url.path,
        )
        status = HTTPStatus.UNAUTHORIZED
        return desk.render("sign-in.html", request, status=status, view=view)
    there = refusals.back(request)
    if request.method == "GET":
        query = f"?{request.url.query}" if request.url.query else ""
        there = request.url.path + query
    notice = f"&notice={slug}" if (slug := _notice(request, known)) else ""
    return RedirectResponse(
        f"/sign-in?next={quote(there)}{notice}", HTTPStatus.SEE_OTHER
    )


def _notice(request: Request, known: _Known) -> str:
    """The slug of why somebody must sign in; whoever pressed a button also reads what
    came of it. A password's second press comes when the first has ended the session.
    """
    if request.method == "POST":
        return _AFTER_ACT.get(request.url.path, "unsent")
    return "idle" if known.token else ""
