"""Room at the end of a draft, so that revisions are appended where it lies."""

from typing import Final

ROOM_BYTES: Final = 1 << 18
"""More than the revisions of a copy take; if not, the bytes move once."""


def with_room(content: bytes | bytearray | memoryview) -> bytearray:
    """A bytearray keeps what it has shrunk by."""
    length = len(content)
    grown = bytearray(length + ROOM_BYTES)
    grown[:length] = content
    del grown[length:]
    return grown
