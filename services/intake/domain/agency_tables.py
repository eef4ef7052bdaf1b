"""What the tables of one agency say on a day, for whoever asks by name.

Start at ``AgencyTables``; ``rules.Rules.tables`` makes it.
"""

from dataclasses import dataclass
from datetime import date

from intake.domain import number_formats
from intake.domain.numbers import ELECTRONIC, RegisterBook
from intake.domain.office_tables import (
    CERTIFIERS,
    CLERKS,
    GROUNDS,
    KINDS,
    LACKS,
    NUMBERS,
    SUPPORT,
)
from intake.domain.refusing import HELD
from intake.domain.table_rows import TableRow, in_force
from intake.domain.views.names import Bilingual, OfficeNames


@dataclass(frozen=True, slots=True)
class AgencyTables:
    """The program's rows and the agency's own, of all tables."""

    rows: tuple[TableRow, ...]

    def of(self, table: str) -> tuple[TableRow, ...]:
        return tuple(row for row in self.rows if row.table == table)

    def on(self, table: str, day: date) -> dict[str, TableRow]:
        return in_force(self.of(table), day)

    def kinds(self, day: date) -> tuple[str, ...]:
        """What may be declared of a paper that comes on that day."""
        return self._used(KINDS, day)

    def lacks(self, day: date) -> tuple[str, ...]:
        """What a paper can be short of on that day."""
        return self._used(LACKS, day)

    def lack(self, slug: str, day: date) -> Bilingual:
        """What was missing, in the words of the day on which it was asked for."""
        row = self.on(LACKS, day).get(slug)
        return Bilingual(slug) if row is None else _words(row)

    def kind_name(self, kind: str, day: date) -> str:
        return self.on(KINDS, day)[kind].values["vi"]

    def ground(self, code: str, day: date) -> Bilingual:
        """Why a paper was refused on that day, in the words of that day."""
        row = self.on(GROUNDS, day).get(code)
        return Bilingual(code) if row is None else _words(row)

    def certifiers_grounds(self, day: date) -> tuple[str, ...]:
        return self._grounds(CERTIFIERS, day)

    def clerks_grounds(self, day: date) -> tuple[str, ...]:
        return self._grounds(CLERKS, day)

    def held_grounds(self, day: date) -> frozenset[str]:
        """Those on which a paper is kept for a report."""
        rows = self.on(GROUNDS, day).values()
        return HELD | {row.key for row in rows if row.values["act"] == "hold"}

    def support(self, channel: str, day: date) -> int:
        """What the budget bears of the fee, in percent."""
        row = self.on(SUPPORT, day).get(channel)
        return 0 if row is None else int(row.values["percent"])

    def book_on(self, day: date) -> RegisterBook:
        """How a number that is given on that day is written."""
        return number_formats.book_of(self.on(NUMBERS, day)[ELECTRONIC].values)

    def names(self, day: date) -> OfficeNames:
        return OfficeNames(
            {key: _words(row) for key, row in self.on(KINDS, day).items()},
            {key: _words(row) for key, row in self.on(GROUNDS, day).items()},
            {key: _words(row) for key, row in self.on(LACKS, day).items()},
        )

    def _used(self, table: str, day: date) -> tuple[str, ...]:
        found = self.on(table, day).items()
        return tuple(
            key
            for key, row in found
            if row.values["used"] == "yes" and row.valid_from <= day
        )

    def _grounds(self, by: frozenset[str], day: date) -> tuple[str, ...]:
        found = self.on(GROUNDS, day).items()
        return tuple(
            key
            for key, row in found
            if row.values["by"] in by and row.valid_from <= day
        )


def _words(row: TableRow) -> Bilingual:
    return Bilingual(row.values["vi"], row.values["en"])
