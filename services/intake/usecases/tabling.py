"""An administrator changes a declared table: looked at, tried, planned, taken back.

What a row may say is in ``intake.domain.office_tables``; each change is decided in the
transaction that writes it, beside the rows that are there. Start at ``Tabling.enter``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from chassis.clock import Clock
from intake.domain import clause_words, fee, number_formats, table_rows
from intake.domain.calendar import local_day
from intake.domain.declared import KEY_FIELD, DeclaredTable, typed_values
from intake.domain.intake_form import Mistaken
from intake.domain.office_tables import NUMBERS, TABLES
from intake.domain.own_tables import OwnTables
from intake.domain.people import Actor
from intake.domain.records import Note, NotFound
from intake.domain.rules import Rules
from intake.domain.showing_tables import table_view
from intake.domain.table_rows import TableRow, TakenBack, TypedRow
from intake.domain.views.page import FieldError
from intake.domain.views.tables import TableView
from intake.ports import OwnTablesBook

STORED_IN: Final = "own_rows"
"""The table in which declared rows are kept, where one is taken back."""


@dataclass(frozen=True, slots=True)
class Tabling:
    """The acts on declared tables, with their ports."""

    tables: OwnTablesBook
    rules: Rules
    clock: Clock

    def view(self, slug: str, key: str, by: Actor) -> TableView:
        """The page; its form begins with what counts under *key* today. Raises NotFound
        for a table that is not declared.
        """
        now = self.clock()
        view = table_view(_declared(slug), self.rules, by.agency, now)
        row = self.rules.tables(by.agency).on(slug, local_day(now)).get(key)
        return view if row is None else replace(view, chosen=key, begins=row.values)

    def tried(
        self, slug: str, key: str, day: date, typed: Mapping[str, str], by: Actor
    ) -> TableView:
        """The page with what the typed row will look like; nothing is written. Raises
        Mistaken, NotAllowed.
        """
        table, now = _declared(slug), self.clock()
        known = self.rules.tables(by.agency).of(slug)
        row = self._checked(table, _typed(table, key, day, typed), known, by, now)
        rule = fee.in_force(self.rules.fees_of(by.agency), day)
        view = table_view(table, self.rules, by.agency, now)
        return replace(view, samples=table.samples(row, rule))

    async def enter(
        self,
        slug: str,
        key: str,
        day: date,
        typed: Mapping[str, str],
        *,
        version: int,
        by: Actor,
    ) -> TableRow:
        """Plan a row for *day*. Raises Conflict, Mistaken, NotAllowed."""
        table, now = _declared(slug), self.clock()
        wanted = _typed(table, key, day, typed)

        def decide(own: OwnTables) -> tuple[TableRow, Note]:
            rules = replace(self.rules, own=lambda _: own)
            known = rules.tables(by.agency).of(slug)
            table_rows.check_version(known, slug, version)
            row = self._checked(table, wanted, known, by, now)
            return row, table_rows.noted("row-entered", row, by, now)

        return await self.tables.enter_row(by.agency, decide)

    async def take_back(self, slug: str, seq: int, by: Actor) -> TakenBack:
        """A planned row will not count. Raises Conflict, NotAllowed, NotFound."""
        _declared(slug)
        now = self.clock()

        def decide(own: OwnTables) -> tuple[TakenBack, Note]:
            return table_rows.taken_back(own.rows, slug, seq, by, now)

        return await self.tables.take_back(by.agency, STORED_IN, seq, decide)

    def _checked(
        self,
        table: DeclaredTable,
        typed: TypedRow,
        known: Sequence[TableRow],
        by: Actor,
        now: datetime,
    ) -> TableRow:
        row = table_rows.entered(table.slug, typed, by, now)
        errors = table.faults(row, known) or self._unfit(row, by)
        if errors:
            raise Mistaken(errors)
        table_rows.check_free(row, known)
        return row

    def _unfit(self, row: TableRow, by: Actor) -> tuple[FieldError, ...]:
        """A number that the clause page cannot hold would stop every approval."""
        if row.table != NUMBERS:
            return ()
        book = number_formats.book_of(row.values)
        agency = replace(self.rules.agency(by.agency), book=book)
        host = self.rules.public_host
        found = clause_words.unfit_entries({by.agency: agency}, host, row.valid_from)
        unfit = [each.unfit for each in found]
        return tuple(
            FieldError(each.entry, "error.number-unfit", {"text": each.text})
            for each in unfit
            if each.entry in {number_formats.NUMBER, number_formats.BOOK}
        )


def _typed(
    table: DeclaredTable, key: str, day: date, typed: Mapping[str, str]
) -> TypedRow:
    values, errors = typed_values(table, {**typed, KEY_FIELD: key})
    if errors:
        raise Mistaken(errors)
    return TypedRow(key, day, values)


def _declared(slug: str) -> DeclaredTable:
    table = TABLES.get(slug)
    if table is None:
        raise NotFound(slug)
    return table
