"""``ecopy demo`` in a process of its own, as a person starts it."""

import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chassis.starting import CannotStart
from onebox.places import Ports, check_free
from onebox.settings import for_child
from support.servers import FIRST_PORT, LAST_PORT

STORY_SECONDS = 600
"""A first demo takes 20 s on two quiet cores; ten times that was seen on busy ones."""


@dataclass
class Once:
    """A first ``ecopy demo --once``; it has ended."""

    var: Path
    port: int
    done: subprocess.CompletedProcess
    open_after: list[Path]
    """What other accounts of the machine could read or write when it had ended."""


def demo_once(var: Path) -> Once:
    port = six_free_ports()
    done = run([*ecopy(var, port), "demo", "--once"])
    return Once(var, port, done, open_to_others(var))


def run(command: list[str]) -> subprocess.CompletedProcess:
    return subprocess.run(
        command,
        env=for_child({}),
        capture_output=True,
        text=True,
        timeout=STORY_SECONDS,
        check=False,
    )


def open_to_others(var: Path) -> list[Path]:
    everything = [var, *var.rglob("*")]
    return [path for path in everything if path.lstat().st_mode & 0o077]


def ecopy(var: Path, port: int) -> list[str]:
    return [sys.executable, "-m", "onebox", "--var", str(var), "--port", str(port)]


def six_free_ports() -> int:
    """The first of six in a row, each as ``free_port`` gives one."""
    while True:
        first = random.SystemRandom().randrange(FIRST_PORT, LAST_PORT)
        try:
            check_free(Ports.starting_at(first))
        except CannotStart:
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
