"""The service's side of typesetting: one worker for each paper, few at a time.

Start at ``TypstTypesetter``.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog

from chassis import temporary
from chassis.confined import WorkerAbsent, regular_size
from chassis.sandbox import Bounds
from chassis.workers import Zygote
from ecopy.refusals import Hindrance, Trouble

log = structlog.get_logger()

WORKER: Final = "intake.adapters.typesetting.worker:main"
PDF: Final = "handout.pdf"
PICTURE: Final = "handout.png"
MIB: Final = 1 << 20
BOUNDS: Final = Bounds(
    # Three times what a month of 5,000 lines takes (measured 2026-11-29).
    address_space_bytes=4096 * MIB,
    cpu_seconds=60,
    wall_seconds=60.0,
    written_bytes=64 * MIB,
    open_files=64,
    threads=True,
)
ENVIRONMENT: Final = {"RAYON_NUM_THREADS": "2"}
"""Typst lays pages out in parallel, by default on every processor there is."""


def typesetting_workers() -> Zygote:
    """Workers that set papers; whoever asks for it closes it."""
    return Zygote(WORKER, environment=ENVIRONMENT)


class TypstTypesetter:
    """``ports.HandoutTypesetter``; *processes* papers at a time, the others wait."""

    def __init__(self, workers: Zygote, *, processes: int = 2) -> None:
        self._workers = workers
        self._slots = asyncio.Semaphore(processes)

    async def pdf(self, facts: Mapping[str, Any], at: datetime) -> bytes:
        return await self._set({"facts": facts, "picture": False}, at, PDF)

    async def picture(self, facts: Mapping[str, Any], at: datetime) -> bytes:
        return await self._set({"facts": facts, "picture": True}, at, PICTURE)

    async def _set(self, job: dict[str, Any], at: datetime, result: str) -> bytes:
        order = job | {"at": int(at.timestamp()), "bounds": asdict(BOUNDS)}
        content = json.dumps(order, ensure_ascii=False).encode()
        folder = await asyncio.to_thread(temporary.Folder, "handouts")
        try:
            async with self._slots:
                return await self._run(content, folder.path, result)
        except (WorkerAbsent, TimeoutError, OSError) as error:
            raise Trouble(Hindrance.UNEXPECTED, f"typesetting: {error}") from error
        finally:
            await asyncio.to_thread(folder.remove)

    async def _run(self, order: bytes, into: Path, result: str) -> bytes:
        code = await self._workers.run(
            order, into=into, wall_seconds=BOUNDS.wall_seconds
        )
        log.info("typesetting_ended", code=code)
        if code:
            fault = await asyncio.to_thread(_fault, into)
            raise OSError(f"the worker ended with {code}: {fault}")
        return await asyncio.to_thread(_read, into / result)


def _read(path: Path) -> bytes:
    regular_size(path)
    return path.read_bytes()


def _fault(into: Path) -> str:
    """What typst said: a fault of ours, since no program but ours was run."""
    try:
        return _read(into / "fault.txt").decode("utf-8", "replace")[:500]
    except (OSError, ValueError):
        return "no word"
