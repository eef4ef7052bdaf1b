"""Bytes in pieces: what was written here, and stretches of the original that stay where
they are stored. A copy is mostly page images, and this way nobody copies them.

What stands in the pieces is decided in ``adapters.composing`` and ``adapters.pdf``.
Start at ``Rope`` (docs/decisions/0018).
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Final, Protocol

from ecopy.identifiers import Sha256

CHUNK_BYTES: Final = 1 << 20
"""How much is read at once of what is not in memory."""


class Octets(Protocol):
    """Bytes somewhere: in memory, or in a file that is never read whole."""

    @property
    def size(self) -> int: ...

    @property
    def path(self) -> Path | None:
        """The path of the file that holds the same bytes, if there is one."""

    def read(self, start: int, length: int) -> bytes | memoryview:
        """MUST return exactly *length* bytes from *start* on; the caller asks only for
        what is there.
        """
        ...


def chunks(octets: Octets) -> Iterator[bytes | memoryview]:
    """All the bytes in order, no more than one chunk of them in memory."""
    for start in range(0, octets.size, CHUNK_BYTES):
        yield octets.read(start, min(CHUNK_BYTES, octets.size - start))


def digest(octets: Octets) -> Sha256:
    sha256 = hashlib.sha256()
    for chunk in chunks(octets):
        sha256.update(chunk)
    return sha256.hexdigest()


@dataclass(frozen=True, slots=True)
class MemoryOctets:
    """Bytes in memory. A read gives a view of them, not a copy."""

    content: bytes | bytearray
    path: Path | None = None

    @property
    def size(self) -> int:
        return len(self.content)

    def read(self, start: int, length: int) -> bytes | memoryview:
        return memoryview(self.content)[start : start + length]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of something larger: *size* bytes from *start* on."""

    of: Octets
    start: int
    size: int

    @property
    def path(self) -> None:
        """Always None, because no file holds just these bytes."""

    def read(self, start: int, length: int) -> bytes | memoryview:
        return self.of.read(self.start + start, length)


class Rope:
    """Pieces one after the other, read as if they were one. A rope never changes:
    ``extended`` makes a longer one that shares the pieces.
    """

    __slots__ = ("_ends", "_parts", "size")

    def __init__(self, parts: Iterable[Octets]) -> None:
        self._parts = tuple(part for part in parts if part.size)
        self._ends = list(accumulate(part.size for part in self._parts))
        self.size = self._ends[-1] if self._ends else 0

    def extended(self, content: bytes | bytearray) -> "Rope":
        return Rope((*self._parts, MemoryOctets(content)))

    def read(self, start: int, length: int) -> bytes | memoryview:
        """*length* bytes from *start* on, fewer at the end; a view of a piece that has
        them all, else a copy.
        """
        length = min(length, self.size - start)
        if length <= 0:
            return b""
        at = bisect_right(self._ends, start)
        if start + length <= self._ends[at]:
            part = self._parts[at]
            return part.read(start - self._ends[at] + part.size, length)
        return b"".join(self._views(at, start, start + length))

    def chunks(self) -> Iterator[bytes | memoryview]:
        """All the bytes in order; no chunk spans two pieces."""
        for part in self._parts:
            yield from chunks(part)

    def __bytes__(self) -> bytes:
        return b"".join(self.chunks())

    def _views(self, at: int, start: int, end: int) -> Iterator[bytes | memoryview]:
        while start < end:
            part = self._parts[at]
            within = start - self._ends[at] + part.size
            length = min(part.size - within, end - start)
            yield part.read(within, length)
            start, at = start + length, at + 1
