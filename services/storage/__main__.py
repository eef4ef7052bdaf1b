"""``python -m storage`` serves; ``python -m storage migrate`` prepares the database."""

import asyncio
import sys

from chassis import crash, logs, process
from chassis.database import migrate
from storage.settings import MigrateSettings, Settings
from storage.wiring import MIGRATIONS, ConfigurationError, assemble


async def serve() -> None:
    process.hide_memory()
    settings = Settings()
    logs.configure("storage", settings.logs)
    crash.arm(settings.crash_at)
    async with assemble(settings) as tasks:
        await process.run(tasks)


def main(arguments: list[str]) -> int:
    if arguments == ["migrate"]:
        settings = MigrateSettings()
        logs.configure("storage", settings.logs)
        migrate(settings.database.url.get_secret_value(), MIGRATIONS)
        return 0
    if arguments:
        sys.stderr.write("usage: python -m storage [migrate]\n")
        return 2
    try:
        asyncio.run(serve())
    except ConfigurationError as error:
        sys.exit(f"storage: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
