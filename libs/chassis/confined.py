"""The service's side of the wall round a worker that meets one hostile file.

What walls this machine gives, what a worker's end means, and how little to believe of
what it leaves. Workers are started and ended by ``chassis.workers``; their own side of
the wall is ``chassis.sandbox``.
"""

import json
import signal
import stat
from pathlib import Path
from typing import Any, Final

import structlog

from chassis import landlock, sandbox
from chassis.starting import CannotStart

log = structlog.get_logger()
STARVED: Final = frozenset(
    -number
    for number in (
        signal.SIGXCPU,
        signal.SIGKILL,
        signal.SIGALRM,
        signal.SIGABRT,
        signal.SIGTRAP,
        signal.SIGILL,
    )
)
"""How a process ends that ran out of time or memory: pdfium and C++ abort or trap."""


class WorkerAbsent(Exception):
    """No worker could start or lock itself in. The file waits; an operator must act."""


def check_walls(prefix: str, *, accepted: bool) -> None:
    """Say in the log what this kernel gives. Raises CannotStart where it gives less
    than the whole and ``prefix``'s setting does not accept that.
    """
    lacking, behind = sandbox.lacking(), sandbox.lacking_behind()
    if behind:
        log.warning("sandbox_without", lacking=behind)
    if not lacking:
        log.info("sandbox_whole", landlock=landlock.version())
        return
    log.warning("sandbox_weak", lacking=lacking, accepted=accepted)
    if not accepted:
        raise CannotStart(
            f"nhân hệ điều hành này thiếu {' và '.join(lacking)}: một chương trình giấu"
            " trong tệp của người khác có thể đọc và ghi mọi thứ mà dịch vụ này đọc và"
            " ghi được. Dùng Linux 5.13 trở lên có bật seccomp và Landlock (trong"
            " container: Docker 23 trở lên), hoặc chấp nhận rủi ro bằng"
            f" {prefix}__ACCEPT_WEAK_SANDBOX=true",
            f"this kernel gives no {' and no '.join(lacking)}: a program hidden in"
            " somebody's file could read and write whatever this service can. Use Linux"
            " 5.13 or newer with seccomp and Landlock switched on (in a container:"
            " Docker 23 or newer), or accept the danger with"
            f" {prefix}__ACCEPT_WEAK_SANDBOX=true",
        )


def read_report(path: Path, *, most_bytes: int) -> dict[str, Any]:
    """The JSON object that a worker left. Raises OSError, TypeError, ValueError,
    RecursionError: a worker that was taken over may leave anything.
    """
    if regular_size(path) > most_bytes:
        raise ValueError("report too large")
    report = json.loads(path.read_bytes())
    if not isinstance(report, dict):
        raise TypeError("report is no object")
    return report


def regular_size(path: Path) -> int:
    """The size of a file that a worker made; a link could point anywhere."""
    # Not stat(): a link of the worker could point at a file of the service.
    facts = path.lstat()
    if not stat.S_ISREG(facts.st_mode):
        raise ValueError("not a regular file")
    return facts.st_size
