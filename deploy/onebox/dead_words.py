"""``ecopy dead list|show|replay|dismiss``: letters that a consumer could not read.

Intake's own command does it, on the bus and the database of a house that is up. Start
at ``add_words``.
"""

import argparse
import subprocess
from typing import Any

from onebox import programs, settings
from onebox.upkeep import check_database, places_of


def add_words(commands: Any, command: Any) -> None:
    """``dead`` below *commands*; *command* makes a word with the options of all."""
    dead = commands.add_parser("dead", help="letters that a consumer could not read")
    words = dead.add_subparsers(required=True, metavar="command")
    for name, text in (
        ("list", "every letter that the bus still has"),
        ("show", "one letter with its first bytes"),
        ("replay", "hand a letter to its consumer again"),
        ("dismiss", "write down that nothing is to be done about it"),
    ):
        word = command(words, name, run, text)
        word.set_defaults(word=name)
        if name != "list":
            word.add_argument("number", type=int)
        if name in {"replay", "dismiss"}:
            word.add_argument("--why", default="", help="for the audit")


def run(needs: argparse.Namespace) -> int:
    """Exit status: 0 done, 1 refused or no such letter, 3 the bus does not answer."""
    places, ports = places_of(needs)
    check_database(places, "intake")
    number = (str(needs.number),) if "number" in needs else ()
    why = ("--why", needs.why) if "why" in needs else ()
    done = subprocess.run(  # noqa: S603 - our own program
        (settings.python(), "-m", "intake", "dead", needs.word, *number, *why),
        env=settings.for_child(programs.environment("intake", places, ports)),
        check=False,
    )
    return done.returncode
