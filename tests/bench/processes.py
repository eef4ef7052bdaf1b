"""What the kernel says of a process: CPU spent, memory held."""

import os
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
MEGABYTE = 1_000_000


def cpu_seconds(pid: int) -> float:
    """User and system time of the process and its ended children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICK


def memory_mb(pid: int, field: str = "VmRSS") -> float:
    """``VmRSS`` now, ``VmHWM`` the highest since ``reset_peak``."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024 / MEGABYTE
    raise AssertionError(f"{field} of {pid}")


def reset_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def shared_memory_mb(pid: int) -> float:
    """``Pss``: a page that n processes share counts for each as its nth part. Only the
    account itself, or root, may ask it of a worker.
    """
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / MEGABYTE
    raise AssertionError(f"Pss of {pid}")


def children(pid: int | None = None) -> list[int]:
    """Living child processes, of this process if of no other."""
    tasks = Path(f"/proc/{pid or os.getpid()}/task").glob("*/children")
    return [int(word) for task in tasks for word in task.read_text().split()]
