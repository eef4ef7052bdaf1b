"""What is asked before a link opens never changes, and wrong answers are only ever
more: triggers say so, as they do for the links themselves. Rows that are there stay as
they are.
"""

from alembic import op

revision = "0009"
down_revision = "0008"

FACTORS = "rows of link_factors are for ever"
TRIES = "wrong answers are only ever more"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("DELETE", "UPDATE"):
            _refuse_in_sqlite("link_factors", verb, FACTORS)
        _refuse_in_sqlite("link_tries", "DELETE", TRIES)
        _refuse_in_sqlite("link_tries", "UPDATE", TRIES, "NEW.wrong < OLD.wrong")
        return
    _refuse("link_factors", ("DELETE", "UPDATE", "TRUNCATE"), FACTORS)
    _refuse("link_tries", ("DELETE", "TRUNCATE"), TRIES)
    op.execute(
        "CREATE TRIGGER link_tries_only_grow BEFORE UPDATE ON link_tries FOR EACH ROW "
        "WHEN (NEW.wrong < OLD.wrong) EXECUTE FUNCTION link_tries_for_ever()"
    )


def _refuse_in_sqlite(table: str, verb: str, why: str, when: str = "1") -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"WHEN {when} BEGIN SELECT RAISE(ABORT, '{why}'); END"
    )


def _refuse(table: str, verbs: tuple[str, ...], why: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_for_ever() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{why}'; END $$"
    )
    for verb in verbs:
        each = "STATEMENT" if verb == "TRUNCATE" else "ROW"
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION {table}_for_ever()"
        )
