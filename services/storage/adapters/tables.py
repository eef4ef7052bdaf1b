"""The catalogue's tables. Rows of ``copies`` and ``accesses`` are for ever: triggers
of the migration refuse DELETE, and UPDATE of all but the withdrawal.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
)

from chassis import outbox

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware datetime in UTC, also where the database keeps no zone (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


orders: Final = Table(
    "orders",
    metadata,
    Column("entry", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("recorded_at", Moment, nullable=False),
)

copies: Final = Table(
    "copies",
    metadata,
    Column("entry", String, primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("code", String(12), nullable=False, unique=True),
    Column("agency_code", String, nullable=False),
    Column("agency_lines", JSON, nullable=False),
    Column("number", String, nullable=False),
    Column("book", String, nullable=False),
    Column("date", Date, nullable=False),
    Column("kind", String, nullable=False),
    Column("kind_name", String, nullable=False),
    Column("officer_title_lines", JSON, nullable=False),
    Column("title", String, nullable=False),
    Column("officer_at", Moment, nullable=False),
    Column("seal_at", Moment, nullable=False),
    Column("tsa_name", String, nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("archived_at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
    Column("withdrawn_decision", String),
    Column("withdrawn_reason", String),
    Column("withdrawn_successor", String),
)

links: Final = Table(
    "links",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("entry", String, ForeignKey(copies.c.entry), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Index(None, "entry"),
)

accesses: Final = Table(
    "accesses",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("entry", String, ForeignKey(copies.c.entry), nullable=False),
    Column("what", String, nullable=False),
    Column("address_digest", String(64), nullable=False),
    Index(None, "entry"),
)

outgoing: Final = outbox.table(metadata)
