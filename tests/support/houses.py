"""``ecopy demo`` in a process of its own, as a person starts it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from chassis.starting import CannotStart
from onebox.places import Ports, check_free
from support.servers import free_port


def ecopy(var: Path, port: int) -> list[str]:
    return [sys.executable, "-m", "onebox", "--var", str(var), "--port", str(port)]


def six_free_ports() -> int:
    """The first of them."""
    while True:
        first = free_port()
        try:
            check_free(Ports.starting_at(first))
        except (CannotStart, OverflowError):
            continue
        return first


def announcements(process: subprocess.Popen) -> Iterator[tuple[str, str]]:
    """Word before the colon and rest of each line, until it stays up; all that it
    printed in the failure if it does not.
    """
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        word, colon, rest = line.rstrip("\n").partition(": ")
        if colon:
            yield word, rest
        if line.startswith("Ctrl-C"):
            return
    raise AssertionError("".join(lines))
