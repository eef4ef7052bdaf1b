"""The scan corpus, rebuilt by intake's own sandbox: originals as signing gets them."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ecopy.events import ManifestPage
from intake.domain.scan import SourceFile
from support.prepared import PreparedRebuilder


@dataclass(frozen=True)
class Normalised:
    content: bytes
    manifest: tuple[ManifestPage, ...]


def rebuilt(
    scans: Mapping[str, Callable[[], bytes]], folder: Path
) -> dict[str, Normalised]:
    """Name → normalised original, two workers at a time."""
    return asyncio.run(_all(scans, folder))


async def _all(
    scans: Mapping[str, Callable[[], bytes]], folder: Path
) -> dict[str, Normalised]:
    rebuilder = PreparedRebuilder(processes=2)
    found = await asyncio.gather(
        *(_one(rebuilder, folder, name, make) for name, make in scans.items())
    )
    return dict(zip(scans, found, strict=True))


async def _one(
    rebuilder: PreparedRebuilder, folder: Path, name: str, make: Callable[[], bytes]
) -> Normalised:
    source, into = folder / name, folder / f"{name}.out"
    source.write_bytes(await asyncio.to_thread(make))
    into.mkdir()
    made = await rebuilder.rebuild(SourceFile(name, source), into=into)
    return Normalised(made.path.read_bytes(), made.manifest)
