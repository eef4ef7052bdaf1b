"""Object stores behind one promise: a key is written once, durably, or not at all.

``DirectoryObjects`` (one machine) is here, ``chassis.s3.S3Objects`` speaks to any S3
server; ``tests/contract/test_objects.py`` holds both to the same promises.
"""

import asyncio
import contextlib
import errno
import hashlib
import mmap
import os
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeVar

from chassis.settings import ObjectsSettings
from ecopy.refusals import Hindrance, Trouble

T = TypeVar("T")
CHUNK: Final = 1 << 20
THREADS: Final = 4
ALIGNMENT: Final = 4096
"""Of O_DIRECT buffers, lengths and offsets: every file system we know takes it."""
O_DIRECT: Final[int] = getattr(os, "O_DIRECT", 0)
"""Zero where the system has none: the same code then goes through the page cache."""
RACERS: Final = 32
"""Of the self-test."""
SELF_TEST: Final = "self-test"
INCOMING: Final = ".incoming"
NO_OBJECTS: Final = frozenset({SELF_TEST, INCOMING})
MOST_FLUSHED: Final = 10_000
"""Folders that a store remembers: about 3 MB; a forgotten one is flushed once more."""
SEGMENT_BYTES: Final = 200
"""Of a key: servers refuse longer path segments."""


@dataclass(frozen=True, slots=True)
class Source:
    """Content to be read piece by piece: a file is never held, nor mapped (mapped
    pages count as this process's memory, and one that is cut meanwhile kills it).
    """

    size: int
    read: Callable[[int, int], bytes | memoryview]
    """(start, length) → exactly so many bytes."""
    path: Path | None = None
    """Of a file."""


Content = bytes | bytearray | memoryview | mmap.mmap | Path | Source


class Missing(Exception):  # noqa: N818 - the store's plain answer
    """There is no object under this key."""


class Incoming(Protocol):
    """A file that is arriving: hashed and counted while it is written."""

    @property
    def sha256(self) -> str:
        """Of what was written so far; lower-case hex."""

    @property
    def size(self) -> int:
        """Bytes so far."""

    async def write(self, chunk: bytes) -> None: ...
    def path(self) -> Path:
        """The bytes so far, on this machine; gone when the context ends."""

    async def keep(self, key: str) -> bool:
        """Store under *key*; False if the key existed and nothing was changed."""


class Objects(Protocol):
    """One bucket. Every method raises Trouble(STORE) when the store does not answer."""

    async def put(self, key: str, content: Content) -> bool:
        """MUST be conditional and durable: True if this call made the object, False
        if the key existed (its bytes are untouched). MUST NOT replace anything.
        """
        ...

    async def get(self, key: str) -> bytes:
        """Raises Missing."""
        ...

    async def size(self, key: str) -> int | None:
        """Bytes, or None if there is no such object."""
        ...

    async def equals(self, key: str, content: Content) -> bool:
        """Read back from the store itself and compare bit by bit. Raises Missing."""
        ...

    def stream(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Bytes ``start <= i < end``, in chunks. Raises Missing."""
        ...

    def local(self, key: str) -> AbstractAsyncContextManager[Path]:
        """A file on this machine to read only, while the context lasts. Raises
        Missing.
        """
        ...

    def incoming(self) -> AbstractAsyncContextManager[Incoming]:
        """Take in bytes whose digest, hence key, is known only at their end."""
        ...

    async def delete(self, key: str) -> None:
        """Harmless if there is no such object."""
        ...

    async def any(self) -> bool:
        """Whether it has an object: what a self-test left behind does not count."""
        ...

    async def self_test(self) -> None:
        """Prove the conditional put against this very store; raises Trouble."""
        ...


def check_key(key: str) -> str:
    """Keys are ours, never a person's text; a wrong one is a fault of ours."""
    parts = key.split("/")
    if any(p in ("", ".", "..") or len(p.encode()) > SEGMENT_BYTES for p in parts):
        raise ValueError(f"not an object key: {key!r}")
    return key


class Spool:
    """An ``Incoming`` in a temporary file: memory does not grow with its size."""

    def __init__(
        self, directory: Path | None, keep: Callable[[str, Path], bool]
    ) -> None:
        fd, name = tempfile.mkstemp(prefix="incoming-", dir=directory)
        self._file = os.fdopen(fd, "wb", buffering=0)
        self._path = Path(name)
        self._hash = hashlib.sha256()
        self._keep = keep
        self._size = 0

    @property
    def size(self) -> int:
        return self._size

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def write(self, chunk: bytes) -> None:
        await asyncio.to_thread(self._append, chunk)

    def _append(self, chunk: bytes) -> None:
        with trouble():
            self._hash.update(chunk)
            self._file.write(chunk)
            self._size += len(chunk)

    def path(self) -> Path:
        return self._path

    async def keep(self, key: str) -> bool:
        return await asyncio.to_thread(self._keep, check_key(key), self._path)

    def discard(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


@contextlib.contextmanager
def trouble() -> Iterator[None]:
    """The operating system's "no" is trouble: the disk may have room tomorrow."""
    try:
        yield
    except OSError as error:
        raise Trouble(Hindrance.STORE, str(error.strerror)) from error


class DirectoryObjects:
    """Objects as plain files: O_EXCL temporary, fsync, ``link()``, fsync of the path.

    Writes and read-backs use O_DIRECT where the file system has it: 0.4–1.5 ms of CPU
    instead of 5–6.8 for 3.3 MB, and the read-back comes from the disk, not memory.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / INCOMING
        self._flushed: set[Path] = set()
        if not root.is_dir():
            make_durably(root)
        self._incoming.mkdir(exist_ok=True)
        self._threads = ThreadPoolExecutor(THREADS, "objects")

    async def put(self, key: str, content: Content) -> bool:
        return await self._call(self._put, check_key(key), content)

    async def get(self, key: str) -> bytes:
        return await self._call(self._get, check_key(key))

    async def size(self, key: str) -> int | None:
        return await self._call(self._size, check_key(key))

    async def equals(self, key: str, content: Content) -> bool:
        return await self._call(self._equals, check_key(key), content)

    async def stream(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        fd = await self._call(self._open, check_key(key))
        try:
            while start < end:
                length = min(CHUNK, end - start)
                chunk = await self._call(os.pread, fd, length, start)
                if not chunk:
                    raise Trouble(Hindrance.STORE, f"{key} is shorter than expected")
                yield chunk
                start += len(chunk)
        finally:
            os.close(fd)

    @contextlib.asynccontextmanager
    async def local(self, key: str) -> AsyncIterator[Path]:
        if await self.size(key) is None:
            raise Missing(key)
        yield self._root / key

    @contextlib.asynccontextmanager
    async def incoming(self) -> AsyncIterator[Incoming]:
        spool = Spool(self._incoming, self._adopt)
        try:
            yield spool
        finally:
            spool.discard()

    async def delete(self, key: str) -> None:
        await self._call(self._delete, check_key(key))

    async def any(self) -> bool:
        return await self._call(self._any)

    async def self_test(self) -> None:
        await conditional_put_test(self)

    async def _call(self, work: Callable[..., T], *args: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _troubled, work, *args)

    def _put(self, key: str, content: Content) -> bool:
        if (self._root / key).exists():
            return False  # spares the bytes; link() below is what decides
        fd, name = tempfile.mkstemp(prefix="put-", dir=self._incoming)
        temporary = Path(name)
        try:
            os.close(fd)
            with opened(content) as source:
                write_durably(temporary, source)
            return self._link(temporary, key)
        finally:
            temporary.unlink(missing_ok=True)

    def _adopt(self, key: str, arrived: Path) -> bool:
        with trouble():
            fd = os.open(arrived, os.O_RDONLY)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)
            return self._link(arrived, key)

    def _link(self, temporary: Path, key: str) -> bool:
        """The one step that decides: ``link`` fails if the name is taken."""
        final = self._root / key
        self._make_folders(final.parent)
        try:
            os.link(temporary, final)
        except FileExistsError:
            return False
        sync_directory(final.parent)
        return True

    def _make_folders(self, folder: Path) -> None:
        """That a folder is there says nothing of the disk: another thread, or a process
        that was killed, may have made it and not flushed its name yet.
        """
        if folder == self._root or folder in self._flushed:
            return
        self._make_folders(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_directory(folder.parent)
        if len(self._flushed) >= MOST_FLUSHED:
            self._flushed.clear()
        self._flushed.add(folder)

    def _open(self, key: str) -> int:
        try:
            return os.open(self._root / key, os.O_RDONLY)
        except FileNotFoundError as error:
            raise Missing(key) from error

    def _get(self, key: str) -> bytes:
        with open(self._open(key), "rb", buffering=0) as file:  # noqa: PTH123 - an fd
            return file.readall()

    def _size(self, key: str) -> int | None:
        try:
            return (self._root / key).stat().st_size
        except FileNotFoundError:
            return None

    def _equals(self, key: str, content: Content) -> bool:
        if self._size(key) is None:
            raise Missing(key)
        with opened(content) as source:
            return file_equals(self._root / key, source)

    def _any(self) -> bool:
        ours = (path for path in self._root.iterdir() if path.name not in NO_OBJECTS)
        return any(files for path in ours for _, _, files in os.walk(path))

    def _delete(self, key: str) -> None:
        path = self._root / key
        if path.exists():
            path.unlink(missing_ok=True)
            sync_directory(path.parent)


def _troubled(work: Callable[..., T], *args: object) -> T:
    with trouble():
        return work(*args)


@contextlib.contextmanager
def opened(content: Content) -> Iterator[Source]:
    """Any content as a source. A file that can not be read is Trouble(STORE)."""
    if isinstance(content, Source):
        yield content
        return
    if not isinstance(content, Path):
        view = memoryview(content)
        yield Source(len(view), lambda start, length: view[start : start + length])
        view.release()
        return
    with trouble():
        fd = os.open(content, os.O_RDONLY)
    try:
        yield Source(
            os.fstat(fd).st_size,
            lambda start, length: _pread(fd, start, length),
            content,
        )
    finally:
        os.close(fd)


def _pread(fd: int, start: int, length: int) -> bytes:
    with trouble():
        content = os.pread(fd, length, start)
    if len(content) != length:
        raise Trouble(Hindrance.STORE, "a file is shorter than when it was opened")
    return content


def write_durably(path: Path, source: Source) -> None:
    """Write *source* into an existing file and return when the disk has it."""
    try:
        fd = os.open(path, os.O_WRONLY | O_DIRECT)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        _write_buffered(path, source)
        return
    try:
        _write_direct(fd, source)
        os.ftruncate(fd, source.size)
        os.fsync(fd)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        _write_buffered(path, source)
    finally:
        os.close(fd)


def _pieces(size: int) -> Iterator[tuple[int, int]]:
    """(start, length) of each chunk."""
    for start in range(0, size, CHUNK):
        yield start, min(CHUNK, size - start)


_kept: Final = threading.local()


def _aligned() -> mmap.mmap:
    """A chunk that begins at a page; one for each thread that writes."""
    buffer: mmap.mmap | None = getattr(_kept, "buffer", None)
    if buffer is None:
        buffer = _kept.buffer = mmap.mmap(-1, CHUNK)
    return buffer


def _write_direct(fd: int, source: Source) -> None:
    """Through one page-aligned buffer; the tail is padded and cut off after."""
    with memoryview(_aligned()) as window:
        for start, length in _pieces(source.size):
            window[:length] = source.read(start, length)
            padded = -(-length // ALIGNMENT) * ALIGNMENT
            with window[:padded] as part:
                if os.pwrite(fd, part, start) != padded:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _write_buffered(path: Path, source: Source) -> None:
    with path.open("wb") as file:
        for start, length in _pieces(source.size):
            file.write(source.read(start, length))
        file.flush()
        os.fsync(file.fileno())


def file_equals(path: Path, source: Source) -> bool:
    """Compare with what the disk holds (not the page cache, where it can be told)."""
    if path.stat().st_size != source.size:
        return False
    try:
        fd = os.open(path, os.O_RDONLY | O_DIRECT)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        fd = os.open(path, os.O_RDONLY)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    try:
        return _equal(fd, source)
    finally:
        os.close(fd)


def _equal(fd: int, source: Source) -> bool:
    with memoryview(_aligned()) as window:
        for start, length in _pieces(source.size):
            if os.preadv(fd, [window], start) < length:
                return False
            if window[:length] != source.read(start, length):
                return False
    return True


def make_durably(folder: Path) -> None:
    """Make *folder*, and what lacks above it; return when the disk has their names."""
    if not folder.parent.is_dir():
        make_durably(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_directory(folder.parent)


def sync_directory(directory: Path) -> None:
    """A new name is durable only when its directory is."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


async def conditional_put_test(objects: Objects) -> None:
    """Many puts on one fresh key at once, and one after: the first wins, no other
    changes anything.
    """
    key = f"{SELF_TEST}/{os.urandom(16).hex()}"
    contents = [b"racer %d" % number for number in range(RACERS)]
    won = await asyncio.gather(*(objects.put(key, content) for content in contents))
    late = await objects.put(key, b"late")
    kept = await objects.get(key)
    await objects.delete(key)
    winners = [content for content, first in zip(contents, won, strict=True) if first]
    if winners != [kept] or late:
        raise Trouble(Hindrance.STORE, "this store does not honour conditional puts")


def open_objects(settings: ObjectsSettings) -> Objects:
    """``file:/abs/dir`` or ``s3://bucket``."""
    scheme, _, rest = settings.url.partition(":")
    if scheme == "file":
        return DirectoryObjects(Path(rest))
    if scheme == "s3":
        from chassis.s3 import S3Objects  # noqa: PLC0415 - the onebox needs no client

        return S3Objects(settings, bucket=rest.strip("/"))
    raise ValueError(f"objects url {settings.url!r}: file:/dir or s3://bucket")
