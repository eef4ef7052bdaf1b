"""The table of what a machine has read of the pages."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Integer, PrimaryKeyConstraint, String, Table
from sqlalchemy import Text as LongText

from chassis.columns import Instant
from intake.adapters.sql.tables.schema import metadata
from intake.adapters.sql.types import Value
from intake.domain.page_texts import ReadLine

page_texts: Final = Table(
    "page_texts",
    metadata,
    Column("file", String, ForeignKey("files.id"), nullable=False),
    Column("page", Integer, nullable=False),
    Column("document", String, ForeignKey("documents.id"), nullable=False, index=True),
    Column("state", String, nullable=False, index=True),
    Column("lines", Value(tuple[ReadLine, ...]), nullable=False),
    Column("folded", LongText, nullable=False),
    Column("sure", Integer, nullable=False),
    Column("why", String, nullable=False),
    Column("engine", String, nullable=False),
    Column("at", Instant),
    PrimaryKeyConstraint("file", "page"),
)
"""*document* is the paper that the file was sent to, wherever its pages lie by now;
*folded* has the words without marks, for whoever searches. Gone with the scans."""
