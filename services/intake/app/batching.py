"""The certifier's act on many papers, what became of each, and pages noted as seen.

Each paper of the act belongs to the form by itself (``once`` has it for a whole form):
sent again, it finds those that are approved and tries the others. Start at ``approve``.
"""

import hashlib
import secrets
from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus

from starlette.responses import Response

from intake.app import again
from intake.app.acts import see_other, seen
from intake.app.visit import Unreadable, Visit, whole
from intake.domain.batch import Chosen
from intake.usecases.batching import Once


async def approve(visit: Visit) -> Response:
    """Approve what was ticked; the page that follows has a result for each."""
    chosen = tuple(map(_chosen, dict.fromkeys(visit.typed.all("item"))))
    if not visit.typed.one("key"):  # a program's: it acts as often as it is sent
        return await _act(visit, secrets.token_hex(32), chosen, lambda _: nullcontext())
    use = visit.desk.forms.use(
        visit.by.user,
        visit.typed.one("key"),
        visit.request.url.path,
        visit.typed.fields,
    )
    if use is None:
        return await again.stale(visit)
    # Of the form and of what was ticked in it: the same press again leads to the same
    # page, and other ticks under the form's key to a page of their own.
    name = hashlib.sha256(f"{use.id}\n{use.content}".encode()).hexdigest()

    def once(document: str) -> AbstractContextManager[None]:
        version = next(each.version for each in chosen if each.document == document)
        of_item = visit.desk.forms.use(
            visit.by.user,
            visit.typed.one("key"),
            f"/documents/{document}/approve",
            {"version": [str(version)]},
        )
        if of_item is None:
            return nullcontext()
        return visit.desk.forms.acting(of_item, f"/wall/batches/{name}")

    return await _act(visit, name, chosen, once)


async def _act(
    visit: Visit, name: str, chosen: tuple[Chosen, ...], once: Once
) -> Response:
    await visit.desk.batching.approve(name, chosen, visit.by, once=once)
    return see_other(f"/wall/batches/{name}")


async def results(visit: Visit) -> Response:
    """What became of each paper of an act; a reload asks the papers again."""
    view = await visit.desk.batching.view(visit.path("batch"), visit.by)
    return visit.desk.render("batch.html", visit.request, view=view, me=visit.me)


async def note_seen(visit: Visit) -> Response:
    """The pages whose lower edge was in view: by script as they pass, or ticked."""
    document = visit.path("document")
    await visit.desk.pictures.note_seen(document, seen(visit), visit.by)
    if visit.program:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return see_other(f"/wall/{document}")


def _chosen(item: str) -> Chosen:
    document, _, version = item.rpartition(":")
    if not document:
        raise Unreadable("item")
    return Chosen(document, whole(version, "item"))
