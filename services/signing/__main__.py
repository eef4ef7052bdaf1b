"""``python -m signing`` runs the service; ``migrate`` brings its schema up to date;
``appearance`` prints the pin of a visible signature, for the trust document,
``appearances`` the pins of a JSON list of them, and ``pin-trust`` the whole document
for the keys of a keys file;
``journal-verify`` reads the seal journal once, exit status 0 unbroken, 1 broken, 3 not
readable; ``reconcile`` prints as JSON what the journal and the bucket of copies say;
``retention`` shows what is removed when.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from chassis import crash, logs, process
from chassis.retention import show_retention
from chassis.settings import migrate_settings
from chassis.starting import CannotStart, not_started
from ecopy.refusals import Trouble
from signing import console
from signing.settings import PREFIX, ReckonSettings, Settings

UNREADABLE = 3


async def run() -> None:
    # Bus, keys and object stores take most of the import, and no other command needs
    # them.
    from signing import wiring  # noqa: PLC0415

    process.hide_memory()
    settings = Settings()
    logs.configure("signing", settings.logs)
    crash.arm(settings.crash_at)
    async with wiring.assemble(settings) as tasks:
        await process.run(tasks)


def migrate() -> None:
    settings = migrate_settings(PREFIX)
    logs.configure("signing", settings.logs)
    console.migrate(settings)


def appearance(arguments: argparse.Namespace) -> None:
    pin = console.pin(
        arguments.role,
        arguments.id,
        arguments.name,
        arguments.title,
        arguments.image,
    )
    sys.stdout.write(pin + "\n")


def appearances() -> None:
    """Print as JSON the pin of each visible signature of a list on stdin, in its order;
    each has role, id, name_lines, title_lines and image, empty where it has none.
    """
    pins = [
        json.loads(
            console.pin(
                who["role"],
                who["id"],
                who["name_lines"],
                who["title_lines"],
                Path(who["image"]) if who["image"] else None,
            )
        )
        for who in json.load(sys.stdin)
    ]
    sys.stdout.write(json.dumps(pins) + "\n")


def pin_trust(arguments: argparse.Namespace) -> None:
    # The libraries of keys, which no other command needs.
    from signing.wiring.pinning import pinned_trust  # noqa: PLC0415

    made = pinned_trust(
        arguments.keys, arguments.signers, arguments.timestamps, demo=arguments.demo
    )
    sys.stdout.write(made.model_dump_json(indent=2) + "\n")


def journal_verify(arguments: argparse.Namespace) -> int:
    settings = migrate_settings(PREFIX)
    logs.configure("signing", settings.logs)
    report = asyncio.run(console.verify_journal(settings, arguments.noted))
    sys.stdout.write(report.text)
    return report.status


def reconcile() -> int:
    from signing.wiring.reckoning import reckoning  # noqa: PLC0415

    settings = ReckonSettings()
    logs.configure("signing", settings.logs)
    try:
        said = asyncio.run(reckoning(settings))
    except Trouble as trouble:
        sys.stderr.write(f"{trouble}\n")
        return UNREADABLE
    sys.stdout.write(said.model_dump_json() + "\n")
    return 0


def show() -> int:
    """What is removed when, and how much there is of it."""
    from signing.wiring import retention_shown  # noqa: PLC0415

    return show_retention("signing", retention_shown(Settings()))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m signing", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("migrate", help="bring the database's schema up to date")
    look = commands.add_parser("appearance", help="pin of a visible signature")
    look.add_argument("--role", choices=["officer", "seal"], required=True)
    look.add_argument("--id", required=True, help="officer id, or agency code")
    look.add_argument("--name", action="append", required=True, help="a line")
    look.add_argument("--title", action="append", default=[], help="a line")
    look.add_argument("--image", type=Path, help="PNG or JPEG, flattened on white")
    commands.add_parser("appearances", help="pins of several; a JSON list on stdin")
    _pinning(commands)
    verify = commands.add_parser("journal-verify", help="read the seal journal once")
    verify.add_argument(
        "--noted", metavar="ROWS:HEAD", help="a head from before, still to be in it"
    )
    commands.add_parser("reconcile", help="what journal and bucket say, as JSON")
    commands.add_parser("retention", help="what is removed when, and how much there is")
    return parser.parse_args()


def _pinning(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    made = commands.add_parser("pin-trust", help="the trust document, printed as JSON")
    made.add_argument("--keys", type=Path, required=True, help="the keys file")
    for name in ("--signers", "--timestamps"):
        made.add_argument(
            name,
            type=Path,
            action="append",
            required=True,
            help="PEM: the issuer's certificate first, the root's last",
        )
    made.add_argument("--demo", action="store_true", help="a development authority")


def main() -> None:
    arguments = parsed()
    if arguments.command == "migrate":
        migrate()
        return
    if arguments.command == "journal-verify":
        sys.exit(journal_verify(arguments))
    if arguments.command == "reconcile":
        sys.exit(reconcile())
    if arguments.command == "retention":
        sys.exit(show())
    try:
        if arguments.command == "appearance":
            appearance(arguments)
            return
        if arguments.command == "appearances":
            appearances()
            return
        if arguments.command == "pin-trust":
            pin_trust(arguments)
            return
        asyncio.run(run())
    except CannotStart as error:
        sys.exit(not_started("signing", error))


if __name__ == "__main__":
    main()
