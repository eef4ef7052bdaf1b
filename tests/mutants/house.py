"""A copy of the repository, where one module at a time is wrong and its tests run."""

import os
import shutil
import signal
import subprocess
import sysconfig
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ("libs", "services", "deploy")

NOTICED, TIMEOUT, SURVIVED = "noticed", "timeout", "survived"

# pytest's own codes: a test failed, or a module or conftest could not be imported.
_FAILED = (1, 2, 4)


@dataclass
class House:
    place: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    writes: int = 0

    def run_tests(
        self,
        tests: Sequence[str],
        timeout_seconds: float,
        *options: str,
        **environment: str,
    ) -> str:
        """What the tests say of the house as it stands now."""
        command = [self.place / ".venv/bin/python", "-m", "pytest", "-xq"]
        command += ["-p", "no:cacheprovider", *options, *tests]
        with (self.place / "last.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=self.place,
                env={**self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            code = process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            return TIMEOUT
        finally:
            _end_group(process.pid)
            process.wait()
        if code in _FAILED:
            hung = b"\nTimeout (" in (self.place / "last.log").read_bytes()
            return TIMEOUT if hung else NOTICED
        if code:
            raise RuntimeError(f"pytest ended with {code}: {self.place}/last.log")
        return SURVIVED

    @contextmanager
    def changed(self, path: Path, text: str) -> Iterator[None]:
        """The module says *text* while this is open."""
        file = self.place / path
        was, times = file.read_bytes(), file.stat()
        file.write_text(text)
        # Python tells compiled files apart by size and whole seconds alone, so each
        # text gets a second of its own.
        self.writes += 1
        os.utime(file, (times.st_atime, times.st_mtime + self.writes))
        try:
            yield
        finally:
            file.write_bytes(was)
            os.utime(file, (times.st_atime, times.st_mtime))


def build_house(place: Path) -> House:
    """Copy what git knows or would add, with an environment that imports the copy."""
    shutil.rmtree(place, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-zco", "--exclude-standard"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name)
    venv.create(place / ".venv", symlinks=True)
    installed = sysconfig.get_path("purelib")
    paths = [*(str(place / source) for source in SOURCES), installed]
    (packages,) = (place / ".venv").glob("lib/python*/site-packages")
    (packages / "house.pth").write_text("\n".join(paths) + "\n")
    for program in Path(sysconfig.get_path("scripts")).iterdir():
        link = place / ".venv/bin" / program.name
        if not link.exists():
            link.symlink_to(program)
    return House(place, os.environ)


def _end_group(leader: int) -> None:
    """Servers that a test left behind must not outlive it."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
