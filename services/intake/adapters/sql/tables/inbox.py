"""What came through hot folders, and what was last seen of each folder."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, Index, String, Table

from chassis.columns import Instant
from ecopy.identifiers import ObjectRef
from intake.adapters.sql.tables.schema import metadata
from intake.adapters.sql.types import Value
from intake.domain.files import Part

arrivals: Final = Table(
    "arrivals",
    metadata,
    Column("id", String, primary_key=True),
    Column("agency", String, nullable=False),
    Column("folder", String, nullable=False),
    Column("sender", String, nullable=False),
    Column("name", String, nullable=False),
    Column("origin", String, nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("arrived_at", Instant, nullable=False),
    Column("touched_at", Instant, nullable=False, index=True),
    Column("raw", Value(ObjectRef)),
    Column("state", String, nullable=False),
    Column("checked", String, nullable=False, index=True),
    Column("fault", String, nullable=False),
    Column("detail", String, nullable=False),
    Column("part", Value(Part)),
    Column("document", String, nullable=False),
    Column("file", String, nullable=False),
    Column("by", String, nullable=False),
    Column("by_name", String, nullable=False),
    Column("at", Instant),
    Column("reason", String, nullable=False),
    Index("ix_arrivals_agency_state", "agency", "state"),
)
"""*origin* tells one file of a folder from all others, so that a file that was taken by
a process that died is not taken twice; *touched_at* is what retention reckons from."""

hot_folders: Final = Table(
    "hot_folders",
    metadata,
    Column("name", String, primary_key=True),
    Column("agency", String, nullable=False),
    Column("looked_at", Instant, nullable=False),
    Column("trouble", String, nullable=False),
    Column("since", Instant),
    Column("arriving", JSON, nullable=False),
)
"""A row for each folder, written by the replica that watches it and read by all."""
