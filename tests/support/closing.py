"""What this process has open: threads, sockets, files below a folder, child processes.

A test compares before and after: what a service opened is closed again.
"""

import contextlib
import os
import threading
from pathlib import Path

OF_THE_LOOP = "asyncio_"
"""Threads of ``asyncio.to_thread``: the test's own loop keeps them for later calls."""


def open_resources(folder: Path) -> set[str]:
    threads = {f"thread {one.name} {one.ident}" for one in threading.enumerate()}
    children = {f"process {pid}" for pid in _children()}
    return {
        name
        for name in threads | children | _handles(folder)
        if not name.startswith(f"thread {OF_THE_LOOP}")
    }


def _handles(folder: Path) -> set[str]:
    handles = set()
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):  # the listing's own handle
            name = str(link.readlink())
            if name.startswith(("socket:", str(folder))):
                handles.add(f"handle {name}")
    return handles


def _children() -> list[str]:
    task = Path(f"/proc/self/task/{os.getpid()}/children")
    return task.read_text().split()
