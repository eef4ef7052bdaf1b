"""To the page of a form that acted before, with the line that says what it did.

When a button is pressed twice at once, a browser shows the answer to the second press;
the cookie in the answer to the first (``receipts``) may never arrive. So the line is
made anew, of the paper as it is now, and leaves out what is no longer true of it. Start
at ``to_outcome``.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from starlette.responses import RedirectResponse, Response

from intake.app import receipts, refusals
from intake.app.visit import Visit
from intake.domain import text
from intake.domain.form_keys import UsedBefore
from intake.domain.states import EDITABLE, State
from intake.domain.views.case import DocumentView
from intake.domain.views.desk import PageDeskView
from intake.domain.views.page import Receipt

Recalled = Callable[[PageDeskView, str], Receipt | None]


async def to_outcome(before: UsedBefore, visit: Visit) -> Response:
    """Redirect to the page to which the form's first use led."""
    response = RedirectResponse(before.outcome, HTTPStatus.SEE_OTHER)
    receipt = await _receipt(visit, before.outcome)
    if receipt is not None:
        receipts.attach(response, visit.desk, visit.token, receipt)
    return response


async def _receipt(visit: Visit, outcome: str) -> Receipt | None:
    path = visit.request.url.path.strip("/").split("/")
    if path[0] == "system":
        return Receipt(_OF_LETTER[path[-1]], {"number": path[-2]})
    recalled = _OF_ACT.get(path[-1])
    named = path if path[0] == "documents" else outcome.strip("/").split("/")
    if recalled is None or named[0] != "documents":
        return None
    try:
        view = await visit.desk.pages.page_desk(named[1], visit.by)
    except refusals.LAWFUL:
        return None  # the page of the outcome says what is the matter
    return recalled(view, path[-2] if len(path) > 1 else "")


def _title(document: DocumentView, **more: str | int) -> dict[str, str | int]:
    return {"title": receipts.short(document.title), **more}


def _received(view: PageDeskView, _name: str) -> Receipt:
    return Receipt("received", {"case": view.short_code})


def _added(view: PageDeskView, _name: str) -> Receipt:
    return Receipt("added", _title(view.document, n=view.document.ordinal))


def _removed(view: PageDeskView, file: str) -> Receipt | None:
    files = [f for f in view.document.files if f.state != "removed" or f.id == file]
    names = text.told_apart(known.name for known in files)
    named = dict(zip((known.id for known in files), names, strict=True))
    return Receipt("removed", {"name": named[file]}) if file in named else None


def _described(view: PageDeskView, _name: str) -> Receipt:
    return Receipt("described", _title(view.document))


def _compared(view: PageDeskView, _name: str) -> Receipt | None:
    document = view.document
    if document.compared_by is None or document.state not in EDITABLE:
        return None
    return Receipt("compared", {"who": document.compared_by})


def _submitted(view: PageDeskView, _name: str) -> Receipt:
    return Receipt("submitted", _title(view.document))


def _approved(view: PageDeskView, _name: str) -> Receipt | None:
    document = view.document
    if document.number is None:
        return None
    signing = document.state == State.REGISTERED and document.stuck is None
    slug = "approved" if signing else "approved-before"
    return Receipt(slug, _title(document, number=document.number), view.case_code)


def _refused(view: PageDeskView, _name: str) -> Receipt | None:
    document = view.document
    if document.state not in {State.REFUSED, State.HELD}:
        return None
    values = _title(document, code=document.refusal_code or "")
    return Receipt(document.state, values, view.case_code)


def _returned(view: PageDeskView, _name: str) -> Receipt:
    return Receipt("returned", _title(view.document), view.case_code)


def _ordered_again(view: PageDeskView, _name: str) -> Receipt | None:
    document = view.document
    if document.state != State.REGISTERED or document.stuck or not document.number:
        return None
    return Receipt("ordered-again", _title(document, number=document.number))


def _voiding(view: PageDeskView, _name: str) -> Receipt | None:
    document = view.document
    if document.state not in {State.VOIDING, State.VOID} or not document.number:
        return None
    return Receipt(document.state, _title(document, number=document.number))


_OF_ACT: Final[Mapping[str, Recalled]] = {
    "cases": _received,
    "documents": _added,
    "remove": _removed,
    "details": _described,
    "compare": _compared,
    "submit": _submitted,
    "approve": _approved,
    "refuse": _refused,
    "send-back": _returned,
    "order-again": _ordered_again,
    "void": _voiding,
}
"""What each act did, by the last part of its form's address."""
_OF_LETTER: Final = {"replay": "letter-replayed", "dismiss": "letter-dismissed"}
