"""What makes a thing happen one at a time, or once: rows to lock, forms that acted and
what they were made from, and what was done about dead letters.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
)

from chassis.columns import Instant
from intake.adapters.sql.tables.schema import SERIAL, metadata

holds: Final = Table("holds", metadata, Column("name", String, primary_key=True))
"""One row a thing that only one transaction at a time may count: FOR UPDATE."""

form_uses: Final = Table(
    "form_uses",
    metadata,
    Column("id", String, primary_key=True),
    Column("content", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("at", Instant, nullable=False, index=True),
)
"""Forms that acted: digests of the key and of what was typed, the page that came."""

superseded: Final = Table(
    "superseded",
    metadata,
    Column("name", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    PrimaryKeyConstraint("name", "version"),
)
"""What a document or a case said at a version that was changed since, as long as a form
of that version may come: whoever is second is told what differs."""

dead_letter_acts: Final = Table(
    "dead_letter_acts",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("letter", BigInteger, nullable=False),
    Column("parked_at", Instant, nullable=False),
    Column("act", String, nullable=False),
    Column("step", String, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("by", String, nullable=False),
    Column("why", String, nullable=False),
)
"""What was done about dead letters. The bus forgets a letter after a fortnight, the
audit never what was done about it; these rows go when no letter can need them."""
