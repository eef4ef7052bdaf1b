"""The scan corpus, rebuilt by intake's own sandbox: originals as signing gets them."""

import asyncio
import fcntl
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from ecopy.events import ManifestPage
from intake.domain.scan import RebuiltFile, SourceFile
from support.prepared import unjudging_rebuilder

Scans = Mapping[str, Callable[[], bytes]]


@dataclass(frozen=True)
class Normalised:
    content: bytes
    manifest: tuple[ManifestPage, ...]


def rebuilt(scans: Scans, folder: Path) -> dict[str, Normalised]:
    """Name → normalised original."""
    library = Library(folder)
    made = {name: library.rebuilt(name, make)[1] for name, make in scans.items()}
    return {
        name: Normalised(file.path.read_bytes(), file.manifest)
        for name, file in made.items()
    }


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """One for all processes of this run: each has a folder of its own in it."""
    own = factory.getbasetemp()
    run = own.parent if own.name.startswith(("fork-", "popen-")) else own
    folder = run / "corpus"
    folder.mkdir(exist_ok=True)
    return folder


@dataclass(frozen=True)
class Library:
    """Scans and what a worker makes of each, once for all who share *folder*. It does
    not judge the pages.
    """

    folder: Path

    def rebuilt(self, name: str, make: Callable[[], bytes]) -> tuple[Path, RebuiltFile]:
        """The scan and its rebuilt file; a lock is kept by whoever makes it."""
        done = self.folder / f"{name}.done"
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                done.write_bytes(pickle.dumps(self._made(name, make)))
        file: RebuiltFile = pickle.loads(done.read_bytes())
        return self.folder / name, file

    def _made(self, name: str, make: Callable[[], bytes]) -> RebuiltFile:
        source, into = self.folder / name, self.folder / f"{name}.out"
        source.write_bytes(make())
        into.mkdir(exist_ok=True)
        return asyncio.run(
            unjudging_rebuilder().rebuild(SourceFile(name, source), into=into)
        )
