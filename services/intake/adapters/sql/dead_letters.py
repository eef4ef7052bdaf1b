"""What was done about dead letters: each act in one commit with its line of audit."""

from dataclasses import replace

from sqlalchemy import Connection, insert, select, update

from chassis.database import Database
from intake.adapters.sql import audit, form_uses
from intake.adapters.sql.tables import dead_letter_acts as acts
from intake.domain.dead_letters import DeadLetterAct, Step
from intake.domain.records import Note

NAMES = tuple(column.name for column in acts.columns)


class SqlDeadLetterActs:
    """``ports.DeadLetterActs``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> tuple[DeadLetterAct, ...]:
        return await self._database.read(_all)

    async def add(self, act: DeadLetterAct, note: Note) -> DeadLetterAct:
        return await form_uses.write(
            self._database, lambda tx: _add(tx, act, note), lambda _: {}
        )

    async def unsent(self) -> tuple[DeadLetterAct, ...]:
        return await self._database.read(_unsent)

    async def settle(self, act: int, step: Step) -> None:
        changed = update(acts).where(acts.c.id == act).values(step=step)
        await self._database.write(lambda tx: tx.execute(changed))

    async def note(self, note: Note) -> None:
        await self._database.write(lambda tx: audit.append(tx, note))


def _add(tx: Connection, act: DeadLetterAct, note: Note) -> DeadLetterAct:
    values = {name: getattr(act, name) for name in NAMES if name != "id"}
    number = tx.execute(insert(acts).values(**values).returning(acts.c.id)).scalar_one()
    audit.append(tx, note)
    return replace(act, id=number)


def _all(tx: Connection) -> tuple[DeadLetterAct, ...]:
    rows = tx.execute(select(acts).order_by(acts.c.id))
    return tuple(DeadLetterAct(**row._asdict()) for row in rows)


def _unsent(tx: Connection) -> tuple[DeadLetterAct, ...]:
    return tuple(act for act in _all(tx) if act.step == "asked")
