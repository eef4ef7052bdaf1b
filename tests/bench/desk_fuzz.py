"""``desk.fuzz_failures``: two thousand spoilt files of every kind, given to the desk's
rebuilder one by one. A file that ends its worker, raises, or takes longer than twenty
seconds is a failure, and so is a worker that ever had more than a GiB of memory.
"""

import resource

from bench.figures import Figure
from corpus.mutated import SEEDS
from support.fuzzing import tallied

FILES = 70 * len(SEEDS)
_MOST_KIB = 1 << 20


async def measure() -> dict[str, Figure]:
    """The figure, with the slowest file and what became of the others."""
    tally = await tallied(range(FILES))
    # The largest of all processes that ended: the workers, and who forked them.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    failures = [*tally.failures, *(["over a GiB"] if peak > _MOST_KIB else [])]
    seconds, slowest = tally.slowest
    outcomes = ", ".join(f"{n} {word}" for word, n in tally.outcomes.most_common())
    told = f"{FILES} files: {outcomes}; slowest {seconds:.1f} s ({slowest})"
    return {
        "desk.fuzz_failures": Figure(
            len(failures), "files", "0", "; ".join([told, *failures[:5]])
        )
    }
