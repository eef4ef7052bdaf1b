"""Temporary files and folders that killed processes have left behind.

Whatever is in use is locked (``chassis.temporary``): what nobody has a lock on may go,
whosever it was. A folder's name must say that its process is gone, too: one of an
earlier version has no lock.
"""

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from chassis.objects import INCOMING
from chassis.retention import Amount
from chassis.temporary import KINDS, STARTED, nobodys


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
            with nobodys(folder) as free:
                if free:
                    _remove(folder)
        return sum(not folder.exists() for folder in dead)

    def _dead(self) -> Iterator[Path]:
        for kind in KINDS:
            for folder in self._root.glob(f"{kind}-*-*"):
                number = folder.name.removeprefix(f"{kind}-").partition("-")[0]
                if number.isdecimal() and _gone(folder, int(number)):
                    yield folder


class DeadFiles:
    """``retention.Holding``: files that were on their way into a bucket, or to be
    checked, when their process died. Their time is over at once, too.
    """

    def __init__(self, folder: Path, names: str = "*") -> None:
        self._folder = folder
        self._names = names

    @classmethod
    def of_bucket(cls, url: str) -> "DeadFiles":
        """What is on its way into a directory store, or, for another kind of store,
        into its spool on this machine.
        """
        scheme, _, path = url.partition(":")
        if scheme == "file":
            return cls(Path(path) / INCOMING)
        return cls.of_spool(None)

    @classmethod
    def of_spool(cls, folder: Path | None) -> "DeadFiles":
        """What ``objects.spool`` writes there, or in the machine's own place."""
        return cls(folder or Path(tempfile.gettempdir()), "incoming-*")

    async def amount(self, before: datetime | None) -> Amount:  # noqa: ARG002 - at once
        files = list(self._files())
        due = [file for file in files if _is_nobodys(file)]
        size = sum(_stat(file).st_size for file in files if file.exists())
        return Amount(len(files), _oldest(files), len(due), size)

    async def remove(self, before: datetime, most: int) -> int:  # noqa: ARG002
        dead = [file for file in self._files() if _is_nobodys(file)][:most]
        for file in dead:
            # Read-only here: then the service that writes this bucket removes it.
            with contextlib.suppress(OSError), nobodys(file) as free:
                if free:
                    file.unlink(missing_ok=True)
        return sum(not file.exists() for file in dead)

    def _files(self) -> Iterator[Path]:
        for file in self._folder.glob(self._names):
            with contextlib.suppress(OSError):
                facts = file.lstat()
                if facts.st_uid == os.getuid() and stat.S_ISREG(facts.st_mode):
                    yield file


def _gone(folder: Path, process: int) -> bool:
    """No such process can be seen here, and none elsewhere has the folder locked."""
    with contextlib.suppress(OSError):
        facts = folder.lstat()
        if facts.st_uid != os.getuid():
            return False
        # This process's own number may be that of an earlier life.
        alive = Path(f"/proc/{process}").exists()
        if process == os.getpid():
            alive = facts.st_mtime >= STARTED
        return not alive and _is_nobodys(folder)
    return False


def _is_nobodys(path: Path) -> bool:
    with nobodys(path) as free:
        return free


def _remove(folder: Path) -> None:
    """Whatever a worker left in it, also folders that it has closed to us."""
    for root, names, _ in os.walk(folder):
        for name in names:
            inner = Path(root, name)
            if not inner.is_symlink():
                with contextlib.suppress(PermissionError):
                    inner.chmod(stat.S_IRWXU)
    shutil.rmtree(folder, ignore_errors=True)


def _oldest(paths: list[Path]) -> datetime | None:
    times = [_stat(path).st_mtime for path in paths if path.exists()]
    return datetime.fromtimestamp(min(times), UTC) if times else None


def _stat(path: Path) -> os.stat_result:
    return path.lstat()
