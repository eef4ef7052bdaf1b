"""A directory that a network scanner writes to, on a file system of this machine.

What lies there was put there by whoever may write to a share: no link is followed, and
nothing but a plain file is opened. Which files count is in ``folder_files``. Start at
``DirectoryHotFolder.look``.
"""

import asyncio
import contextlib
import errno
import fcntl
import hashlib
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final, TypeVar

from intake.adapters.folder_files import ASIDE, as_seen, files_in, folders_in
from intake.adapters.rebuild import sniff
from intake.domain.arrivals import SeenFile
from intake.domain.scan import ScanFault
from intake.ports.inbox import FileMoved, FileUnreadable, FolderAway, FolderClosed

T = TypeVar("T")

CHUNK: Final = 1 << 20
READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def check_usable(root: Path) -> None:
    """Raises NotADirectoryError, or another OSError where files in it cannot be read,
    made and removed.
    """
    if not root.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "not a directory", str(root))
    if not os.access(root, os.R_OK | os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(root))


class DirectoryHotFolder:
    """``ports.inbox.HotFolder``."""

    def __init__(self, name: str, agency: str, root: Path) -> None:
        self._name, self._agency, self._root = name, agency, root

    @property
    def name(self) -> str:
        return self._name

    @property
    def agency(self) -> str:
        return self._agency

    async def look(self) -> tuple[SeenFile, ...]:
        try:
            return await asyncio.to_thread(lambda: tuple(self._seen()))
        except OSError as error:
            raise FolderAway(str(error)) from error

    def origin(self, seen: SeenFile) -> str:
        told = (seen.device, seen.inode, seen.size, seen.modified_ns, seen.changed_ns)
        path = os.fsencode(self._path(seen))
        return hashlib.sha256(path + repr(told).encode()).hexdigest()

    async def fault(self, seen: SeenFile) -> str:
        return await asyncio.to_thread(self._fault, seen)

    async def content(self, seen: SeenFile) -> AsyncIterator[bytes]:
        fd = await asyncio.to_thread(self._open, seen)
        try:
            while chunk := await asyncio.to_thread(_read, fd):
                yield chunk
            await asyncio.to_thread(self._check, seen, fd)
        finally:
            os.close(fd)

    async def check_same(self, seen: SeenFile, sha256: str) -> None:
        await asyncio.to_thread(self._check_same, seen, sha256)

    async def remove(self, seen: SeenFile) -> bool:
        return await asyncio.to_thread(self._remove, seen)

    async def move_aside(self, seen: SeenFile, words: str) -> None:
        await asyncio.to_thread(self._move_aside, seen, words)

    def _seen(self) -> Iterator[SeenFile]:
        """Files of the folder and of the folders in it, the oldest first."""
        found = list(files_in(self._root, ""))
        for folder in folders_in(self._root):
            found += files_in(self._root / folder, folder)
        yield from sorted(found, key=lambda seen: (seen.modified_ns, seen.name))

    def _path(self, seen: SeenFile) -> Path:
        return self._root / seen.sender / seen.name

    def _open(self, seen: SeenFile) -> int:
        try:
            fd = os.open(self._path(seen), READ)
        except FileNotFoundError as error:
            raise FileMoved from error
        except OSError as error:
            raise FileUnreadable(str(error)) from error
        try:
            self._check(seen, fd)
        except BaseException:
            os.close(fd)
            raise
        return fd

    def _check(self, seen: SeenFile, fd: int) -> None:
        """Raises FileMoved unless the open file and the one of that name are *seen*,
        and nobody writes it.
        """
        here = as_seen(seen.sender, seen.name, os.fstat(fd))
        if here != seen or self._now(seen) != seen or _has_writer(fd):
            raise FileMoved

    def _now(self, seen: SeenFile) -> SeenFile | None:
        try:
            found = self._path(seen).lstat()
        except FileNotFoundError:
            return None
        return as_seen(seen.sender, seen.name, found)

    def _fault(self, seen: SeenFile) -> str:
        os.close(self._open(seen))
        try:
            kind = sniff.media_type(self._path(seen))
        except FileNotFoundError as error:
            raise FileMoved from error
        except OSError as error:
            raise FileUnreadable(str(error)) from error
        return "" if kind else ScanFault.UNKNOWN_TYPE

    def _check_same(self, seen: SeenFile, sha256: str) -> None:
        fd = self._open(seen)
        digest = hashlib.sha256()
        try:
            while chunk := _read(fd):
                digest.update(chunk)
            self._check(seen, fd)
        finally:
            os.close(fd)
        if digest.hexdigest() != sha256:
            raise FileMoved

    def _remove(self, seen: SeenFile) -> bool:
        if self._now(seen) != seen:
            return False
        with _closed():
            self._path(seen).unlink(missing_ok=True)
        return True

    def _move_aside(self, seen: SeenFile, words: str) -> None:
        with _closed():
            aside = self._root / ASIDE
            aside.mkdir(exist_ok=True)
            if self._now(seen) == seen:
                self._link_aside(seen, aside, words)

    def _link_aside(self, seen: SeenFile, aside: Path, words: str) -> None:
        # A link, not a rename: it never takes the place of a file that lies there. A
        # crash between the steps leaves the file under both names, and the next look
        # moves it aside once more.
        place = _free(aside, seen.name)
        note = aside / f"{place.name}.txt"
        note.write_text(words, "utf-8")
        try:
            os.link(self._path(seen), place, follow_symlinks=False)
        except OSError as error:
            if error.errno not in {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}:
                raise
            # A file system without links: FAT, or some that come over the network.
            self._path(seen).rename(place)
            return
        self._path(seen).unlink()


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, CHUNK)
    except OSError as error:
        raise FileUnreadable(str(error)) from error


def _has_writer(fd: int) -> bool:
    """Whether a process of this machine has the file open for writing, as far as the
    kernel says: it gives a read lease only where nobody has (fcntl(2)). It gives none
    for a file of another owner without CAP_LEASE, nor on most network file systems;
    there the time without a change has to do.
    """
    try:
        # A writer that comes while the lease lasts would send SIGIO, which ends a
        # process; SIGURG is one that is ignored.
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def _free(folder: Path, name: str) -> Path:
    """A path in *folder* that nothing has, nor a note beside it."""
    stem, dot, ending = name.rpartition(".")
    for number in range(1, 10_000):
        tried = name if number == 1 else f"{stem or name} ({number}){dot}{ending}"
        if not os.path.lexists(folder / tried):
            return folder / tried
    raise FileExistsError(errno.EEXIST, "ten thousand files of one name", name)


@contextlib.contextmanager
def _closed() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FolderClosed(str(error)) from error
