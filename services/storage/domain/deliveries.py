"""Which bytes of a file have reached somebody: whole downloads, parallel parts, and
downloads that broke off and were resumed. Bounded, and in this process only.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

MAX_PARTS: Final = 1000
"""Parts that one download may have; programs that load in parallel use some ten."""
RESUMED_BYTES: Final = 1 << 20
"""So far behind the last acknowledged byte a client may go on: what it has received
since we looked. A larger gap is another part, and not a download that goes on."""


@dataclass(frozen=True, slots=True)
class ArrivedPart:
    """Bytes ``first`` up to ``end``, without ``end``."""

    first: int
    end: int
    broken: bool = False
    """The line broke: *end* is where it was seen to be, not where it stopped."""


class Deliveries:
    """What has arrived, by whatever key the caller gives: one link and one address."""

    def __init__(self, *, keys: int = 10_000) -> None:
        """Beyond *keys* the one that was quiet the longest is forgotten."""
        self._most = keys
        self._parts: OrderedDict[str, tuple[ArrivedPart, ...]] = OrderedDict()

    def add(self, key: str, size: int, part: ArrivedPart) -> bool:
        """True if now the whole file has arrived: once for each time that it has."""
        parts = _joined((*self._parts.pop(key, ()), part), part.first)
        if ArrivedPart(0, size) in parts:
            return True
        # A client that asks for bytes one by one loses its download's beginning instead
        # of our memory: too little is noted rather than too much.
        if len(parts) <= MAX_PARTS:
            self._parts[key] = parts
        while len(self._parts) > self._most:
            self._parts.popitem(last=False)
        return False


def _joined(parts: tuple[ArrivedPart, ...], resumed_at: int) -> tuple[ArrivedPart, ...]:
    """Whole parts that touch are made one. A client that goes on at *resumed_at* says
    that it has all up to there; what else arrived of a broken part counts for nothing.
    """
    resumed = [_resumed(part, resumed_at) for part in parts]
    joined = [part for part in resumed if part.broken]
    run: ArrivedPart | None = None
    for part in sorted((p for p in resumed if not p.broken), key=lambda p: p.first):
        if run is not None and part.first <= run.end:
            run = ArrivedPart(run.first, max(run.end, part.end))
            continue
        if run is not None:
            joined.append(run)
        run = part
    return (*joined, run) if run is not None else tuple(joined)


def _resumed(part: ArrivedPart, at: int) -> ArrivedPart:
    if part.broken and part.first < at <= part.end + RESUMED_BYTES:
        return ArrivedPart(part.first, at)
    return part
