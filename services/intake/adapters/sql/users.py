"""Staff accounts and wrong passwords; ``sessions.py`` has who is signed in, and
``accounts.py`` what administrators change.

How many wrong passwords are too many is decided in ``intake.domain.guesses``. Start at
``SqlUsers.count_try`` (docs/decisions/0064).
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from chassis.database import Database
from intake.adapters.sql import audit, form_uses
from intake.adapters.sql.holding import hold
from intake.adapters.sql.rows import named
from intake.adapters.sql.tables import attempts, sessions, users
from intake.domain.guesses import LOCK, Failures, Try, counts, counts_until
from intake.domain.people import Role, User
from intake.domain.records import Note

ADDRESS_HOLDS: Final = 64
USER: Final = (
    "id",
    "name",
    "agency",
    "roles",
    "officer",
    "password",
    "active",
    "must_change",
    "version",
    "changed_by",
    "changed_at",
)

# Made once, since each request asks it: SQLAlchemy keeps what it worked out for a
# statement with the statement.
_KNOWN: Final = select(users).where(users.c.id == bindparam("one"))


class SqlUsers:
    """``ports.Users``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, user: str) -> User | None:
        return await self._database.read(lambda tx: find_user(tx, user))

    async def certifiers(self, agency: str) -> tuple[User, ...]:
        return await self._database.read(lambda tx: _certifiers(tx, agency))

    async def add(self, user: User, note: Note) -> bool:
        return await self._database.write(lambda tx: _add(tx, user, note))

    async def set_password(self, user: str, password: str, note: Note) -> None:
        await form_uses.write(
            self._database,
            lambda tx: _set_password(tx, user, password, note),
            lambda _: {},
        )

    async def count_try(
        self,
        account: str,
        address: str,
        at: datetime,
        *,
        since: datetime,
        check: Callable[[Failures], None],
    ) -> Try:
        def count(tx: Connection) -> Try:
            # Held to the commit: tries of one address are counted one after the other,
            # in whatever process they arrive, so that no two see the last one free.
            _hold_address(tx, address)
            before = Failures(
                _failures(tx, address, since, at, attempts.c.account == account),
                _failures(tx, address, since, at),
            )
            check(before)
            values = {"account": account, "address": address, "at": at, "wrong": False}
            added = insert(attempts).values(values).returning(attempts.c.seq)
            seq = tx.execute(added).scalar_one()
            # A crash from here on leaves the try counted for a minute.
            return Try(seq, account, address, before, at)

        return await self._database.write(count)

    async def note_wrong(self, tried: Try) -> None:
        await self._database.write(
            lambda tx: tx.execute(
                update(attempts).where(attempts.c.seq == tried.seq).values(wrong=True)
            )
        )

    async def give_back(self, tried: Try) -> None:
        await self._database.write(
            lambda tx: tx.execute(delete(attempts).where(attempts.c.seq == tried.seq))
        )

    async def forget_failures(self, tried: Try) -> None:
        await self._database.write(
            lambda tx: tx.execute(
                delete(attempts).where(
                    attempts.c.account == tried.account,
                    attempts.c.address == tried.address,
                    attempts.c.seq <= tried.seq,
                )
            )
        )

    async def sweep_tries(self, before: datetime) -> None:
        await self._database.write(
            lambda tx: tx.execute(
                delete(attempts).where(
                    or_(attempts.c.at <= before, attempts.c.at > before + 2 * LOCK)
                )
            )
        )

    async def record(self, note: Note) -> None:
        await self._database.write(lambda tx: audit.append(tx, note))


def find_user(tx: Connection, user: str) -> User | None:
    row = tx.execute(_KNOWN, {"one": user}).first()
    return None if row is None else user_of(row)


def _certifiers(tx: Connection, agency: str) -> tuple[User, ...]:
    found = tx.execute(
        select(users)
        .where(users.c.agency == agency, users.c.active.is_(True))
        .order_by(users.c.id)
    )
    people = map(user_of, found)
    return tuple(user for user in people if Role.CERTIFIER in user.roles)


def _add(tx: Connection, user: User, note: Note) -> bool:
    if find_user(tx, user.id) is not None:
        return False
    tx.execute(insert(users).values(columns_of(user)))
    audit.append(tx, note)
    return True


def _set_password(tx: Connection, user: str, password: str, note: Note) -> None:
    """Whoever held the old one is signed out everywhere."""
    own = {"password": password, "must_change": False}
    tx.execute(update(users).where(users.c.id == user).values(own))
    tx.execute(delete(sessions).where(sessions.c.user == user))
    audit.append(tx, note)


def _failures(
    tx: Connection,
    address: str,
    since: datetime,
    at: datetime,
    *narrower: ColumnElement[bool],
) -> tuple[datetime, ...]:
    """Until when each of the failures counts that still counts at *at*."""
    found = tx.execute(
        select(attempts.c.at, attempts.c.wrong)
        .where(attempts.c.address == address, *narrower)
        .where(attempts.c.at > since, attempts.c.at <= at + LOCK)
    )
    return tuple(
        counts_until(each, wrong=wrong)
        for each, wrong in found
        if counts(each, at, wrong=wrong)
    )


def _hold_address(tx: Connection, address: str) -> None:
    """Until the commit no other try of this address is counted, by whichever replica.

    One of a fixed set of rows, shared by chance with other addresses: a row for each
    address that ever tried would fill the table, and could not be deleted safely.
    """
    first = hashlib.sha256(address.encode()).digest()[0]
    hold(tx, f"tries-{first % ADDRESS_HOLDS}")


def user_of(row: Row[Any]) -> User:
    return User(**{**named(row, USER), "roles": frozenset(map(Role, row.roles))})


def columns_of(user: User) -> dict[str, Any]:
    return {**named(user, USER), "roles": sorted(user.roles)}
