"""What a paper says of itself, typed or taken over from what was read. Start at
``describe``.
"""

from starlette.responses import Response

from intake.app import receipts
from intake.app.acts import done, see_other
from intake.app.visit import Unreadable, Visit
from intake.domain import describing
from intake.domain.proposing import FIELDS, Field
from intake.domain.views.page import Receipt


async def describe(visit: Visit) -> Response:
    """Put down every field as typed, or the one whose offer was taken, as shown."""
    typed = visit.typed
    taken = typed.one("take")
    values: dict[Field, str] = (
        {_field(taken): typed.one(f"offer-{taken}")}
        if taken
        else {name: typed.one(name) for name in FIELDS if name in typed.fields}
    )
    document = visit.path("document")
    after = await visit.desk.transcribing.describe(
        document, describing.details(values), typed.number("version"), visit.by
    )
    receipt = Receipt("described", {"title": receipts.short(after.paper.title)})
    return done(visit, f"/documents/{document}/desk#live-reading", receipt)


async def read_again(visit: Visit) -> Response:
    document = visit.path("document")
    await visit.desk.transcribing.ask_again(document, visit.by)
    return see_other(f"/documents/{document}/desk#live-reading")


def _field(name: str) -> Field:
    found = next((field for field in FIELDS if field == name), None)
    if found is None:
        raise Unreadable("take")
    return found
