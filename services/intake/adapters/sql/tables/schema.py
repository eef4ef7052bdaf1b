"""The schema that every table joins, how its constraints are named, and its serial."""

from typing import Final

from sqlalchemy import BigInteger, Integer, MetaData

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
SERIAL: Final = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database gives; SQLite counts only in a plain INTEGER."""
