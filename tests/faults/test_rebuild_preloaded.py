"""What the process that forks workers has imported is all that a worker needs."""

import json
import os
import subprocess
import sys

from corpus import pictures, scans

SOURCES = {
    **{f"{name}.scan": make for name, make in pictures.PICTURES.items()},
    "stamped.pdf": scans.stamped_pdf,
    "mixed.pdf": scans.mixed_pdf,
}
PROGRAM = """
import json, sys, tempfile
from pathlib import Path
from intake.adapters.rebuild import preload, sniff, worker
from intake.adapters.rebuild.limits import Limits

late = {}
for path in map(Path, sys.argv[1:]):
    before = set(sys.modules)
    with tempfile.TemporaryDirectory() as into:
        worker.rebuild(sniff.media_type(path), path, Path(into), Limits())
    late[path.name] = sorted(set(sys.modules) - before)
print(json.dumps(late))
"""


def test_no_file_has_a_module_imported_for_it(tmp_path):
    """An import in the worker is paid by each file: numpy's two late ones: 15 ms."""
    for name, make in SOURCES.items():
        (tmp_path / name).write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-sP", "-c", PROGRAM, *sorted(map(str, tmp_path.iterdir()))],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
    )
    late = json.loads(done.stdout)
    assert len(late) == len(SOURCES)
    assert not any(late.values()), late
