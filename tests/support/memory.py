"""A folder in memory, on a machine that has room there."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_SHARED = Path("/dev/shm")
_ROOM = 4 << 30
"""Twice what all databases of a run take, which are most of it."""


def in_memory() -> Path | None:
    """Where files never reach a disk and may be programs. A container often has a few
    megabytes there.
    """
    if not os.access(_SHARED, os.W_OK) or shutil.disk_usage(_SHARED).free < _ROOM:
        return None
    return None if os.statvfs(_SHARED).f_flag & os.ST_NOEXEC else _SHARED


def folder_of_a_run() -> Path | None:
    """Removed where this process ends, and by none that is forked from it and clears
    what runs at exit (``support.forks``).
    """
    memory = in_memory()
    if memory is None:
        return None
    made = tempfile.mkdtemp(prefix="ecopy-tests-", dir=memory)
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return Path(made, "run")
