"""Where everything is required (.ci/run), nothing is left out in silence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
SKIPS = {
    "a module": "import pytest\npytest.skip('x', allow_module_level=True)\n",
    "a missing package": "import pytest\npytest.importorskip('no_such_package')\n",
    "a test": "import pytest\ndef test_one():\n    pytest.skip('x')\n",
    "a mark": "import pytest\n@pytest.mark.skip('x')\ndef test_one():\n    pass\n",
}


def ended(folder, text, required):
    module = folder / "test_skipping.py"
    module.write_text(text)
    roots = [TESTS, *(TESTS.parent / root for root in ("libs", "services", "deploy"))]
    environment = os.environ | {
        "ECOPY_REQUIRE_ALL": required,
        "PYTHONPATH": os.pathsep.join(map(str, roots)),
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "conftest"]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", "--rootdir", folder, module],
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("kind", SKIPS)
def test_a_skip_is_a_failure_where_all_is_required(tmp_path, kind):
    """Whoever skips, also a module that skips itself before it has a test."""
    required = ended(tmp_path, SKIPS[kind], "1")
    assert required.returncode in (1, 2), required.stdout + required.stderr
    assert "skipped where nothing may be missing" in required.stdout
    usual = ended(tmp_path, SKIPS[kind], "")
    assert usual.returncode in (0, 5), usual.stdout + usual.stderr
