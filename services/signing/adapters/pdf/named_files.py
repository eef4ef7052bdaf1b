"""Gives bytes, wherever they lie, a file name that qpdf opens by itself.

Through a file object of Python's qpdf takes the interpreter's lock for each of some 300
reads. That costs nothing alone, but with eight copies in hand each of them waits.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from signing.domain.rope import Octets, chunks


@contextlib.contextmanager
def open_named(octets: Octets) -> Iterator[Path]:
    """The path of the file that has the bytes, or of one in memory that lasts as long
    as the context.
    """
    if octets.path is not None:
        yield octets.path
        return
    with _anonymous() as (fd, name):
        for chunk in chunks(octets):
            _write_whole(fd, chunk)
        yield name


@contextlib.contextmanager
def _anonymous() -> Iterator[tuple[int, Path]]:
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("ecopy")
        try:
            yield fd, Path(f"/proc/self/fd/{fd}")
        finally:
            os.close(fd)
        return
    with tempfile.NamedTemporaryFile(buffering=0) as file:
        yield file.fileno(), Path(file.name)


def _write_whole(fd: int, chunk: bytes | memoryview) -> None:
    with memoryview(chunk) as view:
        at = 0
        while at < len(view):
            at += os.write(fd, view[at:])
