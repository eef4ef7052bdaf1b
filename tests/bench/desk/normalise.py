"""``desk.normalise_w3_of_limit``: the processor's time for one usual scan, warm.

W3 (three pages, 3.3 MB) is rebuilt with both pictures of each page, by the service's
own workers. Counted is this process, the zygote, and every worker that has ended. The
limit is measured between the rounds: one SHA-256 of the file, two RSA-2048 signatures.
"""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

from bench.figures import Figure
from bench.processes import children, cpu_seconds
from bench.references.limit import limit
from bench.thread import make_scan
from chassis.workers import open_zygote
from intake.adapters.rebuild.process import SandboxedRebuilder, rebuild_workers
from intake.domain.scan import SourceFile

ROUNDS: Final = 20
"""Of 0.2 s: /proc counts hundredths of a second."""
GOAL: Final = 40


async def measure() -> dict[str, Figure]:
    with (
        tempfile.TemporaryDirectory(prefix="ecopy-bench-") as folder,
        open_zygote(rebuild_workers()) as workers,
    ):
        scan = Path(folder) / "w3.pdf"
        make_scan(scan)
        rebuilder = SandboxedRebuilder(workers)
        await _rebuild(rebuilder, scan)
        least, limits = limit(scan), []
        before = _spent()
        for _ in range(ROUNDS):
            await _rebuild(rebuilder, scan)
            started = time.process_time()
            least()
            limits.append(time.process_time() - started)
        spent = (_spent() - before - sum(limits)) / ROUNDS
    limit_ms = statistics.median(limits) * 1000
    return {
        "desk.normalise_w3_of_limit": Figure(
            round(spent * 1000 / limit_ms, 1),
            "× of the limit",
            f"≤ {GOAL}",
            f"{spent * 1000:.0f} ms of the processor; the limit is {limit_ms:.2f} ms "
            "in this run",
        )
    }


async def _rebuild(rebuilder: SandboxedRebuilder, scan: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="ecopy-bench-") as into:
        await rebuilder.rebuild(SourceFile(scan.name, scan), into=Path(into))


def _spent() -> float:
    return time.process_time() + sum(map(cpu_seconds, children()))
