"""What the office has decided of its papers: templates, and which periods are closed.

Nobody changes a row of either; triggers refuse it, as they do in ``books``.
"""

from typing import Final

from sqlalchemy import Column, Date, Integer, String, Table, Text, UniqueConstraint

from chassis.columns import Instant
from intake.adapters.sql.tables.schema import SERIAL, metadata

handout_templates: Final = Table(
    "handout_templates",
    metadata,
    Column("seq", SERIAL, primary_key=True),
    Column("agency", String, nullable=False, index=True),
    Column("handout", String, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("text", Text, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
)
"""Templates of an agency, beside those that come with the program."""

register_closings: Final = Table(
    "register_closings",
    metadata,
    Column("seq", SERIAL, primary_key=True),
    Column("agency", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("month", Integer, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("copies", Integer, nullable=False),
    Column("fee", Integer, nullable=False),
    Column("void", Integer, nullable=False),
    Column("first", String, nullable=False),
    Column("last", String, nullable=False),
    Column("by", String, nullable=False),
    Column("by_name", String, nullable=False),
    Column("title", String, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("agency", "year", "month"),
)
"""Months and years of the register that take no line any more; *month* 0 is a year."""
