"""What ``make demo`` made, before the same judges; each also gets what it must refuse.

The words are in ``build/conformance-demo.json``.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.judge import BUILD, HERE
from onebox.places import Ports, check_free
from onebox.plain import CannotError
from onebox.settings import for_child
from support.servers import free_port
from support.settings import REQUIRED

MISSING = 3
"""Exit status of the judge: all is well, but a tool is missing."""


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A house that stays up, since pdfsig asks its authorities; what it printed."""
    command = [sys.executable, "-m", "onebox", "--var", tmp_path / "var"]
    with subprocess.Popen(
        [*command, "--port", str(_free_ports()), "demo"],
        env=for_child({}),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield dict(_told(process))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(15)


def _free_ports() -> int:
    while True:
        first = free_port()
        try:
            check_free(Ports.starting_at(first))
        except (CannotError, OverflowError):
            continue
        return first


def _told(process: subprocess.Popen) -> Iterator[tuple[str, str]]:
    assert process.stdout is not None
    for line in process.stdout:
        word, _, rest = line.rstrip("\n").partition(": ")
        yield word, rest
        if line.startswith("Ctrl-C"):
            return


def test_every_judge_accepts_the_copy_and_refuses_what_was_altered(
    demo: dict[str, str],
) -> None:
    assert demo["verdict"] == "GENUINE"
    command = [
        *(sys.executable, HERE / "judge.py", "--out", BUILD / "conformance-demo.json"),
        *("--no-render", "--copy", demo["copy"], "--trust", demo["trust"]),
    ]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=False, env=for_child({})
    )
    if done.returncode == MISSING and not REQUIRED:
        pytest.skip(done.stdout.rpartition("✗ missing: ")[2])
    assert done.returncode == 0, done.stdout
