"""Orders, copies, links, accesses and the outbox.

Rows of copies, links and accesses are for ever: triggers refuse other changes than
those named here.
"""

import sqlalchemy as sa
from alembic import op

from chassis import outbox

revision = "0001"
down_revision = None

WITHDRAWAL = frozenset(
    {"withdrawn_at", "withdrawn_decision", "withdrawn_reason", "withdrawn_successor"}
)
NAMES = {"pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"}
LINK_STATE = frozenset({"expires_at", "revoked_at"})


def upgrade() -> None:
    _orders()
    copies = _copies()
    links = _links()
    accesses = _accesses()
    outbox.table(sa.MetaData(naming_convention=NAMES)).create(op.get_bind())
    _guard(copies, WITHDRAWAL)
    _guard(links, LINK_STATE)
    _guard(accesses, frozenset())


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, length: int | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _orders() -> None:
    op.create_table(
        "orders",
        _text("entry"),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        _moment("recorded_at"),
        sa.PrimaryKeyConstraint("entry", name="pk_orders"),
    )


def _copies() -> sa.Table:
    return op.create_table(
        "copies",
        _text("entry"),
        _text("sha256", 64),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        _text("code", 12),
        _text("agency_code"),
        sa.Column("agency_lines", sa.JSON, nullable=False),
        _text("number"),
        _text("book"),
        sa.Column("date", sa.Date, nullable=False),
        _text("kind"),
        _text("kind_name"),
        sa.Column("officer_title_lines", sa.JSON, nullable=False),
        _text("title"),
        _moment("officer_at"),
        _moment("seal_at"),
        _text("tsa_name"),
        sa.Column("demo", sa.Boolean, nullable=False),
        _moment("archived_at"),
        _moment("withdrawn_at", nullable=True),
        sa.Column("withdrawn_decision", sa.String),
        sa.Column("withdrawn_reason", sa.String),
        sa.Column("withdrawn_successor", sa.String),
        sa.PrimaryKeyConstraint("entry", name="pk_copies"),
        sa.UniqueConstraint("sha256", name="uq_copies_sha256"),
        sa.UniqueConstraint("code", name="uq_copies_code"),
    )


def _links() -> sa.Table:
    table = op.create_table(
        "links",
        _text("token_sha256", 64),
        _text("entry"),
        sa.Column("generation", sa.Integer, nullable=False),
        _moment("expires_at"),
        _moment("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_links"),
        sa.ForeignKeyConstraint(["entry"], ["copies.entry"], name="fk_links_entry"),
    )
    op.create_index("ix_links_entry", "links", ["entry"])
    return table


def _accesses() -> sa.Table:
    table = op.create_table(
        "accesses",
        sa.Column("position", sa.Integer, primary_key=True),
        _moment("at"),
        _text("entry"),
        _text("what"),
        _text("address_digest", 64),
        sa.ForeignKeyConstraint(["entry"], ["copies.entry"], name="fk_accesses_entry"),
    )
    op.create_index("ix_accesses_entry", "accesses", ["entry"])
    return table


def _guard(table: sa.Table, changeable: frozenset[str]) -> None:
    """Refuse DELETE, and UPDATE of every column that is not changeable."""
    fixed = ", ".join(c.name for c in table.columns if c.name not in changeable)
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite(table.name, fixed)
        return
    _guard_postgresql(table.name, fixed)


def _guard_sqlite(table: str, fixed: str) -> None:
    for verb, event in (("delete", "DELETE"), ("update", f"UPDATE OF {fixed}")):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {event} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are for ever'); END"
        )


def _guard_postgresql(table: str, fixed: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_for_ever() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'rows of {table} are for ever'; END $$"
    )
    for verb, event, each in (
        ("delete", "DELETE", "ROW"),
        ("update", f"UPDATE OF {fixed}", "ROW"),
        ("truncate", "TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {event} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION {table}_for_ever()"
        )
