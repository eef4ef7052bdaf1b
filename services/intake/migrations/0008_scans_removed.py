"""Which object of the bucket of scans is used by which file: what nobody uses any more
can be removed (docs/decisions/0102).

Objects that are there are noted with the files and originals that use them. An object
without any file, from an upload that was cut short, has no row and stays.
"""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ROWS = 500


def upgrade() -> None:
    op.create_table(
        "scan_objects",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_since", sa.DateTime(timezone=True)),
        sa.Column("condemned_at", sa.DateTime(timezone=True)),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("key", name="pk_scan_objects"),
        sa.UniqueConstraint("name", "generation", name="uq_scan_objects_name"),
    )
    op.create_index("ix_scan_objects_idle_since", "scan_objects", ["idle_since"])
    op.create_table(
        "scan_uses",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", "owner", name="pk_scan_uses"),
    )
    op.create_index("ix_scan_uses_owner", "scan_uses", ["owner"])
    op.create_index("ix_scan_uses_document", "scan_uses", ["document"])
    op.add_column(
        "documents", sa.Column("scans_removed_at", sa.DateTime(timezone=True))
    )
    op.create_index("ix_documents_scans_removed_at", "documents", ["scans_removed_at"])
    _note_what_is_used()


def _note_what_is_used() -> None:
    moment = sa.DateTime(timezone=True)
    files = sa.table(
        "files",
        *(sa.column(name) for name in ("id", "document", "raw", "part")),
        sa.column("uploaded_at", moment),
    )
    documents = sa.table(
        "documents",
        *(sa.column(name) for name in ("id", "original")),
        sa.column("changed_at", moment),
    )
    tx = op.get_bind()
    for file in tx.execute(sa.select(files).order_by(files.c.id)).fetchall():
        keys = [json.loads(file.raw)["key"], *_part_keys(file.part)]
        _use(tx, file.id, file.document, keys, file.uploaded_at)
    with_original = sa.select(documents).where(documents.c.original.is_not(None))
    for row in tx.execute(with_original).fetchall():
        key = json.loads(row.original)["ref"]["key"]
        _use(tx, row.id, row.id, [key], row.changed_at)


def _part_keys(part: str | None) -> Iterator[str]:
    if part is None:
        return
    parsed = json.loads(part)
    yield parsed["ref"]["key"]
    yield from parsed["thumbs"]
    yield from parsed["previews"]


def _use(
    tx: sa.Connection, owner: str, document: str, keys: list[str], at: Any
) -> None:
    moment = sa.DateTime(timezone=True)
    objects = sa.table(
        "scan_objects",
        *(sa.column(name) for name in ("key", "name", "generation")),
        sa.column("claimed_at", moment),
    )
    uses = sa.table(
        "scan_uses", *(sa.column(name) for name in ("key", "owner", "document"))
    )
    distinct = sorted(set(keys))
    known: set[str] = set()
    for start in range(0, len(distinct), ROWS):
        some = distinct[start : start + ROWS]
        query = sa.select(objects.c.key).where(objects.c.key.in_(some))
        known |= set(tx.scalars(query))
    new = [key for key in distinct if key not in known]
    if new:
        rows = [
            {"key": key, "name": key, "generation": 1, "claimed_at": at} for key in new
        ]
        tx.execute(sa.insert(objects), rows)
    tx.execute(
        sa.insert(uses),
        [{"key": key, "owner": owner, "document": document} for key in distinct],
    )
