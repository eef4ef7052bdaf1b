"""Copies whose archived file has had its time (docs/decisions/0103).

A row says that the bytes are given up, and from ``removed_at`` on that they are gone;
what is gone stays gone: a trigger refuses to take such a row back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

GONE = "a copy that is gone stays gone"


def upgrade() -> None:
    op.create_table(
        "given_up",
        sa.Column("entry", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True)),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("entry", name="pk_given_up"),
        sa.ForeignKeyConstraint(["entry"], ["copies.entry"], name="fk_given_up_entry"),
    )
    op.create_index("ix_given_up_removed_at", "given_up", ["removed_at"])
    op.create_index("ix_copies_archived_at", "copies", ["archived_at"])
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("DELETE", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER given_up_no_{verb.lower()} BEFORE {verb} ON given_up"
                " WHEN OLD.removed_at IS NOT NULL"
                f" BEGIN SELECT RAISE(ABORT, '{GONE}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION given_up_stays() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{GONE}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER given_up_stays BEFORE UPDATE OR DELETE ON given_up"
        " FOR EACH ROW WHEN (OLD.removed_at IS NOT NULL)"
        " EXECUTE FUNCTION given_up_stays()"
    )
