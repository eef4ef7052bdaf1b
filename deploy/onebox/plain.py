"""What the onebox says to a person: progress, and one plain sentence when it cannot."""

import contextlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from chassis.starting import CannotStart


def say(line: str = "", *, end: str = "\n") -> None:
    """Never raises where nobody hears it any more, a closed pipe or a full disk: no
    words may end what keeps the house up.
    """
    _print(line, sys.stdout, end)


def complain(error: CannotStart) -> None:
    _print(f"\n{error.vi}\n{error.en}", sys.stderr, "\n")


def _print(line: str, stream: TextIO, end: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # ValueError: closed on our side
        print(line, file=stream, end=end, flush=True)


@dataclass(slots=True)
class Steps:
    """``[2/7] Máy chủ sự kiện · bus server … 0.4 s``, a line as each one ends."""

    total: int
    done: int = 0

    @contextmanager
    def step(self, vi: str, en: str) -> Iterator[None]:
        self.done += 1
        started = time.monotonic()
        say(f"[{self.done}/{self.total}] {vi} · {en} …", end=" ")
        yield
        say(f"{time.monotonic() - started:.1f} s")
