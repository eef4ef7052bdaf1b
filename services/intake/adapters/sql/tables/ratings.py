"""How satisfied citizens were, as storage has reported each month last."""

from typing import Final

from sqlalchemy import JSON, Column, Integer, String, Table

from chassis.columns import Instant
from intake.adapters.sql.tables.schema import metadata

ratings: Final = Table(
    "ratings",
    metadata,
    Column("agency", String, primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("month", Integer, primary_key=True, autoincrement=False),
    Column("reported_at", Instant, nullable=False),
    Column("stars", JSON, nullable=False),
    Column("words", JSON, nullable=False),
)
