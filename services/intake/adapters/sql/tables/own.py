"""What agencies lay over the program's tables. Nobody changes a row of them; triggers
refuse it, as they do in ``books``.
"""

from typing import Final

from sqlalchemy import Column, Date, String, Table, Time

from chassis.columns import Instant
from intake.adapters.sql.tables.schema import SERIAL, metadata

calendar_days: Final = Table(
    "calendar_days",
    metadata,
    Column("seq", SERIAL, primary_key=True),
    Column("agency", String, nullable=False, index=True),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
)

closing_hours: Final = Table(
    "closing_hours",
    metadata,
    Column("seq", SERIAL, primary_key=True),
    Column("agency", String, nullable=False, index=True),
    Column("valid_from", Date, nullable=False),
    Column("closes", Time, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
)
