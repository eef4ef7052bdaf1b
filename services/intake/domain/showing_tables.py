"""A declared table as its page shows it: what counts, what is planned, what was."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from intake.domain.calendar import local_day
from intake.domain.declared import DeclaredTable
from intake.domain.office_tables import TABLES
from intake.domain.rules import Rules
from intake.domain.table_rows import NOTICE, TableRow, standing, version
from intake.domain.views.tables import TableCell, TableLine, TableView

ORDER: Final = ("later", "now", "before", "taken-back")


def table_view(
    table: DeclaredTable, rules: Rules, agency: str, now: datetime
) -> TableView:
    """Planned rows first, then those of today in the order of the law."""
    tables, today = rules.tables(agency), local_day(now)
    known, counting = tables.of(table.slug), tables.on(table.slug, today)
    lines = [_line(table, row, counting, now) for row in known]
    lines.sort(key=lambda line: ORDER.index(line.standing))
    return TableView(
        table=table.slug,
        tables=tuple(TABLES),
        columns=table.columns,
        keys=table.keys,
        known_keys=tuple(counting),
        rows=tuple(lines),
        version=version(known, table.slug),
        valid_from=today + NOTICE,
        now=now,
    )


def _line(
    table: DeclaredTable,
    row: TableRow,
    counting: Mapping[str, TableRow],
    now: datetime,
) -> TableLine:
    return TableLine(
        seq=row.seq,
        key=row.key,
        valid_from=row.valid_from,
        cells=tuple(
            TableCell(column.name, row.values[column.name], bool(column.choices))
            for column in table.columns
        ),
        own=bool(row.agency),
        by=row.by,
        at=row.at,
        standing=standing(row, counting, local_day(now)),
        taken_back=row.taken_back,
    )
