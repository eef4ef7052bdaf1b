"""``python -m storage`` serves; ``python -m storage migrate`` prepares the database."""

import asyncio
import sys

from chassis import crash, logs, process
from chassis.settings import migrate_settings
from chassis.starting import CannotStart, not_started
from storage import console
from storage.settings import PREFIX, Settings


async def serve() -> None:
    # Web, bus and gate take most of the import, and ``migrate`` needs none of them.
    from storage.wiring import assemble  # noqa: PLC0415

    process.hide_memory()
    settings = Settings()
    logs.configure("storage", settings.logs)
    crash.arm(settings.crash_at)
    async with assemble(settings) as tasks:
        await process.run(tasks)


def main(arguments: list[str]) -> int:
    if arguments == ["migrate"]:
        settings = migrate_settings(PREFIX)
        logs.configure("storage", settings.logs)
        console.migrate(settings)
        return 0
    if arguments:
        sys.stderr.write("usage: python -m storage [migrate]\n")
        return 2
    try:
        asyncio.run(serve())
    except CannotStart as error:
        sys.exit(not_started("storage", error))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
