"""The words of the command line, and what each one calls.

What the commands do is in ``cli`` and the modules that it calls. Start at
``parser_for``.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from onebox import (
    archive_words,
    dead_words,
    reconcile,
    register_words,
    retention_words,
)
from onebox.certificates import LEAF_DAYS
from onebox.compose import words as compose_words
from onebox.places import DEFAULT_PORT, REPOSITORY
from onebox.ward import AGENCY_CODE

Act = Callable[[argparse.Namespace], int]
ROLES: Final = (
    "clerk",
    "examiner",
    "certifier",
    "seal-keeper",
    "leader",
    "administrator",
    "auditor",
)
LOWEST_PORT, HIGHEST_PORT = 1024, 65_530
"""Five more ports follow the first one."""


@dataclass(frozen=True, slots=True)
class Acts:
    """One function per command."""

    demo: Act
    up: Act
    reset: Act
    provision: Act
    migrate: Act
    doctor: Act
    user_add: Act
    pki_revoke: Act
    pki_renew: Act
    journal_verify: Act
    audit_verify: Act
    backup: Act
    restore: Act


def parser_for(acts: Acts) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ecopy", description="Bring ecopy up, show what it does, clear it away."
    )
    parser.add_argument("--var", type=Path, default=REPOSITORY / "var")
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT)
    commands = parser.add_subparsers(required=True, metavar="command")
    _house(commands, acts)
    compose_words.add_words(commands)
    _backup(commands, acts)
    _user(commands, acts)
    register_words.add_words(commands, _command)
    reconcile.add_words(commands, _command)
    _pki(commands, acts)
    _chains(commands, acts)
    dead_words.add_words(commands, _command)
    retention_words.add_words(commands, _command)
    archive_words.add_words(commands, _command)
    return parser


Commands = Any
"""argparse names its type of sub-parsers with an underscore."""


def _house(commands: Commands, acts: Acts) -> None:
    story_of = _command(
        commands, "demo", acts.demo, "the story, from scan to verified copy"
    )
    story_of.add_argument("--file", type=Path, help="your own scan")
    story_of.add_argument("--once", action="store_true", help="end after the story")
    stay = _command(commands, "up", acts.up, "the house without the story")
    stay.add_argument("--demo", action="store_true", help="with the development PKI")
    _command(commands, "reset", acts.reset, "clear var/")
    _command(commands, "provision", acts.provision, "stream, consumers, buckets")
    _command(commands, "migrate", acts.migrate, "each service's database")
    doctor = _command(
        commands,
        "doctor",
        acts.doctor,
        "what would keep it from starting: exit status 0 nothing, 1 each is named",
    )
    doctor.add_argument("--json", action="store_true", help="for programs")
    doctor.add_argument(
        "--compose", action="store_true", help="the files of compose.yaml instead"
    )
    compose_words.add_folder(doctor)


def _pki(commands: Commands, acts: Acts) -> None:
    pki = commands.add_parser("pki", help="the development PKI").add_subparsers(
        required=True, metavar="command"
    )
    revoked = _command(
        pki, "revoke", acts.pki_revoke, "say that a certificate is revoked"
    )
    revoked.add_argument("name", choices=["officer", "seal", "tsa", "issuing"])
    _renewal(pki, acts)


def _chains(commands: Commands, acts: Acts) -> None:
    _chain(
        commands,
        "journal",
        acts.journal_verify,
        "every use of a key, as signing wrote it down",
    )
    _chain(
        commands,
        "audit",
        acts.audit_verify,
        "every act at the desk, as intake wrote it down",
    )


def _command(
    commands: Commands,
    name: str,
    act: Act,
    text: str,
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text)
    parser.set_defaults(act=act)
    parser.add_argument("--port", type=_port, default=argparse.SUPPRESS)
    parser.add_argument("--var", type=Path, default=argparse.SUPPRESS)
    return parser


def _renewal(pki: Commands, acts: Acts) -> None:
    renewed = _command(
        pki,
        "renew",
        acts.pki_renew,
        "a new key and certificate, for a house that is down",
    )
    renewed.add_argument("name", choices=["officer", "seal"])
    renewed.add_argument("--starts-in", type=int, default=0, metavar="DAYS")
    renewed.add_argument("--days", type=int, default=LEAF_DAYS)


def _chain(commands: Commands, name: str, act: Act, text: str) -> None:
    book = commands.add_parser(name, help=text).add_subparsers(
        required=True, metavar="command"
    )
    verify = _command(
        book,
        "verify",
        act,
        "read it once: exit status 0 unbroken, 1 broken, 3 not readable",
    )
    verify.add_argument(
        "--noted", metavar="ROWS:HEAD", help="a head from before, still to be in it"
    )


def _backup(commands: Commands, acts: Acts) -> None:
    taken = _command(
        commands, "backup", acts.backup, "a copy of the whole house, while it works"
    )
    taken.add_argument("folder", type=Path, metavar="DIR")
    brought = _command(
        commands, "restore", acts.restore, "a house from a backup, on an empty machine"
    )
    brought.add_argument("folder", type=Path, metavar="DIR")


def _user(commands: Commands, acts: Acts) -> None:
    users = commands.add_parser("user", help="accounts of the desk").add_subparsers(
        required=True, metavar="command"
    )
    add = _command(
        users, "add", acts.user_add, "a new account; the password is asked for"
    )
    add.add_argument("user")
    add.add_argument("--name", required=True)
    add.add_argument(
        "--role", action="append", required=True, choices=list(ROLES), dest="roles"
    )
    add.add_argument("--agency", default=AGENCY_CODE)
    add.add_argument("--officer", default="", help="officer id of a certifier")


def _port(text: str) -> int:
    if not text.isdigit() or not LOWEST_PORT <= int(text) <= HIGHEST_PORT:
        raise argparse.ArgumentTypeError(
            f"PORT={text}: cần một số từ {LOWEST_PORT} đến {HIGHEST_PORT}"
            f" · a number from {LOWEST_PORT} to {HIGHEST_PORT} is needed"
        )
    return int(text)
