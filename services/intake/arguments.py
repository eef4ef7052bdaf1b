"""The words of ``python -m intake``; what each does is in ``__main__``.

They import nothing of what the commands need, so that a command starts in half the time
(docs/decisions/0081). Start at ``parsed``.
"""

import argparse
from pathlib import Path
from typing import Any


def parsed(description: str | None) -> argparse.Namespace:
    return parser_for(description).parse_args()


def parser_for(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m intake", description=description)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("migrate", help="bring the database's schema up to date")
    user = commands.add_parser("user-add", help="make an account")
    user.add_argument("user", help="sign-in name")
    user.add_argument("--name", required=True, help="as shown on papers")
    user.add_argument(
        "--roles",
        required=True,
        help="clerk,certifier, …: see intake.domain.people.Role",
    )
    user.add_argument("--agency", required=True, help="code, H99.42.05.13")
    user.add_argument("--officer", help="id in the agencies file, for a certifier")
    user.add_argument("--password-file", type=Path, help="instead of stdin")
    commands.add_parser("users-add", help="make several accounts; a JSON list on stdin")
    verify = commands.add_parser("audit-verify", help="read the staff's audit once")
    verify.add_argument(
        "--noted", metavar="ROWS:HEAD", help="a head from before, still to be in it"
    )
    skip = commands.add_parser("register-skip", help="declare lines lost")
    skip.add_argument("--book", required=True, help="H99.42.05.13/E/2026")
    skip.add_argument("--through", type=int, required=True, help="last lost number")
    skip.add_argument("--reason", required=True, help="a sentence, for the register")
    skip.add_argument("--by", required=True, help="the operator's name, for the audit")
    _add_dead_words(commands)
    commands.add_parser("retention", help="what is removed when, and how much there is")
    books = commands.add_parser("reconcile", help="what the desk knows, as JSON")
    books.add_argument(
        "--announce", nargs="+", metavar="ENTRY", help="publish these orders again"
    )
    return parser


def _add_dead_words(commands: Any) -> None:
    """``dead`` and its words below *commands* of argparse."""
    dead = commands.add_parser("dead", help="letters that a consumer could not read")
    words = dead.add_subparsers(dest="act", required=True)
    words.add_parser("list", help="every letter that the bus still has")
    for act, text in (
        ("show", "one letter with its first bytes"),
        ("replay", "hand a letter to its consumer again"),
        ("dismiss", "write down that nothing is to be done about it"),
    ):
        word = words.add_parser(act, help=text)
        word.add_argument("number", type=int)
        if act != "show":
            word.add_argument("--why", default="", help="for the audit")
