"""Kill −9 at a named durable step, so that each one can be tried."""

import os
import signal

_armed: str | None = None


def arm(point: str | None) -> None:
    """End this process without a word when *point* is reached. Tests only."""
    global _armed  # noqa: PLW0603 - one process, one place to die
    _armed = point or None


def reached(point: str) -> None:
    """Name a durable step: everything before it is on disk, nothing after it is."""
    if point == _armed:
        os.kill(os.getpid(), signal.SIGKILL)
