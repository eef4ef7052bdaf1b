"""The tables of agencies, row after row, and what this process knows of them."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from chassis.database import Database
from intake.adapters.sql import audit, delegations, form_uses
from intake.adapters.sql.holding import hold
from intake.adapters.sql.rows import named
from intake.adapters.sql.tables import (
    calendar_days,
    closing_hours,
    own_fees,
    own_switches,
)
from intake.domain.delegations import Delegation, Revocation
from intake.domain.own_fees import OwnFee
from intake.domain.own_tables import NONE, CalendarRow, ClosingHour, OwnTables
from intake.domain.records import Note
from intake.domain.switches import Switch, Switching

DAY = ("agency", "first", "last", "kind", "name", "by", "at")
FEE = (
    *("agency", "basis", "valid_from", "first_rate", "further_rate", "ceiling"),
    *("by", "at"),
)
SWITCHING = ("agency", "switch", "on", "valid_from", "by", "at")
HOUR = ("agency", "valid_from", "closes", "by", "at")


class RememberedTables:
    """All rows of the house in memory, so that a due hour asks no database. A change
    counts at once where it was made, and within seconds at other replicas.
    """

    def __init__(self) -> None:
        self._known: Mapping[str, OwnTables] = {}

    def of(self, agency: str) -> OwnTables:
        return self._known.get(agency, NONE)

    def hear(self, tables: Mapping[str, OwnTables]) -> None:
        self._known = tables


class SqlOwnTables:
    """``ports.OwnTablesBook``."""

    def __init__(self, database: Database, remembered: RememberedTables) -> None:
        self._database = database
        self._remembered = remembered

    async def refresh(self) -> None:
        self._remembered.hear(await self._database.read(_all))

    async def add_days(
        self, agency: str, decide: Callable[[OwnTables], tuple[CalendarRow, Note]]
    ) -> CalendarRow:
        def work(tx: Connection) -> CalendarRow:
            row, note = decide(_held(tx, agency))
            tx.execute(insert(calendar_days).values(named(row, DAY)))
            audit.append(tx, note)
            return row

        row = await form_uses.write(self._database, work, lambda _: {})
        await self.refresh()
        return row

    async def add_hour(
        self, agency: str, decide: Callable[[OwnTables], tuple[ClosingHour, Note]]
    ) -> ClosingHour:
        def work(tx: Connection) -> ClosingHour:
            row, note = decide(_held(tx, agency))
            tx.execute(insert(closing_hours).values(named(row, HOUR)))
            audit.append(tx, note)
            return row

        row = await form_uses.write(self._database, work, lambda _: {})
        await self.refresh()
        return row

    async def enter_delegation(
        self, agency: str, decide: Callable[[OwnTables], tuple[Delegation, Note]]
    ) -> Delegation:
        def work(tx: Connection) -> Delegation:
            entry, note = decide(_held(tx, agency))
            delegations.enter(tx, entry)
            audit.append(tx, note)
            return entry

        entry = await form_uses.write(self._database, work, lambda _: {})
        await self.refresh()
        return entry

    async def revoke_delegation(
        self, agency: str, decide: Callable[[OwnTables], tuple[Revocation, Note]]
    ) -> Revocation:
        def work(tx: Connection) -> Revocation:
            revocation, note = decide(_held(tx, agency))
            delegations.revoke(tx, revocation)
            audit.append(tx, note)
            return revocation

        revocation = await form_uses.write(self._database, work, lambda _: {})
        await self.refresh()
        return revocation

    async def issue_fee(
        self, agency: str, decide: Callable[[OwnTables], tuple[OwnFee, Note]]
    ) -> OwnFee:
        def work(tx: Connection) -> OwnFee:
            fee, note = decide(_held(tx, agency))
            tx.execute(insert(own_fees).values(named(fee, FEE)))
            audit.append(tx, note)
            return fee

        fee = await form_uses.write(self._database, work, lambda _: {})
        await self.refresh()
        return fee

    async def switch(
        self, agency: str, decide: Callable[[OwnTables], tuple[Switching, Note]]
    ) -> Switching:
        def work(tx: Connection) -> Switching:
            row, note = decide(_held(tx, agency))
            tx.execute(insert(own_switches).values(named(row, SWITCHING)))
            audit.append(tx, note)
            return row

        row = await form_uses.write(self._database, work, lambda _: {})
        await self.refresh()
        return row


def _held(tx: Connection, agency: str) -> OwnTables:
    """The agency's rows. Until the commit nobody else adds one."""
    hold(tx, f"tables {agency}")
    return _all(tx).get(agency, NONE)


def _all(tx: Connection) -> dict[str, OwnTables]:
    days = [_day(row) for row in tx.execute(_ordered(calendar_days))]
    hours = [_hour(row) for row in tx.execute(_ordered(closing_hours))]
    given = delegations.all_of(tx)
    fees = [OwnFee(**named(row, FEE)) for row in tx.execute(_ordered(own_fees))]
    switches = [_switching(row) for row in tx.execute(_ordered(own_switches))]
    tables = (days, hours, given, fees, switches)
    agencies = [row.agency for table in tables for row in table]
    return {
        agency: OwnTables(
            tuple(row for row in days if row.agency == agency),
            tuple(row for row in hours if row.agency == agency),
            tuple(row for row in given if row.agency == agency),
            tuple(row for row in fees if row.agency == agency),
            tuple(row for row in switches if row.agency == agency),
        )
        for agency in set(agencies)
    }


def _ordered(table: Any) -> Any:
    return select(table).order_by(table.c.seq)


def _day(row: Row[Any]) -> CalendarRow:
    return CalendarRow(**named(row, DAY))


def _hour(row: Row[Any]) -> ClosingHour:
    return ClosingHour(**named(row, HOUR))


def _switching(row: Row[Any]) -> Switching:
    values = named(row, SWITCHING)
    return Switching(**values | {"switch": Switch(row.switch)})
