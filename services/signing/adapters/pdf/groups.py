"""PDF objects as source text, compiled once: groups that are copied into any file.

ISO 32000-1 section 7.3. A group's references are indices into itself, so it is
renumbered by putting its first number on top (docs/dialect.md section 4).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import accumulate
from typing import Final

import pikepdf

from ecopy.identifiers import Sha256

Part = bytes | int
"""Source text, or a reference to the object of the same group with this index."""
Body = tuple[Part, ...]


LAID_KEPT: Final = 32
"""Of one group: so many numbers of pages come again and again."""


@dataclass(frozen=True, slots=True)
class Laid:
    """Objects one after the other, and where each begins."""

    text: bytes
    offsets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Indirect objects that refer to each other and nothing else; 0 is the entry, or
    the first few are entries.
    """

    bodies: tuple[Body, ...]
    _laid: dict[int, Laid] = field(default_factory=dict, compare=False, repr=False)

    def laid(self, first: int) -> Laid:
        """The objects as they stand in a file; copies of as many pages share them."""
        found = self._laid.get(first)
        if found is None:
            objects = [
                b"%d 0 obj\n%b\nendobj\n" % (number, body)
                for number, body in enumerate(self.numbered(first), first)
            ]
            lengths = accumulate(map(len, objects), initial=0)
            found = Laid(b"".join(objects), tuple(lengths)[:-1])
            if len(self._laid) >= LAID_KEPT:
                self._laid.clear()
            self._laid[first] = found
        return found

    def numbered(self, first: int) -> list[bytes]:
        """The bodies' text when the entry has number *first*."""
        return [_text(body, first) for body in self.bodies]

    def digest(self) -> Sha256:
        """The pin: see the dialect's section 4."""
        canonical = sha256()
        for index, body in enumerate(self.bodies):
            canonical.update(b"%d 0 obj\n%b\nendobj\n" % (index, _text(body, 0)))
        return canonical.hexdigest()


def compiled(*entries: pikepdf.Object) -> Group:
    """The entries, then all they refer to, numbered in the order of first reference."""
    return Group(tuple(_Walk(entries).bodies()))


def _text(body: Body, first: int) -> bytes:
    return b"".join(
        b"%d 0 R" % (first + part) if isinstance(part, int) else part for part in body
    )


class _Walk:
    """Breadth first: the queue grows while its front is written."""

    def __init__(self, entries: Sequence[pikepdf.Object]) -> None:
        self._known = {entry.objgen: index for index, entry in enumerate(entries)}
        self._queue = list(entries)

    def bodies(self) -> Iterable[Body]:
        for item in self._queue:
            yield _merged(self._content(item))

    def _value(self, item: object) -> list[Part]:
        if isinstance(item, pikepdf.Object) and item.is_indirect:
            return [self._index(item)]
        return self._content(item)

    def _index(self, item: pikepdf.Object) -> int:
        if item.objgen not in self._known:
            self._known[item.objgen] = len(self._queue)
            self._queue.append(item)
        return self._known[item.objgen]

    def _content(self, item: object) -> list[Part]:
        if isinstance(item, pikepdf.Stream):
            return self._stream(item)
        if isinstance(item, pikepdf.Dictionary):
            return [b"<<", *self._entries(item), b">>"]
        if isinstance(item, pikepdf.Array):
            parts = [[*self._value(value), b" "] for value in item]
            return [b"[", *(part for one in parts for part in one), b"]"]
        return [pikepdf.Array([item]).unparse()[2:-2]]

    def _entries(self, dictionary: pikepdf.Object) -> Iterable[Part]:
        for key, value in dictionary.items():
            if key != "/Length":  # of a stream: written from its bytes
                yield b"%b " % key.encode()
                yield from self._value(value)

    def _stream(self, stream: pikepdf.Stream) -> list[Part]:
        content = stream.read_raw_bytes()
        head: list[Part] = [b"<<", *self._entries(stream)]
        return [*head, b"/Length %d>>\nstream\n%b\nendstream" % (len(content), content)]


def _merged(parts: Iterable[Part]) -> Body:
    """Neighbouring texts joined, references left."""
    merged: list[Part] = []
    for part in parts:
        if merged and isinstance(part, bytes) and isinstance(merged[-1], bytes):
            merged[-1] += part
            continue
        merged.append(part)
    return tuple(merged)
