"""``python -m intake`` runs the desk; ``migrate`` brings its schema up to date;
``user-add`` makes an account, its password read from a file or from stdin;
``audit-verify`` reads the staff's audit once. Exit status of the last: 0 unbroken,
1 broken, 3 not readable.

Start at ``main``.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from chassis import crash, logs, process
from chassis.settings import migrate_settings
from chassis.starting import CannotStart, not_started
from intake import console
from intake.domain.people import Role, User
from intake.settings import PREFIX, Settings

TAKEN = 2
"""Exit code: there is such an account; nothing was changed."""
MISTAKEN = 3


async def run() -> None:
    # Web, bus and scans take half a second to import, and no other command needs them.
    from intake import wiring  # noqa: PLC0415

    process.hide_memory()
    settings = Settings()
    logs.configure("intake", settings.logs)
    crash.arm(settings.crash_at)
    async with wiring.assemble(settings) as tasks:
        await process.run(tasks)


def migrate() -> None:
    settings = migrate_settings(PREFIX)
    logs.configure("intake", settings.logs)
    console.migrate(settings)


def user_add(arguments: argparse.Namespace) -> int:
    password = _password(arguments.password_file)
    user = User(
        id=arguments.user,
        name=arguments.name,
        agency=arguments.agency,
        roles=frozenset(Role(role) for role in arguments.roles.split(",")),
        officer=arguments.officer,
        password="",
    )
    try:
        added = asyncio.run(console.add_user(migrate_settings(PREFIX), user, password))
    except ValueError as error:
        sys.stderr.write(f"{arguments.user}: {_SENTENCES.get(str(error), error)}\n")
        return MISTAKEN
    if not added:
        sys.stderr.write(f"{arguments.user}: there is such an account already\n")
        return TAKEN
    return 0


def audit_verify(arguments: argparse.Namespace) -> int:
    settings = migrate_settings(PREFIX)
    logs.configure("intake", settings.logs)
    report = asyncio.run(console.verify_audit(settings, arguments.noted))
    sys.stdout.write(report.text)
    return report.status


_SENTENCES = {
    "error.password-short": "the password is too short: ten characters or more",
    "error.password-common": "the password is among the first guessed: choose another",
}


def _password(file: Path | None) -> str:
    """Never from the command line: other processes can read that."""
    text = file.read_text("utf-8") if file else sys.stdin.readline()
    return text.rstrip("\r\n")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m intake", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("migrate", help="bring the database's schema up to date")
    user = commands.add_parser("user-add", help="make an account")
    user.add_argument("user", help="sign-in name")
    user.add_argument("--name", required=True, help="as shown on papers")
    user.add_argument("--roles", required=True, help="clerk,certifier,administrator")
    user.add_argument("--agency", required=True, help="code, H99.42.05.13")
    user.add_argument("--officer", help="id in the agencies file, for a certifier")
    user.add_argument("--password-file", type=Path, help="instead of stdin")
    verify = commands.add_parser("audit-verify", help="read the staff's audit once")
    verify.add_argument(
        "--noted", metavar="ROWS:HEAD", help="a head from before, still to be in it"
    )
    return parser.parse_args()


def main() -> int:
    arguments = parsed()
    if arguments.command == "migrate":
        migrate()
        return 0
    if arguments.command == "user-add":
        return user_add(arguments)
    if arguments.command == "audit-verify":
        return audit_verify(arguments)
    try:
        asyncio.run(run())
    except CannotStart as error:
        sys.exit(not_started("intake", error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
