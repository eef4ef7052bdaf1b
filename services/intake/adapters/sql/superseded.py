"""What papers and cases said before their last changes, as long as a form of that
version may still be sent.

Written in the transaction of the change. A version that nobody has changed has no row:
it is read from the paper itself.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from chassis.database import Database
from intake.adapters.sql.form_uses import REMEMBERED
from intake.adapters.sql.tables import superseded
from intake.domain import differing
from intake.domain.differing import Fields
from intake.domain.records import Case, CaseDocument

# Made once: SQLAlchemy keeps what it worked out for a statement with the statement.
_SWEEP: Final = delete(superseded).where(superseded.c.at < bindparam("before"))
_NOTE: Final = {
    "sqlite": sqlite.insert(superseded).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(superseded).on_conflict_do_nothing(),
}


class SqlSuperseded:
    """``ports.Superseded``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def at(self, name: str, version: int) -> Fields | None:
        return await self._database.read(lambda tx: _at(tx, name, version))


def note_paper(tx: Connection, before: CaseDocument, after: CaseDocument) -> None:
    """Note what *before* said, if a person has changed it."""
    if before.version != after.version:
        fields = differing.of_paper(before)
        _note(tx, before.id, before.version, fields, after.changed_at)


def note_case(tx: Connection, before: Case, papers: int, after: Case) -> None:
    """Note what the case said with that many papers."""
    if before.version != after.version:
        fields = differing.of_case(before, papers)
        _note(tx, before.code, before.version, fields, after.changed_at)


def _note(
    tx: Connection, name: str, version: int, fields: Fields, at: datetime
) -> None:
    # Swept by whoever changes something, as the forms that acted are: these rows hold
    # what a citizen's papers say, and nobody needs them once the forms are past use.
    tx.execute(_SWEEP, {"before": at - REMEMBERED})
    row = {"name": name, "version": version, "fields": dict(fields), "at": at}
    tx.execute(_NOTE[tx.dialect.name], row)


def _at(tx: Connection, name: str, version: int) -> Fields | None:
    return tx.scalar(
        select(superseded.c.fields).where(
            superseded.c.name == name, superseded.c.version == version
        )
    )
