"""Deflated rows of pixels (ISO 32000-1, 7.4.4; RFC 1950): exactly the image's, no more.

Decoders stop after the last row and ignore what follows, inside the deflated data or
behind them; so nothing may follow. Start at ``exact``.
"""

import zlib
from collections.abc import Iterator
from typing import Final

from intake.adapters.rebuild.pages import UnfitPage
from intake.domain.scan import ScanFault

_BLOCK: Final = 1 << 20
"""Bytes that are inflated at a time: a page of rows is never in memory at once."""
_LEVEL: Final = 6
_LAST_PNG_FILTER: Final = 4
"""Paeth (PNG, 9.2)."""


def exact(data: bytes, row: int, count: int, *, filtered: bool) -> bytes:
    """Zlib data that unfold to ``count`` rows of ``row`` bytes and end there; the given
    ones if they do. Rows that are ``filtered`` begin with a PNG filter's number.

    Raises UnfitPage: *truncated* if rows are missing, *damaged* if the data make no
    sense.
    """
    size, inflate = row * count, zlib.decompressobj()
    seen = 0
    for block in _inflated(inflate, data, size):
        if filtered:
            _check_filters(block, seen, row)
        seen += len(block)
    if seen < size:
        raise UnfitPage(ScanFault.TRUNCATED, "image rows missing")
    if _ends_here(inflate):
        return data[: len(data) - len(inflate.unused_data)]
    return _deflated_again(data, size)


def _inflated(inflate: "zlib._Decompress", data: bytes, size: int) -> Iterator[bytes]:
    left = size
    while left and not inflate.eof:
        try:
            block = inflate.decompress(data, min(left, _BLOCK))
        except zlib.error as error:
            raise UnfitPage(ScanFault.DAMAGED, "image rows") from error
        if not block and not inflate.unconsumed_tail:
            return
        left, data = left - len(block), inflate.unconsumed_tail
        yield block


def _ends_here(inflate: "zlib._Decompress") -> bool:
    """Whether nothing more unfolds and the checksum stands there, and is right."""
    if inflate.eof:
        return True
    try:
        more = inflate.decompress(inflate.unconsumed_tail, 1)
    except zlib.error as error:
        raise UnfitPage(ScanFault.DAMAGED, "image rows") from error
    return not more and inflate.eof


def _deflated_again(data: bytes, size: int) -> bytes:
    deflate = zlib.compressobj(_LEVEL)
    blocks = _inflated(zlib.decompressobj(), data, size)
    return b"".join(map(deflate.compress, blocks)) + deflate.flush()


def _check_filters(block: bytes, seen: int, row: int) -> None:
    """Readers disagree on what a filter above 4 means."""
    if max(block[-seen % row :: row], default=0) > _LAST_PNG_FILTER:
        raise UnfitPage(ScanFault.DAMAGED, "PNG filter")
