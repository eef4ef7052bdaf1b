"""The whole pipeline on a real house: what a copy costs from the approval to its
link, and a case from its upload on.

Every approval goes through the desk's API, every copy through two signatures with
proofs and timestamps, the gate and the archive. The limit of a copy is one SHA-256 of
its file and two RSA-2048 signatures, measured in the same run. Start at ``measure``;
who keeps approvals outstanding is in ``loops``, what was spent in ``spending``.
"""

import asyncio
import os
import statistics
import tempfile
from pathlib import Path
from typing import Final

from bench.figures import Figure
from bench.pipeline.loops import Approved, Approver, closed_loop, paced
from bench.pipeline.spending import Spent, Watched
from bench.thread import WITHOUT_READING, Rig, certifier, file_all, limit_ms, rig

OUTSTANDING: Final = (1, 4, 16, 64)
COPIES: Final = {1: 40, 4: 80, 16: 160, 64: 192}
PACE: Final = 5.0
"""Approvals a second: a fifth of a province's busiest hour."""
PACED: Final = 100
CASES: Final = 40
"""Whole cases whose cost is measured, from the first form to the link."""
SHARE: Final = float(os.environ.get("BENCH_SHARE", "1"))
"""A smaller share of the copies for a quick look; the figures say how many they had."""


async def measure() -> dict[str, Figure]:
    with tempfile.TemporaryDirectory(prefix="ecopy-bench-") as folder:
        async with rig(Path(folder), WITHOUT_READING) as r:
            return await _measure(r)


async def _measure(r: Rig) -> dict[str, Figure]:
    loops = {most: _share(COPIES[most]) for most in OUTSTANDING}
    watched = Watched(r.supervisor)
    async with certifier(r.house) as program:
        approver = Approver(r.house, program)
        cases = await _whole_cases(r, watched, approver)
        count = sum(loops.values()) + _share(PACED)
        print(f"filing {count} cases of W3 through the desk's forms …")
        waiting = [await approver.ready(f) for f in await file_all(r, count)]
        paced_ones = [waiting.pop() for _ in range(_share(PACED))]
        latencies = await paced(approver, paced_ones, PACE)
        found, limits = {}, [await asyncio.to_thread(limit_ms, r.scan.file)]
        for most, copies in loops.items():
            batch = [waiting.pop() for _ in range(copies)]
            before = watched.spent()
            done = await closed_loop(approver, batch, most)
            found[most] = (done, watched.spent().since(before))
            limits.append(await asyncio.to_thread(limit_ms, r.scan.file))
            print(_line(most, *found[most], min(limits)))
    # A neighbour on the same core makes the limit longer, never shorter: the shortest
    # is the one that was not disturbed, and it flatters no figure.
    limit = min(limits)
    return _figures(found, cases, latencies, limit)


async def _whole_cases(r: Rig, watched: Watched, approver: Approver) -> float:
    """CPU milliseconds of one case: forms, upload, rebuilding, approval and link."""
    count = _share(CASES)
    before = watched.spent()
    filed = [await approver.ready(f) for f in await file_all(r, count)]
    await closed_loop(approver, filed, 4)
    return watched.spent().since(before).ours * 1000 / count


def _share(count: int) -> int:
    return max(1, round(count * SHARE))


def _line(most: int, done: Approved, spent: Spent, limit: float) -> str:
    copies = len(done.seconds)
    each = " · ".join(f"{n} {s * 1000 / copies:.1f}" for n, s in spent.by_name.items())
    return (
        f"{most:3} outstanding: {done.rate:.1f} copies/s, "
        f"p50 {done.percentile(50):.0f} ms, p95 {done.percentile(95):.0f} ms, "
        f"CPU ms a copy: {each}; "
        f"{spent.ours * 1000 / copies / limit:.1f} times the limit"
    )


def _figures(
    found: dict[int, tuple[Approved, Spent]],
    case_ms: float,
    latencies: list[float],
    limit: float,
) -> dict[str, Figure]:
    done, spent = found[16]
    per_copy = spent.ours * 1000 / len(done.seconds)
    best = max(approved.rate for approved, _ in found.values())
    cores = os.cpu_count() or 1
    by_process = ", ".join(
        f"{name} {s * 1000 / len(done.seconds) / limit:.1f}"
        for name, s in spent.by_name.items()
    )
    signing = spent.by_name["signing"] * 1000 / len(done.seconds)
    beside = f"the limit is {limit:.2f} ms in this run"
    rates = ", ".join(f"{most}: {a.rate:.1f}" for most, (a, _) in found.items())
    return {
        "pipeline.cpu_of_limit": Figure(
            round(per_copy / limit, 1), "× the limit", "≤ 15",
            f"{per_copy:.1f} ms a copy with 16 outstanding ({by_process}); {beside}",
        ),
        "pipeline.capacity_of_limit": Figure(
            round(best * limit / 1000 / cores, 4), "of the limit", "≥ 0.055",
            f"copies/s by outstanding: {rates}; {cores} cores",
        ),
        "pipeline.case_cpu_of_limit": Figure(
            round(case_ms / limit, 1), "× the limit", "≤ 90",
            f"{case_ms:.0f} ms a whole case of W3; {beside}",
        ),
        "pipeline.link_ready_p95_ms": Figure(
            round(statistics.quantiles(latencies, n=20)[-1] * 1000), "ms", "≤ 400",
            f"{len(latencies)} approvals, {PACE:g} a second; median "
            f"{statistics.median(latencies) * 1000:.0f} ms",
        ),
        "signing.copies_per_core_of_limit": Figure(
            round(limit / signing, 3), "of the limit", "≥ 0.16",
            f"{signing:.1f} ms of the signing processes a copy, through the event",
        ),
    }  # fmt: skip
