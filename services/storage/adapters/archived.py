"""What lies in the archive under a number, as digests to judge by."""

import asyncio
import hashlib

from chassis.objects import Missing, Objects
from ecopy.identifiers import EntryId
from storage.domain.copies import archive_key
from storage.domain.records import Stored


class ObjectArchive:
    """The archive as judgements see it; downloads go through ``CheckedArchive``."""

    def __init__(self, archive: Objects) -> None:
        self._archive = archive

    async def stored(self, entry: EntryId, beginning: int) -> Stored | None:
        key = archive_key(entry)
        size = await self._archive.size(key)
        if size is None:
            return None
        hashing, at, begun = hashlib.sha256(), 0, ""
        try:
            async for chunk in self._archive.stream(key, 0, size):
                if at < beginning <= at + len(chunk):
                    part = hashing.copy()
                    part.update(chunk[: beginning - at])
                    begun = part.hexdigest()
                await asyncio.to_thread(hashing.update, chunk)
                at += len(chunk)
        except Missing:
            return None
        return Stored(whole=hashing.hexdigest(), beginning=begun)
