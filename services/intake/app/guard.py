"""Between the wire and a route: session, rule, token against forged requests.

A route without a rule cannot be built (``routes.ROUTES``). A signed-in browser's unsafe
request carries the session's token, in the form or as a header, and comes from our own
origin; a program with a bearer session needs no token, because no browser sends one by
itself. Whose session it is stands in ``sender``. Start at ``guarded``.
"""

import hmac
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from chassis.http import problem
from intake.app import again, once, receipts, refusals
from intake.app.desk import Desk
from intake.app.route import Rule
from intake.app.sender import Sender, me_of, sender_of
from intake.app.v1 import bodies
from intake.app.visit import (
    Endpoint,
    Typed,
    Visit,
    check_path,
    program,
    typed,
)
from intake.domain.records import Conflict
from intake.domain.views.page import Me, SignInView

CSRF_HEADER: Final = "x-csrf-token"
UNSAFE: Final = frozenset({"POST", "PATCH", "DELETE"})
OWN_SITE: Final = frozenset({"same-origin", "none"})
_AFTER_ACT: Final = {
    "/sign-out": "signed-out",
    "/account/password": "password-unsure",
}
"""Address of a form → the notice, where "nothing was recorded" would be the wrong one.
"""


def guarded(
    endpoint: Endpoint, rule: Rule, desk: Desk, outcome: str = ""
) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint behind its rule; every lawful "no" becomes an answer.

    *outcome* is the page that follows the endpoint's act (``once``); empty for a route
    that does not act.
    """

    async def once_admitted(visit: Visit) -> Response:
        try:
            return await once.run(endpoint, outcome, visit)
        except Conflict as error:
            if visit.program or visit.me is None:
                raise
            return await again.second(visit, error)

    async def answer(request: Request) -> Response:
        me: Me | None = None
        try:
            sender = await sender_of(request, desk)
            me = me_of(sender, request, desk)
            check_path(request)
            response = await _run_if_admitted(
                once_admitted, rule, request, desk, sender
            )
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
    endpoint: Endpoint, rule: Rule, request: Request, desk: Desk, sender: Sender
) -> Response:
    me = me_of(sender, request, desk)
    body, sent = Typed(), b""
    # Before the session is asked: what was typed into a form whose session has ended is
    # shown again after the sign-in (docs/decisions/0051). Bounded, so nobody gains by
    # it.
    if request.method == "POST" and not rule.streams and not rule.json:
        body = await typed(request)
    if rule.signed_in and not sender.known:
        return _to_sign_in(request, desk, sender, body)
    if not sender.admitted(rule):
        return refusals.refused(HTTPStatus.FORBIDDEN, "error.403", request, desk, me=me)
    if rule.signed_in and not rule.any_password and _must_change(sender):
        return _to_account(request)
    if rule.json:
        sent = await bodies.sent(request)
    actor = sender.actor(desk.address(request))
    visit = Visit(request, desk, me, actor, sender.token, body, sent)
    if request.method in UNSAFE and not _genuine(request, rule, sender, body):
        return await _forged_or_old(visit)
    return await endpoint(visit)


def _must_change(sender: Sender) -> bool:
    """Whether an administrator chose the password: nothing is done under it but
    choosing another, so that no act is somebody's whose password two people know.
    """
    return sender.user is not None and sender.user.must_change


def _to_account(request: Request) -> Response:
    if program(request):
        title = "Choose a password first"
        return problem(HTTPStatus.FORBIDDEN, title, slug="password-must-change")
    return RedirectResponse("/account", HTTPStatus.SEE_OTHER)


async def _forged_or_old(visit: Visit) -> Response:
    """Nothing is done. A person's own form of an earlier session is shown again."""
    request, desk = visit.request, visit.desk
    if from_own_site(request):
        return await again.stale(visit)
    return refusals.refused(
        HTTPStatus.FORBIDDEN, "error.csrf", request, desk, me=visit.me
    )


def _genuine(request: Request, rule: Rule, sender: Sender, body: Typed) -> bool:
    if sender.bearer and (sender.session is not None or sender.program is not None):
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
    return sender.session is not None and same_token(sender.session.csrf, sent)


def _to_sign_in(request: Request, desk: Desk, sender: Sender, body: Typed) -> Response:
    """Redirect to the sign-in, which leads back here; what was typed goes along."""
    if program(request):
        answer = problem(HTTPStatus.UNAUTHORIZED, "Sign in first", slug="sign-in")
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
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
    notice = f"&notice={slug}" if (slug := _notice(request, sender)) else ""
    return RedirectResponse(
        f"/sign-in?next={quote(there)}{notice}", HTTPStatus.SEE_OTHER
    )


def _notice(request: Request, sender: Sender) -> str:
    """The slug of why somebody must sign in; whoever pressed a button also reads what
    came of it. A password's second press comes when the first has ended the session.
    """
    if request.method == "POST":
        return _AFTER_ACT.get(request.url.path, "unsent")
    return "idle" if sender.token else ""
