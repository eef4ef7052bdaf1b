"""A folder with what compose.yaml asks an operator for, laid out by ``ecopy init``."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from onebox import settings

ROOT: Final = Path(__file__).parents[2]


def init(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """``ecopy init`` in a folder that holds only what the repository brings, as the
    image of the operator's commands runs it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("compose.yaml", ".env.example"):
        shutil.copy(ROOT / name, folder)
    command = (sys.executable, "-m", "onebox.compose", "init", *options)
    return subprocess.run(
        command,
        cwd=folder,
        env=settings.for_child({}),
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def demo_house(folder: Path) -> Path:
    """The files of a trial."""
    done = init(folder / "house", "--demo")
    assert done.returncode == 0, done.stderr
    return folder / "house"
