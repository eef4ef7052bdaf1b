"""PDF objects as source text, compiled once: groups that are copied into any file.

ISO 32000-1 section 7.3. A group's references are indices into itself, so it is
renumbered by putting its first number on top (docs/dialect.md section 4). That is why
no PDF library copies them: fonts and profiles go into each copy as one piece of text.
Start at ``Group``.
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

# The first number of a group depends on what stands before it, so on the number of
# pages, and the papers of a ward seldom have more than a few.
PLACEMENTS_CACHED: Final = 32
"""How many renumberings of one group are cached."""


@dataclass(frozen=True, slots=True)
class PlacedGroup:
    """The objects of a group under their numbers, one after the other."""

    text: bytes
    offsets: tuple[int, ...]
    """The place in ``text`` where each object begins."""


@dataclass(frozen=True, slots=True)
class Group:
    """Indirect objects that refer to each other and nothing else. Object 0 is what the
    outside refers to; a group may have several such objects, first in order.
    """

    bodies: tuple[Body, ...]
    _placements: dict[int, PlacedGroup] = field(
        default_factory=dict, compare=False, repr=False
    )

    def placed(self, first: int) -> PlacedGroup:
        """The objects as they stand in a file from number *first* on; copies with as
        many pages share them.
        """
        placed = self._placements.get(first)
        if placed is None:
            objects = [
                b"%d 0 obj\n%b\nendobj\n" % (number, body)
                for number, body in enumerate(self.numbered(first), first)
            ]
            lengths = accumulate(map(len, objects), initial=0)
            placed = PlacedGroup(b"".join(objects), tuple(lengths)[:-1])
            # No lock: two threads may make the same text twice, and either is right.
            if len(self._placements) >= PLACEMENTS_CACHED:
                self._placements.clear()
            self._placements[first] = placed
        return placed

    def numbered(self, first: int) -> list[bytes]:
        """The text of each body when object 0 has the number *first*."""
        return [_text(body, first) for body in self.bodies]

    def digest(self) -> Sha256:
        """The SHA-256 by which the trust document pins an appearance (docs/dialect.md
        section 4): over the objects numbered from 0.
        """
        canonical = sha256()
        for index, body in enumerate(self.bodies):
            canonical.update(b"%d 0 obj\n%b\nendobj\n" % (index, _text(body, 0)))
        return canonical.hexdigest()


def compiled(*entries: pikepdf.Object) -> Group:
    """The group of *entries* and all they refer to, in the order of first reference."""
    return Group(tuple(_Walk(entries).bodies()))


def _text(body: Body, first: int) -> bytes:
    return b"".join(
        b"%d 0 R" % (first + part) if isinstance(part, int) else part for part in body
    )


class _Walk:
    """A walk from the entries, breadth first: the queue grows while its front is
    written.
    """

    def __init__(self, entries: Sequence[pikepdf.Object]) -> None:
        self._indices = {entry.objgen: index for index, entry in enumerate(entries)}
        self._queue = list(entries)

    def bodies(self) -> Iterable[Body]:
        for item in self._queue:
            yield _merged(self._content(item))

    def _value(self, item: object) -> list[Part]:
        if isinstance(item, pikepdf.Object) and item.is_indirect:
            return [self._index(item)]
        return self._content(item)

    def _index(self, item: pikepdf.Object) -> int:
        """The object's index in the group; one that is new joins the queue."""
        if item.objgen not in self._indices:
            self._indices[item.objgen] = len(self._queue)
            self._queue.append(item)
        return self._indices[item.objgen]

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
            if key != "/Length":  # a stream's: written anew from its bytes
                yield b"%b " % key.encode()
                yield from self._value(value)

    def _stream(self, stream: pikepdf.Stream) -> list[Part]:
        content = stream.read_raw_bytes()
        head: list[Part] = [b"<<", *self._entries(stream)]
        return [*head, b"/Length %d>>\nstream\n%b\nendstream" % (len(content), content)]


def _merged(parts: Iterable[Part]) -> Body:
    """The same parts with neighbouring texts joined: references stay by themselves."""
    merged: list[Part] = []
    for part in parts:
        if merged and isinstance(part, bytes) and isinstance(merged[-1], bytes):
            merged[-1] += part
            continue
        merged.append(part)
    return tuple(merged)
