"""Temporary files and folders that killed processes have left behind.

A folder's name says whose it is: the process of that number is gone, or this one has
begun after it. A file on its way into a bucket may be another container's, whose
processes cannot be seen from here, so there only its age tells.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from chassis.objects import INCOMING
from chassis.retention import Amount
from chassis.temporary import KINDS, STARTED


class DeadFolders:
    """``retention.Holding``: folders of processes that are gone, with citizens' pages
    in them. Their time is over at once, whatever their age.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._root = root or Path(tempfile.gettempdir())

    async def amount(self, before: datetime | None) -> Amount:  # noqa: ARG002 - at once
        dead = list(self._dead())
        return Amount(len(dead), _oldest(dead), len(dead))

    async def remove(self, before: datetime, most: int) -> int:  # noqa: ARG002
        dead = list(self._dead())[:most]
        for folder in dead:
            shutil.rmtree(folder, ignore_errors=True)
        return sum(not folder.exists() for folder in dead)

    def _dead(self) -> Iterator[Path]:
        for kind in KINDS:
            for folder in self._root.glob(f"{kind}-*-*"):
                number = folder.name.removeprefix(f"{kind}-").partition("-")[0]
                if number.isdecimal() and _gone(folder, int(number)):
                    yield folder


class OldIncoming:
    """``retention.Holding``: files on their way into a bucket, or to be checked, that
    nobody writes any more. One that is being written is seconds old.
    """

    def __init__(self, folder: Path, names: str = "*") -> None:
        self._folder = folder
        self._names = names

    @classmethod
    def of_bucket(cls, url: str) -> "OldIncoming":
        """What is on its way into a directory store, or, for another kind of store,
        into its spool on this machine.
        """
        scheme, _, path = url.partition(":")
        if scheme == "file":
            return cls(Path(path) / INCOMING)
        return cls.of_spool(None)

    @classmethod
    def of_spool(cls, folder: Path | None) -> "OldIncoming":
        """What ``objects.spool`` writes there, or in the machine's own place."""
        return cls(folder or Path(tempfile.gettempdir()), "incoming-*")

    async def amount(self, before: datetime | None) -> Amount:
        files = list(self._older(None))
        due = list(self._older(before)) if before is not None else []
        size = sum(_stat(file).st_size for file in files if file.exists())
        return Amount(len(files), _oldest(files), len(due), size)

    async def remove(self, before: datetime, most: int) -> int:
        old = list(self._older(before))[:most]
        for file in old:
            # Read-only here: then the service that writes this bucket removes it.
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)
        return sum(not file.exists() for file in old)

    def _older(self, before: datetime | None) -> Iterator[Path]:
        for file in self._folder.glob(self._names):
            with contextlib.suppress(OSError):
                facts = file.lstat()
                old = before is None or facts.st_mtime < before.timestamp()
                if old and facts.st_uid == os.getuid() and file.is_file():
                    yield file


def _gone(folder: Path, process: int) -> bool:
    with contextlib.suppress(OSError):
        facts = folder.lstat()
        if facts.st_uid != os.getuid():
            return False
        if process == os.getpid():
            return facts.st_mtime < STARTED  # the same number in an earlier life
        return not Path(f"/proc/{process}").exists()
    return False


def _oldest(paths: list[Path]) -> datetime | None:
    times = [_stat(path).st_mtime for path in paths if path.exists()]
    return datetime.fromtimestamp(min(times), UTC) if times else None


def _stat(path: Path) -> os.stat_result:
    return path.lstat()
