"""What a nasty file costs at the verify page, in processor time of all that it starts.

Each file goes the way of an uploaded one: received, digests looked up, looked into by a
process of its own, its signers read. Counted is this process, what it waited for, and
the children of the process that looks into files.
"""

import os
import resource
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure
from corpus import nasty, signed
from storage.adapters.verdicts import VerdictProcesses
from storage.domain.gate import compile_trust
from storage.usecases import CheckAnswer
from support.forging.copy import PINS
from support.forging.pki import ours, trust_document
from support.prepared import prepared_reader
from support.storage import Shelf, shelf

FILES = int(os.environ.get("BENCH_FILES", str(nasty.FILES)))
"""A thousand take a quarter of an hour, so the whole proof tries fewer."""
GOAL = 2.0
WALL_GOAL = 20.0
PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class Cost:
    name: str
    size: int
    cpu: float
    wall: float
    finding: str


async def measure() -> dict[str, Figure]:
    """Of every file of the corpus; the worst ones are printed."""
    trust = compile_trust(trust_document(ours(), PINS))
    processes = VerdictProcesses(trust, processes=1)
    await processes.warm()
    try:
        with tempfile.TemporaryDirectory(prefix="ecopy-nasty-") as folder:
            url = f"sqlite:///{folder}/storage.db"
            more = {"verdicts": processes, "reader": prepared_reader()}
            async with shelf(Path(folder), url, trust, **more) as store:
                usual = await _cost(store, processes, "usual", signed.unsigned())
                costs = [
                    await _cost(store, processes, name, data)
                    for name, data in nasty.files(FILES)
                ]
    finally:
        processes.close()
    return _figures(usual, costs)


def _figures(usual: Cost, costs: list[Cost]) -> dict[str, Figure]:
    costs.sort(key=lambda cost: -cost.cpu)
    for cost in costs[:9]:
        print(f"{cost.cpu:6.2f} s  {cost.size:>10}  {cost.finding:<18} {cost.name}")
    worst, slowest = costs[0], max(costs, key=lambda cost: cost.wall)
    return {
        "hard.nasty_cpu_s": Figure(
            worst.cpu,
            "s of CPU",
            f"≤ {GOAL:g}",
            f"the worst of {len(costs)} files ({worst.name}, {worst.size} bytes); "
            f"a usual file takes {usual.cpu:.3f}",
        ),
        "hard.nasty_wall_s": Figure(
            slowest.wall, "s", f"≤ {WALL_GOAL:g}", f"{slowest.name}, one after another"
        ),
    }


async def _cost(
    store: Shelf, processes: VerdictProcesses, name: str, data: bytes
) -> Cost:
    before, started = _cpu(processes), time.monotonic()
    answer: CheckAnswer = await store.strict.check_file(
        _pieces(data), sender="192.0.2.9"
    )
    wall = time.monotonic() - started
    finding = answer.verdict.finding.value
    return Cost(name, len(data), _cpu(processes) - before, wall, finding)


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), PIECE_BYTES):
        yield data[at : at + PIECE_BYTES]


def _cpu(processes: VerdictProcesses) -> float:
    """Of this process, of what it has waited for, and of what still runs for it."""
    waited = resource.getrusage(resource.RUSAGE_CHILDREN)
    running = sum(_spent(pid) for pid in processes.idle())
    return time.process_time() + waited.ru_utime + waited.ru_stime + running


def _spent(pid: int) -> float:
    """utime, stime and those of children that ended: proc(5), fields 14 to 17."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
