"""The schema brought up to date.

Not beside ``engines``: Alembic takes as long to import as all of SQLAlchemy, and a
service that serves needs none of it (docs/decisions/0081).
"""

import functools
from pathlib import Path
from typing import Any, Final

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from chassis.engines import create

MIGRATION_LOCK: Final = 4703001
"""The advisory lock under which one replica migrates while the others wait."""


def migrate(url: str, migrations: Path) -> None:
    """Bring the schema to the newest revision found in ``migrations/``.

    Raises what the database says; safe to repeat, and safe to run side by side on
    PostgreSQL (an advisory lock holds the others).
    """
    script = ScriptDirectory(str(migrations), version_locations=[str(migrations)])
    engine = create(url)
    # Alembic's own env.py does no more than this; the one private call is its own.
    upgrade = functools.partial(script._upgrade_revs, "head")  # noqa: SLF001

    def revisions(current: Any, _context: object) -> Any:
        return upgrade(current)

    with (
        EnvironmentContext(Config(), script, fn=revisions) as environment,
        engine.begin() as connection,
    ):
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK}
            )
        environment.configure(connection=connection)
        environment.run_migrations()
    engine.dispose()
