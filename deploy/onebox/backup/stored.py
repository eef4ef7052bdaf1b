"""Which objects belong to the moment, copied while new ones arrive.

Objects are written once and never changed, so copying them after the moment is as good
as at it; only those of later numbers must stay out, or a restored register would be
older than its archive. Start at ``copy_objects``.
"""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import text

from chassis.objects import NO_OBJECTS
from onebox.backup.moment import Snapshot

CHUNK: Final = 1 << 20
COPY: Final = "copy.pdf"


@dataclass(slots=True)
class Copied:
    """What was copied of one bucket, and what could not be vouched for."""

    objects: int = 0
    octets: int = 0
    rotten: list[str] = field(default_factory=list)
    """Numbers whose archived file is missing or is not what the catalogue says."""


def copy_objects(
    moment: dict[str, Snapshot], buckets: dict[str, Path], into: Path
) -> dict[str, Copied]:
    """Bucket → what was copied of it, into a folder of its name below *into*."""
    return {
        "archive": _archive(moment["storage"], buckets["archive"], into / "archive"),
        "copies": _copies(moment["signing"], buckets["copies"], into / "copies"),
        "scans": _scans(buckets["scans"], into / "scans"),
    }


def _archive(snapshot: Snapshot, bucket: Path, into: Path) -> Copied:
    """Each copy that the catalogue has, compared with the catalogue's digest; a file
    that has had its time is no part of a backup.
    """
    copied = Copied()
    # The backup reads storage's and signing's tables, as an operator's tool may; no
    # service does. The rehearsal fails if a column goes.
    rows = snapshot.connection.execute(
        text(
            "SELECT entry, sha256 FROM copies"
            " WHERE entry NOT IN (SELECT entry FROM given_up)"
        )
    )
    for entry, sha256 in rows.all():
        digest = _copy(bucket / entry / COPY, into / entry / COPY, copied)
        if digest != sha256:
            copied.rotten.append(entry)
    return copied


def _copies(snapshot: Snapshot, bucket: Path, into: Path) -> Copied:
    """The sealed copies of numbers that signing knew at the moment."""
    copied = Copied()
    rows = snapshot.connection.execute(text("SELECT entry FROM entries"))
    for (entry,) in rows.all():
        for path in sorted((bucket / entry).glob("*.pdf")):
            _copy(path, into / entry / path.name, copied)
    return copied


def _scans(bucket: Path, into: Path) -> Copied:
    """All of it: these objects are named by their digests, not by numbers."""
    copied = Copied()
    for path in _files(bucket):
        _copy(path, into / path.relative_to(bucket), copied)
    return copied


def _files(bucket: Path) -> Iterator[Path]:
    for top in sorted(bucket.iterdir()) if bucket.is_dir() else ():
        if top.name not in NO_OBJECTS:
            yield from (path for path in sorted(top.rglob("*")) if path.is_file())


def _copy(path: Path, target: Path, copied: Copied) -> str:
    """The digest of what was copied; empty where the object is gone: a purge or a
    withdrawal may have taken it since the moment.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as source:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as out:
                while chunk := source.read(CHUNK):
                    digest.update(chunk)
                    out.write(chunk)
                    copied.octets += len(chunk)
    except FileNotFoundError:
        return ""
    copied.objects += 1
    return digest.hexdigest()


def put_back(source: Path, bucket: Path) -> None:
    """Copy one bucket of a backup into the house's empty one."""
    if source.is_dir():
        shutil.copytree(source, bucket, dirs_exist_ok=True)
