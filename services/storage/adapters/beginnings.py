"""What is known of an archived file after it was erased: the table ``beginnings``.

Start at ``note_beginnings`` (docs/decisions/0118).
"""

import asyncio
import mmap
from pathlib import Path

import structlog
from sqlalchemy import Connection, insert, select

from chassis.database import Database
from chassis.objects import Missing, Objects, trouble
from ecopy.identifiers import EntryId, Sha256
from storage.adapters.tables import beginnings, copies, given_up
from storage.domain.copies import archive_key
from storage.domain.records import Stored
from storage.domain.verdict import beginnings as beginnings_of

log = structlog.get_logger()


async def note_beginnings(database: Database, archive: Objects, entry: EntryId) -> None:
    """Note the digests of a copy's beginnings before its file is erased. Safe to
    repeat. A file that is gone or spoilt says nothing of what was archived, so nothing
    is noted of it.
    """
    try:
        async with archive.local(archive_key(entry)) as path:
            found = await asyncio.to_thread(_hashed, path)
    except Missing:
        return
    await database.write(lambda tx: _note(tx, entry, found))


def erased_copy(tx: Connection, entry: EntryId, beginning: int) -> Stored | None:
    gone = (
        select(copies.c.sha256)
        .join(given_up, given_up.c.entry == copies.c.entry)
        .where(copies.c.entry == entry, given_up.c.removed_at.is_not(None))
    )
    whole = tx.scalar(gone)
    noted = select(beginnings.c.sha256).where(beginnings.c.entry == entry)
    if whole is None or tx.execute(noted).first() is None:
        return None
    begun = tx.scalar(noted.where(beginnings.c.length == beginning))
    return Stored(whole=whole, beginning=begun or "")


def _hashed(path: Path) -> dict[int, Sha256]:
    with (
        trouble(),
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        return beginnings_of(data)


def _note(tx: Connection, entry: EntryId, found: dict[int, Sha256]) -> None:
    whole = tx.scalar(select(copies.c.sha256).where(copies.c.entry == entry))
    if whole != found[max(found)]:
        log.error("beginnings_not_noted", entry=entry)
        return
    there = select(beginnings.c.length).where(beginnings.c.entry == entry)
    known = set(tx.scalars(there))
    rows = [
        {"entry": entry, "length": length, "sha256": digest}
        for length, digest in found.items()
        if length not in known
    ]
    if rows:
        tx.execute(insert(beginnings), rows)
