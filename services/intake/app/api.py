"""The same use cases for programs: JSON in, JSON out, problem+json for every "no".

What is sent and returned is in ``responses``, which the OpenAPI document shows too.
Start at ``approve``.
"""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from chassis.http import problem
from chassis.measures import reconciled
from chassis.metrics_page import metrics_page
from ecopy.reckoning import Counter
from intake.app.acts import seen
from intake.app.responses import (
    ApprovedResponse,
    QuoteResponse,
    ReadyResponse,
    SessionResponse,
    StatusResponse,
    json_response,
)
from intake.app.visit import Unreadable, Visit
from intake.domain import intake_form
from intake.domain.guesses import WrongPassword

CHANNEL_CHARACTERS: Final = 20


async def sign_in(visit: Visit) -> Response:
    """A session to send as ``Authorization: Bearer``; no cookie is set."""
    typed = visit.typed
    try:
        signed_in = await visit.desk.staff.sign_in(
            typed.one("user"),
            typed.one("password"),
            visit.desk.address(visit.request),
        )
    except WrongPassword as wrong:
        locked = wrong.locked_until
        return problem(
            HTTPStatus.TOO_MANY_REQUESTS if locked else HTTPStatus.UNAUTHORIZED,
            "User name or password is wrong",
            slug="sign-in",
            tries_left=wrong.tries_left,
            locked_until=locked.isoformat() if locked else None,
        )
    return json_response(
        SessionResponse(session=signed_in.token, csrf=signed_in.session.csrf)
    )


async def approve(visit: Visit) -> Response:
    """Take a number, enter the line and order the copy. Safe to repeat."""
    certification = await visit.desk.certifying.approve(
        visit.path("document"), visit.typed.number("version"), seen(visit), visit.by
    )
    clause = certification.order.clause
    return json_response(
        ApprovedResponse(
            entry=certification.entry,
            number=clause.number,
            book=clause.book,
            revision=certification.order.revision,
        )
    )


async def quote(visit: Visit) -> Response:
    """The fees and the due hour of a request that somebody is typing."""
    try:
        pages = tuple(
            intake_form.pages(text)
            for text in visit.request.query_params.getlist("pages")
        )
    except ValueError as error:
        raise Unreadable("pages") from error
    if not pages:
        raise Unreadable("pages")
    channel = visit.query("channel", CHANNEL_CHARACTERS) or intake_form.CHANNELS[0]
    if channel not in intake_form.CHANNELS:
        raise Unreadable("channel")
    quoted = visit.desk.pages.quote(pages, channel, visit.by)
    return json_response(
        QuoteResponse(
            fees=quoted.fees,
            total=quoted.total,
            due_at=quoted.due_at.isoformat(),
        )
    )


async def healthz(_visit: Visit) -> Response:
    """The process answers; nothing else is asked."""
    return json_response(StatusResponse(status="ok"))


async def readyz(visit: Visit) -> Response:
    """Whether the desk can work.

    503 while a table of the database cannot be read, while the store holds scans beside
    an empty database (a restored disk that is not whole), while the bus lacks one of
    the consumers that bring the other services' answers, and while the highest number
    is not known since the start. A bus that goes away later only delays those answers,
    so it is not asked. 200 where the register is older than the highest number: all but
    numbering works, and ``numbering`` says why.
    """
    why = await visit.desk.ready()
    if why is None:
        return json_response(ReadyResponse(status="ready", numbering="given", says=[]))
    slug = why.key.removeprefix("error.")
    words = visit.desk.render.pages.words
    says = [words[lang](why.key, **why.values) for lang in ("vi", "en")]
    return json_response(ReadyResponse(status="ready", numbering=slug, says=says))


async def metrics(visit: Visit) -> Response:
    """The three counters of the desk's books, for Prometheus."""
    looked = visit.desk.overseeing.reckonings.latest()
    figures = {counter: looked.count(counter) for counter in Counter}
    return metrics_page(visit.request, reconciled("intake", figures))
