"""What is only ever added to: the register of certifications, and the staff's audit.

Triggers refuse UPDATE and DELETE here; migrations make them.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from chassis.columns import Instant
from intake.adapters.sql.tables.schema import SERIAL, metadata

register: Final = Table(
    "register",
    metadata,
    Column("entry", String, primary_key=True),
    Column("agency", String, nullable=False),
    Column("series", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("number", String, nullable=False),
    Column("book", String, nullable=False),
    Column("date", Date, nullable=False),
    Column("requester", String, nullable=False),
    Column("title", String, nullable=False),
    Column("officer", String, nullable=False),
    Column("officer_title", String, nullable=False),
    Column("copies", Integer, nullable=False),
    Column("fee", Integer, nullable=False),
    Column("document", String, ForeignKey("documents.id"), nullable=False),
    UniqueConstraint("agency", "series", "year", "ordinal"),
    UniqueConstraint("document"),
)
"""Triggers refuse UPDATE and DELETE: corrections are notes."""

register_skips: Final = Table(
    "register_skips",
    metadata,
    Column("seq", SERIAL, primary_key=True),
    Column("agency", String, nullable=False),
    Column("series", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("agency", "series", "year", "last"),
)
"""Numbers that this register lost and never gives again; append-only by trigger."""

register_notes: Final = Table(
    "register_notes",
    metadata,
    Column("seq", SERIAL, primary_key=True),
    Column("entry", String, ForeignKey("register.entry"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("by", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("kind", String, nullable=False, server_default=""),
)
"""*kind* names the sentence around *text* in the catalogues; empty: the text alone."""

audit: Final = Table(
    "audit",
    metadata,
    Column("seq", SERIAL, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", String, nullable=False),
    Column("actor_name", String, nullable=False),
    Column("agency", String, nullable=False),
    Column("action", String, nullable=False),
    Column("case", String, index=True),
    Column("document", Integer),
    Column("address", String, nullable=False),
    Column("values", JSON, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False, unique=True),
    Index("ix_audit_agency_seq", "agency", "seq"),
)
"""Append-only by trigger, each row chained to the one before by its hash."""
