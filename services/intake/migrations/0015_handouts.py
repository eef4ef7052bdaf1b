"""Templates of papers, and closed periods of the register. None is there before: each
agency begins with the program's templates, and every month is open.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "handout_templates",
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("handout", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_handout_templates"),
    )
    op.create_index("ix_handout_templates_agency", "handout_templates", ["agency"])
    counts = ("year", "month", "lines", "copies", "fee", "void")
    texts = ("first", "last", "by", "by_name", "title")
    op.create_table(
        "register_closings",
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_register_closings"),
        sa.UniqueConstraint(
            "agency", "year", "month", name="uq_register_closings_agency"
        ),
    )
    for table in ("handout_templates", "register_closings"):
        _append_only(table)


def _append_only(table: str) -> None:
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
