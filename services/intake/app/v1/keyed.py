"""An act under an idempotency key happens once, and its answer is given again
(docs/decisions/0147-an-act-under-a-key.md).

The key is claimed in a row of its own, so that a second request meanwhile hears 409;
the act happens at most once by the form's row in its own transaction, also where this
process dies between the act and its answer. Start at ``once``.
"""

from typing import Final

from starlette.responses import Response

from intake.app import refusals
from intake.app.route import Terms
from intake.app.v1.cases import shown_case
from intake.app.v1.misfits import Keyless
from intake.app.v1.papers import shown_paper
from intake.app.visit import Endpoint, Visit
from intake.domain import answering
from intake.domain.answering import KeptAnswer, KeyedRequest
from intake.domain.form_keys import UsedBefore

KEY_HEADER: Final = "idempotency-key"
REPLAYED: Final = "Idempotency-Replayed"
KEPT_HEADERS: Final = ("etag", "location", "content-type", "cache-control")
_PAPERS: Final = "/v1/documents/"


def once(endpoint: Endpoint, terms: Terms) -> Endpoint:
    """The endpoint, for requests that name a key."""

    async def answer(visit: Visit) -> Response:
        key = answering.key_of(visit.request.headers.get(KEY_HEADER, ""))
        if key is None:
            raise Keyless
        asked = visit.desk.programs.answering.request(
            visit.by.user,
            key,
            visit.request.method,
            visit.request.url.path,
            visit.sent,
        )
        known = await visit.desk.programs.answering.claim(asked)
        if known is not None:
            return _again(known)
        return await _act(endpoint, terms, visit, asked)

    return answer


async def _act(
    endpoint: Endpoint, terms: Terms, visit: Visit, asked: KeyedRequest
) -> Response:
    params = visit.request.path_params
    there = terms.keyed
    if "document" in params:
        there = there.replace("{document}", str(params["document"]))
    try:
        with visit.desk.forms.acting(asked.use, there):
            response = await endpoint(visit)
    except UsedBefore as before:
        response = await _anew(visit, before, terms)
    except refusals.LAWFUL:
        # An earlier request with this key may have acted, and died before it answered:
        # what it acted on has moved on, and this one was told that it may not.
        earlier = await visit.desk.forms.used_before(asked.use)
        if earlier is None:
            await visit.desk.programs.answering.release(asked)
            raise
        response = await _anew(visit, earlier, terms)
    # A crash here leaves the act done and its key without an answer: the next request
    # with the key meets the form's row, and is answered from what was acted on.
    await visit.desk.programs.answering.keep(asked, _kept(response))
    return response


async def _anew(visit: Visit, before: UsedBefore, terms: Terms) -> Response:
    """The answer made again from what was acted on, as it is now."""
    if not before.same:
        raise answering.OtherRequest
    name = before.outcome.rpartition("/")[2]
    if before.outcome.startswith(_PAPERS):
        return await shown_paper(visit, name)
    return await shown_case(visit, name, made=terms.created)


def _kept(response: Response) -> KeptAnswer:
    headers = {n: v for n, v in response.headers.items() if n in KEPT_HEADERS}
    return KeptAnswer(response.status_code, headers, bytes(response.body))


def _again(known: KeptAnswer) -> Response:
    answer = Response(known.body, known.status, known.headers)
    answer.headers[REPLAYED] = "true"
    return answer
