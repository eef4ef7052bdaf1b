"""What the command besides the service needs: the schema.

Apart from ``wiring``: without web, bus and gate it starts in half the time
(docs/decisions/0081).
"""

from pathlib import Path
from typing import Final

from chassis.settings import MigrateSettings

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def migrate(settings: MigrateSettings) -> None:
    # Alembic, which whoever serves need not import.
    from chassis import migration  # noqa: PLC0415

    migration.migrate(settings.database.url.get_secret_value(), MIGRATIONS)
