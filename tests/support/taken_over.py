"""Workers that their file takes over: its bytes are the program that they run.

They have no wall round them; ``support.taken_reader`` has the real one.
"""

import json
import os
import resource
import signal
import sys
import time
from pathlib import Path

NAMES = {"os": os, "resource": resource, "signal": signal, "time": time}


def free() -> int:
    order = json.load(sys.stdin)
    os.mkdir("confined")  # noqa: PTH102
    exec(Path(order["source"]).read_text(), NAMES | {"order": order})
    return 0


def hanging() -> int:
    """Whatever the file says."""
    json.load(sys.stdin)
    os.mkdir("confined")  # noqa: PTH102
    time.sleep(999)
    return 0


def broken() -> int:
    raise RuntimeError("before a file is opened")
