"""Reading and writing files so that the disk has what was written.

Nothing here knows of keys or buckets. Start at ``write_durably``.
"""

import contextlib
import errno
import mmap
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chassis.objects import CHUNK, Content, Source, trouble
from ecopy.refusals import Hindrance, Trouble

ALIGNMENT: Final = 4096
"""O_DIRECT buffers, lengths and offsets are multiples of it: every file system we know
takes that."""
O_DIRECT: Final[int] = getattr(os, "O_DIRECT", 0)
"""Zero where the system has none: the same code then goes through the page cache."""


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
        # Past the page cache: 0.4 to 1.5 ms of CPU for a copy of 3.3 MB instead of 5 to
        # 6.8, and a read-back that comes from the disk.
        fd = os.open(path, os.O_WRONLY | O_DIRECT)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        _write_buffered(path, source)
        return
    try:
        _write_direct(fd, source)
        # O_DIRECT writes whole blocks: the padding of the last one goes before anybody
        # can see it.
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
    # The last block may be read short, so the length is compared by itself.
    if path.stat().st_size != source.size:
        return False
    try:
        fd = os.open(path, os.O_RDONLY | O_DIRECT)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        fd = os.open(path, os.O_RDONLY)
        # Without O_DIRECT this is the best that can be asked for: the kernel may still
        # answer from its memory.
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    try:
        return _equal(fd, source)
    finally:
        os.close(fd)


def _equal(fd: int, source: Source) -> bool:
    buffer = _aligned()
    for start, length in _pieces(source.size):
        if os.preadv(fd, [buffer], start) < length:
            return False
        # ``find`` compares in C. A memoryview's ``==`` unpacks byte by byte and holds
        # the interpreter's lock meanwhile: 9 ms for a copy of 3.3 MB instead of 0.2.
        if buffer.find(source.read(start, length), 0, length) != 0:
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
