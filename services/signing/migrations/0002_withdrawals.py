"""A copy can be withdrawn, and an entry closed or noted as archived
(docs/decisions/0083).
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TABLE = "seal_journal"
KINDS = "kind IN ('intent', 'failure', 'outcome', 'issue', 'loss', 'withdrawal')"
CHECK = "ck_seal_journal_kind"


def upgrade() -> None:
    for column in (
        sa.Column("archived_sha256", sa.String(64)),
        sa.Column("archived_at", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("entries", column)
    if op.get_bind().dialect.name == "sqlite":
        _made_anew()
        return
    op.drop_constraint(CHECK, TABLE, type_="check")
    op.create_check_constraint(CHECK, TABLE, KINDS)


def _made_anew() -> None:
    """SQLite cannot change a constraint: the table is made anew, and its rows go over
    as they are stored, since their digests are over that. All in the one transaction of
    the migration: a crash leaves the old table.
    """
    (definition,) = op.get_bind().execute(
        sa.text("SELECT sql FROM sqlite_master WHERE name = :table"), {"table": TABLE}
    )
    old = "'outcome', 'issue', 'loss')"
    if old not in definition.sql:
        raise RuntimeError(f"{TABLE} is not the table that revision 0001 made")
    op.execute(f"ALTER TABLE {TABLE} RENAME TO {TABLE}_before")
    for name in (f"{TABLE}_no_update", f"{TABLE}_no_delete"):
        op.execute(f"DROP TRIGGER {name}")
    op.execute(f"DROP INDEX ix_{TABLE}_entry")
    op.execute(definition.sql.replace(old, f"{old[:-1]}, 'withdrawal')"))
    op.execute("INSERT INTO seal_journal SELECT * FROM seal_journal_before")
    op.execute(f"DROP TABLE {TABLE}_before")
    op.create_index(f"ix_{TABLE}_entry", TABLE, ["entry"])
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {TABLE}_no_{event.lower()} BEFORE {event} ON {TABLE} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {TABLE} are for ever'); END"
        )
