"""The tables of agencies, row after row, and what this process knows of them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, insert, select

from chassis.database import Database
from intake.adapters.sql import audit, delegations, form_uses, office_rows
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
from intake.domain.table_rows import TableRow, TakenBack

Written = TypeVar("Written")
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
        return await self._decided(agency, decide, _enter_days)

    async def add_hour(
        self, agency: str, decide: Callable[[OwnTables], tuple[ClosingHour, Note]]
    ) -> ClosingHour:
        return await self._decided(agency, decide, _enter_hour)

    async def enter_delegation(
        self, agency: str, decide: Callable[[OwnTables], tuple[Delegation, Note]]
    ) -> Delegation:
        return await self._decided(agency, decide, delegations.enter)

    async def revoke_delegation(
        self, agency: str, decide: Callable[[OwnTables], tuple[Revocation, Note]]
    ) -> Revocation:
        return await self._decided(agency, decide, delegations.revoke)

    async def issue_fee(
        self, agency: str, decide: Callable[[OwnTables], tuple[OwnFee, Note]]
    ) -> OwnFee:
        return await self._decided(agency, decide, _enter_fee)

    async def switch(
        self, agency: str, decide: Callable[[OwnTables], tuple[Switching, Note]]
    ) -> Switching:
        return await self._decided(agency, decide, _turn)

    async def enter_row(
        self, agency: str, decide: Callable[[OwnTables], tuple[TableRow, Note]]
    ) -> TableRow:
        return await self._decided(agency, decide, office_rows.enter)

    async def take_back(
        self,
        agency: str,
        of: str,
        row: int,
        decide: Callable[[OwnTables], tuple[TakenBack, Note]],
    ) -> TakenBack:
        def write(tx: Connection, taken: TakenBack) -> None:
            office_rows.take_back(tx, of, row, taken)

        return await self._decided(agency, decide, write)

    async def _decided(
        self,
        agency: str,
        decide: Callable[[OwnTables], tuple[Written, Note]],
        write: Callable[[Connection, Written], None],
    ) -> Written:
        """What *decide* says of the agency's rows, written with its line of audit, and
        counted here when this returns.
        """

        def work(tx: Connection) -> Written:
            row, note = decide(_held(tx, agency))
            write(tx, row)
            audit.append(tx, note)
            return row

        row = await form_uses.write(self._database, work, lambda _: {})
        await self.refresh()
        return row


def _enter_days(tx: Connection, row: CalendarRow) -> None:
    tx.execute(insert(calendar_days).values(named(row, DAY)))


def _enter_hour(tx: Connection, row: ClosingHour) -> None:
    tx.execute(insert(closing_hours).values(named(row, HOUR)))


def _enter_fee(tx: Connection, fee: OwnFee) -> None:
    tx.execute(insert(own_fees).values(named(fee, FEE)))


def _turn(tx: Connection, row: Switching) -> None:
    tx.execute(insert(own_switches).values(named(row, SWITCHING)))


def _held(tx: Connection, agency: str) -> OwnTables:
    """The agency's rows. Until the commit nobody else adds one."""
    hold(tx, f"tables {agency}")
    return _all(tx).get(agency, NONE)


def _all(tx: Connection) -> dict[str, OwnTables]:
    days = [CalendarRow(**row) for row in _planned(tx, calendar_days, DAY)]
    hours = [ClosingHour(**row) for row in _planned(tx, closing_hours, HOUR)]
    given = delegations.all_of(tx)
    fees = [OwnFee(**row) for row in _planned(tx, own_fees, FEE)]
    switches = [_switching(row) for row in _planned(tx, own_switches, SWITCHING)]
    rows = office_rows.all_of(tx)
    tables = (days, hours, given, fees, switches, rows)
    agencies = [row.agency for table in tables for row in table]
    return {
        agency: OwnTables(
            tuple(row for row in days if row.agency == agency),
            tuple(row for row in hours if row.agency == agency),
            tuple(row for row in given if row.agency == agency),
            tuple(row for row in fees if row.agency == agency),
            tuple(row for row in switches if row.agency == agency),
            tuple(row for row in rows if row.agency == agency),
        )
        for agency in set(agencies)
    }


def _planned(
    tx: Connection, table: Table, names: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    """Its rows in order, each with who has taken it back."""
    taken = office_rows.taken_of(tx, table.name)
    for row in tx.execute(select(table).order_by(table.c.seq)):
        yield named(row, (*names, "seq")) | {"taken_back": taken.get(row.seq)}


def _switching(values: dict[str, Any]) -> Switching:
    return Switching(**values | {"switch": Switch(values["switch"])})
