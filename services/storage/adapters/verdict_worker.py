"""``python -m storage.adapters.verdict_worker``: looks into strangers' files.

It imports everything once and never opens a file that somebody brought. For each order
it forks a child, which opens the one file and its report, locks itself in so that it
can open nothing else at all, and ends with its answer. So a file costs a fork, not a
start of Python, and nothing of a hostile file is left for the next one. The orders come
from the service, line by line, and so does the trust document before them. Start at
``main``.
"""

# ruff: noqa: F401 - what Python would import late is imported for being imported: the
# child can open no file, and a late import would make a copy of ours look foreign.
import _strptime  # type: ignore[import-not-found]  # private, has no stub
import codecs
import json
import mmap
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn

import cryptography.hazmat.backends.openssl.backend
from pydantic import TypeAdapter

from chassis import sandbox
from chassis.sandbox import Bounds
from ecopy.identifiers import Sha256
from storage.domain.gate import Trust
from storage.domain.gate.pdf.tokens import Buffer
from storage.domain.records import Records, settle
from storage.domain.verdict import Verdict, search

READY: Final = b"ready\n"
TOO_MUCH: Final = 3
"""How a child ends that ran out of memory where Python could still say so."""
NOT_CONFINED: Final = 4
NICENESS: Final = 5
"""Links and pages go first, on a machine with few processors."""
MEMORY_BYTES: Final = 512 << 20
"""Addresses that a child may take beside the mapped file."""
REPORT_BYTES: Final = 64 << 10
MAX_ERROR: Final = 200

VERDICT: Final = TypeAdapter(Verdict)
RECORDS: Final = TypeAdapter(Records)

for _encoding in ("ascii", "latin-1", "utf-16-be", "utf-16-le", "idna"):
    codecs.lookup(_encoding)


Search = Callable[[Buffer, Sha256, Trust], Verdict]
"""Judges one file by its bytes and the pinned names alone."""


def main(*, search: Search = search) -> int:
    """Until the service closes its end, or ends this process with all its children."""
    # Trusted: it comes from the service that started this process, through a pipe.
    trust: Trust = pickle.load(sys.stdin.buffer)  # noqa: S301
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    for line in sys.stdin.buffer:
        child = os.fork()
        if not child:
            _answer(json.loads(line), trust, search)
        _, status = os.waitpid(child, 0)
        sys.stdout.buffer.write(b"%d\n" % os.waitstatus_to_exitcode(status))
        sys.stdout.buffer.flush()
    return 0


def _answer(order: dict[str, Any], trust: Trust, search: Search) -> NoReturn:
    """The child: one file, one report, and the end."""
    code = 1
    try:
        _cut_off()
        with Path(order["report"]).open("wb") as report:
            code = _report(order, trust, search, report)
    finally:
        os._exit(code)


def _report(
    order: dict[str, Any], trust: Trust, search: Search, report: BinaryIO
) -> int:
    """How to end, with the verdict or the error written down."""
    try:
        with Path(order["source"]).open("rb") as source:
            data = _mapped(source)
            _confine(order, last=max(report.fileno(), source.fileno()))
            report.write(VERDICT.dump_json(_verdict(order, data, trust, search)))
    except MemoryError:
        return TOO_MUCH
    except sandbox.NotConfined:
        return NOT_CONFINED
    except Exception as error:  # noqa: BLE001 - the service hears of it
        report.write(repr(error)[:MAX_ERROR].encode())
        return 1
    return 0


def _cut_off() -> None:
    """The pipes are the parent's: orders and answers of other files pass there."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (sys.stdin.fileno(), sys.stdout.fileno()):
        os.dup2(nowhere, number)
    os.close(nowhere)
    os.nice(NICENESS)


def _confine(order: dict[str, Any], *, last: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    # Before the filter, which has no timers of processor time among its calls.
    signal.setitimer(signal.ITIMER_PROF, order["cpu_seconds"])
    sandbox.confine(
        Bounds(
            address_space_bytes=MEMORY_BYTES,
            # Whole seconds only, and it cannot be taken back: behind the timer below.
            cpu_seconds=int(used + order["cpu_seconds"]) + 2,
            wall_seconds=order["wall_seconds"],
            written_bytes=REPORT_BYTES,
            open_files=last + 1,
        ),
        readable=(),
        writable=Path(order["report"]).parent,
    )


def _verdict(
    order: dict[str, Any], data: Buffer, trust: Trust, search: Search
) -> Verdict:
    if "records" not in order:
        return search(data, order["whole"], trust)
    return settle(
        data,
        VERDICT.validate_python(order["verdict"]),
        whole=order["whole"],
        records=RECORDS.validate_python(order["records"]),
        trust=trust,
    )


def _mapped(source: BinaryIO) -> Buffer:
    """The bytes without loading them; an empty file can not be mapped."""
    if not os.fstat(source.fileno()).st_size:
        return b""
    return mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)


if __name__ == "__main__":
    sys.exit(main())
