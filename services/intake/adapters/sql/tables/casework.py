"""Cases, the papers in them, the files of each paper, and what became of an order.

Each paper belongs to a case, each file and each certification to a paper.
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
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    false,
)

from chassis.columns import Instant
from ecopy.events import CertificationOrdered
from ecopy.identifiers import ObjectRef
from intake.adapters.sql.tables.schema import metadata
from intake.adapters.sql.types import Value
from intake.domain.arranging import Effect, PaperChange
from intake.domain.case_history import (
    Agreement,
    Correction,
    Extension,
    SupplementRequest,
)
from intake.domain.certifications import HandOver, Standstill, Voiding
from intake.domain.files import Adjustment, Part, Replacement
from intake.domain.link_records import LinkActs, LinkReports
from intake.domain.people import Actor
from intake.domain.records import Original, RefusedPaper, Requester
from intake.domain.uploading import Announced

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
    *(
        Column(name, Value(kind), nullable=False, server_default="[]")
        for name, kind in (
            ("corrections", tuple[Correction, ...]),
            ("supplements", tuple[SupplementRequest, ...]),
            ("extensions", tuple[Extension, ...]),
            ("agreements", tuple[Agreement, ...]),
        )
    ),
    Column("state", String, nullable=False, server_default=""),
    Column("stuck", Boolean, nullable=False, server_default=false()),
    Column("ended_at", Instant),
    UniqueConstraint("agency", "day", "ordinal"),
)
"""*state*, *stuck* and *ended_at* say again, for the board, what the papers say in
full (``summaries.case_standing``)."""

_OPEN, _ENDED = cases.c.ended_at.is_(None), cases.c.ended_at.is_not(None)
for _name, _columns, _of in (
    ("open", ("stuck", "due_at"), _OPEN),
    ("open_state", ("state", "due_at"), _OPEN),
    ("open_mine", ("received_by", "stuck", "due_at"), _OPEN),
    ("open_age", ("received_at",), _OPEN),
    ("ended", ("ended_at",), _ENDED),
    ("ended_state", ("state", "ended_at"), _ENDED),
    ("ended_mine", ("received_by", "ended_at"), _ENDED),
):
    Index(
        f"ix_cases_{_name}",
        cases.c.agency,
        *(cases.c[column] for column in _columns),
        cases.c.code,
        sqlite_where=_of,
        postgresql_where=_of,
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
    Column("original_number", String, nullable=False, server_default=""),
    Column("issued_on", Date),
    Column("holder", String, nullable=False, server_default=""),
    Column("copies", Integer, nullable=False, server_default="1"),
    Column("handed", Value(tuple[HandOver, ...]), nullable=False, server_default="[]"),
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
    Column("coming", Value(tuple[str, ...]), nullable=False, server_default="[]"),
    Column("replaces", Value(Replacement)),
    Column("made_of", Value(Adjustment)),
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

uploads: Final = Table(
    "uploads",
    metadata,
    Column("id", String, primary_key=True),
    Column("document", String, ForeignKey("documents.id"), nullable=False, index=True),
    Column("announced", Value(Announced), nullable=False),
    Column("by", Value(Actor), nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("began_at", Instant, nullable=False),
    Column("touched_at", Instant, nullable=False, index=True),
)
"""Files on their way, for a day after their last piece (``retention``)."""

upload_pieces: Final = Table(
    "upload_pieces",
    metadata,
    Column("upload", String, ForeignKey("uploads.id"), primary_key=True),
    Column("start", BigInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("key", String, nullable=False),
)
"""Which object has which bytes of an upload; one row for each *start* decides which of
two senders at once was first."""

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
    Column("link_acts", Value(LinkActs), nullable=False, server_default="[]"),
    Column("link_reports", Value(LinkReports), nullable=False, server_default="[]"),
    Column("link_given", Boolean, nullable=False, server_default=false()),
    Index("ix_certifications_issued_at", "issued_at", "document"),
)
"""*announce_at* is when the order is published once more if nothing is heard until
then; it is null where nothing is expected, so that its index is short. *link_given*
says again, for the board, what *handed* of the paper says in full."""

page_steps: Final = Table(
    "page_steps",
    metadata,
    Column("case", String, ForeignKey("cases.code"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("document", String, ForeignKey("documents.id"), nullable=False),
    Column("touches", JSON, nullable=False),
    Column("effect", Value(Effect), nullable=False),
    Column("papers", Value(tuple[PaperChange, ...]), nullable=False),
    Column("by", String, nullable=False),
    Column("by_name", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", String, nullable=False),
    Column("undone_by", String),
    Column("undone_at", Instant),
    PrimaryKeyConstraint("case", "seq"),
)
"""A line for each step of the page desk; *state* says whether it stands."""
