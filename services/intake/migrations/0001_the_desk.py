"""The desk: users, cases, documents, files, certifications, register, audit, outbox.

Written out, not taken from the tables of today: a migration is history.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = ("register", "register_notes", "audit")


def upgrade() -> None:
    _people()
    _cases()
    _register()
    _outbox()
    for name in APPEND_ONLY:
        _append_only(name)


def _people() -> None:
    op.create_table(
        "holds",
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_holds"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("officer", sa.String()),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_sessions"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_sessions_user"),
    )
    op.create_index("ix_sessions_user", "sessions", ["user"])
    op.create_table(
        "attempts",
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_attempts"),
    )
    op.create_index("ix_attempts_account_address", "attempts", ["account", "address"])


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("privacy_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.String(), nullable=False),
        sa.Column("received_by_name", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("complete_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule_set", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_cases"),
        sa.UniqueConstraint(
            "agency", "day", "ordinal", name="uq_cases_agency_day_ordinal"
        ),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("issuing_body", sa.String(), nullable=False),
        sa.Column("declared_pages", sa.Integer(), nullable=False),
        sa.Column("fee", sa.Integer(), nullable=False),
        sa.Column("received_by", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("compared_by", sa.String()),
        sa.Column("compared_by_name", sa.String()),
        sa.Column("compared_at", sa.DateTime(timezone=True)),
        sa.Column("original", sa.Text()),
        sa.Column("refused", sa.Text()),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("refused_files", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.ForeignKeyConstraint(["case"], ["cases.code"], name="fk_documents_case"),
        sa.UniqueConstraint("case", "ordinal", name="uq_documents_case_ordinal"),
    )
    op.create_index("ix_documents_agency_state", "documents", ["agency", "state"])
    op.create_table(
        "files",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.String(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("fault", sa.String()),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("part", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.id"], name="fk_files_document"
        ),
        sa.UniqueConstraint("document", "position", name="uq_files_document_position"),
    )
    op.create_index("ix_files_state", "files", ["state"])


def _register() -> None:
    op.create_table(
        "certifications",
        sa.Column("entry", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("approved_by_name", sa.String(), nullable=False),
        sa.Column("order", sa.Text(), nullable=False),
        sa.Column("link_generation", sa.Integer(), nullable=False),
        sa.Column("setback", sa.Text()),
        sa.Column("sealed_at", sa.DateTime(timezone=True)),
        sa.Column("issued_at", sa.DateTime(timezone=True)),
        sa.Column("copy_pages", sa.Integer()),
        sa.Column("copy_size", sa.BigInteger()),
        sa.PrimaryKeyConstraint("entry", name="pk_certifications"),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.id"], name="fk_certifications_document"
        ),
        sa.UniqueConstraint("code", name="uq_certifications_code"),
        sa.UniqueConstraint("document", name="uq_certifications_document"),
    )
    op.create_table(
        "register",
        sa.Column("entry", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("book", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("requester", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("officer", sa.String(), nullable=False),
        sa.Column("officer_title", sa.String(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("fee", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name="pk_register"),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.id"], name="fk_register_document"
        ),
        sa.UniqueConstraint(
            "agency",
            "series",
            "year",
            "ordinal",
            name="uq_register_agency_series_year_ordinal",
        ),
        sa.UniqueConstraint("document", name="uq_register_document"),
    )
    op.create_table(
        "register_notes",
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("entry", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_register_notes"),
        sa.ForeignKeyConstraint(
            ["entry"], ["register.entry"], name="fk_register_notes_entry"
        ),
    )
    op.create_index("ix_register_notes_entry", "register_notes", ["entry"])
    op.create_table(
        "audit",
        sa.Column("seq", SERIAL, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("case", sa.String()),
        sa.Column("document", sa.Integer()),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
        sa.UniqueConstraint("hash", name="uq_audit_hash"),
    )
    op.create_index("ix_audit_case", "audit", ["case"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("position", SERIAL, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.func.now(),
        ),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("position", name="pk_outbox"),
        sa.UniqueConstraint("event_id", name="uq_outbox_event_id"),
    )
    op.create_index(
        "ix_outbox_unpublished",
        "outbox",
        ["position"],
        sqlite_where=sa.text("published_at IS NULL"),
        postgresql_where=sa.text("published_at IS NULL"),
    )


def _append_only(table: str) -> None:
    """Nobody changes or deletes a line, whoever asks and however."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )
