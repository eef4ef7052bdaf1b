"""Programs of others and their tokens, of which only digests are here."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from chassis.database import Database
from intake.adapters.sql import audit, form_uses
from intake.adapters.sql.holding import hold
from intake.adapters.sql.rows import named
from intake.adapters.sql.tables import programs
from intake.domain.programs import Program, ProgramChange, Scope
from intake.domain.records import NotFound

PROGRAM = (
    *("prefix", "agency", "name", "scopes", "token_sha256", "last_day"),
    *("made_by", "made_at", "revoked_by", "revoked_at", "used_at"),
)


class SqlPrograms:
    """``ports.Programs``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, agency: str) -> tuple[Program, ...]:
        return await self._database.read(lambda tx: _of(tx, agency))

    async def find(self, prefix: str) -> Program | None:
        return await self._database.read(lambda tx: _find(tx, prefix))

    async def issue(
        self, agency: str, decide: Callable[[Sequence[Program]], ProgramChange]
    ) -> Program:
        return await form_uses.write(
            self._database, lambda tx: _issue(tx, agency, decide), lambda _: {}
        )

    async def revoke(
        self,
        agency: str,
        prefix: str,
        decide: Callable[[Program], ProgramChange | None],
    ) -> Program:
        return await form_uses.write(
            self._database, lambda tx: _revoke(tx, agency, prefix, decide), lambda _: {}
        )

    async def touch(self, prefix: str, at: datetime) -> None:
        used = update(programs).where(programs.c.prefix == prefix).values(used_at=at)
        await self._database.write(lambda tx: tx.execute(used))


def _of(tx: Connection, agency: str) -> tuple[Program, ...]:
    found = tx.execute(
        select(programs)
        .where(programs.c.agency == agency)
        .order_by(programs.c.made_at, programs.c.prefix)
    )
    return tuple(map(_program, found))


def _find(tx: Connection, prefix: str) -> Program | None:
    row = tx.execute(select(programs).where(programs.c.prefix == prefix)).first()
    return _program(row) if row is not None else None


def _issue(
    tx: Connection, agency: str, decide: Callable[[Sequence[Program]], ProgramChange]
) -> Program:
    # Until the commit: of two administrators only one gives a name away.
    hold(tx, f"programs {agency}")
    change = decide(_of(tx, agency))
    tx.execute(insert(programs).values(_columns(change.program)))
    audit.append(tx, change.note)
    return change.program


def _revoke(
    tx: Connection,
    agency: str,
    prefix: str,
    decide: Callable[[Program], ProgramChange | None],
) -> Program:
    hold(tx, f"programs {agency}")
    known = _find(tx, prefix)
    if known is None or known.agency != agency:
        raise NotFound(prefix)
    change = decide(known)
    if change is None:
        return known
    after = change.program
    ended = {"revoked_by": after.revoked_by, "revoked_at": after.revoked_at}
    tx.execute(update(programs).where(programs.c.prefix == prefix).values(ended))
    audit.append(tx, change.note)
    return after


def _columns(program: Program) -> dict[str, Any]:
    return named(program, PROGRAM) | {"scopes": sorted(program.scopes)}


def _program(row: Row[Any]) -> Program:
    # A scope of a later release is none here: a program has never more than is known.
    known = frozenset(Scope(each) for each in row.scopes if each in set(Scope))
    return Program(**{**named(row, PROGRAM), "scopes": known})
