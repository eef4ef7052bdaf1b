"""``ecopy retention``: what is removed when, how much there is of it now, and what the
next purge removes. Each service says it of its own things; here are the logs.
"""

import argparse
import subprocess
from typing import Any

from onebox import programs, rotation, settings
from onebox.places import SERVICES
from onebox.plain import say
from onebox.upkeep import check_database, places_of


def add_words(commands: Any, command: Any) -> None:
    """``retention`` below *commands*; *command* makes a word of ``ecopy``."""
    command(commands, "retention", run, "what is removed when, and how much there is")


def run(needs: argparse.Namespace) -> int:
    """Exit status: 0 all was said, else that of the service that could not."""
    places, ports = places_of(needs)
    status = 0
    for name in SERVICES:
        check_database(places, name)
        done = subprocess.run(  # noqa: S603 - our own program
            (settings.python(), "-m", name, "retention"),
            env=settings.for_child(programs.environment(name, places, ports)),
            check=False,
        )
        status = status or done.returncode
    for line in rotation.report(places):
        say(line)
    return status
