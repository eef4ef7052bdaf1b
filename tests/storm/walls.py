"""Namespaces of the storm's own: network, mounts and processes end with it.

Whatever a fault does to loopback, to a mount or to a process stays inside, and the
kernel clears it away with the last process, also when the storm itself is killed. Start
at ``run_inside``.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from onebox.processes import dying_with_parent

ROOT = Path(__file__).resolve().parents[2]
ROOTS = ("tests", "libs", "services", "deploy")
INSIDE = "STORM_INSIDE"
STOP = "stop"
"""A file in the run's folder: the run was asked to end early (SIGTERM, Ctrl-C). It
judges what it has by then, and writes it.
"""
NOT_RUN = 3


def inside() -> bool:
    return os.environ.get(INSIDE) == "1"


def run_inside(words: list[str], work: Path) -> int:
    """The storm's exit status; SIGTERM asks it to judge now. Without root it is not
    run: a failure only where everything is required (.ci/run).
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
        # Images of Python often forbid compiled files: each start would compile anew.
        "PYTHONDONTWRITEBYTECODE": "",
    }
    # --kill-child: if the outer process ends, so does everything inside.
    walls = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command = [sys.executable, "-m", "storm", "--work", str(work), *words]
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: (work / STOP).touch())
    try:
        process = subprocess.Popen(
            ["unshare", *walls, *command],
            cwd=ROOT,
            env=environment,
            preexec_fn=dying_with_parent(),  # noqa: PLW1509 - no thread yet
            # A terminal's Ctrl-C is for us: the house in there is not to hear it.
            start_new_session=True,
        )
        return process.wait()
    finally:
        shutil.rmtree(work, ignore_errors=True)


def raise_loopback() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
