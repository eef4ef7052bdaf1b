"""An administrator decides when the office is open, who certifies in whose place, and
what a copy costs.

What may be decided is in ``intake.domain.own_tables``, ``delegating`` and ``own_fees``,
in the transaction that writes it. Start at ``Governing.change_days``.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

from chassis.clock import Clock
from intake.domain import delegating, own_fees, own_tables, switches, taking_back
from intake.domain.calendar import local_day
from intake.domain.delegating import TypedDelegation
from intake.domain.delegations import Delegation, Revocation
from intake.domain.own_fees import OwnFee, TypedFee
from intake.domain.own_tables import CalendarRow, ClosingHour, Kind, OwnTables
from intake.domain.people import Actor
from intake.domain.records import Note
from intake.domain.rules import Rules
from intake.domain.showing_calendar import calendar_view
from intake.domain.showing_delegations import delegations_view
from intake.domain.showing_fees import fees_view
from intake.domain.showing_switches import switches_view
from intake.domain.switches import Switch, Switching
from intake.domain.table_rows import TakenBack
from intake.domain.taking_back import Plan
from intake.domain.views.office import (
    CalendarView,
    DelegationsView,
    FeesView,
    SwitchesView,
)
from intake.ports import OwnTablesBook


@dataclass(frozen=True, slots=True)
class Governing:
    """The administrator's acts on the office, with their ports."""

    tables: OwnTablesBook
    rules: Rules
    clock: Clock

    def calendar(
        self, year: int | None, tried: datetime | None, by: Actor
    ) -> CalendarView:
        """One year; this one where none is named. *tried* is a moment whose due hour
        is asked for; now, where none is.
        """
        now = self.clock()
        return calendar_view(
            self.rules,
            by.agency,
            year or local_day(now).year,
            tried_at=tried or now,
            now=now,
        )

    async def change_days(
        self,
        kind: Kind,
        span: tuple[date, date],
        name: str,
        *,
        version: int,
        by: Actor,
    ) -> CalendarRow:
        """Raises Conflict, NotAllowed."""
        now = self.clock()

        def decide(known: OwnTables) -> tuple[CalendarRow, Note]:
            return own_tables.days_changed(
                known, kind, span, name, version=version, by=by, at=now
            )

        return await self.tables.add_days(by.agency, decide)

    async def change_hour(
        self, closes: time, valid_from: date, *, version: int, by: Actor
    ) -> ClosingHour:
        """Raises Conflict, NotAllowed."""
        now = self.clock()

        def decide(known: OwnTables) -> tuple[ClosingHour, Note]:
            return own_tables.hour_changed(
                known, closes, valid_from, version=version, by=by, at=now
            )

        return await self.tables.add_hour(by.agency, decide)

    def delegations(self, by: Actor) -> DelegationsView:
        return delegations_view(self.rules, by.agency, self.clock())

    async def delegate(self, typed: TypedDelegation, by: Actor) -> Delegation:
        """Enter a document. Raises NotAllowed."""
        now, agency = self.clock(), self.rules.agency(by.agency)
        kinds = self.rules.tables(by.agency).kinds(local_day(now))

        def decide(known: OwnTables) -> tuple[Delegation, Note]:
            return delegating.entered(known, typed, agency, kinds, by=by, at=now)

        return await self.tables.enter_delegation(by.agency, decide)

    async def revoke(self, seq: int, reason: str, by: Actor) -> Revocation:
        """End a document before its last day. Raises Conflict, NotAllowed, NotFound."""
        now = self.clock()

        def decide(known: OwnTables) -> tuple[Revocation, Note]:
            return delegating.revoked(known, seq, reason, by=by, at=now)

        return await self.tables.revoke_delegation(by.agency, decide)

    def switches(self, by: Actor) -> SwitchesView:
        return switches_view(self.rules, by.agency, self.clock())

    async def turn(
        self, switch: Switch, *, on: bool, valid_from: date, version: int, by: Actor
    ) -> Switching:
        """Raises Conflict, NotAllowed."""
        now = self.clock()

        def decide(known: OwnTables) -> tuple[Switching, Note]:
            return switches.switched(
                known.switches,
                switch,
                on=on,
                valid_from=valid_from,
                version=version,
                by=by,
                at=now,
            )

        return await self.tables.switch(by.agency, decide)

    async def take_back(self, table: Plan, seq: int, by: Actor) -> TakenBack:
        """A planned row will not count. Raises Conflict, NotAllowed, NotFound."""
        now, stored = self.clock(), taking_back.STORED_IN[table]

        def decide(known: OwnTables) -> tuple[TakenBack, Note]:
            rows = taking_back.rows_of(known, table)
            return taking_back.taken_back(rows, table, seq, by, now)

        return await self.tables.take_back(by.agency, stored, seq, decide)

    def fees(self, by: Actor) -> FeesView:
        return fees_view(self.rules, by.agency, self.clock())

    async def issue_fee(self, typed: TypedFee, version: int, by: Actor) -> OwnFee:
        """Raises Conflict, NotAllowed."""
        now = self.clock()

        def decide(known: OwnTables) -> tuple[OwnFee, Note]:
            return own_fees.issued(known.fees, typed, version=version, by=by, at=now)

        return await self.tables.issue_fee(by.agency, decide)
