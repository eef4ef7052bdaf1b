"""A filter of the board is saved under a name, and given up again."""

from typing import Final

from starlette.responses import Response

from intake.app.acts import done
from intake.app.route import AT_BOARD, STAFF, Route
from intake.app.visit import Visit
from intake.domain.board_filters import FIELDS
from intake.domain.views.page import Receipt


async def save(visit: Visit) -> Response:
    said = {name: visit.typed.one(name) for name in FIELDS}
    name = visit.typed.one("name")
    address = await visit.desk.board.save(name, said, visit.by)
    return done(visit, address, Receipt("view-saved", {"name": name}))


async def remove(visit: Visit) -> Response:
    name = visit.typed.one("name")
    await visit.desk.board.remove(name, visit.by)
    return done(visit, AT_BOARD, Receipt("view-removed", {"name": name}))


ROUTES: Final = (
    Route("POST", "/views", save, STAFF, AT_BOARD),
    Route("POST", "/views/remove", remove, STAFF, AT_BOARD),
)
