"""The QR code (ISO/IEC 18004) as a path of its own, put where the template keeps room.

The room is a black square of the code's own size in modules; what typst makes of it is
one known line of operators, which is exchanged for the dark modules.
"""

from typing import Final

import segno

MASK: Final = 3
"""Any of the eight is a valid code; the search for the fairest costs 2 ms a copy. Level
M survives a print, a fold and a scan at 150 dpi."""
_ROOM: Final = b"0 0 m %d 0 l %d %d l 0 %d l\nh\nf\n"


class NoRoomError(ValueError):
    """The template does not show the code exactly once: a fault of ours."""


class QrCode:
    def __init__(self, address: str) -> None:
        code = segno.make_qr(address, error="m", mask=MASK)
        self._rows = code.matrix
        self.size = len(self._rows)

    def room(self) -> str:
        """SVG of the square that the template places."""
        n = self.size
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {n} {n}">'
            f'<path d="M0 0H{n}V{n}H0Z"/></svg>'
        )

    def drawn(self, drawing: bytes) -> bytes:
        """*drawing* with the code in its room. Raises NoRoomError."""
        n = self.size
        before, room, after = drawing.partition(_ROOM % (n, n, n, n))
        if not room or room in after:
            raise NoRoomError(f"QR code of {n} modules")
        return b"".join((before, *self._runs(), b"f\n", after))

    def _runs(self) -> list[bytes]:
        """A rectangle for each row of dark modules that touch."""
        runs = []
        for y, row in enumerate(self._rows):
            cells, x = bytes(row), 0
            while (start := cells.find(1, x)) >= 0:
                x = cells.find(0, start)
                x = self.size if x < 0 else x
                runs.append(b"%d %d %d 1 re\n" % (start, y, x - start))
        return runs
