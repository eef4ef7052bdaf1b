"""What one copy costs in counts, from its order to the archive: an optimisation that is
lost fails here, on any machine and however loaded it is (docs/performance.md).
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def counts(tmp_path_factory):
    command = (sys.executable, "-m", "support.counted_copy")
    done = subprocess.run(
        (*command, tmp_path_factory.mktemp("copy")),
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(TESTS), *sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def passes(counts, what):
    """How often as many bytes as the original has."""
    return round(counts[what] / counts["original bytes"], 1)


def test_the_pages_are_hashed_five_times(counts):
    """Signing: the original, each image against the manifest, the copy that grows.
    Storage: each image against the manifest, the ranges of both signatures at once. The
    rest is the clause page and the revisions, of which a small scan has more.
    """
    assert 5.0 <= passes(counts, "hashed bytes") <= 5.3


def test_the_bytes_are_written_twice_and_read_back_once(counts):
    """By signing and by storage, past the page cache; the archive's are compared."""
    assert 2.0 <= passes(counts, "written bytes") <= 2.3
    assert 1.0 <= passes(counts, "read back bytes") <= 1.2


def test_each_object_is_flushed_with_its_name(counts):
    """Its bytes, its folder, and the folder that has the folder's name; twice."""
    assert counts["flushes"] == 6


def test_a_copy_has_so_many_commits(counts):
    """Signing: intent, outcome, issue, and that it is archived. Storage: the order, the
    copy with its link and its event. A group commit makes fewer of many.
    """
    found = counts["signing commits"], counts["storage commits"]
    assert found == (4, 2)


def test_a_copy_has_so_many_statements(counts):
    """Two of each are this test's, which asks the outbox what was said."""
    found = counts["signing statements"], counts["storage statements"]
    assert found == (19, 19)
