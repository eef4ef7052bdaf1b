"""Keys of requests and the answers that they got."""

from typing import Any

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from chassis.database import Database
from intake.adapters.sql.tables import answers
from intake.domain import answering
from intake.domain.answering import KeptAnswer, KeyedRequest, KeyRow


class SqlAnswers:
    """``ports.Answers``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, asked: KeyedRequest) -> KeyRow | None:
        return await self._database.write(lambda tx: _claim(tx, asked))

    async def keep(self, asked: KeyedRequest, answer: KeptAnswer) -> None:
        given = (
            update(answers)
            .where(answers.c.id == asked.id)
            .values(status=answer.status, headers=answer.headers, body=answer.body)
        )
        await self._database.write(lambda tx: tx.execute(given))

    async def release(self, asked: KeyedRequest) -> None:
        open_row = (answers.c.id == asked.id) & answers.c.status.is_(None)
        await self._database.write(
            lambda tx: tx.execute(delete(answers).where(open_row))
        )


def _claim(tx: Connection, asked: KeyedRequest) -> KeyRow | None:
    """None where the key is this request's from now on."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    made = tx.scalar(
        dialect.insert(answers)
        .values(id=asked.id, content=asked.content, at=asked.at)
        .on_conflict_do_nothing()
        .returning(answers.c.id)
    )
    if made is not None:
        return None
    mine = answers.c.id == asked.id
    row = tx.execute(select(answers).where(mine).with_for_update()).first()
    known = _row(row) if row is not None else None
    if known is not None and answering.standing(known, asked) != "mine":
        return known
    # Of a process that died: the row is held, so of two that find it one goes on.
    tx.execute(update(answers).where(mine).values(at=asked.at))
    return None


def _row(row: Row[Any]) -> KeyRow:
    answer = None
    if row.status is not None:
        answer = KeptAnswer(row.status, dict(row.headers), row.body)
    return KeyRow(row.content, row.at, answer)
