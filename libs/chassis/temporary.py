"""Temporary folders whose names say which process made them, so that what a killed one
left behind can be told from what is in use (``chassis.leftovers``).
"""

import os
import tempfile
import time
from typing import Final

KINDS: Final = ("rebuild", "signatures", "verdicts", "ecopy-object")
"""First words of the names."""
STARTED: Final = time.time()
"""Seconds since 1970: nothing of this process is older."""


def folder(kind: str) -> "tempfile.TemporaryDirectory[str]":
    """An empty folder, below the machine's place for temporary files."""
    if kind not in KINDS:
        raise ValueError(kind)
    return tempfile.TemporaryDirectory(prefix=f"{kind}-{os.getpid()}-")
