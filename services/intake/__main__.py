"""``python -m intake`` runs the desk; ``migrate`` brings its schema up to date;
``user-add`` makes an account, its password read from a file or from stdin, and
``users-add`` several at once from a JSON list, so that a first demo starts one program
for its people and not three;
``audit-verify`` reads the staff's audit once, exit status 0 unbroken, 1 broken, 3 not
readable; ``register-skip`` declares lines of the register lost, exit status 0 done,
3 not done, and says why; ``dead`` shows and replays letters that a consumer could not
read; ``reconcile`` prints as JSON what the desk knows of every number, and with
``--announce ENTRY …`` publishes these orders once more; ``retention`` shows what is
removed when.

Start at ``main``.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from chassis import crash, logs, process
from chassis.retention import show_retention
from chassis.settings import migrate_settings
from chassis.starting import CannotStart, not_started
from ecopy.marks import YearBook
from ecopy.refusals import Trouble
from intake import console
from intake.arguments import parsed
from intake.domain.people import Role, User
from intake.domain.states import NotAllowed
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


def migrate(_: argparse.Namespace) -> int:
    settings = migrate_settings(PREFIX)
    logs.configure("intake", settings.logs)
    console.migrate(settings)
    return 0


def user_add(arguments: argparse.Namespace) -> int:
    password = _password(arguments.password_file)
    user = _user(vars(arguments))
    try:
        added = asyncio.run(console.add_user(migrate_settings(PREFIX), user, password))
    except ValueError as error:
        sys.stderr.write(f"{arguments.user}: {_SENTENCES.get(str(error), error)}\n")
        return MISTAKEN
    if not added:
        sys.stderr.write(f"{arguments.user}: there is such an account already\n")
        return TAKEN
    return 0


def users_add(_: argparse.Namespace) -> int:
    """Make the accounts of a JSON list on stdin; those that exist stay as they are."""
    wanted = [(_user(one), str(one["password"])) for one in json.load(sys.stdin)]
    try:
        asyncio.run(console.add_users(migrate_settings(PREFIX), wanted))
    except ValueError as error:
        sys.stderr.write(f"{_SENTENCES.get(str(error), error)}\n")
        return MISTAKEN
    return 0


def _user(fields: Mapping[str, str]) -> User:
    return User(
        id=fields["user"],
        name=fields["name"],
        agency=fields["agency"],
        roles=frozenset(Role(role) for role in fields["roles"].split(",")),
        officer=fields["officer"] or None,
        password="",
    )


def audit_verify(arguments: argparse.Namespace) -> int:
    settings = migrate_settings(PREFIX)
    logs.configure("intake", settings.logs)
    report = asyncio.run(console.verify_audit(settings, arguments.noted))
    sys.stdout.write(report.text)
    return report.status


def register_skip(arguments: argparse.Namespace) -> int:
    settings = migrate_settings(PREFIX)
    logs.configure("intake", settings.logs)
    try:
        lost = asyncio.run(
            console.skip_lines(
                settings,
                YearBook.parse(arguments.book),
                arguments.through,
                arguments.reason,
                arguments.by,
            )
        )
    except (NotAllowed, Trouble, ValueError) as error:
        sys.stderr.write(_not_skipped(error, arguments.book))
        return MISTAKEN
    sys.stdout.write(
        f"Đã ghi mất {lost.count} dòng của sổ {lost.book}: số {lost.first}–{lost.last}."
        f" Số kế tiếp là {lost.last + 1}.\n"
        f"{lost.count} line(s) of book {lost.book} are declared lost: numbers"
        f" {lost.first} to {lost.last}. The next number is {lost.last + 1}.\n"
    )
    return 0


def reconcile(arguments: argparse.Namespace) -> int:
    from intake.wiring.reckoning import announced_again, reckoning  # noqa: PLC0415

    settings = migrate_settings(PREFIX)
    logs.configure("intake", settings.logs)
    try:
        if arguments.announce:
            done = asyncio.run(announced_again(settings, arguments.announce))
            sys.stdout.write("".join(f"{entry}\n" for entry in done))
            return 0
        said = asyncio.run(reckoning(settings))
    except Trouble as error:
        sys.stderr.write(f"{error}\n")
        return MISTAKEN
    sys.stdout.write(said.model_dump_json() + "\n")
    return 0


def _not_skipped(error: Exception, book: str) -> str:
    if isinstance(error, NotAllowed):
        from intake import wiring  # noqa: PLC0415 - the desk's templates

        return "\n".join(wiring.sentences(error.key, error.values)) + "\n"
    if isinstance(error, ValueError):
        return (
            f"{book} không phải một sổ: ghi như H99.42.05.13/E/2026\n"
            f"{book} is no book: write it as H99.42.05.13/E/2026\n"
        )
    return (
        f"Chưa ghi gì, cơ sở dữ liệu không trả lời: {error}\n"
        f"Nothing was recorded, the database does not answer: {error}\n"
    )


_SENTENCES = {
    "error.password-short": "the password is too short: ten characters or more",
    "error.password-common": "the password is among the first guessed: choose another",
}


def _password(file: Path | None) -> str:
    """Never from the command line: other processes can read that."""
    text = file.read_text("utf-8") if file else sys.stdin.readline()
    return text.rstrip("\r\n")


def main() -> int:
    arguments = parsed(__doc__)
    act = _ACTS.get(arguments.command, serve)
    return act(arguments)


def serve(_: argparse.Namespace) -> int:
    """Run the desk until it is told to end."""
    try:
        asyncio.run(run())
    except CannotStart as error:
        sys.exit(not_started("intake", error))
    return 0


def show(_arguments: argparse.Namespace) -> int:
    """What is removed when, and how much there is of it."""
    from intake.wiring import retention  # noqa: PLC0415

    return show_retention("intake", retention.shown(Settings()))


def dead(arguments: argparse.Namespace) -> int:
    from intake.wiring import dead_words  # noqa: PLC0415 - the bus

    return asyncio.run(dead_words.run(Settings(), arguments))


_ACTS: Final[dict[str | None, Callable[[argparse.Namespace], int]]] = {
    "migrate": migrate,
    "user-add": user_add,
    "users-add": users_add,
    "audit-verify": audit_verify,
    "reconcile": reconcile,
    "register-skip": register_skip,
    "dead": dead,
    "retention": show,
}


if __name__ == "__main__":
    sys.exit(main())
