"""What waits, measured for the administrator's page: two queries, whatever the size of
the tables (both are answered by an index).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from chassis.database import Database
from chassis.outbox import waiting
from chassis.retention import Held
from intake.adapters.sql.tables import documents
from intake.domain import states
from intake.domain.states import State
from intake.domain.system import Backlog, Growing, Waiting


class SqlGauges:
    """``ports.Gauges``."""

    def __init__(self, database: Database, held: Sequence[Held] = ()) -> None:
        self._database = database
        self._held = held

    async def backlog(self, agency: str) -> Backlog:
        return await self._database.read(lambda tx: _backlog(tx, agency))

    async def growing(self, now: datetime) -> tuple[Growing, ...]:
        """What is for ever is left out: counting it would read whole tables."""
        timed = [(r, h, r.keep) for r, h in self._held if r.keep is not None]
        amounts = [
            (rule, await place.amount(now - keep)) for rule, place, keep in timed
        ]
        return tuple(Growing(r.name, a.count, a.oldest, a.due) for r, a in amounts)


def _backlog(tx: Connection, agency: str) -> Backlog:
    count, since = waiting(tx)
    return Backlog(_waiting(tx, agency), count, since)


def waiting_anywhere(tx: Connection) -> list[tuple[State, int, datetime]]:
    """Each state in which papers of any agency wait, how many, and since when."""
    found = tx.execute(
        select(documents.c.state, func.count(), func.min(documents.c.changed_at))
        .where(documents.c.state.in_(states.OPEN))
        .group_by(documents.c.state)
    )
    return [(State(state), papers, since) for state, papers, since in found]


def _waiting(tx: Connection, agency: str) -> tuple[Waiting, ...]:
    found = tx.execute(
        select(documents.c.state, func.count(), func.min(documents.c.changed_at))
        .where(documents.c.agency == agency, documents.c.state.in_(states.OPEN))
        .group_by(documents.c.state)
    )
    counted = {State(state): (papers, since) for state, papers, since in found}
    return tuple(
        Waiting(state, *counted[state], _oldest(tx, agency, state))
        for state in State
        if state in counted
    )


def _oldest(tx: Connection, agency: str, state: State) -> str:
    oldest: str = tx.execute(
        select(documents.c.case)
        .where(documents.c.agency == agency, documents.c.state == state)
        .order_by(documents.c.changed_at)
        .limit(1)
    ).scalar_one()
    return oldest
