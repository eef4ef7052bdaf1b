"""A copy before every judge (``judge.py``), from a test."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.judge import BUILD, HERE
from support.settings import REQUIRED

MISSING = 3
"""Exit status of the judge: all is well, but a tool is missing."""


def all_agree(copy: Path, trust: Path, name: str, *options: str) -> None:
    """Each judge accepts it and refuses what was altered; the words are kept in
    ``build/conformance-<name>.json``. A skip names each tool that is missing; in CI,
    where all are required, that is a failure.
    """
    out = BUILD / f"conformance-{name}.json"
    require = ["--require"] if REQUIRED else []
    judged = subprocess.run(
        [
            *(sys.executable, HERE / "judge.py", "--out", out, *options, *require),
            *("--copy", copy, "--trust", trust),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    print(judged.stdout)
    if judged.returncode == MISSING:
        pytest.skip("missing: " + ", ".join(json.loads(out.read_text())["missing"]))
    assert judged.returncode == 0, judged.stdout + judged.stderr
