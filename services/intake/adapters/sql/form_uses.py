"""That a form acted, written in the transaction of its act.

The app opens ``acting`` around a route; the first write of a use case inside it claims
the form's row and acts, or finds it claimed and raises UsedBefore. On PostgreSQL the
second of two at once waits at the row until the first has committed or failed; SQLite
has one writer. A crash before the commit leaves neither act nor row, one after it
leaves both. Start at ``acting``.
"""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from chassis.database import Database
from chassis.writes import Work
from intake.adapters.sql.tables import form_uses
from intake.domain.form_keys import LIFE, FormUse, UsedBefore

REMEMBERED: Final = LIFE + timedelta(hours=1)
"""A key past its life acts no more, so its row may go; the hour is for clocks."""

T = TypeVar("T")
Names = dict[str, str]
"""What an outcome may name: the ``document`` and ``case`` that the act was about."""


@dataclass(slots=True)
class _Acting:
    use: FormUse
    outcome: str
    claimed: bool = False


_ACTING: ContextVar[_Acting | None] = ContextVar("acting", default=None)


@contextlib.contextmanager
def acting(use: FormUse, outcome: str) -> Iterator[None]:
    """The first write inside belongs to *use*; *outcome* is the page that follows, with
    ``{document}`` and ``{case}`` where only the act can name them.
    """
    token = _ACTING.set(_Acting(use, outcome))
    try:
        yield
    finally:
        _ACTING.reset(token)


class SqlFormUses:
    """``ports.FormUses``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def before(self, use: FormUse) -> UsedBefore | None:
        return await self._database.read(lambda tx: _before(tx, use))


async def write(database: Database, work: Work[T], names: Callable[[T], Names]) -> T:
    """``database.write``, once for the form that is acting. Raises UsedBefore."""
    # A context variable, not an argument: a use case must not know of forms, and each
    # request runs in a task with a context of its own.
    here = _ACTING.get()
    if here is None or here.claimed:
        return await database.write(work)
    result = await database.write(lambda tx: _once(tx, here, work, names))
    here.claimed = True  # only now: a group that could not commit runs its work again
    return result


def _once(
    tx: Connection, here: _Acting, work: Work[T], names: Callable[[T], Names]
) -> T:
    # Claim first: the second of two at once stops here, before it has read what the
    # first is about to change.
    _claim(tx, here.use)
    result = work(tx)
    tx.execute(
        update(form_uses)
        .where(form_uses.c.id == here.use.id)
        .values(outcome=here.outcome.format_map(names(result)))
    )
    return result


def _claim(tx: Connection, use: FormUse) -> None:
    # Swept by whoever acts: no task, no second lock, and the table stays as large as a
    # day's forms.
    tx.execute(delete(form_uses).where(form_uses.c.at < use.at - REMEMBERED))
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    claimed = tx.scalar(
        insert(form_uses)
        .values(id=use.id, content=use.content, outcome="", at=use.at)
        .on_conflict_do_nothing()
        .returning(form_uses.c.id)
    )
    if claimed is not None:
        return
    before = _before(tx, use)
    if before is None:
        raise AssertionError("a form's row is there and is not")
    raise before


def _before(tx: Connection, use: FormUse) -> UsedBefore | None:
    row = tx.execute(select(form_uses).where(form_uses.c.id == use.id)).first()
    if row is None:
        return None
    return UsedBefore(row.outcome, same=row.content == use.content)
