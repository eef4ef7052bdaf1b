"""What the onebox says to a person: progress, and one plain sentence when it cannot."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


class CannotError(Exception):
    """It cannot go on: what happened, to what, and what to do next."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi = vi
        self.en = en

    def __str__(self) -> str:
        return f"{self.vi}\n{self.en}"


def say(line: str = "") -> None:
    print(line, flush=True)


def complain(error: CannotError) -> None:
    print(f"\n{error}", file=sys.stderr, flush=True)


@dataclass(slots=True)
class Steps:
    """``[2/7] Máy chủ sự kiện · bus server … 0.4 s``, a line as each one ends."""

    total: int
    done: int = 0

    @contextmanager
    def step(self, vi: str, en: str) -> Iterator[None]:
        self.done += 1
        started = time.monotonic()
        print(f"[{self.done}/{self.total}] {vi} · {en} …", end=" ", flush=True)
        yield
        say(f"{time.monotonic() - started:.1f} s")
