"""The catalogue's tables. Rows of ``copies``, ``accesses``, ``rejections``,
``closures`` and ``link_revocations`` are for ever: triggers of the migrations refuse
DELETE, and UPDATE of all but the withdrawal.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

from chassis import outbox
from chassis.columns import Instant

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


orders: Final = Table(
    "orders",
    metadata,
    Column("entry", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("recorded_at", Instant, nullable=False),
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
    Column("officer_at", Instant, nullable=False),
    Column("seal_at", Instant, nullable=False),
    Column("tsa_name", String, nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("archived_at", Instant, nullable=False, index=True),
    Column("withdrawn_at", Instant),
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
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Index(None, "entry"),
    Index("uq_links_entry", "entry", "generation", unique=True),
)

accesses: Final = Table(
    "accesses",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("entry", String, ForeignKey(copies.c.entry), nullable=False),
    Column("what", String, nullable=False),
    Column("address_digest", String(64), nullable=False),
    Index(None, "entry"),
)

link_revocations: Final = Table(
    "link_revocations",
    metadata,
    Column("entry", String, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
)
"""Links that the office has closed; the word may come before the link's own row."""

link_factors: Final = Table(
    "link_factors",
    metadata,
    Column("entry", String, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("answer_hmac", String(64), nullable=False),
)
"""What is asked before a link opens; never changed."""

link_tries: Final = Table(
    "link_tries",
    metadata,
    Column("entry", String, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("wrong", Integer, nullable=False),
    Column("locked_at", Instant),
)
"""How often that question was answered wrong, by whomever."""

link_uses: Final = Table(
    "link_uses",
    metadata,
    Column("entry", String, ForeignKey(copies.c.entry), primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("opened", Integer, nullable=False),
    Column("opened_first_at", Instant),
    Column("opened_last_at", Instant),
    Column("fetched", Integer, nullable=False),
    Column("fetched_first_at", Instant),
    Column("fetched_last_at", Instant),
    Column("report_at", Instant, index=True),
)
"""How often each link was used; *report_at* is when the desk hears of what it has not
heard yet."""

rejections: Final = Table(
    "rejections",
    metadata,
    Column("entry", String, primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("reason", String, nullable=False),
    Column("at", Instant, nullable=False),
)

closures: Final = Table(
    "closures",
    metadata,
    Column("entry", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("at", Instant, nullable=False),
)
given_up: Final = Table(
    "given_up",
    metadata,
    Column("entry", String, ForeignKey(copies.c.entry), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("locked_until", Instant),
    Column("removed_at", Instant, index=True),
)
"""Copies whose file has had its time, and since when the archive has it no more."""
beginnings: Final = Table(
    "beginnings",
    metadata,
    Column("entry", String, ForeignKey(copies.c.entry), primary_key=True),
    Column("length", BigInteger, primary_key=True),
    Column("sha256", String(64), nullable=False),
)
"""Digests of the archived bytes up to each end that a file of ours has: what is left of
a file that has had its time."""
set_aside: Final = Table(
    "set_aside",
    metadata,
    Column("key", String, primary_key=True),
    Column("entry", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("locked_until", Instant),
    Column("removed_at", Instant),
)
"""Objects that were not whole, since when the purge has seen them aside, and when they
were removed."""
scrubs: Final = Table(
    "scrubs",
    metadata,
    Column("entry", String, ForeignKey(copies.c.entry), primary_key=True),
    Column("checked_at", Instant, nullable=False),
    Column("found", String, nullable=False),
    Column("healed", Boolean, nullable=False),
    Index(None, "checked_at"),
)
"""What the last reading of each archived copy found: ``soundness.Condition``."""

rated: Final = Table(
    "rated",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    sqlite_with_rowid=False,
)
"""Links by which the office was rated; not how."""
ratings: Final = Table(
    "ratings",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("agency", String, nullable=False),
    Column("day", Instant, nullable=False, index=True),
    Column("stars", Integer, nullable=False),
    Column("words", String, nullable=False),
    sqlite_with_rowid=False,
)
"""How the office was rated on each day; not by whom."""
figures: Final = Table(
    "figures",
    metadata,
    Column("agency", String, primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("month", Integer, primary_key=True, autoincrement=False),
    Column("name", String, nullable=False),
    Column("reported_at", Instant, nullable=False),
    Column("figures", JSON(none_as_null=True)),
)
"""What the desk has reported last of each agency and month, for the public page."""

outgoing: Final = outbox.table(metadata)
