"""What the holder of a link thinks of the office, asked below the download."""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from storage.app.fields import typed_fields
from storage.app.links import last_day, opened
from storage.app.visit import PublicVisit
from storage.domain.ratings import rating_of

FORM_BYTES: Final = 16_000
"""500 letters, each written as nine bytes in the form at most, and the rest of it."""


async def rate(visit: PublicVisit) -> Response:
    """One press, no name; sent again it changes nothing and is thanked for again."""
    found = await opened(visit)
    if isinstance(found, Response):
        return found
    rating = rating_of(await typed_fields(visit.request, most_bytes=FORM_BYTES))
    shown: dict[str, object] = {
        "copy": found.copy,
        "token": visit.path("token"),
        "last_day": last_day(found),
        "rated": found.rated,
        "unrated": rating is None,
    }
    if rating is None:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return visit.face.render("link.html.j2", visit.request, status=status, **shown)
    shown |= {"rating": rating, "counted": await visit.storage.rate(found, rating)}
    render = visit.face.render
    return render("link-thanks.html.j2", visit.request, status=200, **shown)
