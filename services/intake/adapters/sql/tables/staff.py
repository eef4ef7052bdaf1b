"""Who works at the desk, their sessions, wrong passwords, the pages they looked at and
what they approved in one act.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    false,
    true,
)

from chassis.columns import Instant
from intake.adapters.sql.tables.schema import SERIAL, metadata
from intake.adapters.sql.types import Value
from intake.domain.batch import Item

users: Final = Table(
    "users",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("agency", String, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("officer", String),
    Column("password", String, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("must_change", Boolean, nullable=False, server_default=false()),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("changed_by", String, nullable=False, server_default=""),
    Column("changed_at", Instant),
    Column("signed_in_at", Instant),
    Column("board_views", JSON, nullable=False, server_default="[]"),
)

sessions: Final = Table(
    "sessions",
    metadata,
    Column("token_sha256", String, primary_key=True),
    Column("user", String, ForeignKey("users.id"), nullable=False, index=True),
    Column("csrf", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False, index=True),
)

attempts: Final = Table(
    "attempts",
    metadata,
    Column("seq", SERIAL, primary_key=True),
    Column("account", String, nullable=False),
    Column("address", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("wrong", Boolean, nullable=False, server_default=true()),
    Index("ix_attempts_address_at", "address", "at"),
    Index("ix_attempts_at", "at"),
)
"""Passwords that were wrong or are being compared, of accounts that exist and that do
not. One address has few rows within a lock, so that its account needs no index."""

looks: Final = Table(
    "looks",
    metadata,
    Column("user", String, ForeignKey("users.id"), primary_key=True),
    Column("document", String, ForeignKey("documents.id"), primary_key=True),
    Column("page", String, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("seen_at", Instant),
)
"""Pictures of pages that a certifier asked for, by the page's digest, and when their
lower edge was in view."""

batches: Final = Table(
    "batches",
    metadata,
    Column("id", String, primary_key=True),
    Column("by", String, ForeignKey("users.id"), nullable=False),
    Column("agency", String, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False, index=True),
    Column("items", Value(tuple[Item, ...]), nullable=False),
)
"""Papers approved in one act, with the reason of each that was not."""
