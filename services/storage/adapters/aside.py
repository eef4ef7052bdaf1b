"""Where objects go that are not whole: nothing that lay in the archive is thrown away.

Each is kept under the name of its own digest, so that a person can look at it, and is
believed by nobody. Start at ``put_aside``.
"""

import hashlib
from pathlib import Path
from typing import Final

from chassis.objects import CHUNK, Objects, trouble
from ecopy.identifiers import EntryId, Sha256
from ecopy.refusals import Hindrance, Trouble

SET_ASIDE: Final = "set-aside"
"""The first part of the keys of objects that were not whole: no entry begins so."""


async def put_aside(
    archive: Objects, path: Path, entry: EntryId, digest: Sha256
) -> None:
    """Keep the file at *path* as ``set-aside/<entry>/<digest>.pdf``. Safe to repeat.
    Raises Trouble(STORE) if it does not read back.
    """
    aside = f"{SET_ASIDE}/{entry}/{digest}.pdf"
    await archive.put(aside, path)
    if not await archive.equals(aside, path):
        raise Trouble(Hindrance.STORE, f"{aside} reads back differently")


def file_digest(path: Path) -> Sha256:
    """The SHA-256 of a file, in hexadecimal digits. Raises Trouble(STORE)."""
    hashing = hashlib.sha256()
    with trouble(), path.open("rb") as file:
        while chunk := file.read(CHUNK):
            hashing.update(chunk)
    return hashing.hexdigest()
