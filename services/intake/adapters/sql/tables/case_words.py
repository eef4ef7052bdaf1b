"""The table of the words by which cases are found."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
)

from intake.adapters.sql.tables.schema import metadata

WORD: Final = String().with_variant(String(collation="C"), "postgresql")
"""Compared byte by byte, as SQLite does: the order of a language has no beginnings."""

case_words: Final = Table(
    "case_words",
    metadata,
    Column("agency", String, nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("word", WORD, nullable=False),
    Column("source", SmallInteger, nullable=False),
    PrimaryKeyConstraint("agency", "rank", "word", "source"),
    Index("ix_case_words_word", "agency", "word", "rank", "source"),
)
"""*rank* names the case (``searching.rank``); *source* is 0 for what was typed of it,
else the ordinal of the paper on whose scans the word stands."""
