"""The QR code (ISO/IEC 18004) as a path of its own, put where the template leaves room.

The room is a black square of the code's own size in modules; what typst makes of it is
one known line of operators, which is exchanged for the dark modules.

Codes of one length differ in the same modules whenever the same bits of their text
differ, because error correction is linear and the mask is fixed (sections 7.5, 7.8). So
segno makes the code of each changed bit once, and a copy's is their sum: 2 ms less a
copy than segno alone (decision 0017).
"""

import re
from functools import lru_cache
from typing import Final

import segno

MASK: Final = 3
"""The mask of every code: any of the eight makes a valid one. Level M (see
``_modules``) survives a print, a fold and a scan at 150 dpi.
"""
VARYING: Final = 12
"""How many characters at the end change from copy to copy: the verification code."""
_ROOM: Final = b"0 0 m %d 0 l %d %d l 0 %d l\nh\nf\n"
_DARK: Final = re.compile("1+")


class NoRoomError(ValueError):
    """The template does not show the code exactly once: a fault of ours."""


class QrCode:
    """The code of one address."""

    def __init__(self, address: str) -> None:
        self.size, self._rows = _rows(address.encode("ascii"))

    def room(self) -> str:
        """An SVG of the black square that the template places for the code."""
        n = self.size
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {n} {n}">'
            f'<path d="M0 0H{n}V{n}H0Z"/></svg>'
        )

    def drawn(self, drawing: bytes) -> bytes:
        """The drawing with the code in place of its square. Raises NoRoomError."""
        n = self.size
        before, room, after = drawing.partition(_ROOM % (n, n, n, n))
        if not room or room in after:
            raise NoRoomError(f"QR code of {n} modules")
        return b"".join((before, *self._runs(), b"f\n", after))

    def _runs(self) -> list[bytes]:
        """A rectangle for each row of dark modules that touch."""
        return [
            b"%d %d %d 1 re\n" % (run.start(), y, run.end() - run.start())
            for y, row in enumerate(self._rows)
            for run in _DARK.finditer(row)
        ]


def _rows(address: bytes) -> tuple[int, list[str]]:
    """The side in modules, and a string for each row, in which dark is 1."""
    fixed, varying = address[:-VARYING], address[-VARYING:]
    blank = fixed + bytes(len(varying))
    size, modules = _modules(blank)
    for at, character in enumerate(varying, len(fixed)):
        for bit in range(character.bit_length()):
            if character >> bit & 1:
                modules ^= _difference(blank, at, bit)
    digits = f"{modules:0{size * size}b}"
    return size, [digits[y : y + size] for y in range(0, size * size, size)]


@lru_cache(1024)
def _difference(blank: bytes, at: int, bit: int) -> int:
    """The modules that change with one bit of one character."""
    changed = bytearray(blank)
    changed[at] ^= 1 << bit
    return _modules(bytes(changed))[1] ^ _modules(blank)[1]


@lru_cache(16)
def _modules(content: bytes) -> tuple[int, int]:
    """The side in modules, and all modules row by row as one number."""
    code = segno.make_qr(content, error="m", mask=MASK, mode="byte", boost_error=False)
    dark = b"".join(bytes(row) for row in code.matrix)
    return len(code.matrix), int(dark.translate(_DIGITS), 2)


_DIGITS: Final = bytes.maketrans(b"\x00\x01", b"01")
