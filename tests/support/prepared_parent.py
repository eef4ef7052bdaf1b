"""``python -m support.prepared_parent MODULE``: forks a worker for each order.

It has imported what the worker of that module imports, and opens no file. The child is
the worker: its ``main``, its bounds, its walls, a session of its own.
"""

import gc
import importlib
import io
import json
import os
import sys
import sysconfig
from collections.abc import Callable
from typing import NoReturn


def main(module: str) -> None:
    worker = importlib.import_module(module)
    # What each worker asks (``sandbox.libraries``), and Python answers slowly once.
    sysconfig.get_paths()
    # No worker copies the parent's pages only because its collector has looked at them.
    gc.freeze()
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            _work(worker.main, asked["order"], asked["into"])
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _work(worker: Callable[[], int], order: str, into: str) -> NoReturn:
    """The child: placed as ``confined.Worker.start`` places a worker."""
    code = 1
    try:
        os.setsid()
        os.chdir(into)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nowhere, number)
        os.close(nowhere)
        sys.stdin = io.StringIO(order)
        code = worker()
    finally:
        os._exit(code)


if __name__ == "__main__":
    for extra in sys.argv[2:]:
        importlib.import_module(extra)
    main(sys.argv[1])
