"""The QR code of an address, made anew: what the copy draws must be these modules.

ISO/IEC 18004: byte mode, level M, mask 3, the smallest version that holds the address.
Own code, because the writer has a library's (segno), and what both took from one place
would be wrong in both. Start at ``dark_rows``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from operator import itemgetter
from typing import Final

from storage.domain.gate.refusal import refuse
from storage.domain.gate.words.qr_versions import BLOCKS, CENTRES

_FORMAT: Final = 0b101101101001011
"""Level M with mask 3, with its check bits, masked (annex C)."""
_VERSION_BITS: Final = 7
"""From this version on a symbol says its version."""
_GENERATOR: Final = 0x1F25
_LONG: Final = 10
"""From this version on the length takes two octets."""
_BYTE_MODE: Final = 0b0100
_FIELD: Final = 0x11D
"""x⁸ + x⁴ + x³ + x² + 1, the field of the check words (7.5.2)."""
_DARK: Final = re.compile(b"1+")
_FIXED: Final = b"01"
"""A light and a dark module that no address decides."""

Grid = dict[tuple[int, int], int]
"""Row and column to 1 for a dark module, 0 for a light one."""


def dark_rows(address: str) -> tuple[int, bytes]:
    """The side in modules, and a rectangle for each run of dark modules in a row, in
    the words of a drawing. Raises Refused for an address that is too long.
    """
    octets = address.encode("ascii")
    version = next((v for v in BLOCKS if _room(v) >= len(octets)), 0)
    if not version:
        refuse("qr", "address")
    symbol = _symbol(version)
    side = symbol.side
    modules = bytes(symbol.pick(_bits(octets, version, symbol) + _FIXED))
    return side, b"".join(
        b"%d %d %d 1 re\n" % (run.start(), y, run.end() - run.start())
        for y in range(side)
        for run in _DARK.finditer(modules[y * side : y * side + side])
    )


def _room(version: int) -> int:
    """How many octets a version holds."""
    return _data_words(version) - (3 if version >= _LONG else 2)


def _data_words(version: int) -> int:
    return sum(count * words for count, words in BLOCKS[version][1])


def _bits(octets: bytes, version: int, symbol: "_Symbol") -> bytes:
    """All bits in the order of the symbol, masked already, as digits."""
    words = _interleaved(_filled(octets, version), version)
    free = symbol.free - 8 * len(words)
    bits = (int.from_bytes(words) << free) ^ symbol.mask
    return f"{bits:0{symbol.free}b}".encode()


def _filled(octets: bytes, version: int) -> bytes:
    """Mode, length, address, terminator and padding (7.4.10).

    The writer's library fills a last octet with zeros also when it is full (segno 1.6),
    so one of them stands before the padding; a reader has stopped at the terminator.
    """
    long = version >= _LONG
    head = _BYTE_MODE << (16 if long else 8) | len(octets)
    bits = head << 8 * len(octets) | int.from_bytes(octets)
    size = len(octets) + (3 if long else 2)
    written = (bits << 4).to_bytes(size)
    rest = _data_words(version) - size
    return written + (b"\0" + b"\xec\x11" * rest)[:rest]


def _interleaved(data: bytes, version: int) -> bytes:
    """Word by word of each block, then check word by check word (7.6)."""
    checks, groups = BLOCKS[version]
    sizes = [words for count, words in groups for _ in range(count)]
    ends = list(accumulate(sizes))
    blocks = [data[end - size : end] for size, end in zip(sizes, ends, strict=True)]
    ordered = [
        block[at] for at in range(max(sizes)) for block in blocks if at < len(block)
    ]
    checked = [_remainder(block, checks) for block in blocks]
    ordered += [words[at] for at in range(checks) for words in checked]
    return bytes(ordered)


def _remainder(block: bytes, checks: int) -> bytes:
    """The check words: what is left of the block by the generator (7.5.2)."""
    multiples, top = _multiples(checks), 8 * (checks - 1)
    rest = 0
    for word in block:
        factor = word ^ rest >> top
        rest = (rest & ((1 << top) - 1)) << 8 ^ multiples[factor]
    return rest.to_bytes(checks)


@lru_cache(16)
def _multiples(checks: int) -> tuple[int, ...]:
    """The generator below its first coefficient, times each number of the field."""
    powers, logs = _powers()
    exponents = _generator(checks)

    def times(factor: int) -> bytes:
        return bytes(powers[(e + logs[factor]) % 255] for e in exponents)

    return (0, *(int.from_bytes(times(factor)) for factor in range(1, 256)))


def _generator(checks: int) -> tuple[int, ...]:
    """The exponents of its coefficients below the first."""
    powers, logs = _powers()
    found = [1]
    for root in range(checks):
        shifted = [*found, 0]
        for at, value in enumerate(found):
            shifted[at + 1] ^= powers[(logs[value] + root) % 255] if value else 0
        found = shifted
    return tuple(logs[value] for value in found[1:])


@lru_cache(1)
def _powers() -> tuple[tuple[int, ...], dict[int, int]]:
    """The powers of two in the field, and their logarithms."""
    found = [1]
    for _ in range(254):
        doubled = found[-1] << 1
        found.append(doubled ^ (_FIELD if doubled >> 8 else 0))
    return tuple(found), {power: at for at, power in enumerate(found)}


@dataclass(frozen=True, slots=True)
class _Symbol:
    """What all codes of a version share; modules are counted row by row."""

    side: int
    free: int
    """How many modules an address decides."""
    mask: int
    """The mask's bits in the order of those, the first one highest."""
    pick: Callable[[bytes], tuple[int, ...]]
    """All modules, of the free ones in their order and then ``_FIXED``."""


@lru_cache(16)
def _symbol(version: int) -> _Symbol:
    side = 17 + 4 * version
    grid: Grid = {}
    for at in range(8, side - 8):
        grid[6, at] = grid[at, 6] = 1 - at % 2
    _draw_alignment(grid, version)
    for top, left in ((0, 0), (0, side - 7), (side - 7, 0)):
        _draw_finder(grid, top, left, side)
    _draw_format(grid, side)
    if version >= _VERSION_BITS:
        _draw_version(grid, version, side)
    order = _zigzag(grid, side)
    drawn = {place: at for at, place in enumerate(order)}
    drawn |= {place: len(order) + dark for place, dark in grid.items()}
    return _Symbol(
        side,
        len(order),
        int("".join(str(int((y + x) % 3 == 0)) for y, x in order), 2),
        itemgetter(*(drawn[y, x] for y in range(side) for x in range(side))),
    )


def _draw_finder(grid: Grid, top: int, left: int, side: int) -> None:
    """A finder pattern with the light line around it, as far as the symbol goes."""
    for row in range(-1, 8):
        for column in range(-1, 8):
            y, x = top + row, left + column
            if 0 <= y < side and 0 <= x < side:
                ring = max(abs(row - 3), abs(column - 3))
                grid[y, x] = int(ring not in (2, 4))


def _draw_alignment(grid: Grid, version: int) -> None:
    centres = CENTRES[version]
    corners = {(c, d) for c in centres[:1] for d in (centres[0], centres[-1])}
    corners |= {(d, c) for c, d in corners}
    for y in centres:
        for x in centres:
            if (y, x) in corners:
                continue
            for row in range(-2, 3):
                for column in range(-2, 3):
                    ring = max(abs(row), abs(column))
                    grid[y + row, x + column] = int(ring != 1)


def _draw_format(grid: Grid, side: int) -> None:
    """Level and mask, twice (7.9), and the one dark module."""
    first = [(8, at) for at in (0, 1, 2, 3, 4, 5, 7, 8)]
    first += [(at, 8) for at in (7, 5, 4, 3, 2, 1, 0)]
    second = [(side - 1 - at, 8) for at in range(7)]
    second += [(8, side - 8 + at) for at in range(8)]
    for at, places in enumerate(zip(first, second, strict=True)):
        for place in places:
            grid[place] = _FORMAT >> (14 - at) & 1
    grid[side - 8, 8] = 1


def _draw_version(grid: Grid, version: int, side: int) -> None:
    """The version, twice, with its check bits (7.10)."""
    rest = version << 12
    for bit in range(17, 11, -1):
        if rest >> bit & 1:
            rest ^= _GENERATOR << (bit - 12)
    bits = version << 12 | rest
    for at in range(18):
        row, column = at // 3, side - 11 + at % 3
        grid[row, column] = grid[column, row] = bits >> at & 1


def _zigzag(grid: Grid, side: int) -> tuple[tuple[int, int], ...]:
    """The free modules in the order of the bits (7.7.3)."""
    found: list[tuple[int, int]] = []
    upward = True
    for right in (*range(side - 1, 6, -2), *range(5, 0, -2)):
        rows = range(side - 1, -1, -1) if upward else range(side)
        for row in rows:
            found += [
                (row, column)
                for column in (right, right - 1)
                if (row, column) not in grid
            ]
        upward = not upward
    return tuple(found)
