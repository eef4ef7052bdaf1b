"""set-up.sh over stub interpreters: what it makes, keeps, and says when it cannot."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OLD = """#!/bin/sh
[ "$1" = --version ] && echo 'Python 3.8.10'
[ "$1" = --version ]
"""
WITHOUT_VENV = """#!/bin/sh
case "$*" in *'import venv'*) exit 1 ;; esac
exec '{real}' "$@"
"""
WHOLE = """#!/bin/sh
case "$*" in
'-m venv --clear '*) rm -rf "$4" && mkdir -p "$4/bin" && cp '{made}' "$4/bin/python" ;;
*) exec '{real}' "$@" ;;
esac
"""
MADE = """#!/bin/sh
case "$*" in *purelib*) dirname "$0" ;; esac
"""
"""In .venv: has pip, installs nothing, says where packages lie."""
FULL = """#!/bin/sh
echo 'Filesystem 1024-blocks Used Available Capacity Mounted on'
echo 'disk 1000000 900000 81920 90% /'
"""


class Folder:
    """A copy of what set-up.sh reads, and programs that come first on PATH."""

    def __init__(self, path: Path) -> None:
        self.path = path / "mã nguồn"
        self.stubs = path / "stubs"
        self.stubs.mkdir()
        (self.path / "deploy/onebox").mkdir(parents=True)
        (self.path / "requirements").mkdir()
        for name in ("deploy/onebox/set-up.sh", "requirements/onebox.txt"):
            shutil.copy(ROOT / name, self.path / name)
        self.python = self.stub("my python", WHOLE, made=self.stub("made", MADE))

    def stub(self, name: str, text: str, **values: Path) -> Path:
        file = self.stubs / name
        values.setdefault("real", Path(sys.executable))
        for key, value in values.items():
            text = text.replace(f"{{{key}}}", str(value))
        file.write_text(text)
        file.chmod(0o755)
        return file

    def set_up(self, python: Path | str | None = None) -> tuple[int, str]:
        done = subprocess.run(
            ["/bin/sh", self.path / "deploy/onebox/set-up.sh", "onebox"],
            env={
                "PATH": f"{self.stubs}:/usr/bin:/bin",
                "LANG": os.environ.get("LANG", "C.UTF-8"),
                "PYTHON": str(python or self.python),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def test_second_run_ends_at_once(folder):
    """Also in a folder, and by an interpreter, with a space in its name."""
    status, words = folder.set_up()
    assert (status, "making .venv" in words) == (0, True), words
    assert (folder.path / ".venv/bin/ecopy").stat().st_mode & 0o111
    assert folder.set_up() == (0, "")


def test_cut_short_begins_anew(folder):
    """Ctrl-C while venv worked: an interpreter without pip is not kept."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", folder.path / ".venv"],
        check=True,
    )
    status, words = folder.set_up()
    assert (status, "making .venv" in words) == (0, True), words


@pytest.mark.parametrize(
    ("asked", "vi", "en"),
    [
        (
            "old",
            "3.14, ở đây có: Python 3.8.10. Cài",
            "needed, here is: Python 3.8.10.",
        ),
        ("/no/python", "3.14, không thấy /no/python. Cài", "there is no /no/python."),
    ],
)
def test_python_that_will_not_do(folder, asked, vi, en):
    """Which one was found, or that there is none; no word of the shell's own."""
    folder.stub("old", OLD)
    status, words = folder.set_up(asked)
    assert status == 1
    assert vi in words
    assert en in words
    assert len(words.strip().splitlines()) == 2


def test_python_without_venv(folder):
    """Debian's python3 alone: the package that is missing, by its name."""
    status, words = folder.set_up(folder.stub("bare", WITHOUT_VENV))
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    assert status == 1
    assert f"thiếu venv: cài gói {package}" in words
    assert f"sudo apt install {package}" in words
    assert not (folder.path / ".venv").exists()


def test_full_disk(folder):
    """How much there is and how much it takes, before anything is made."""
    folder.stub("df", FULL)
    status, words = folder.set_up()
    assert status == 1
    assert "Ổ đĩa chỉ còn 80 MB, cần 800 MB" in words
    assert "Only 80 MB are free on this disk" in words
    assert not (folder.path / ".venv").exists()
