"""The process that reads the print on one page: ``python -m intake.…reading.worker``.

The process that forks it has the engine and its data loaded, so this one opens nothing
but the page's own file. Reads an order (JSON) from standard input, locks itself in, and
leaves ``report.json``: the lines, or one fault. Start at ``main``.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, Final, Protocol

from PIL import Image

from chassis import sandbox
from chassis.tesseract import Engine
from intake.adapters.rebuild import decode, tiles
from intake.adapters.rebuild.limits import Limits

ENGINE: Final = Engine()
_DPI: Final = 300
"""The engine is told this density: it takes a page of 200 for one of small print."""
_UNIT: Final = 1000
_WORD_ROW: Final = "5"
_COLUMNS: Final = 12
_TURNS: Final = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
Lines = list[list[tuple[str, int, int, int, int, int]]]


class Reads(Protocol):
    @property
    def version(self) -> str: ...
    def table(self, pixels: bytes, size: tuple[int, int], dpi: int) -> str: ...


def main(*, engine: Reads = ENGINE) -> int:
    """0 when a report was written, whatever it says."""
    order = json.load(sys.stdin)
    limits, into = Limits(**order["limits"]), Path(order["into"])
    os.nice(order["nice"])
    own = Path(__file__).parents[3]
    readable = (*sandbox.libraries(), own, Path(order["path"]))
    sandbox.confine(limits.bounds, readable=readable, writable=into)
    decode.set_bounds(limits)
    (into / sandbox.CONFINED).write_bytes(b"")
    (into / "report.json").write_text(json.dumps(_report(order, limits, engine)))
    return 0


def _report(order: dict[str, Any], limits: Limits, engine: Reads) -> dict[str, Any]:
    try:
        page = tiles.whole_page(order, limits).convert("L")
        found = [_read(page, turn, engine) for turn in order["turns"]]
    except MemoryError:
        return {"why": "too-much-work"}
    except Exception:  # noqa: BLE001 - the sandbox's edge: whatever it is, the page is not read
        return {"why": "damaged"}
    return {"engine": engine.version, "lines": max(found, key=_sure)}


def _read(page: Image.Image, turn: int, engine: Reads) -> Lines:
    way = _TURNS.get(turn)
    shown = page if way is None else page.transpose(way)
    table = engine.table(shown.tobytes(), shown.size, _DPI)
    return lines(table, _UNIT / max(shown.size))


def lines(table: str, unit: float) -> Lines:
    """The engine's table as lines of words: text, sureness, left, top, right, bottom;
    *unit* is what a pixel is worth.
    """
    found: dict[tuple[str, ...], list[tuple[str, int, int, int, int, int]]] = {}
    for row in table.splitlines():
        fields = row.split("\t")
        if len(fields) != _COLUMNS or fields[0] != _WORD_ROW or not fields[11].strip():
            continue
        left, top, width, height = map(int, fields[6:10])
        box = (left, top, left + width, top + height)
        word = (fields[11].strip(), round(float(fields[10])))
        place = tuple(round(side * unit) for side in box)
        found.setdefault(tuple(fields[1:5]), []).append((*word, *place))  # type: ignore[arg-type]
    return list(found.values())


def _sure(page: Lines) -> float:
    words = [word[1] for line in page for word in line]
    return sum(words) / len(words) if words else 0.0


if __name__ == "__main__":
    sys.exit(main())
