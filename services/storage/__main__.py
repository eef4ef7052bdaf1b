"""``python -m storage`` serves; ``migrate`` prepares the database; ``scrub`` reads each
archived copy and mends what is not whole, a JSON object a line; ``reconcile`` prints
as JSON what the catalogue and the archive say, with ``--deep`` after reading every
archived byte, with ``--repair`` after writing again what could be proved;
``retention`` shows what is removed when.
"""

import asyncio
import json
import sys

from chassis import crash, logs, process
from chassis.retention import show_retention
from chassis.settings import migrate_settings
from chassis.starting import CannotStart, not_started
from ecopy.refusals import Trouble
from storage import console
from storage.settings import PREFIX, ReckonSettings, ScrubSettings, Settings

UNREADABLE = 3
"""Exit code of ``reconcile``: nothing can be said of what was not read."""


async def serve() -> None:
    # Web, bus and gate take most of the import, and ``migrate`` needs none of them.
    from storage.wiring import assemble  # noqa: PLC0415

    process.hide_memory()
    settings = Settings()
    logs.configure("storage", settings.logs)
    crash.arm(settings.crash_at)
    async with assemble(settings) as tasks:
        await process.run(tasks)


def reconcile(options: list[str]) -> int:
    """Exit status 3 where the database or the archive does not answer."""
    from storage.reckoning import reckoning  # noqa: PLC0415

    settings = ReckonSettings()
    logs.configure("storage", settings.logs)
    deep, repair = "--deep" in options, "--repair" in options
    try:
        said = asyncio.run(reckoning(settings, deep=deep, repair=repair))
    except Trouble as trouble:
        sys.stderr.write(f"{trouble}\n")
        return UNREADABLE
    sys.stdout.write(said.model_dump_json() + "\n")
    return 0


def scrub_once() -> int:
    """Exit status 0 if every copy is whole, 1 if one is lost or an object is nobody's,
    3 where database or archive do not answer.
    """
    from storage.scrubbing import scrub  # noqa: PLC0415

    settings = ScrubSettings()
    logs.configure("storage", settings.logs)

    async def printed() -> int:
        bad = 0
        async for line in scrub(settings):
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
            bad = len(line.get("lost", ())) + len(line.get("strays", ()))
        return 1 if bad else 0

    try:
        return asyncio.run(printed())
    except Trouble as trouble:
        sys.stderr.write(f"{trouble}\n")
        return UNREADABLE


def show() -> int:
    """What is removed when, and how much there is of it."""
    from storage.wiring import retention_shown  # noqa: PLC0415

    return show_retention("storage", retention_shown(Settings()))


def main(arguments: list[str]) -> int:
    if arguments == ["migrate"]:
        settings = migrate_settings(PREFIX)
        logs.configure("storage", settings.logs)
        console.migrate(settings)
        return 0
    if arguments == ["scrub"]:
        return scrub_once()
    if arguments[:1] == ["reconcile"] and set(arguments[1:]) <= {"--deep", "--repair"}:
        return reconcile(arguments[1:])
    if arguments == ["retention"]:
        return show()
    if arguments:
        sys.stderr.write(
            "usage: python -m storage [migrate | scrub | retention |"
            " reconcile [--deep] [--repair]]\n"
        )
        return 2
    try:
        asyncio.run(serve())
    except CannotStart as error:
        sys.exit(not_started("storage", error))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
