"""The process in which pyHanko reads one file: ``python -m strangers.worker``.

It may be started before there is a file: the slow part is the import below. Then it
reads an order (JSON) from standard input, opens the file and its report, and locks
itself in so that it can open nothing else at all. The report is ``Findings`` as JSON.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from chassis import sandbox
from strangers import (
    hanko,
    preload,  # noqa: F401 - see its first sentence
)
from strangers.facts import Findings
from strangers.limits import ReaderLimits

NICENESS = 10
"""Verdicts on other files go first."""
Read = Callable[[BufferedReader, hanko.Report], None]
"""Reads one file behind the walls, and reports what it has found so far."""


def main(*, read: Read = hanko.read) -> int:
    """0 when a report was written, whatever it says."""
    order = json.load(sys.stdin)
    limits = ReaderLimits(**order["limits"])
    os.nice(NICENESS)
    # Opened before the wall is up, because behind it nothing can be opened.
    report = Path("report.json").open("wb")  # noqa: SIM115 - open to the end
    with report, Path(order["source"]).open("rb") as source:
        # A descriptor is a number below this limit. Both files have theirs, so no
        # other file can be opened from here on: to read, to write, or to import.
        last = max(report.fileno(), source.fileno())
        cpu_seconds = limits.cpu_seconds_of(os.fstat(source.fileno()).st_size)
        # Before the walls, whose list has no timers. The kernel's own bound counts
        # whole seconds and the import, too: it stands behind this one.
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        spent = time.process_time()
        bounds = limits.bounds(
            cpu_seconds=int(spent + cpu_seconds) + 2, open_files=last + 1
        )
        sandbox.confine(bounds, readable=(), writable=Path.cwd())
        # A directory, because a file would need a descriptor and none is left. The
        # service looks for it when a worker has failed: without it there was no wall.
        Path(sandbox.CONFINED).mkdir()
        read(source, _write_into(report))
    return 0


def _write_into(report: BinaryIO) -> Callable[[Findings], None]:
    def write(findings: Findings) -> None:
        # A kill between these lines leaves a report that is cut; the service takes one
        # that it cannot parse for none.
        report.seek(0)
        report.truncate()
        report.write(findings.model_dump_json().encode())
        report.flush()

    return write


if __name__ == "__main__":
    sys.exit(main())
