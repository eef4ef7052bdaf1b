"""Making a copy: composing, sealing beside its references, copies a core, memory.

In process: ``bench.inprocess``, its clocks are CPU and its medians of interleaved
rounds. Through the event: the real service on a real bus, with its databases, stores
and journal; only intake is played. The TSA is another process in both.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.eu_dss import eu_dss
from bench.figures import ROOT, Figure
from bench.orders import Material, laid_out
from bench.signing_service import ServiceFigures, through_the_event
from onebox.settings import ALLOCATOR

ROUNDS = 40
COPIES = int(os.environ.get("BENCH_COPIES", "5000"))
"""Small copies in a row, for the growth of memory; the figure names how many."""


async def measure() -> dict[str, Figure]:
    with tempfile.TemporaryDirectory(prefix="ecopy-bench-") as folder:
        async with laid_out(Path(folder)) as material:
            load = os.getloadavg()[0]
            times = await asyncio.to_thread(in_process, material)
            dss = await asyncio.to_thread(eu_dss, material)
            cost = await through_the_event(material, COPIES)
    medians = {name: statistics.median(values) for name, values in times.items()}
    _say(medians, dss, load)
    return _sealing(medians, dss, load) | _service(medians, cost)


def in_process(material: Material) -> dict[str, list[float]]:
    command = [
        *(sys.executable, "-m", "bench.inprocess"),
        *(material.folder, material.base, str(ROUNDS)),
    ]
    roots = os.pathsep.join(str(ROOT / r) for r in ("libs", "services", "deploy"))
    paths = os.pathsep.join((roots, str(ROOT / "tests")))
    done = subprocess.run(
        command,
        env={"PATH": os.defpath, "PYTHONPATH": paths, **ALLOCATOR},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def _say(medians: dict[str, float], dss: float | None, load: float) -> None:
    steps = " · ".join(f"{name} {ms:.2f}" for name, ms in medians.items())
    beside = f" · eu_dss {dss:.1f}" if dss else ""
    print(f"CPU ms a copy of W3, medians of {ROUNDS}, load {load:.1f}: {steps}{beside}")


def _sealing(
    medians: dict[str, float], dss: float | None, load: float
) -> dict[str, Figure]:
    limit, bt, blt = (medians[name] for name in ("limit", "seal_bt", "seal_blt"))
    plain = medians["plain_pyhanko"]
    beside = f"{bt:.2f} ms, limit {limit:.2f} ms CPU, load {load:.1f}"
    figures = {
        "seal_bt_of_limit": Figure(_r(bt / limit), "×", "≤ 2.0", beside),
        "seal_blt_of_limit": Figure(_r(blt / limit), "×", "≤ 2.5", f"{blt:.2f} ms"),
        "seal_bt_of_plain_pyhanko": Figure(
            _r(bt / plain), "×", "≤ 0.03", f"plain pyHanko {plain:.0f} ms"
        ),
        "compose_cpu_ms": Figure(
            _r(medians["compose"]), "ms", "≤ 12", f"limit {limit:.2f} ms in this run"
        ),
    }
    if dss:
        figures["seal_bt_of_eu_dss"] = Figure(
            _r(bt / dss), "×", "≤ 0.08", f"EU DSS in a warm JVM {dss:.0f} ms"
        )
    return {f"signing.{name}": figure for name, figure in figures.items()}


def _service(medians: dict[str, float], cost: ServiceFigures) -> dict[str, Figure]:
    limit = f"limit {medians['limit']:.2f} ms in this run"
    return {
        "signing.copies_per_core_s": Figure(
            _r(1000 / cost.cpu_ms),
            "copies/core·s",
            "≥ 25",
            f"{cost.cpu_ms:.1f} ms CPU of the process a copy of W3; {limit}",
        ),
        "signing.growth_5000_copies_mb": Figure(
            _r(cost.growth_mb),
            "MB",
            "≤ 20",
            f"measured over {cost.copies} copies of one small page, after {cost.warm}",
        ),
        "signing.peak_200_pages_mb": Figure(
            _r(cost.peak_mb),
            "MB",
            "≤ 300",
            f"VmHWM of the process, {cost.large_mb:.0f} MB, {cost.large_pages} pages",
        ),
    }


def _r(value: float) -> float:
    return float(f"{value:.3g}")
