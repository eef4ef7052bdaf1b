"""Rows of the declared tables, and what was taken back of any table's planned rows."""

from typing import Final

from sqlalchemy import Connection, insert, select

from intake.adapters.sql.rows import named
from intake.adapters.sql.tables import own_rows, taken_back
from intake.domain.table_rows import TableRow, TakenBack

ROW: Final = ("agency", "table", "key", "valid_from", "by", "at")


def enter(tx: Connection, row: TableRow) -> None:
    values = named(row, ROW) | {"values": dict(row.values)}
    tx.execute(insert(own_rows).values(values))


def take_back(tx: Connection, of: str, row: int, taken: TakenBack) -> None:
    tx.execute(insert(taken_back).values(of=of, row=row, by=taken.by, at=taken.at))


def taken_of(tx: Connection, of: str) -> dict[int, TakenBack]:
    """Row → who has taken it back, and when."""
    found = tx.execute(select(taken_back).where(taken_back.c.of == of))
    return {row.row: TakenBack(row.by, row.at) for row in found}


def all_of(tx: Connection) -> list[TableRow]:
    taken = taken_of(tx, own_rows.name)
    # A row's own ``values`` would be SQLAlchemy's method.
    asked = select(own_rows, own_rows.c["values"].label("said"))
    return [
        TableRow(
            **named(row, (*ROW, "seq")),
            values=row.said,
            taken_back=taken.get(row.seq),
        )
        for row in tx.execute(asked.order_by(own_rows.c.seq))
    ]
