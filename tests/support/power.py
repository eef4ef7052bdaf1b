"""A power cut, by its effect: what was never flushed is gone.

POSIX promises no more than this: a file has the bytes that it had at its last fsync, a
folder has the names that it had at its own. File systems usually keep more, which is
why only a simulation shows a flush that is missing.
"""

import os
import stat
import threading
from pathlib import Path

import pytest

Inode = tuple[int, int]


class Disk:
    """What is durable below one folder, followed through the calls that flush.

    The calls themselves go on to the system. What stands there at the beginning counts
    as flushed long ago.
    """

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._root = root
        self._files: dict[Inode, bytes] = {}
        self._folders: dict[Inode, dict[str, Inode]] = {}
        self._lock = threading.Lock()
        self.named_too_soon: list[str] = []
        """Names given to a file before the disk had its bytes: at a cut between the two
        a reader would find an object that is empty or half."""
        for folder, _, names in os.walk(root):
            self._flush_path(Path(folder))
            for name in names:
                self._flush_path(Path(folder) / name)
        for call in ("fsync", "fdatasync"):
            monkeypatch.setattr(os, call, self._flushing(getattr(os, call)))
        for call in ("link", "rename", "replace"):
            monkeypatch.setattr(os, call, self._naming(getattr(os, call)))

    def left(self) -> dict[str, bytes]:
        """The files that a cut at this moment leaves, by path below the root."""
        with self._lock:
            return dict(self._below(_inode(self._root.stat()), ""))

    def _below(self, folder: Inode, path: str):
        for name, inode in self._folders.get(folder, {}).items():
            if inode in self._folders:
                yield from self._below(inode, f"{path}{name}/")
            elif inode in self._files:
                yield f"{path}{name}", self._files[inode]

    def _flushing(self, call):
        def flush(file) -> None:
            call(file)
            self._flushed(file if isinstance(file, int) else file.fileno())

        return flush

    def _naming(self, call):
        def name(source, target, *rest, **more) -> None:
            with self._lock:
                durable = self._files.get(_inode(Path(source).stat()))
            if durable != Path(source).read_bytes():
                self.named_too_soon.append(Path(target).name)
            call(source, target, *rest, **more)

        return name

    def _flush_path(self, path: Path) -> None:
        fd = os.open(path, os.O_RDONLY)
        try:
            self._flushed(fd)
        finally:
            os.close(fd)

    def _flushed(self, fd: int) -> None:
        known = os.fstat(fd)
        if stat.S_ISDIR(known.st_mode):
            # Read under the lock: of two threads that flush one folder, the one that
            # read it first could else note its names last, and forget the other's.
            with self._lock:
                self._folders[_inode(known)] = _names(fd)
            return
        content = Path(f"/proc/self/fd/{fd}").read_bytes()
        with self._lock:
            self._files[_inode(known)] = content


def _names(folder: int) -> dict[str, Inode]:
    return {
        entry.name: _inode(entry.stat(follow_symlinks=False))
        for entry in os.scandir(folder)
    }


def _inode(known: os.stat_result) -> Inode:
    return known.st_dev, known.st_ino
