"""A form acts once: the second use of its key gets the outcome of the first.

Looked up before the route runs, so that a second click answers at once; claimed in the
transaction of the act (``adapters.sql.form_uses``), so that two at once act once; and
looked up again where the route said "no", because by then the other one of two may have
moved the paper on.
"""

from http import HTTPStatus

from starlette.responses import Response

from intake.app import again, recall, refusals
from intake.app.visit import Endpoint, Visit
from intake.domain.form_keys import FormUse, UsedBefore


async def run(endpoint: Endpoint, outcome: str, visit: Visit) -> Response:
    """The route, or the answer that an earlier use of the same form got.

    A form without a key acts as often as it is sent: a program's, with its bearer
    session, or a page's of before keys were made.
    """
    key = visit.typed.one("key")
    if not key or visit.actor is None or not outcome:
        return await endpoint(visit)
    use = visit.desk.forms.use(
        visit.by.user, key, visit.request.url.path, visit.typed.fields
    )
    if use is None:
        return await again.stale(visit)
    before = await visit.desk.forms.used_before(use)
    if before is not None:
        return await _answer(before, visit)
    return await _act(endpoint, outcome, visit, use)


async def _act(
    endpoint: Endpoint, outcome: str, visit: Visit, use: FormUse
) -> Response:
    params = visit.request.path_params
    there = outcome
    for name, named in params.items():
        there = there.replace(f"{{{name}}}", str(named))
    try:
        with visit.desk.forms.acting(use, there):
            response = await endpoint(visit)
    except UsedBefore as raised:
        return await _answer(raised, visit)
    except refusals.LAWFUL:
        # Two presses at once: the other one has moved the paper on, and this one was
        # told that it may not. If it is the same form, its answer is the other's.
        before = await visit.desk.forms.used_before(use)
        if before is None:
            raise
        return await _answer(before, visit)
    if response.status_code < HTTPStatus.BAD_REQUEST:
        return response
    before = await visit.desk.forms.used_before(use)
    return response if before is None else await _answer(before, visit)


async def _answer(before: UsedBefore, visit: Visit) -> Response:
    """The first use's page once more; a question, if something else was typed."""
    if before.same:
        return await recall.to_outcome(before, visit)
    return await again.used(visit, before.outcome)
