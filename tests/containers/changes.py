"""What an operator and the world do to a house that runs, one function for each.

All of them return when every room is healthy again. Start at ``CHANGES``.
"""

import os
import signal
from collections.abc import Callable
from typing import Final

from containers.rooms import ROOMS, Tried
from containers.trial import Trial

Change = Callable[[Trial], None]
MORE: Final = ("signing=3", "storage=2", "intake=2")
ONE: Final = ("signing=1", "storage=1", "intake=1")
FLAGS: Final = """
import fcntl, os, struct, sys
both, total, without = 0x10008, 0, 0
for folder, _, _ in os.walk("/data/objects"):
    opened = os.open(folder, os.O_RDONLY)
    flags = struct.unpack("l", fcntl.ioctl(opened, 0x80086601, struct.pack("l", 0)))[0]
    if sys.argv[1] == "clear":
        fcntl.ioctl(opened, 0x40086602, struct.pack("l", flags & ~both))
    total, without = total + 1, without + (flags & both != both)
    os.close(opened)
print(total, without)
"""


def scale_up(trial: Trial) -> None:
    _scale(trial, MORE)


def scale_down(trial: Trial) -> None:
    _scale(trial, ONE)


def restart_one_by_one(trial: Trial) -> None:
    for room in ROOMS:
        trial.compose("restart", "--timeout", "15", room)
        trial.up()


def kill_one_by_one(trial: Trial) -> None:
    """The first process of each container, from outside: compose's own ``kill`` counts
    as a stop that was wanted, after which nothing starts it again."""
    for room in ROOMS:
        for container in trial.containers(room):
            os.kill(trial.pid(container), signal.SIGKILL)
        trial.up()


def go_down_and_up(trial: Trial) -> None:
    trial.compose("down", "--timeout", "15")
    trial.up()


CHANGES: Final[tuple[Change, ...]] = (
    scale_up,
    scale_down,
    restart_one_by_one,
    kill_one_by_one,
)
"""Under load; the way down and up needs a house without load."""


def restored(trial: Trial) -> list[Tried]:
    """The store's directories without their flags, as a restore leaves them, and then
    what provision makes of them."""
    _flags(trial, "clear")
    _, before = _flags(trial, "look")
    trial.compose("run", "--rm", "-T", "provision")
    total, after = _flags(trial, "look")
    return [
        ("a restore leaves directories without flags", before == total > 0),
        (f"provision sets them in all {total}", after == 0),
    ]


def _flags(trial: Trial, act: str) -> tuple[int, int]:
    """How many directories the store has, and how many of them without flags."""
    words = ("run", "--rm", "--no-deps", "-T", "provision", "python", "-c", FLAGS, act)
    total, without = trial.compose(*words).stdout.split()[-2:]
    return int(total), int(without)


def _scale(trial: Trial, sizes: tuple[str, ...]) -> None:
    options = [word for size in sizes for word in ("--scale", size)]
    trial.up("--no-recreate", *options)
