"""The account that a worker changes to where its service may change accounts.

Root may, and so may a service that was given three capabilities, as compose does
(docs/decisions/0100). Start at ``change``.
"""

import contextlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from chassis.libc import LIBC

WORKER: Final = 65_533
"""Nobody's: Debian's policy reserves 65000 to 65533 and gives none of them away."""
_CAP_DAC_READ_SEARCH: Final = 1 << 2
_CAP_KILL: Final = 1 << 5
_CAP_SETGID: Final = 1 << 6
_CAP_SETUID: Final = 1 << 7
_PR_SET_KEEPCAPS: Final = 8


def can_change() -> bool:
    """Whether this process has the rights, and the account is there: a user namespace
    may have no such number.
    """
    # Without CAP_KILL nobody could end a worker of another account at its time.
    needed = _CAP_KILL | _CAP_SETGID | _CAP_SETUID
    has_rights = _rights() & needed == needed
    return has_rights and _is_mapped(Path("/proc/self/uid_map").read_text())


def change(readable: Iterable[Path], writable: Path) -> None:
    """From here on another account, in the service's group and in no other.

    ``writable`` is a folder of the service: by the group the worker writes there, and
    by the group the service reads and removes what it left. OSError.
    """
    writable.chmod(stat.S_IRWXU | stat.S_IRWXG)
    os.umask(stat.S_IRWXO)
    if not _rights() & _CAP_DAC_READ_SEARCH:
        _lend(readable, writable)
    # Root's rights would go with its account; ``sandbox`` takes all but one afterwards.
    LIBC.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresuid(WORKER, WORKER, WORKER)


def _lend(readable: Iterable[Path], writable: Path) -> None:
    """The service's own files to its group, which has nobody else in it."""
    files = [path for path in readable if _is_own_file(path)]
    for file in files:
        _allow(file, stat.S_IRGRP)
    for path in (*files, writable):
        for folder in path.parents:
            _allow(folder, stat.S_IXGRP)


def _is_own_file(path: Path) -> bool:
    with contextlib.suppress(OSError):
        facts = path.stat()
        return stat.S_ISREG(facts.st_mode) and facts.st_uid == os.geteuid()
    return False


def _allow(path: Path, right: int) -> None:
    facts = path.stat()
    if facts.st_uid == os.geteuid() and not facts.st_mode & right:
        path.chmod(stat.S_IMODE(facts.st_mode) | right)


def _rights() -> int:
    status = Path("/proc/self/status").read_text()
    effective = next(line for line in status.splitlines() if line.startswith("CapEff"))
    return int(effective.split()[1], 16)


def _is_mapped(lines: str) -> bool:
    ranges = (tuple(map(int, line.split())) for line in lines.splitlines())
    return any(first <= WORKER < first + count for first, _, count in ranges)
