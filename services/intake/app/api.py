"""The same use cases for programs: JSON in, JSON out, problem+json for every "no"."""

from http import HTTPStatus

from starlette.responses import JSONResponse, Response

from chassis.http import problem
from intake.app.acts import seen
from intake.app.visit import Unreadable, Visit
from intake.domain import intake_form, showing
from intake.domain.guesses import WrongPassword
from intake.domain.views import CaseView, DocumentView


async def sign_in(visit: Visit) -> Response:
    """A session to send as ``Authorization: Bearer``; no cookie is set."""
    typed = visit.typed
    try:
        signed_in = await visit.desk.sign_in(
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
    return JSONResponse({"session": signed_in.token, "csrf": signed_in.session.csrf})


async def approve(visit: Visit) -> Response:
    certification = await visit.desk.approve(
        visit.path("document"), visit.typed.number("version"), seen(visit), visit.by
    )
    clause = certification.order.clause
    return JSONResponse(
        {
            "entry": certification.entry,
            "number": clause.number,
            "book": clause.book,
            "revision": certification.order.revision,
        }
    )


async def case(visit: Visit) -> Response:
    """State only: no requester, so that a poller's log holds no citizen."""
    view = await visit.desk.case(visit.path("code"), visit.by)
    return JSONResponse(_case(view))


async def quote(visit: Visit) -> Response:
    """Fee and due hour while somebody types."""
    try:
        pages = tuple(
            intake_form.pages(text)
            for text in visit.request.query_params.getlist("pages")
        )
    except ValueError as error:
        raise Unreadable("pages") from error
    if not pages:
        raise Unreadable("pages")
    quoted = visit.desk.quote(pages, visit.by)
    return JSONResponse(
        {
            "fees": quoted.fees,
            "total": quoted.total,
            "due_at": quoted.due_at.isoformat(),
        }
    )


async def healthz(_visit: Visit) -> Response:
    return JSONResponse({"status": "ok"})


async def readyz(visit: Visit) -> Response:
    """503 while the database or the store does not answer."""
    await visit.desk.ready()
    return JSONResponse({"status": "ready"})


def _case(view: CaseView) -> dict[str, object]:
    return {
        "code": view.code,
        "version": view.version,
        "state": view.state,
        "moving": view.moving,
        "due_at": view.due_at.isoformat(),
        "documents": [_document(document) for document in view.documents],
    }


def _document(document: DocumentView) -> dict[str, object]:
    stuck = document.stuck
    return {
        "id": document.id,
        "version": document.version,
        "state": document.state,
        "pages": document.pages,
        "pictures": [
            {
                "page": page,
                "url": f"{showing.picture_url(document.id, page)}/large",
            }
            for page in document.page_digests
        ],
        "entry": document.entry,
        "number": document.number,
        "code": document.verification_code,
        "link": document.link.url if document.link else None,
        "stuck": None
        if stuck is None
        else {
            "reason": stuck.reason,
            "stage": stuck.stage,
            "since": stuck.since.isoformat(),
            "tries": stuck.tries,
            "next_try_at": stuck.next_try_at.isoformat() if stuck.next_try_at else None,
        },
    }
