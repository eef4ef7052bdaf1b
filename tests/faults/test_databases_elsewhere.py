"""A house whose databases are no files in ``var/``: the operator has set their URLs."""

import subprocess

import pytest

from onebox.places import SERVICES
from onebox.settings import for_child
from support.houses import ecopy

SKIP = (
    "--book",
    "H99.42.05.13/E/2026",
    "--through",
    "5",
    "--reason",
    "mất",
    "--by",
    "Tám",
)
WORDS = (("reconcile",), ("register", "skip", *SKIP), ("audit", "verify"))


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_the_database_that_was_set_is_asked(words, tmp_path):
    """Not the file that the house would have otherwise. There is none at that address,
    and what the service says of it is what the operator hears.
    """
    url = f"sqlite:///{tmp_path}/nowhere/one.db"
    set_there = {f"{name.upper()}__DATABASE__URL": url for name in SERVICES}
    done = subprocess.run(
        [*ecopy(tmp_path, 9420), *words],
        env=for_child({}) | set_there,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 3, done.stdout + done.stderr
    assert "There is no" not in done.stderr
