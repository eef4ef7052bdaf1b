"""A large file in pieces that overlap: a mapped file is never loaded whole, and no
single search holds up everything else that this process does.
"""

from collections.abc import Iterator
from typing import Final

from storage.domain.gate.pdf.tokens import Buffer

WINDOW_BYTES: Final = 4 << 20


def windows(
    data: Buffer, overlap: int, *, size: int = WINDOW_BYTES
) -> Iterator[tuple[int, bytes]]:
    """Each piece with its place; what has at most *overlap* bytes is whole in one."""
    at = 0
    while at == 0 or at + overlap < len(data):
        yield at, bytes(data[at : at + size])
        at += size - overlap
