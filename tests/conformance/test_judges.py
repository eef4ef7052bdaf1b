"""Copies by the code that signs, before judges that share no code with it.

``make conformance``; required in .ci/run, elsewhere a missing tool is a skip.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support import signing
from support.settings import REQUIRED

JUDGE = Path(__file__).with_name("judge.py")
BUILD = JUDGE.parents[2] / "build"
MISSING = 3


@pytest.mark.parametrize(
    ("kind", "pages"),
    [
        ("every-kind-of-page", signing.one_of_each_kind()),
        ("one-jpeg", [signing.full_page(signing.jpeg())]),
    ],
)
def test_every_judge_accepts_a_copy_and_refuses_altered_ones(kind, pages, tmp_path):
    """Signatures, level, PDF/A-2b, tokens and ranges as strangers see them; each judge
    refuses the alteration that it can tell."""
    with signing.authority(tmp_path) as pki:
        made = signing.sealed_copy(pki, pages)
        copy = tmp_path / f"{kind}.pdf"
        copy.write_bytes(made.content)
        out = BUILD / f"conformance-{kind}.json"
        judged = subprocess.run(
            [
                *(sys.executable, JUDGE, "--copy", copy, "--out", out),
                *("--trust", pki.folder / "root.pem"),
                *(["--require"] if REQUIRED else []),
            ],
            check=False,
            capture_output=True,
            text=True,
        )
    print(judged.stdout)
    if judged.returncode == MISSING:
        pytest.skip("missing: " + ", ".join(json.loads(out.read_text())["missing"]))
    assert judged.returncode == 0, judged.stdout + judged.stderr
