"""Reading an archived object against its digest, and mending one that is not whole.

The good bytes come from a second place that still has them, and are believed for their
digest alone. Nothing is thrown away: what was rotten is put aside under a key of its
own first. See docs/decisions/0087. Start at ``Healer.heal``.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from chassis import crash
from chassis.objects import Locked, Missing, Objects
from ecopy.identifiers import EntryId
from ecopy.refusals import Trouble
from storage.adapters.aside import file_digest, put_aside
from storage.domain.copies import ArchivedCopy, archive_key
from storage.domain.ranges import Span
from storage.domain.soundness import Condition, Inspected

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SecondPlace:
    """Another bucket that may have a copy's bytes; only read."""

    name: str
    objects: Objects
    key: Callable[[ArchivedCopy], str]


Keeps = Callable[[EntryId], Awaitable[bool]]


def sealed_key(copy: ArchivedCopy) -> str:
    """Where signing has put the copy in its own bucket."""
    return f"{copy.entry}/{copy.sha256}.pdf"


def own_key(copy: ArchivedCopy) -> str:
    return archive_key(copy.entry)


async def inspected(
    archive: Objects, copy: ArchivedCopy, span: Span | None = None
) -> Inspected:
    """Read the whole object and compare; *span* is the part whose digest is wanted, by
    default all of it. Raises Trouble(STORE).
    """
    key = own_key(copy)
    size = await archive.size(key)
    if size is None:
        return Inspected(Condition.MISSING)
    if size != copy.size:
        return Inspected(Condition.CUT)
    whole, part, at = hashlib.sha256(), hashlib.sha256(), 0
    try:
        # One chunk is in memory at a time, however long the copy is.
        async for chunk in archive.stream(key, 0, size):
            await asyncio.to_thread(whole.update, chunk)
            if span is not None:
                first, end = max(0, span.first - at), max(0, span.last + 1 - at)
                part.update(chunk[first:end])
            at += len(chunk)
    except Missing:
        return Inspected(Condition.MISSING)
    if whole.hexdigest() != copy.sha256:
        return Inspected(Condition.ROTTEN)
    asked = whole if span is None else part
    return Inspected(Condition.SOUND, asked.hexdigest())


class Healer:
    """Puts good bytes in the place of an archived object that is not whole."""

    def __init__(
        self, archive: Objects, places: Sequence[SecondPlace], keeps: Keeps
    ) -> None:
        """*keeps* answers whether the archive is to have a number's file at all."""
        self._archive = archive
        self._keeps = keeps
        self._places = tuple(places)
        # One healing at a time in this process: two readers of one rotten copy come at
        # once, and the second must find the first one's work. Another process is met
        # where the rotten bytes are hashed once more, just before they are removed.
        self._one = asyncio.Lock()

    async def heal(self, copy: ArchivedCopy) -> bool:
        """Whether the archive has the copy's own bytes now. Safe to repeat: whatever a
        crash has left is finished by the next call. Raises Trouble(STORE).
        """
        async with self._one:
            if (await inspected(self._archive, copy)).sound:
                return True
            if not await self._keeps(copy.entry):
                return False  # its time came since the copy was looked up
            for place in self._places:
                if await self._healed_from(place, copy):
                    log.warning("archived_copy_healed", entry=copy.entry, by=place.name)
                    return True
        return False

    async def _healed_from(self, place: SecondPlace, copy: ArchivedCopy) -> bool:
        try:
            async with place.objects.local(place.key(copy)) as path:
                if await asyncio.to_thread(file_digest, path) != copy.sha256:
                    log.error("second_copy_differs", entry=copy.entry, place=place.name)
                    return False
                await self._replace(copy, path)
        except Missing:
            return False
        except Trouble as error:
            why = str(error)
            log.warning("not_healed", entry=copy.entry, place=place.name, why=why)
            return False
        # Its time may have come between the look and the put, and the purge may have
        # been here before the put. What is given up never comes back: whoever has put
        # it takes it away.
        if not await self._keeps(copy.entry):
            with contextlib.suppress(Locked):  # then the scrub names it
                await self._archive.erase(own_key(copy))
            return False
        # Only what is read back counts: the second place may have changed meanwhile.
        return (await inspected(self._archive, copy)).sound

    async def _replace(self, copy: ArchivedCopy, good: Path) -> None:
        key = own_key(copy)
        if not await self._put_aside(copy):
            return
        # A crash here leaves the rotten object in its place, and a second one aside
        # under the name of its digest: the next visit puts it there once more.
        crash.reached("storage-rot-aside")
        await self._archive.delete(key)
        # A crash here leaves no object: the next visit finds it missing, with the good
        # bytes still in the second place, which nobody has touched. The same where
        # another process has mended it since the hash above: the good bytes follow.
        crash.reached("storage-rot-removed")
        await self._archive.put(key, good)
        crash.reached("storage-rot-healed")

    async def _put_aside(self, copy: ArchivedCopy) -> bool:
        """Keep what lies under the copy's key; False if that is whole by now."""
        key = own_key(copy)
        try:
            async with self._archive.local(key) as path:
                digest = await asyncio.to_thread(file_digest, path)
                if digest == copy.sha256:
                    return False
                await put_aside(self._archive, path, copy.entry, digest)
        except Missing:
            log.warning("nothing_to_put_aside", key=key)
        return True
