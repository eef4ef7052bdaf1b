"""What the commands besides the service need: schema, seal journal, pins.

A composition root as ``wiring``, and apart from it: without bus, keys and object stores
a command starts in half the time (docs/decisions/0081). Start at ``pin``.
"""

import json
from pathlib import Path
from typing import Final

from chassis.chain_report import Report
from chassis.clock import utc_now
from chassis.database import open_database
from chassis.settings import MigrateSettings
from chassis.starting import CannotStart
from signing.adapters.composing.appearances import (
    AppearanceFacts,
    UnusableAppearanceError,
    render,
)
from signing.adapters.journal.journal import SqlSealJournal
from signing.adapters.journal.report import read_journal

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def migrate(settings: MigrateSettings) -> None:
    # Alembic, which no other command and no service needs.
    from chassis import migration  # noqa: PLC0415

    migration.migrate(settings.database.url.get_secret_value(), MIGRATIONS)


async def verify_journal(settings: MigrateSettings, noted: str | None) -> Report:
    async with open_database(settings.database.url.get_secret_value()) as store:
        return await read_journal(SqlSealJournal(store, utc_now), noted)


def pin(
    role: str,
    who: str,
    name_lines: list[str],
    title_lines: list[str],
    image: Path | None,
) -> str:
    """JSON with the digest of the static appearance, for the trust document."""
    look = AppearanceFacts(
        "seal" if role == "seal" else "officer",
        who,
        tuple(name_lines),
        tuple(title_lines),
        image,
    )
    try:
        drawn = render(look)
    except UnusableAppearanceError as error:
        raise CannotStart(
            f"không vẽ được hình: {error}", f"the drawing cannot be made: {error}"
        ) from error
    return json.dumps({"appearance_sha256": drawn.digest()})
