"""``desk.fuzz_failures``: two thousand spoilt files of every kind, given to the desk's
rebuilder one by one. A file that ends its worker, raises, or takes longer than twenty
seconds is a failure, and so is a worker that ever had more than a GiB of memory.
"""

import resource

from structlog.testing import capture_logs

from bench.figures import Figure
from corpus.mutated import SEEDS
from intake.adapters.rebuild.process import SandboxedRebuilder, rebuild_workers
from support.fuzzing import Tally, tallied

FILES = 70 * len(SEEDS)
_MOST_SECONDS = 20.0
_MOST_KIB = 1 << 20


async def measure() -> dict[str, Figure]:
    """The figure, with the slowest file and what became of the others."""
    before, workers = _peak_kib(), rebuild_workers()
    try:
        with capture_logs():  # a line for each of them
            tally = await tallied(range(FILES), SandboxedRebuilder(workers))
    finally:
        workers.close()
    failures = _failures(tally, before)
    seconds, slowest = tally.slowest
    outcomes = ", ".join(f"{n} {word}" for word, n in tally.outcomes.most_common())
    reference = f"{FILES} files: {outcomes}; slowest {seconds:.1f} s ({slowest})"
    return {
        "desk.fuzz_failures": Figure(
            len(failures), "files", "0", "; ".join([reference, *failures[:5]])
        )
    }


def _failures(tally: Tally, before: int) -> list[str]:
    slow = [f"{name}: {s:.0f} s" for s, name in tally.times if s > _MOST_SECONDS]
    large = _peak_kib() > max(_MOST_KIB, before)
    return [*tally.failures, *slow, *(["over a GiB"] if large else [])]


def _peak_kib() -> int:
    """The most memory of any process that ended: the workers, and who forked them."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
