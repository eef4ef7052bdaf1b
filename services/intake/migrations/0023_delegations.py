"""Delegations in writing. None is there before: each officer acts by the own office."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    people = ("delegator", "delegator_name", "delegate", "delegate_name")
    days = ("signed_on", "valid_from", "valid_until")
    op.create_table(
        "delegations",
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("number", *people, "title_line", "by")
        ),
        *(sa.Column(name, sa.Date(), nullable=False) for name in days),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_delegations"),
    )
    op.create_index("ix_delegations_agency", "delegations", ["agency"])
    op.create_table(
        "delegation_revocations",
        sa.Column("delegation", SERIAL, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("delegation", name="pk_delegation_revocations"),
        sa.ForeignKeyConstraint(
            ["delegation"],
            ["delegations.seq"],
            name="fk_delegation_revocations_delegation",
        ),
    )
    for table in ("delegations", "delegation_revocations"):
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
