"""``--forks``: what `make test` says is what its tests did (``support.forks``)."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ONE = """
import os, time

def test_first():
    print("a word of the first")
    os.mkdir("one")
    while not os.path.exists("two"):
        time.sleep(0.01)
    assert os.getpid() == 0

def test_second(tmp_path_factory):
    own = tmp_path_factory.getbasetemp()
    assert own.name.startswith("fork-")
    assert own.parent.name == "base"
"""
TWO = """
import os, time, pytest

def test_first():
    os.mkdir("two")
    while not os.path.exists("one"):
        time.sleep(0.01)

@pytest.mark.skip(reason="how a skip is reported is what is tested")
def test_second(): pass
"""
DIES = "import os\ndef test_that_dies(): os._exit(3)\n"
ENDS = """
import pytest

@pytest.fixture(scope="session")
def opened():
    yield
    open("closed", "x").close()

def test_first(opened): pass
"""
BREAKS = ENDS.replace('open("closed", "x").close()', 'raise OSError("not closed")')

THREADS = """
import threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
def test_first(): pass
"""


def run(folder: Path, *words: str, **files: str) -> tuple[int, str]:
    (folder / "conftest.py").write_text(f"""
import sys
sys.path.insert(0, {str(ROOT / "tests")!r})
from support import forks

def pytest_configure(config):
    config.pluginmanager.register(forks.Forks(config, 2))
""")
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    return done.returncode, done.stdout


def test_each_file_is_run_once_and_two_at_a_time(tmp_path):
    """Each of the two waits for the other; what failed and what was printed is said."""
    code, said = run(tmp_path, "-rs", "--basetemp", "base", one=ONE, two=TWO)
    assert code == 1
    assert "1 failed, 2 passed, 1 skipped" in said
    assert "a word of the first" in said
    assert "how a skip is reported is what is tested" in said


def test_a_file_that_starts_a_thread_is_named(tmp_path):
    code, said = run(tmp_path, "--collect-only", one=TWO, two=THREADS)
    assert code == 4
    assert "test_two.py starts a thread when it is imported" in said


def test_our_own_tests_can_be_forked():
    """All of them, as `make test` collects them."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--collect-only", "--forks", "2"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-2000:]


def test_a_process_that_dies_is_named_with_its_test(tmp_path):
    code, said = run(tmp_path, dies=DIES)
    assert code == 1
    assert "test_that_dies ended with 3 before it was done" in said


def test_what_was_opened_for_a_session_is_closed_in_each_fork(tmp_path):
    code, said = run(tmp_path, ends=ENDS)
    assert code == 0, said
    assert (tmp_path / "closed").exists()


def test_a_session_that_does_not_close_is_told(tmp_path):
    code, said = run(tmp_path, breaks=BREAKS)
    assert code == 1
    assert "not closed" in said
