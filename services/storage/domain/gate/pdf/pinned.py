"""Groups of objects that are the same bytes in every copy, but for their numbers: the
drawing of a signature and the letters of all words.

docs/dialect.md §4, *Pin*. What such a group says is never asked of a copy, so its
objects are compared and not read. Start at ``has_pin``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from storage.domain.gate.pdf.objects import Obj
from storage.domain.gate.refusal import require

MOST_KEPT: Final = 200
"""Groups that are kept, of some 20 to 60 kB each: a province has more officers, but
few of them sign at one hour."""
# Without zeros in front: another spelling of a number is not replaced, and so is
# another group.
_REFERENCE: Final = re.compile(rb"(?<!\d)([1-9]\d{0,5}) 0 R\b")
_STREAM: Final = b"\nstream\n"


@dataclass(frozen=True, slots=True)
class PinnedGroup:
    """Objects as they stand one behind the other in a file, wherever that is."""

    pattern: bytes
    """Their bytes, with ``%d`` for each number of an object."""
    numbers: tuple[int, ...]
    """The objects that are meant there, counted from the group's first."""

    def at(self, first: int) -> bytes:
        """The bytes of the group whose first object has this number."""
        return self.pattern % tuple(first + number for number in self.numbers)


_KEPT: dict[str, PinnedGroup] = {}
"""The known groups by their pins; what was met last stands last. Only what has its pin
comes in, so a copy can put nothing here that was not pinned before."""


def has_pin(objects: Sequence[Obj], pin: str) -> bool:
    """Whether these objects are, byte for byte, the group of that pin. Raises Refused
    where one of them names an object outside.
    """
    first, start, end = objects[0].number, objects[0].start, objects[-1].end
    kept = _KEPT.pop(pin, None)
    if kept is None or objects[0].data[start:end] != kept.at(first):
        found = _group(objects)
        if _pin(found) != pin:
            return False
        kept = found
    _KEPT[pin] = kept
    if len(_KEPT) > MOST_KEPT:
        _KEPT.pop(next(iter(_KEPT)), None)
    return True


def pin_of(objects: Sequence[Obj]) -> str:
    """SHA-256 over the group's objects, renumbered from 0."""
    return _pin(_group(objects))


def _pin(group: PinnedGroup) -> str:
    return sha256(group.at(0)).hexdigest()


def _group(objects: Sequence[Obj]) -> PinnedGroup:
    """References outside of streams are relative to the group; none may leave it."""
    first, count = objects[0].number, len(objects)
    pattern, numbers = bytearray(), list[int]()
    for obj in objects:
        head, mark, rest = obj.text().replace(b"%", b"%%").partition(_STREAM)
        named = [int(found) - first for found in _REFERENCE.findall(head)]
        inside = all(0 <= number < count for number in named)
        require(inside, "borrowed-object", obj.number)
        pattern += b"%d 0 obj\n" + _REFERENCE.sub(b"%d 0 R", head)
        pattern += mark + rest + b"\nendobj\n"
        numbers += [obj.number - first, *named]
    return PinnedGroup(bytes(pattern), tuple(numbers))
