"""What agencies lay over the program's tables. Nobody changes a row of them; triggers
refuse it, as they do in ``books``.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    String,
    Table,
    Time,
)

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

delegations: Final = Table(
    "delegations",
    metadata,
    Column("seq", SERIAL, primary_key=True),
    Column("agency", String, nullable=False, index=True),
    Column("number", String, nullable=False),
    Column("signed_on", Date, nullable=False),
    Column("delegator", String, nullable=False),
    Column("delegator_name", String, nullable=False),
    Column("delegate", String, nullable=False),
    Column("delegate_name", String, nullable=False),
    Column("kinds", JSON, nullable=False),
    Column("title_line", String, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
)

delegation_revocations: Final = Table(
    "delegation_revocations",
    metadata,
    Column("delegation", SERIAL, ForeignKey("delegations.seq"), primary_key=True),
    Column("reason", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
)
"""One row at most for each delegation: it ends once."""

own_switches: Final = Table(
    "own_switches",
    metadata,
    Column("seq", SERIAL, primary_key=True),
    Column("agency", String, nullable=False, index=True),
    Column("switch", String, nullable=False),
    Column("on", Boolean, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
)

own_fees: Final = Table(
    "own_fees",
    metadata,
    Column("seq", SERIAL, primary_key=True),
    Column("agency", String, nullable=False, index=True),
    Column("basis", String, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("first_rate", Integer, nullable=False),
    Column("further_rate", Integer, nullable=False),
    Column("ceiling", Integer, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
)

own_rows: Final = Table(
    "own_rows",
    metadata,
    Column("seq", SERIAL, primary_key=True),
    Column("agency", String, nullable=False, index=True),
    Column("table", String, nullable=False),
    Column("key", String, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("values", JSON, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
)
"""Rows of the tables that ``domain.office_tables`` declares; *values* by column."""

taken_back: Final = Table(
    "taken_back",
    metadata,
    Column("of", String, primary_key=True),
    Column("row", SERIAL, primary_key=True, autoincrement=False),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
)
"""Planned rows of the table *of* that will not count; one row at most for each."""
