"""Bytes wherever they lie, as the file that qpdf wants to read."""

import io
from typing import BinaryIO, cast

from signing.domain.rope import Held, Octets


def readable(octets: Octets) -> BinaryIO:
    """Read-only and seekable; bytes in memory are not copied."""
    if isinstance(octets, Held):
        return io.BytesIO(octets.content)
    return cast("BinaryIO", io.BufferedReader(_File(octets)))


class _File(io.RawIOBase):
    def __init__(self, octets: Octets) -> None:
        self._octets = octets
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._octets.size}
        self._at = base[whence] + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        length = max(0, min(len(buffer), self._octets.size - self._at))
        buffer[:length] = self._octets.read(self._at, length)
        self._at += length
        return length
