"""The tables, as the migrations make them; constraints have names.

The contract tests run on databases that the migrations have made, so both agree.
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
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from chassis.columns import Instant
from ecopy.events import CertificationOrdered
from ecopy.identifiers import ObjectRef
from intake.adapters.sql.types import Value
from intake.domain.files import Part
from intake.domain.records import (
    Original,
    RefusedPaper,
    Requester,
    Standstill,
    Voiding,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
SERIAL: Final = BigInteger().with_variant(Integer, "sqlite")

holds: Final = Table("holds", metadata, Column("name", String, primary_key=True))
"""One row a thing that only one transaction at a time may count: FOR UPDATE."""

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
    Index("ix_attempts_address_at", "address", "at"),
    Index("ix_attempts_at", "at"),
)
"""Passwords that were wrong or are being compared, of accounts that exist and that do
not. One address has few rows within a lock, so that its account needs no index."""

cases: Final = Table(
    "cases",
    metadata,
    Column("code", String, primary_key=True),
    Column("agency", String, nullable=False),
    Column("day", Date, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("requester", Value(Requester), nullable=False),
    Column("channel", String, nullable=False),
    Column("privacy_at", Instant, nullable=False),
    Column("received_by", String, nullable=False),
    Column("received_by_name", String, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("complete_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("rule_set", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_by", String, nullable=False),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("agency", "day", "ordinal"),
)

documents: Final = Table(
    "documents",
    metadata,
    Column("id", String, primary_key=True),
    Column("case", String, ForeignKey("cases.code"), nullable=False),
    Column("agency", String, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("title", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("issuing_body", String, nullable=False),
    Column("declared_pages", Integer, nullable=False),
    Column("fee", Integer, nullable=False),
    Column("received_by", String, nullable=False),
    Column("state", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_by", String, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("compared_by", String),
    Column("compared_by_name", String),
    Column("compared_at", Instant),
    Column("compared_pages", JSON, nullable=False),
    Column("brought_by", JSON, nullable=False, server_default="[]"),
    Column("original", Value(Original)),
    Column("refused", Value(RefusedPaper)),
    Column("pages", Integer, nullable=False),
    Column("flags", JSON, nullable=False),
    Column("refused_files", Integer, nullable=False),
    Column("places", Integer, nullable=False, server_default="0"),
    Column("scans_removed_at", Instant, index=True),
    UniqueConstraint("case", "ordinal"),
    Index("ix_documents_agency_state", "agency", "state"),
)
"""*pages*, *flags* and *refused_files* say again, for the board, what the files say in
full; *places* is the highest place in the clerk's order that was given away."""

files: Final = Table(
    "files",
    metadata,
    Column("id", String, primary_key=True),
    Column("document", String, ForeignKey("documents.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("raw", Value(ObjectRef), nullable=False),
    Column("uploaded_by", String, nullable=False),
    Column("uploaded_at", Instant, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("fault", String),
    Column("detail", String, nullable=False),
    Column("part", Value(Part)),
    Column("in_hand_until", Instant),
    UniqueConstraint("document", "position"),
)

scan_objects: Final = Table(
    "scan_objects",
    metadata,
    Column("key", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("claimed_at", Instant, nullable=False),
    Column("idle_since", Instant, index=True),
    Column("condemned_at", Instant),
    Column("removed_at", Instant),
    UniqueConstraint("name", "generation"),
)
"""What the bucket of scans has or had. *idle_since* is null while a file uses it; a key
that is condemned is never written again: the same bytes get the next generation."""

scan_uses: Final = Table(
    "scan_uses",
    metadata,
    Column("key", String, primary_key=True),
    Column("owner", String, primary_key=True, index=True),
    Column("document", String, nullable=False, index=True),
)
"""*owner*: the id of a file, or of a document for its normalised original."""

certifications: Final = Table(
    "certifications",
    metadata,
    Column("entry", String, primary_key=True),
    Column("document", String, ForeignKey("documents.id"), nullable=False, unique=True),
    Column("number", String, nullable=False),
    Column("code", String, nullable=False, unique=True),
    Column("approved_by", String, nullable=False),
    Column("approved_by_name", String, nullable=False),
    Column("order", Value(CertificationOrdered), nullable=False),
    Column("link_generation", Integer, nullable=False),
    Column("setback", Value(Standstill)),
    Column("sealed_at", Instant),
    Column("issued_at", Instant),
    Column("copy_pages", Integer),
    Column("copy_size", BigInteger),
    Column("copy_sha256", String),
    Column("sealed_sha256", String),
    Column("other_sha256", String),
    Column("renewals", Integer, nullable=False, server_default="0"),
    Column("announced_at", Instant),
    Column("announcements", Integer, nullable=False, server_default="0"),
    Column("announce_at", Instant, index=True),
    Column("voiding", Value(Voiding)),
)
"""*announce_at* is when the order is published once more if nothing is heard until
then; it is null where nothing is expected, so that its index is short."""

register: Final = Table(
    "register",
    metadata,
    Column("entry", String, primary_key=True),
    Column("agency", String, nullable=False),
    Column("series", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("number", String, nullable=False),
    Column("book", String, nullable=False),
    Column("date", Date, nullable=False),
    Column("requester", String, nullable=False),
    Column("title", String, nullable=False),
    Column("officer", String, nullable=False),
    Column("officer_title", String, nullable=False),
    Column("copies", Integer, nullable=False),
    Column("fee", Integer, nullable=False),
    Column("document", String, ForeignKey("documents.id"), nullable=False),
    UniqueConstraint("agency", "series", "year", "ordinal"),
    UniqueConstraint("document"),
)
"""Triggers refuse UPDATE and DELETE: corrections are notes."""

register_skips: Final = Table(
    "register_skips",
    metadata,
    Column("seq", SERIAL, primary_key=True),
    Column("agency", String, nullable=False),
    Column("series", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("agency", "series", "year", "last"),
)
"""Numbers that this register lost and never gives again; append-only by trigger."""

register_notes: Final = Table(
    "register_notes",
    metadata,
    Column("seq", SERIAL, primary_key=True),
    Column("entry", String, ForeignKey("register.entry"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("by", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("kind", String, nullable=False, server_default=""),
)
"""*kind* names the sentence around *text* in the catalogues; empty: the text alone."""

audit: Final = Table(
    "audit",
    metadata,
    Column("seq", SERIAL, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", String, nullable=False),
    Column("actor_name", String, nullable=False),
    Column("agency", String, nullable=False),
    Column("action", String, nullable=False),
    Column("case", String, index=True),
    Column("document", Integer),
    Column("address", String, nullable=False),
    Column("values", JSON, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False, unique=True),
)
"""Append-only by trigger, each row chained to the one before by its hash."""

looks: Final = Table(
    "looks",
    metadata,
    Column("user", String, ForeignKey("users.id"), primary_key=True),
    Column("document", String, ForeignKey("documents.id"), primary_key=True),
    Column("page", String, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
)
"""Pictures of pages that a certifier asked for, by the page's digest."""

form_uses: Final = Table(
    "form_uses",
    metadata,
    Column("id", String, primary_key=True),
    Column("content", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("at", Instant, nullable=False, index=True),
)
"""Forms that acted: digests of the key and of what was typed, the page that came."""

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
