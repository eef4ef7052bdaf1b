"""Our own strict decoder of ITU-T T.4 and T.6: fax pages in a PDF (7.4.6).

libtiff is not the judge, because it paints what is missing white or black and only
prints a warning. Here a row is whole or the image is refused: *truncated* if the data
end before the last row, *damaged* at a code that does not exist or runs over the line.

Start at ``rows``. A row is the ascending list of the columns at which its colour
changes, from white on. An A4 page at 300 dpi takes about a second.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NoReturn

from intake.adapters.rebuild import ccitt_codes as codes
from intake.adapters.rebuild.pages import UnfitPage
from intake.domain.scan import ScanFault

# T.4, 4.1.2: eleven zeros and a one end a line; no code of a run begins so. Two of them
# in a row are a T.6 page's end (its EOFB).
_EOL_ZEROS: Final = 11
_END_OF_BLOCK: Final = 0x001001
_STEP: Final = 64
"""Codes of this length and its multiples are followed by one more (T.4, table 3)."""
_MOST_CODES: Final = 40_000_000
"""Some 40 s of work: more than any page of paper holds."""


@dataclass(frozen=True, slots=True)
class Coding:
    """The parameters of /CCITTFaxDecode that say how the rows are written. /Rows and
    /EndOfBlock are not among them: as many rows as the image has must be there.
    """

    k: int
    columns: int
    aligned: bool
    """Each row starts at a whole byte (/EncodedByteAlign)."""
    marked: bool = False
    """A mark stands before each row (/EndOfLine). It is accepted anyway; only beside
    ``aligned`` it must be known, because a long white run then looks the same."""


def rows(data: bytes, coding: Coding, height: int) -> Iterator[list[int]]:
    """Exactly ``height`` rows; raises UnfitPage."""
    reading = _Reading(data, coding)
    row: list[int] = []
    for _ in range(height):
        row = reading.row(row)
        yield row


def packed(changes: list[int], width: int) -> bytes:
    """One row as whole bytes, black is 1."""
    line = 0
    for column in changes:
        line ^= (1 << (width - column)) - 1
    return (line << (-width % 8)).to_bytes((width + 7) // 8, "big")


class _Reading:
    """A place in the bits, and how the rows are written."""

    def __init__(self, data: bytes, coding: Coding) -> None:
        # Zeros behind the end: a code can be looked up there without asking each time
        # whether the data end; no code is all zeros.
        self._data = data + bytes(8)
        self._size = 8 * len(data)
        self._coding = coding
        self._at = 0
        self._codes = 0

    def row(self, above: list[int]) -> list[int]:
        flat = self._starts_flat()
        self._codes += 1
        if self._codes > _MOST_CODES:
            raise UnfitPage(ScanFault.TOO_MUCH_WORK, "CCITT")
        return self._flat() if flat else self._beside(above)

    def _starts_flat(self) -> bool:
        """Past the last line's end mark; whether this line is one-dimensional."""
        k = self._coding.k
        if self._coding.aligned and (k < 0 or not self._coding.marked):
            self._at += -self._at % 8
        if k < 0:
            return self._refuse_end_of_block()
        if not self._ends() and self._coding.aligned:
            self._at += -self._at % 8
        if k == 0:
            return True
        tag = self._bits(1)
        self._at += 1
        if tag and self._ends():
            raise UnfitPage(ScanFault.TRUNCATED, "CCITT rows missing")
        return bool(tag)

    def _refuse_end_of_block(self) -> bool:
        if self._bits(24) == _END_OF_BLOCK:
            raise UnfitPage(ScanFault.TRUNCATED, "CCITT rows missing")
        return False

    def _ends(self) -> int:
        """How many end-of-line marks stand here; two of them end the image."""
        count = 0
        while (zeros := self._zeros()) is not None and zeros >= _EOL_ZEROS:
            self._at += zeros + 1
            count += 1
            if count > 1:
                raise UnfitPage(ScanFault.TRUNCATED, "CCITT rows missing")
        return count

    def _zeros(self) -> int | None:
        """Zero bits before the next one bit; None if there is no further one."""
        window = self._bits(24)
        if window:
            return 24 - window.bit_length()
        byte = (self._at >> 3) + 3
        rest = self._data[byte:].lstrip(b"\x00")[:1]
        if not rest:
            return None
        skipped = len(self._data) - byte - len(self._data[byte:].lstrip(b"\x00"))
        return 8 * (byte + skipped + 1) - rest[0].bit_length() - self._at

    def _flat(self) -> list[int]:
        """T.4: runs, white and black by turns, until the line is full."""
        width = self._coding.columns
        line = _Line(width)
        while line.at < width:
            run = self._run(line.colour)
            if run < 0:
                self._uncompressed(line)
                continue
            line.change(line.at + run, self)
        return line.changes

    def _beside(self, above: list[int]) -> list[int]:
        """T.6: each change beside the changes of the line above (2.2.1)."""
        width = self._coding.columns
        edges = [*above, width, width, width, width]
        line, n = _Line(width), 0
        while line.at < width:
            n = _edge(edges, line, n, width)
            mode = self._code(codes.MODES)
            if mode == codes.PASS:
                line.at = edges[n + 1]
            elif mode == codes.HORIZONTAL:
                for _ in range(2):
                    self._horizontal(line)
            elif mode == codes.UNCOMPRESSED:
                self._uncompressed(line)
            else:
                line.change(edges[n] + mode, self)
            line.started = True
        return line.changes

    def _horizontal(self, line: "_Line") -> None:
        run = self._run(line.colour)
        if run < 0:
            self.refuse()
        line.change(line.at + run, self)

    def _run(self, colour: int) -> int:
        table, whole = codes.RUNS[colour], 0
        while True:
            run = self._code(table)
            if run < _STEP:
                return whole + run if run >= 0 or not whole else self.refuse()
            whole += run

    def _uncompressed(self, line: "_Line") -> None:
        """T.6 annex: pixels as they are, until a code that says the next colour."""
        colour: int | None = None
        while colour is None:
            pixels, colour = self._code(codes.PATTERNS)
            for pixel in pixels:
                if line.colour != int(pixel):
                    line.change(line.at, self)
                if line.at >= line.width:
                    self.refuse()
                line.at += 1
        if line.colour != colour and line.at < line.width:
            line.change(line.at, self)

    def _code(self, table: "list[tuple[int, codes.T] | None]") -> "codes.T":
        at = self._at
        byte = at >> 3
        window = int.from_bytes(self._data[byte : byte + 3], "big")
        found = table[(window >> (11 - (at & 7))) & 0x1FFF]
        if found is None:
            self.refuse()
        self._at = at + found[0]
        self._codes += 1
        if self._at > self._size:
            self.refuse()
        return found[1]

    def _bits(self, count: int) -> int:
        byte = self._at >> 3
        window = int.from_bytes(self._data[byte : byte + 4].ljust(4, b"\x00"), "big")
        return (window >> (32 - count - (self._at & 7))) & ((1 << count) - 1)

    def refuse(self) -> NoReturn:
        """Nothing but zeros to the end is what a cut file was filled with."""
        if self._at >= self._size or not any(self._data[(self._at >> 3) + 1 :]):
            raise UnfitPage(ScanFault.TRUNCATED, "CCITT rows missing")
        raise UnfitPage(ScanFault.DAMAGED, "CCITT code")


class _Line:
    """A row in the making."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.at = 0
        self.started = False
        """Whether a code was read: before it, a change in column 0 is ahead."""
        self.changes: list[int] = []
        self.colour = 0

    def change(self, column: int, reading: _Reading) -> None:
        """Two changes at one place are none: a run of no pixels."""
        if column < self.at or column > self.width:
            reading.refuse()
        self.at = column
        self.colour ^= 1
        if self.changes and self.changes[-1] == column:
            self.changes.pop()
        elif column < self.width:
            self.changes.append(column)


def _edge(edges: list[int], line: _Line, n: int, width: int) -> int:
    """b1 of T.6: the next change above, right of here, to the other colour."""
    n = max(0, n - 3)
    n += (n ^ line.colour) & 1
    at = line.at if line.started else -1
    while edges[n] <= at and edges[n] < width:
        n += 2
    return n
