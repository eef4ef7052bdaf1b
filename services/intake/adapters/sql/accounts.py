"""The accounts of an agency as its administrators change them, one change at a time."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from chassis.database import Database
from intake.adapters.sql import audit, form_uses
from intake.adapters.sql.holding import hold
from intake.adapters.sql.tables import sessions, users
from intake.adapters.sql.users import columns_of, find_user, user_of
from intake.domain.accounts import AccountLine, Change
from intake.domain.people import User
from intake.domain.records import NotFound
from intake.domain.states import NotAllowed


class SqlAccounts:
    """``ports.Accounts``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, agency: str) -> tuple[AccountLine, ...]:
        return await self._database.read(lambda tx: _lines(tx, agency))

    async def add(
        self, agency: str, decide: Callable[[Sequence[User]], Change], password: str
    ) -> User:
        return await form_uses.write(
            self._database,
            lambda tx: _add(tx, agency, decide, password),
            lambda _: {},
        )

    async def change(
        self, agency: str, user: str, decide: Callable[[User, Sequence[User]], Change]
    ) -> User:
        return await form_uses.write(
            self._database, lambda tx: _change(tx, agency, user, decide), lambda _: {}
        )


def _lines(tx: Connection, agency: str) -> tuple[AccountLine, ...]:
    opened = (
        select(sessions.c.user, func.count().label("opened"))
        .group_by(sessions.c.user)
        .subquery()
    )
    found = tx.execute(
        select(users, opened.c.opened)
        .outerjoin(opened, opened.c.user == users.c.id)
        .where(users.c.agency == agency)
        .order_by(users.c.name, users.c.id)
    )
    return tuple(map(_line, found))


def _line(row: Row[Any]) -> AccountLine:
    return AccountLine(user_of(row), row.signed_in_at, row.opened or 0)


def _add(
    tx: Connection,
    agency: str,
    decide: Callable[[Sequence[User]], Change],
    password: str,
) -> User:
    change = decide(_held(tx, agency))
    if find_user(tx, change.user.id) is not None:
        raise NotAllowed("error.account-taken", user=change.user.id)
    row = columns_of(change.user) | {"password": password}
    tx.execute(insert(users).values(row))
    audit.append(tx, change.note)
    return change.user


def _change(
    tx: Connection,
    agency: str,
    user: str,
    decide: Callable[[User, Sequence[User]], Change],
) -> User:
    known = _held(tx, agency)
    account = next((each for each in known if each.id == user), None)
    if account is None:
        raise NotFound(user)
    change = decide(account, known)
    row = columns_of(change.user)
    if change.user.password == account.password:
        # Their owner may be choosing another one at this moment.
        del row["password"], row["must_change"]
    tx.execute(update(users).where(users.c.id == user).values(row))
    if change.ends_sessions:
        tx.execute(delete(sessions).where(sessions.c.user == user))
    audit.append(tx, change.note)
    return change.user


def _held(tx: Connection, agency: str) -> tuple[User, ...]:
    """All accounts of the agency. Until the commit no other administrator changes one:
    else two could take each other's role, and nobody would be left.
    """
    hold(tx, f"accounts {agency}")
    found = tx.execute(select(users).where(users.c.agency == agency))
    return tuple(map(user_of, found))
