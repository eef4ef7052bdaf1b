"""Programs of others, and the answers that their requests got."""

from typing import Final

from sqlalchemy import JSON, Column, Date, Index, Integer, LargeBinary, String, Table

from chassis.columns import Instant
from intake.adapters.sql.tables.schema import metadata

programs: Final = Table(
    "programs",
    metadata,
    Column("prefix", String, primary_key=True),
    Column("agency", String, nullable=False),
    Column("name", String, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("token_sha256", String, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("made_by", String, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("revoked_by", String, nullable=False, server_default=""),
    Column("revoked_at", Instant),
    Column("used_at", Instant),
    Index("ix_programs_agency", "agency"),
)
"""Rows stay when a program is revoked: the audit names them."""

answers: Final = Table(
    "answers",
    metadata,
    Column("id", String, primary_key=True),
    Column("content", String, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("status", Integer),
    Column("headers", JSON),
    Column("body", LargeBinary),
)
"""Requests with an idempotency key, by a digest of sender and key: what was sent, as a
digest, and the answer once there is one."""
