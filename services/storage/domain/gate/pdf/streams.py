"""Small decoded streams, within limits."""

import zlib
from typing import Final

from storage.domain.gate.pdf.objects import Obj
from storage.domain.gate.refusal import refuse, require

LIMIT_BYTES: Final = 1 << 18


def inflate(obj: Obj, reason: str) -> bytes:
    """A /FlateDecode stream that is all there, and nothing behind it."""
    return unpacked(obj.body(), reason, LIMIT_BYTES)


def unpacked(body: bytes, reason: str, most: int) -> bytes:
    """The same of bytes in hand, up to so many."""
    engine = zlib.decompressobj()
    try:
        out = engine.decompress(body, most)
    except zlib.error as error:
        refuse(reason, error)
    # ``eof``: neither cut at the limit nor broken. ``unused_data``: nothing rides
    # behind.
    require(engine.eof and not engine.unused_data, reason, "stream")
    return out
