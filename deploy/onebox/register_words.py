"""``ecopy register skip``: lines of the register that are lost, as an operator says.

Intake's own command does it; here it is given its settings, and the name of who typed.
"""

import argparse
import getpass
import subprocess
from typing import Any

from onebox import programs, settings
from onebox.upkeep import check_database, places_of
from onebox.ward import AGENCY_CODE

SKIP = "declare lines lost, where no newer backup of the register exists"


def add_words(commands: Any, command: Any) -> None:
    """*command* makes one word with the options that all words of ``ecopy`` have."""
    book = commands.add_parser("register", help="the book of numbers").add_subparsers(
        required=True, metavar="command"
    )
    skip_of = command(book, "skip", skip, SKIP)
    skip_of.add_argument("--through", type=int, required=True, metavar="N")
    skip_of.add_argument("--book", required=True, help=f"{AGENCY_CODE}/E/2026")
    skip_of.add_argument("--reason", required=True, help="a sentence, for the register")
    skip_of.add_argument("--by", default="", help="your name; else the account's")


def skip(needs: argparse.Namespace) -> int:
    """Exit status 0: declared; 3: nothing was recorded, and why."""
    places, ports = places_of(needs)
    check_database(places, "intake")
    done = subprocess.run(  # noqa: S603 - our own program
        (
            *(settings.python(), "-m", "intake", "register-skip"),
            *("--book", needs.book, "--through", str(needs.through)),
            *("--reason", needs.reason, "--by", needs.by or getpass.getuser()),
        ),
        env=settings.for_child(programs.environment("intake", places, ports)),
        check=False,
    )
    return done.returncode
