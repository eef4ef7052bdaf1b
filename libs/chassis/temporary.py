"""Temporary files and folders that are locked as long as they are in use.

The kernel lets go of a lock when its process dies, however it dies, and shows it to
every process of this machine, also in other containers that share the place. So what a
killed process has left behind can be told from what is in use (``chassis.leftovers``).
"""

import contextlib
import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

KINDS: Final = ("rebuild", "signatures", "verdicts", "handouts", "ecopy-object")
"""First words of the names of folders; then comes the number of the process, as it is
counted where that process lives."""
STARTED: Final = time.time()
"""Seconds since 1970: nothing of this process is older."""


class Folder:
    """An empty folder, below the machine's place for temporary files."""

    def __init__(self, kind: str) -> None:
        if kind not in KINDS:
            raise ValueError(kind)
        prefix = f"{kind}-{os.getpid()}-"
        self._folder, self._lock = _locked(
            # A worker with an account of its own may have made folders in it that are
            # closed to us: they are no trouble of whoever waits for the answer.
            lambda: tempfile.TemporaryDirectory(
                prefix=prefix, ignore_cleanup_errors=True
            )
        )
        self.path = Path(self._folder.name)

    def remove(self) -> None:
        """With whatever is in it."""
        self._folder.cleanup()
        os.close(self._lock)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.remove()


def file(prefix: str, directory: Path | None) -> tuple[int, Path]:
    """A new, empty file and a handle to write it, which locks it until it is closed.

    None: the machine's own place for temporary files.
    """
    while True:
        handle, name = tempfile.mkstemp(prefix=prefix, dir=directory)
        if _taken(handle, name):
            return handle, Path(name)


@contextlib.contextmanager
def nobodys(path: Path) -> Iterator[bool]:
    """Whether no living process uses it; if so, none can begin to meanwhile."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        yield False
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        free = True
    except OSError:
        free = False
    try:
        yield free
    finally:
        os.close(handle)


def _locked(
    make: Callable[[], "tempfile.TemporaryDirectory[str]"],
) -> "tuple[tempfile.TemporaryDirectory[str], int]":
    while True:
        folder = make()
        with contextlib.suppress(FileNotFoundError):
            handle = os.open(folder.name, os.O_RDONLY | os.O_DIRECTORY)
            if _taken(handle, folder.name):
                return folder, handle
        folder.cleanup()


def _taken(handle: int, name: str) -> bool:
    """Lock it, or close it: a sweep may have come between its making and its lock, and
    then it is gone.
    """
    fcntl.flock(handle, fcntl.LOCK_EX)
    if Path(name).exists():
        return True
    os.close(handle)
    return False
