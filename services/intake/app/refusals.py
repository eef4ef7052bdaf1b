"""Every "no" as a page for people or as problem+json for programs.

Which of them a request gets is decided by the error that it met. Start at
``answer_to``.
"""

from http import HTTPStatus
from typing import Final

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from chassis.bodies import CrowdedError, SlowBodyError
from chassis.http import problem
from ecopy.dead_letter import BusAway
from ecopy.refusals import Trouble
from intake.app.allowance import TooOften
from intake.app.desk import Desk
from intake.app.v1.misfits import Keyless, Misfit, NotJson, Stale, Unmatched
from intake.app.visit import TooMuch, Unreadable, program
from intake.domain.agencies import NoOffice
from intake.domain.answering import InFlight, OtherRequest
from intake.domain.calendar import CalendarMissing
from intake.domain.records import Conflict, NotFound
from intake.domain.states import NotAllowed
from intake.domain.uploading import NoRoom, OffsetMoved, Spoilt, TooLong
from intake.domain.views.page import ConflictView, ErrorView, Me
from intake.ports import Busy, QueueFull
from intake.web import language

log = structlog.get_logger()

LAWFUL: Final = (
    NotFound,
    NotAllowed,
    NoOffice,
    CalendarMissing,
    Conflict,
    Trouble,
    Busy,
    QueueFull,
    NoRoom,
    TooLong,
    OffsetMoved,
    Spoilt,
    BusAway,
    TooOften,
    TooMuch,
    Unreadable,
    Misfit,
    NotJson,
    Unmatched,
    Stale,
    Keyless,
    InFlight,
    OtherRequest,
    ClientDisconnect,
    CrowdedError,
    SlowBodyError,
)
"""What use cases and bodies say "no" with; anything else is a fault of ours."""
RETRY_SECONDS: Final = 60
"""What the page of a 503 promises, and does by itself after a GET."""
QUEUE_SECONDS: Final = 10
"""A queue of files moves by some files a second."""
KEY_SECONDS: Final = 5
"""An act takes less than that; after a crash its key is free after two minutes."""
_STATUS: Final[dict[type[Exception], tuple[int, str]]] = {
    NotFound: (HTTPStatus.NOT_FOUND, "error.404"),
    NoOffice: (HTTPStatus.UNPROCESSABLE_ENTITY, "error.no-office"),
    CalendarMissing: (HTTPStatus.UNPROCESSABLE_ENTITY, "error.calendar"),
    Trouble: (HTTPStatus.SERVICE_UNAVAILABLE, "error.503"),
    Busy: (HTTPStatus.SERVICE_UNAVAILABLE, "error.busy"),
    NoRoom: (HTTPStatus.INSUFFICIENT_STORAGE, "error.507"),
    TooLong: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "error.file-too-long"),
    OffsetMoved: (HTTPStatus.CONFLICT, "error.offset"),
    Spoilt: (460, "error.spoilt"),
    QueueFull: (HTTPStatus.SERVICE_UNAVAILABLE, "error.queue-full"),
    BusAway: (HTTPStatus.SERVICE_UNAVAILABLE, "error.bus-away"),
    TooOften: (HTTPStatus.TOO_MANY_REQUESTS, "error.429"),
    TooMuch: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "error.413"),
    Misfit: (HTTPStatus.UNPROCESSABLE_ENTITY, "error.misfit"),
    NotJson: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "error.not-json"),
    Unmatched: (HTTPStatus.PRECONDITION_REQUIRED, "error.unmatched"),
    Stale: (HTTPStatus.PRECONDITION_FAILED, "error.stale"),
    Keyless: (HTTPStatus.BAD_REQUEST, "error.keyless"),
    InFlight: (HTTPStatus.CONFLICT, "error.in-flight"),
    OtherRequest: (HTTPStatus.UNPROCESSABLE_ENTITY, "error.key-other"),
    Unreadable: (HTTPStatus.BAD_REQUEST, "error.400"),
    ClientDisconnect: (HTTPStatus.BAD_REQUEST, "error.400"),
    CrowdedError: (HTTPStatus.SERVICE_UNAVAILABLE, "error.crowded"),
    SlowBodyError: (HTTPStatus.REQUEST_TIMEOUT, "error.408"),
}
_PHRASES: Final = {460: "Checksum Mismatch"}
"""Phrases of statuses that no RFC has: 460 is one of tus 1.0."""


def answer_to(
    error: Exception, request: Request, desk: Desk, me: Me | None
) -> Response:
    """The answer to one of ``LAWFUL``."""
    if isinstance(error, Conflict):
        return conflict(error, request, desk, me)
    if isinstance(error, NotAllowed):
        return refused(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            error.key,
            request,
            desk,
            me=me,
            values=error.values,
        )
    status, key = _STATUS[type(error)]
    if isinstance(error, Misfit):
        return misfit(error, request, desk)
    if isinstance(error, Trouble):
        log.warning("desk_hindered", hindrance=error.hindrance, detail=error.detail)
    answer = refused(status, key, request, desk, me=me)
    if status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.REQUEST_TIMEOUT}:
        soon = isinstance(error, QueueFull)
        answer.headers["Retry-After"] = str(QUEUE_SECONDS if soon else RETRY_SECONDS)
    if isinstance(error, InFlight):
        answer.headers["Retry-After"] = str(KEY_SECONDS)
    if isinstance(error, TooOften):
        answer.headers["Retry-After"] = str(error.seconds)
    return answer


def refused(
    status: int,
    key: str,
    request: Request,
    desk: Desk,
    *,
    me: Me | None = None,
    values: dict[str, str | int] | None = None,
) -> Response:
    """One sentence: what happened and what to do next."""
    values = values or {}
    if program(request):
        detail = _sentence(request, desk, key, values)
        return problem(
            status,
            _PHRASES.get(status) or HTTPStatus(status).phrase,
            detail=detail,
            slug=key.removeprefix("error."),
            **values,
        )
    # Only a GET is asked again by the page itself: a form may have acted.
    again = request.url.path if request.method == "GET" else None
    view = ErrorView(
        status=status,
        key=key,
        back_url=back(request),
        values=values,
        again_url=again if status == HTTPStatus.SERVICE_UNAVAILABLE else None,
    )
    return desk.render("error.html", request, status=status, view=view, me=me)


def misfit(error: Misfit, request: Request, desk: Desk) -> Response:
    """422 with the place of each mistake, in the order of the body."""
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "What was sent does not fit",
        detail=_sentence(request, desk, "error.misfit", {}),
        slug="misfit",
        errors=[{"pointer": m.pointer, "detail": m.detail} for m in error.mistakes],
    )


def _sentence(
    request: Request, desk: Desk, key: str, values: dict[str, str | int]
) -> str:
    """In English for a program. A page's own script (fetch metadata says so)
    shows it to a person: in the page's language.
    """
    of_page = request.headers.get("sec-fetch-dest") == "empty"
    words = desk.render.pages.words[language(request) if of_page else "en"]
    known = next((k for k in (f"{key}.what", key) if k in words), None)
    return words(known, **values) if known else key


def conflict(error: Conflict, request: Request, desk: Desk, me: Me | None) -> Response:
    """409 with who and when; nothing was saved."""
    if program(request):
        # Whoever named a version hears that it is not there any more (RFC 9110).
        named = "if-match" in request.headers
        return problem(
            HTTPStatus.PRECONDITION_FAILED if named else HTTPStatus.CONFLICT,
            "Somebody was first",
            slug="conflict",
            who=error.who,
            when=error.when.isoformat(),
        )
    view = ConflictView(who=error.who, when=error.when, back_url=back(request))
    return second(view, request, desk, me)


def second(view: ConflictView, request: Request, desk: Desk, me: Me | None) -> Response:
    """The page for whoever was second with a form into which nothing is typed."""
    return desk.render(
        "conflict.html", request, status=HTTPStatus.CONFLICT, view=view, me=me
    )


def back(request: Request) -> str:
    """The page that a form's address belongs to; a query never comes along."""
    parts = request.url.path.strip("/").split("/")
    if request.method == "POST" and parts == ["cases"]:
        return "/cases/new"
    if request.method != "POST" or len(parts) < 2:  # noqa: PLR2004 - noun and name
        return "/"
    if parts[0] == "cases":
        return f"/cases/{parts[1]}"
    if parts[0] != "documents":
        return f"/{parts[0]}"
    case = parts[1].rsplit("-", 1)[0]
    walled = {"approve", "refuse", "send-back", "seen"}
    if parts[-1] in walled:
        return f"/wall/{parts[1]}"
    at_desk = {"files", "uploads", "places", "remove", "compare", "submit", "pages"}
    at_desk |= {"insert", "replace", "send", "split", "merge"}
    return f"/documents/{parts[1]}/desk" if parts[-1] in at_desk else f"/cases/{case}"
