"""A person's views of the board, in the row of their account: the board reads them with
its figures.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select, update

from chassis.database import Database
from intake.adapters.sql.tables import users
from intake.domain.people import Actor
from intake.domain.saved_views import SavedView

Views = tuple[SavedView, ...]


class SqlBoardViews:
    """``ports.BoardViews``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def change(self, by: Actor, made: Callable[[Views], Views]) -> None:
        await self._database.write(lambda tx: _change(tx, by, made))


def views_of(written: Any) -> Views:
    return tuple(SavedView(each["name"], each["fields"]) for each in written or ())


def _change(tx: Connection, by: Actor, made: Callable[[Views], Views]) -> None:
    mine = (users.c.id == by.user) & (users.c.agency == by.agency)
    # Two tabs at once: whoever is second changes what the first has written.
    known = tx.scalar(select(users.c.board_views).where(mine).with_for_update())
    after = made(views_of(known))
    said = [{"name": each.name, "fields": dict(each.fields)} for each in after]
    tx.execute(update(users).where(mine).values(board_views=said))
