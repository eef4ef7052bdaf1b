"""Intake's front office: what a pile of paper costs until its pages are right.

Each figure has a module of its own with a ``measure``; a new one is a line of ``ALONE``
or of a lane of ``TOGETHER``. Each module runs in a process of its own and is given a
time: one that hangs or fails costs its own figure and no other. Start at ``measure``.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from bench.figures import ROOT, Figure
from bench.processes import children

Lane = Mapping[str, float]
"""Modules that run one after the other, with the seconds that each may take."""

ALONE: Final[Lane] = MappingProxyType({"normalise": 20, "thumbnails": 40})
"""Their figures are times, so nothing else of ours runs beside them."""
TOGETHER: Final[tuple[Lane, ...]] = (
    MappingProxyType({"flags": 190, "resume": 30}),
    MappingProxyType({"memory": 62, "spoilt": 98, "printed": 80}),
)
"""Their figures are counts. All together end within five minutes, whatever happens."""
PATIENCE: Final = float(os.environ.get("BENCH_PATIENCE", "1"))
"""A machine that is shared or slow may give each module so many times its seconds."""
END_SECONDS: Final = 5.0
"""For a house to close; what is left then is killed."""


async def measure() -> dict[str, Figure]:
    found = await _lane(ALONE)
    for lane in await asyncio.gather(*map(_lane, TOGETHER)):
        found |= lane
    return found


async def _lane(lane: Lane) -> dict[str, Figure]:
    found: dict[str, Figure] = {}
    for name, seconds in lane.items():
        found |= await measured(f"bench.desk.{name}", seconds * PATIENCE)
    return found


async def measured(
    module: str, seconds: float, *, end_seconds: float = END_SECONDS
) -> dict[str, Figure]:
    """What the module measures, printed as it ends; nothing if it fails or takes longer
    than *seconds*, and then the reason is printed. Its own words go into a log.
    """
    started, name = time.monotonic(), module.rsplit(".", 1)[-1]
    log = ROOT / "build" / f"bench-{name}.log"
    log.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ecopy-bench-") as folder:
        result = Path(folder) / "figures.json"
        ended = await _run(module, result, log, (seconds, end_seconds))
        found = json.loads(result.read_text()) if result.exists() else {}
    figures = {key: Figure(**values) for key, values in found.items()}
    took = f"{name}, {time.monotonic() - started:.0f} s"
    for key, f in figures.items():
        print(f"{key} = {f.value:g} {f.unit}  [{took}]", flush=True)
    if not figures:
        print(f"not measured: {took}: {ended}; its words: {log}", flush=True)
    return figures


async def _run(module: str, result: Path, log: Path, times: tuple[float, float]) -> str:
    """How it ended. *times*: until it must, and for its end."""
    seconds, end_seconds = times
    with log.open("wb") as words:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.desk", module, str(result)),
            stdout=words,
            stderr=words,
            start_new_session=True,
        )
        try:
            code = await asyncio.wait_for(process.wait(), seconds)
        except TimeoutError:
            return f"not done within {seconds:.0f} s"
        finally:
            await _end(process, end_seconds)
    return f"it ended with {code}"


async def _end(process: asyncio.subprocess.Process, seconds: float) -> None:
    """It closes what it has opened if it can; nothing of it goes on."""
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGINT)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), seconds)
    if process.returncode is None:
        for pid in (*_below(process.pid), process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await process.wait()


def _below(pid: int) -> list[int]:
    """Everything that the process has started, and what that has."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        own = children(pid)
        return [*own, *(each for child in own for each in _below(child))]
    return []
