"""``python -m tests.storm --seed 7 --faults 40 --minutes 2``: a storm and its judge.

The same seed draws the same faults. Exit status: 0 nothing broken, 1 an invariant is
broken (the history and ``var/`` are kept, and the command is said), 3 not run.
"""

import argparse
import sys
import tempfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
# ``python -m tests.storm`` from the repository finds the package, not yet its roots.
sys.path[:0] = [str(_ROOT / root) for root in ("tests", "libs", "services", "deploy")]

from storm.mistakes import BUGS  # noqa: E402
from storm.plan import KINDS  # noqa: E402
from storm.planted import run_planted  # noqa: E402
from storm.report import summed, write  # noqa: E402
from storm.sessions import SCENARIOS, print_findings, run_session  # noqa: E402
from storm.walls import inside, run_inside  # noqa: E402


def main(words: list[str]) -> int:
    needs = _parser().parse_args(words)
    if needs.sum:
        return print_sum(needs.sum, needs.figures)
    if needs.planted:
        return run_planted(needs)
    if not inside():
        return run_inside(words, Path(tempfile.mkdtemp(prefix="storm-", dir=_place())))
    return run_session(needs)


def print_sum(paths: list[Path], figures: Path) -> int:
    """One table of several runs, and their figures as if they had been one."""
    findings = summed(paths)
    print_findings(findings)
    write(findings.figures(), figures)
    return 1 if findings.violations else 0


def _place() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.storm", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--workers", type=int, default=8, help="desks at work")
    parser.add_argument("--lanes", type=int, default=3,
                        help="faults or planted trees at the same time")  # fmt: skip
    parser.add_argument("--only", default="", help=f"kinds: {','.join(KINDS)}")
    parser.add_argument(
        "--planted", default="", help=f"all, or one of {', '.join(BUGS)}"
    )
    parser.add_argument("--sum", type=Path, nargs="+", metavar="FILE",
                        help="add up runs: build/faults/*.json")  # fmt: skip
    parser.add_argument("--house", choices=["usual", "servers"], default="usual",
                        help="servers: over PostgreSQL and versitygw")  # fmt: skip
    parser.add_argument("--houses", type=int, default=2,
                        help="of fresh-cuts: at the same time")  # fmt: skip
    parser.add_argument("--scenario", choices=list(SCENARIOS), default="weather")
    parser.add_argument("--drain", type=float, default=90.0,
                        help="seconds in which a backlog must be gone")  # fmt: skip
    parser.add_argument("--disk", type=int, default=3000, metavar="MEGABYTES",
                        help="of the house: a case takes 0.6")  # fmt: skip
    parser.add_argument("--port", type=int, default=24000)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--figures", type=Path, default=_ROOT / "build" / "faults.json")
    parser.add_argument("--keep", type=Path, default=_ROOT / "build" / "storm")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
