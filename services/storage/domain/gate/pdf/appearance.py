"""The visible part of a signature: a pinned group and one line of time.

docs/dialect.md §4.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from storage.domain.gate.pdf.shape import Obj
from storage.domain.gate.pdf.tokens import Buffer
from storage.domain.gate.refusal import require

_REFERENCE: Final = re.compile(rb"(?<!\d)(\d{1,6}) 0 R\b")


def pin_of(data: Buffer, group: Sequence[Obj]) -> str:
    """SHA-256 over the group's objects, renumbered from 0."""
    first = group[0].number
    digest = sha256()
    for at, obj in enumerate(group):
        body = _renumbered(data, obj, first, len(group))
        digest.update(b"%d 0 obj\n%b\nendobj\n" % (at, body))
    return digest.hexdigest()


def _renumbered(data: Buffer, obj: Obj, first: int, count: int) -> bytes:
    """The body with references relative to the group; none may leave it."""
    text = obj.text(data)
    head = len(text)
    if obj.stream is not None:
        head -= obj.end - obj.stream[0] - len(b"\nendobj\n")

    def relative(found: re.Match[bytes]) -> bytes:
        number = int(found[1]) - first
        require(0 <= number < count, "borrowed-object", found[1])
        return b"%d 0 R" % number

    return _REFERENCE.sub(relative, text[:head]) + text[head:]


def appearance(group: int, shown_at: bytes) -> bytes:
    """The form that draws the group and writes the time, digits and signs only."""
    stream = b"q\n/S Do\nQ\nBT\n/T 7.5 Tf\n0 g\n62 4 Td\n(%b)Tj\nET\n" % shown_at
    head = (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 220 170]/Resources %d 0 R/Length %d>>"
        % (group, len(stream))
    )
    return head + b"\nstream\n" + stream + b"\nendstream"
