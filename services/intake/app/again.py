"""A form that could not be sent is shown again, with what was typed, ready to send.

Four ways lead here: the session ended while the form stood open, the form is of an
earlier session, it has acted before and now holds something else, or somebody has
changed what it is about. Nothing is sent by
itself. What was typed is never kept on the server: it travels in the sign-in form of
the same browser and comes back with the password. The form's own key, made for one
person and signed, says whose it is, so another person who signs in there sees nothing
of it (docs/decisions/0051). Start at ``stale``.
"""

from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from intake.app import recall, refusals
from intake.app.typed_forms import shown
from intake.app.typed_pages import show
from intake.app.visit import KEPT_CHARACTERS, Typed, Visit, typed_text, whole
from intake.domain.differing import Difference
from intake.domain.form_keys import UsedBefore
from intake.domain.records import Conflict
from intake.domain.views.page import ConflictView


async def stale(visit: Visit) -> Response:
    """A form of an earlier session, or with a key past its life: nothing was done."""
    key = visit.typed.one("key")
    if visit.me is None or not visit.desk.forms.owns(visit.me.user, key):
        return refusals.refused(
            HTTPStatus.FORBIDDEN,
            "error.csrf",
            visit.request,
            visit.desk,
            me=visit.me,
        )
    return await _ready(visit, "stale", "error.csrf")


async def used(visit: Visit, outcome: str) -> Response:
    """It acted before with something else in it: a person must say what is meant."""
    return await _show(visit, "used", "error.form-used", outcome=outcome)


async def second(visit: Visit, conflict: Conflict) -> Response:
    """Somebody was first and nothing was done. What was typed stands on the present
    page, under who was first, when, and which fields differ; a form into which nobody
    types is answered by these alone.
    """
    view = ConflictView(
        who=conflict.who,
        when=conflict.when,
        back_url=refusals.back(visit.request),
        differences=await _differences(visit),
    )
    found = shown(visit.request.url.path)
    if found is None or visit.me is None:
        return refusals.second(view, visit.request, visit.desk, visit.me)
    told = replace(visit, me=replace(visit.me, conflict=view))
    return await show(told, found[0], status=HTTPStatus.CONFLICT, kept="conflict")


async def _differences(visit: Visit) -> tuple[Difference, ...]:
    """What differs in the paper or the case that the form's address names, or in those
    papers that the form itself names with their versions.
    """
    names, by = visit.request.path_params, visit.by
    differing = visit.desk.differing
    try:
        if "version" in visit.typed.fields and "document" in names:
            version = visit.typed.number("version")
            return await differing.paper(str(names["document"]), version, by)
        if "version" in visit.typed.fields and "code" in names:
            version = visit.typed.number("version")
            return await differing.case(str(names["code"]), version, by)
        told: list[Difference] = []
        for paper in visit.typed.all("paper"):
            name, _, number = paper.rpartition(":")
            told += await differing.paper(name, whole(number, "paper"), by)
    except refusals.LAWFUL:
        return ()  # who was first, and when, is said all the same
    return tuple(told)


def text_to_keep(request: Request, typed: Typed) -> str | None:
    """What was typed, to travel with the sign-in form; None if it is not kept."""
    if shown(request.url.path) is None or not typed.one("key"):
        return None
    fields = {name: v for name, v in typed.fields.items() if name != "csrf"}
    text = urlencode(fields, doseq=True)
    return text if len(text) <= KEPT_CHARACTERS else None


async def resume(visit: Visit, to: str, text: str) -> Response | None:
    """After signing in: the form as it was, for whoever typed it; None for all others.

    *visit* is of the person who has just signed in; *to* and *text* are what
    ``text_to_keep`` gave to the sign-in form. They come back from the browser, so
    anybody may have made them.
    """
    found = shown(to)
    if found is None or visit.me is None or len(text) > KEPT_CHARACTERS:
        return None
    typed = typed_text(text)
    if not visit.desk.forms.owns(visit.me.user, typed.one("key")):
        return None
    # A request to the form's own address, as if it had just been sent there: its page
    # takes names from the path. The body was read with the sign-in form and is not read
    # again; what was typed is in ``typed``.
    scope = {**visit.request.scope, "path": to, "path_params": found[1]}
    there = replace(visit, request=Request(scope), typed=typed)
    return await _ready(there, "session", "error.csrf")


async def _ready(visit: Visit, why: str, key: str) -> Response:
    """Under the form's own key while that lives: if the form had acted after all, and
    only its answer was lost, sending it again brings that answer.
    """
    mine = visit.typed.one("key")
    use = visit.desk.forms.use(
        visit.by.user, mine, visit.request.url.path, visit.typed.fields
    )
    if use is None or visit.me is None:
        return await _show(visit, why, key)
    before: UsedBefore | None = await visit.desk.forms.used_before(use)
    if before is None:
        return await _show(replace(visit, me=replace(visit.me, key=mine)), why, key)
    if before.same:
        return await recall.to_outcome(before, visit)
    return await used(visit, before.outcome)


async def _show(
    visit: Visit, why: str, key: str, *, outcome: str | None = None
) -> Response:
    found = shown(visit.request.url.path)
    status = HTTPStatus.CONFLICT
    if found is None:
        status = HTTPStatus.FORBIDDEN if key == "error.csrf" else status
        return refusals.refused(status, key, visit.request, visit.desk, me=visit.me)
    return await show(visit, found[0], status=status, kept=why, outcome=outcome)
