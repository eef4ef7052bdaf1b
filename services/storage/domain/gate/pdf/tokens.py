"""One PDF object from bytes, in the small part of ISO 32000-1 §7.3 that we write.

No comments, no ``#`` escapes in names, no tabs or carriage returns, no generation but
0, no key twice, and behind each number, word and reference a delimiter (§7.2.3): so
every reader is bound to see the same value. Start at ``parse_value``.
"""

import re
from mmap import mmap
from typing import Final, TypeAlias

from storage.domain.gate.refusal import refuse, require

MAX_DEPTH: Final = 20

# Own code instead of a PDF library: libraries repair, and what one of them repairs
# another reads otherwise. Possessive (``*+``), so that no input makes the search go
# back.
_TOKEN: Final = re.compile(
    rb"[ \n]*+(?:(?P<open><<)|(?P<close>>>)"
    rb"|(?P<name>/[A-Za-z0-9._+\-]+)"
    rb"|(?P<ref>[1-9]\d{0,5} 0 R(?=[ \n/<>\[\]()]|\Z))"
    # an array of numbers is one token: most arrays are, and it is quicker
    rb"|(?P<numbers>\[[ \n]*+(?:-?\d++(?:\.\d++)?+(?:[ \n]++|(?=\])))*+\])"
    rb"|(?P<begin>\[)|(?P<end>\])"
    rb"|(?P<atom>(?:-?\d++(?:\.\d++)?+|true|false|null)(?=[ \n/<>\[\]()]|\Z)"
    rb"|\((?:[^()\\\r]++|\\(?:[0-7]{3}|[nrtbf()\\]))*\)|<[0-9A-Fa-f]*>))"
)
_AS_IT_STANDS: Final = frozenset({"name", "atom"})

Buffer: TypeAlias = bytes | mmap


class Ref(int):
    """An indirect reference ``n 0 R``."""

    __slots__ = ()


Value: TypeAlias = bytes | Ref | list["Value"] | dict[bytes, "Value"]
"""Names begin with ``/``, strings with ``(`` or ``<``; ``[1 2 3]`` is one bytes."""
Dictionary: TypeAlias = dict[bytes, Value]


def parse_value(data: Buffer, at: int, end: int) -> tuple[Value, int]:
    """The object at ``at`` and where it ends. Iterative: depth cannot exhaust us."""
    stack: list[list[Value]] = [[]]
    kinds = [""]
    match = _TOKEN.match
    while True:
        m = match(data, at, end)
        if m is None:
            refuse("syntax", at)
        at, kind = m.end(), m.lastgroup or ""
        item: Value
        if kind in _AS_IT_STANDS:  # most tokens, hence first
            item = m[kind]
        elif kind == "ref":
            item = Ref(m["ref"][:-4])
        elif kind == "numbers":
            item = b"[" + b" ".join(m["numbers"][1:-1].split()) + b"]"
        elif kind == "close":
            item = _dictionary(kinds.pop(), stack.pop(), at)
        elif kind == "end":
            require(kinds.pop() == "begin", "syntax", at)
            item = stack.pop()
        else:
            require(len(stack) < MAX_DEPTH, "syntax", "nested too deep")
            stack.append([])
            kinds.append(kind)
            continue
        stack[-1].append(item)
        if len(stack) == 1:
            return item, at


def _dictionary(kind: str, flat: list[Value], at: int) -> Dictionary:
    require(kind == "open" and len(flat) % 2 == 0, "syntax", at)
    found: Dictionary = {}
    for key, value in zip(flat[::2], flat[1::2], strict=True):
        if type(key) is not bytes or key[:1] != b"/":
            refuse("syntax", at)
        if key in found:
            refuse("duplicate-key", at)
        found[key] = value
    return found


def references(value: Value) -> list[int]:
    """Every object number that a value names, with repetitions."""
    found: list[int] = []
    stack: list[Value] = [value]
    while stack:
        item = stack.pop()
        if type(item) is Ref:
            found.append(item)
        elif isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return found


def reference(value: Value | None, reason: str) -> Ref:
    if type(value) is not Ref:
        refuse(reason, "not a reference")
    return value


def numbers(value: Value | None, reason: str) -> tuple[float, ...]:
    """The numbers of ``[1 2 3]``."""
    if type(value) is not bytes or value[:1] != b"[":
        refuse(reason, "not an array of numbers")
    return tuple(float(n) for n in value[1:-1].split())


def integer(value: Value | None, reason: str) -> int:
    if type(value) is not bytes or not value.isdigit():
        refuse(reason, "not a number")
    return int(value)
