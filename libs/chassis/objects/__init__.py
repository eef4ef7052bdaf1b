"""Object stores behind one promise: a key is written once, durably, or not at all.

``directory.DirectoryObjects`` (one machine) and ``s3.S3Objects`` (any S3 server) keep
it; ``tests/contract/test_objects.py`` holds both to the same promises. ``opening``
makes the one that the settings name. Start at ``Objects``.
"""

import asyncio
import contextlib
import mmap
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from ecopy.refusals import Hindrance, Trouble

CHUNK: Final = 1 << 20
THREADS: Final = 4
RACERS: Final = 32
"""How many write one key at once in the self-test."""
SELF_TEST: Final = "self-test"
INCOMING: Final = ".incoming"
MARK: Final = ".bucket"
"""What the owner of a bucket leaves in it, so that others can tell an empty bucket from
a folder that is not mounted."""
NO_OBJECTS: Final = frozenset({SELF_TEST, INCOMING, MARK})
SEGMENT_BYTES: Final = 200
"""The longest path segment that a key may have: servers refuse longer ones."""


@dataclass(frozen=True, slots=True)
class Source:
    """Content to be read piece by piece: a file is never held, nor mapped (mapped
    pages count as this process's memory, and one that is cut meanwhile kills it).
    """

    size: int
    read: Callable[[int, int], bytes | memoryview]
    """(start, length) → exactly so many bytes."""
    path: Path | None = None
    """The file that is read, if it is one."""


Content = bytes | bytearray | memoryview | mmap.mmap | Path | Source


class Missing(Exception):
    """There is no object under this key."""


class Locked(Exception):
    """The store itself keeps this object, whoever asks: an object lock (WORM)."""

    def __init__(self, key: str, until: datetime | None) -> None:
        """*until*: None for a legal hold, which has no end of its own."""
        super().__init__(f"{key} is locked until {until}")
        self.until = until


class Incoming(Protocol):
    """A file that is arriving: hashed and counted while it is written."""

    @property
    def sha256(self) -> str:
        """The digest of what was written so far; lower-case hex."""

    @property
    def size(self) -> int:
        """Bytes so far."""

    async def write(self, chunk: bytes) -> None: ...
    def path(self) -> Path:
        """The bytes so far, on this machine; gone when the context ends."""

    async def keep(self, key: str) -> bool:
        """Store under *key*; False if the key existed and nothing was changed."""


class Objects(Protocol):
    """One bucket. Every method raises Trouble(STORE) when the store does not answer.

    Whoever opened it closes it: ``contextlib.closing(open_objects(settings))``.
    """

    def close(self) -> None:
        """Wait for what is under way, then let go of threads and connections."""
        ...

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

    async def erase(self, key: str) -> None:
        """Delete all versions that the store has of it, so that no byte stays. Harmless
        if there is none. MUST raise Locked, and leave the object as it is, where the
        store keeps it by a lock of its own.
        """
        ...

    async def any(self) -> bool:
        """Whether it has an object: what a self-test left behind does not count."""
        ...

    def listing(self, prefix: str = "") -> AsyncIterator[tuple[str, int]]:
        """Key and bytes of each object whose key begins with *prefix*, in any order;
        what a self-test left behind does not count. One that is made or deleted
        meanwhile may be missing.
        """
        ...

    async def room(self) -> int | None:
        """Bytes that still fit in; None where the store does not say (S3 cannot)."""
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


@contextlib.contextmanager
def trouble() -> Iterator[None]:
    """The operating system's "no" is trouble: the disk may have room tomorrow."""
    try:
        yield
    except OSError as error:
        raise Trouble(Hindrance.STORE, str(error.strerror)) from error


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
