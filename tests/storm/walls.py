"""Namespaces of the storm's own: network, mounts and processes end with it.

Whatever a fault does to loopback, to a mount or to a process stays inside, and the
kernel clears it away with the last process, also when the storm itself is killed. Start
at ``run_inside``.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from onebox.processes import die_with_parent

ROOT = Path(__file__).resolve().parents[2]
ROOTS = ("tests", "libs", "services", "deploy")
INSIDE = "STORM_INSIDE"
NOT_RUN = 3


def inside() -> bool:
    return os.environ.get(INSIDE) == "1"


def run_inside(words: list[str], work: Path) -> int:
    """The storm's exit status. Without root it is not run: a failure only where
    everything is required (.ci/run).
    """
    lacking = [name for name in ("unshare", "ip") if shutil.which(name) is None]
    if lacking or os.geteuid() != 0:
        print(f"not run: the storm needs root{''.join(f' and {x}' for x in lacking)}")
        return NOT_RUN if os.environ.get("ECOPY_REQUIRE_ALL") == "1" else 0
    environment = {
        **os.environ,
        INSIDE: "1",
        "PYTHONPATH": os.pathsep.join(str(ROOT / root) for root in ROOTS),
        "PYTHONUTF8": "1",
    }
    # --kill-child: if the outer process ends, so does everything inside.
    walls = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command = [sys.executable, "-m", "storm", "--work", str(work), *words]
    try:
        done = subprocess.run(
            ["unshare", *walls, *command],
            cwd=ROOT,
            env=environment,
            check=False,
            preexec_fn=die_with_parent,
        )
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return done.returncode


def raise_loopback() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
