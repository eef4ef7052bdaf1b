"""Sessions, which live on the server: who is signed in, and since when.

How long one lasts is decided in ``intake.usecases.signing_in``. Start at
``SqlSessions``.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from chassis.database import Database
from intake.adapters.sql import audit
from intake.adapters.sql.tables import sessions, users
from intake.adapters.sql.users import find_user
from intake.domain.people import Session, User
from intake.domain.records import Note

# Made once, since each request asks it: SQLAlchemy keeps what it worked out for a
# statement with the statement.
_OPENED: Final = select(sessions).where(sessions.c.token_sha256 == bindparam("token"))


class SqlSessions:
    """``ports.Sessions``: keyed by the SHA-256 of the token."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, token_sha256: str, session: Session, note: Note) -> None:
        await self._database.write(lambda tx: _open(tx, token_sha256, session, note))

    async def find(self, token_sha256: str) -> tuple[Session, User] | None:
        return await self._database.read(lambda tx: _session(tx, token_sha256))

    async def touch(self, token_sha256: str, at: datetime) -> None:
        await self._database.write(
            lambda tx: tx.execute(
                update(sessions)
                .where(sessions.c.token_sha256 == token_sha256)
                .values(seen_at=at)
            )
        )

    async def close(self, token_sha256: str, note: Note | None) -> None:
        await self._database.write(lambda tx: _close(tx, token_sha256, note))

    async def sweep(self, *, idle_since: datetime, opened_before: datetime) -> None:
        await self._database.write(
            lambda tx: _sweep_sessions(tx, idle_since, opened_before)
        )


def _sweep_sessions(tx: Connection, idle_since: datetime, opened: datetime) -> None:
    tx.execute(
        delete(sessions).where(
            or_(sessions.c.seen_at <= idle_since, sessions.c.created_at <= opened)
        )
    )


def _open(tx: Connection, token_sha256: str, session: Session, note: Note) -> None:
    tx.execute(
        insert(sessions).values(
            token_sha256=token_sha256,
            user=session.user,
            csrf=session.csrf,
            created_at=session.created_at,
            seen_at=session.seen_at,
        )
    )
    signed_in = {"signed_in_at": session.created_at}
    tx.execute(update(users).where(users.c.id == session.user).values(signed_in))
    audit.append(tx, note)


def _session(tx: Connection, token_sha256: str) -> tuple[Session, User] | None:
    row = tx.execute(_OPENED, {"token": token_sha256}).first()
    if row is None:
        return None
    user = find_user(tx, row.user)
    if user is None:
        return None
    return Session(row.user, row.csrf, row.created_at, row.seen_at), user


def _close(tx: Connection, token_sha256: str, note: Note | None) -> None:
    closed = tx.execute(delete(sessions).where(sessions.c.token_sha256 == token_sha256))
    if closed.rowcount and note is not None:
        audit.append(tx, note)
