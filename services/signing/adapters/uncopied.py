"""Bytes in memory as a file: ``io.BytesIO`` would copy a bytearray first.

Qpdf reads some hundred bytes here and there of a draft of megabytes.
"""

import io
from typing import Any, Final

ROOM_BYTES: Final = 1 << 18
"""More than the revisions of a copy take."""


def uncopied(content: bytes | bytearray) -> io.BufferedReader:
    """*content* must not change its size while this lives."""
    return io.BufferedReader(_Uncopied(content))


class _Uncopied(io.RawIOBase):
    def __init__(self, content: bytes | bytearray) -> None:
        self._content = content
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._content)}
        self._at = start[whence] + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Into a writable buffer; 0 at the end."""
        found = self._content[self._at : self._at + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)


def with_room(content: bytes | memoryview | bytearray) -> bytearray:
    """A bytearray that can grow by revisions where it lies, without moving."""
    length = len(content)
    grown = bytearray(length + ROOM_BYTES)
    grown[:length] = content
    del grown[length:]
    return grown
