"""Gives spoilt files to the real rebuilder and sorts what came of them.

A refusal with a reason is what a spoilt file is for. A failure is a worker that died,
or an exception of ours. How long each took is for the bench to judge.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from corpus import mutated
from intake.adapters.rebuild.process import SandboxedRebuilder
from intake.domain.scan import ScanRefused, SourceFile
from support.prepared import prepared_rebuilder

_DIED = "worker ended with"
_BUG = " in "
"""A worker's own exception is told as ``ValueError in tiff.py:120``."""


@dataclass
class Tally:
    """How many files had which outcome."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """*taken*, or a fault's slug."""
    failures: list[str] = field(default_factory=list)
    """Number, seed and what happened, of each that must not be."""
    surprises: Counter[str] = field(default_factory=Counter)
    """Where an exception that nobody expected became a refusal."""
    times: list[tuple[float, str]] = field(default_factory=list)
    """Seconds by the clock, and the file."""

    @property
    def slowest(self) -> tuple[float, str]:
        return max(self.times)


async def tallied(
    numbers: Iterable[int], rebuilder: SandboxedRebuilder | None = None
) -> Tally:
    """What became of the spoilt files of these numbers."""
    tally = Tally()
    rebuilder = rebuilder or prepared_rebuilder()
    for number in numbers:
        name, data = mutated.mutated(number)
        started = time.perf_counter()
        await _try(rebuilder, tally, f"{number} {name}", data)
        tally.times.append((time.perf_counter() - started, f"{number} {name}"))
    return tally


async def _try(
    rebuilder: SandboxedRebuilder, tally: Tally, name: str, data: bytes
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        into, source = Path(folder, "into"), Path(folder, "source")
        into.mkdir()
        source.write_bytes(data)
        try:
            await rebuilder.rebuild(SourceFile(name, source), into=into)
        except ScanRefused as refused:
            tally.outcomes[refused.fault] += 1
            if refused.detail.startswith(_DIED):
                tally.failures.append(f"{name}: {refused.detail}")
            elif _BUG in refused.detail and refused.detail.split(_BUG)[1][-1].isdigit():
                tally.surprises[refused.detail] += 1
        except Exception as error:  # noqa: BLE001 - the service would answer 500
            tally.failures.append(f"{name}: {error!r}")
        else:
            tally.outcomes["taken"] += 1
