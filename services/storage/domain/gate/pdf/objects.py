"""One object of a file, which is read when somebody asks what it says.

How objects tile the file is in ``shape``, what a value may look like in ``tokens``.
"""

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from storage.domain.gate.pdf.tokens import (
    Buffer,
    Dictionary,
    Value,
    integer,
    parse_value,
    reference,
)
from storage.domain.gate.refusal import refuse, require

END: Final = b"\nendobj\n"
MAX_VALUE_BYTES: Final = 1 << 20
"""The longest object without its stream: a signature with its padding."""
_END_OF_STREAM: Final = b"\nendstream\nendobj\n"

_Read: TypeAlias = tuple[Value, tuple[int, int] | None]
"""What an object says, and where its stream is."""


@dataclass(slots=True)
class Obj:
    """``n 0 obj … endobj``, the bytes ``start:end`` of the file.

    It is read when somebody asks what it says. Whoever never asks MUST know its bytes
    in another way: those of a pinned group and of the later revisions are compared with
    what must stand there, to the last one.
    """

    number: int
    start: int
    end: int
    data: Buffer = field(repr=False)
    _read: _Read | None = None

    @property
    def value(self) -> Value:
        return self._whole()[0]

    @property
    def stream(self) -> tuple[int, int] | None:
        """Where its stream begins and ends, if it has one."""
        return self._whole()[1]

    def dictionary(self) -> Dictionary:
        value = self.value
        if not isinstance(value, dict):
            refuse("not-a-dictionary", self.number)
        return value

    def text(self) -> bytes:
        """What stands between ``n 0 obj`` and ``endobj``."""
        head = len(b"%d 0 obj\n" % self.number)
        return self.data[self.start + head : self.end - len(END)]

    def body(self) -> bytes:
        """The stream as it stands, still encoded."""
        if self.stream is None:
            refuse("not-a-stream", self.number)
        return self.data[self.stream[0] : self.stream[1]]

    def _whole(self) -> _Read:
        if self._read is None:
            self._read = _parsed(self)
        return self._read


View: TypeAlias = dict[int, Obj]
"""Object number to the object that holds at some revision."""


def resolve(view: View, value: Value | None, reason: str) -> Obj:
    """The object that a reference names; anything else is refused."""
    number = reference(value, reason)
    if number not in view:
        refuse("dangling-reference", number)
    return view[number]


def _parsed(obj: Obj) -> _Read:
    """The value and the stream, which fill the object; a /Length is direct and true
    (§7.3.8).
    """
    data, number, end = obj.data, obj.number, obj.end
    first = obj.start + len(b"%d 0 obj\n" % number)
    value, at = parse_value(data, first, min(end, first + MAX_VALUE_BYTES))
    stream = None
    if data[at : at + 8] == b"\nstream\n" and isinstance(value, dict):
        length = integer(value.get(b"/Length"), "stream-length")
        stream = (at + 8, at + 8 + length)
        tail = data[stream[1] : stream[1] + len(_END_OF_STREAM)]
        require(tail == _END_OF_STREAM, "stream-length", number)
        at = stream[1] + len(_END_OF_STREAM) - len(END)
    filled = data[at : at + len(END)] == END and at + len(END) == end
    require(filled, "bytes-between-objects", number)
    return value, stream
