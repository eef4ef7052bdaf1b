"""A worker answers and ends at its time, whatever rights its service has: those that
compose gives, fewer, or none.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.settings import found

ROOT = Path(__file__).parents[2]
PROGRAM = """
import asyncio, sys, tempfile
from pathlib import Path
from chassis import accounts
from chassis.workers import WorkerAbsent, open_zygote
from corpus import scans
from intake.adapters.rebuild.process import SandboxedRebuilder, rebuild_workers
from intake.domain.scan import SourceFile

async def main(folder):
    source = folder / "a.pdf"
    source.write_bytes(scans.small_pdf())
    with open_zygote(rebuild_workers()) as workers:
        for number in range(2):
            into = folder / str(number)
            into.mkdir()
            answer = await SandboxedRebuilder(workers).rebuild(
                SourceFile("a.pdf", source), into=into
            )
            print("pages", len(answer.pages))
    print("own account", accounts.can_change())

with tempfile.TemporaryDirectory() as folder:
    asyncio.run(main(Path(folder)))
"""


@pytest.mark.parametrize(
    ("rights", "own"),
    [
        ("+setuid,+setgid,+kill", True),
        ("+setuid,+setgid", False),
        ("+setuid", False),
    ],
)
def test_a_file_is_read_with_the_rights_that_there_are(rights, own):
    """Twice by one process that forks: it must outlive the worker that it has ended."""
    if os.getuid():
        pytest.skip("only root can take rights away")
    roots = ("libs", "services", "deploy", "tests")
    done = subprocess.run(
        [
            found("setpriv", "usr/bin/setpriv"),
            f"--bounding-set=-all,{rights}",
            "--inh-caps=-all",
            *(sys.executable, "-c", PROGRAM),
        ],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(str(ROOT / r) for r in roots)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("pages") == 2
    assert f"own account {own}" in done.stdout
