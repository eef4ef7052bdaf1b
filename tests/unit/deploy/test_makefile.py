"""What make hands on of FILE=, PORT= and PYTHON=: each word as it was typed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from support.settings import found

ROOT = Path(__file__).parents[3]
TELL = """#!/bin/sh
printf '<%s>\\n' "${PYTHON:-}" "$@"
"""


@pytest.fixture
def make(tmp_path):
    """make over the repository's Makefile; its programs only tell their words."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("deploy/onebox/set-up.sh", ".venv/bin/python"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(TELL)
        (tmp_path / name).chmod(0o755)

    def run(*words, **environment):
        done = subprocess.run(
            [found("make"), "--no-print-directory", *words],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], **environment},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout.splitlines()

    return run


@pytest.mark.parametrize(
    "name", ["it's.pdf", 'bằng "tốt nghiệp".pdf', "a$b $(c) `d`.pdf", "-x.pdf", "a\\b"]
)
def test_any_name_works(make, name):
    """On the command line or in the environment: one word, unchanged."""
    wanted = ["<demo>", "<--port>", "<8420>", f"<--file={name}>", "<--once>"]
    assert make("demo", f"FILE={name}", "ONCE=1")[-5:] == wanted
    assert make("demo", "ONCE=1", FILE=name)[-5:] == wanted


def test_what_is_not_said_is_not_handed_on(make):
    """No FILE=, no --file; the port and the interpreter reach who reads them."""
    words = make("demo", "PORT=9000", "PYTHON=/my 'own'/python")
    assert words[:2] == ["</my 'own'/python>", "<onebox>"]
    assert words[-3:] == ["<demo>", "<--port>", "<9000>"]
    assert make("up")[-4:] == ["<up>", "<--demo>", "<--port>", "<8420>"]


def test_tests_compile_once(make, tmp_path):
    """Where compiled files are forbidden, the tests' own processes make them anyway."""
    program = tmp_path / ".venv/bin/python"
    program.write_text('#!/bin/sh\necho "<${PYTHONDONTWRITEBYTECODE:-}>"\n')
    assert make("test", PYTHONDONTWRITEBYTECODE="1")[-1] == "<>"
    assert make("bench", PYTHONDONTWRITEBYTECODE="1")[-1] == "<1>"
