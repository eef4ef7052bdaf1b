"""The archive as downloads see it: rot is mended or refused, and never served.

Start at ``CheckedArchive.read``.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from typing import Final

import structlog

from chassis.objects import Missing, Objects
from chassis.objects.opening import open_objects
from chassis.settings import ObjectsSettings
from ecopy.refusals import Hindrance, Trouble
from storage.adapters.healing import (
    Healer,
    SecondPlace,
    inspected,
    own_key,
    sealed_key,
)
from storage.adapters.scrubs import SqlScrubs
from storage.domain.copies import ArchivedCopy
from storage.domain.ranges import Span
from storage.domain.soundness import Condition, Examined, Inspected
from storage.ports import NotWholeError

log = structlog.get_logger()

CHECKS_AT_ONCE: Final = 8
"""Copies read for their digests at once: a burst of small ranges of large copies waits
its turn, and does not take the disk from the gate."""


class CheckedArchive:
    """The port ``Downloads``; the scrub uses it too."""

    def __init__(self, archive: Objects, healer: Healer, scrubs: SqlScrubs) -> None:
        self._archive = archive
        self._healer = healer
        self._scrubs = scrubs
        self._turns = asyncio.Semaphore(CHECKS_AT_ONCE)
        self.counts: Counter[str] = Counter()
        """How often each thing happened since the start, by name."""

    async def check(self, copy: ArchivedCopy) -> None:
        await self._sound(copy, None)

    async def read(self, copy: ArchivedCopy, span: Span | None) -> AsyncIterator[bytes]:
        # No mark of an earlier visit is believed: a disk rots between two of them, and
        # what a check costs was measured (docs/decisions/0087).
        expected = await self._sound(copy, span)
        part = span or Span(0, copy.size - 1)
        hashing, last = hashlib.sha256(), b""
        try:
            async for chunk in self._archive.stream(
                own_key(copy), part.first, part.last + 1
            ):
                if last:
                    yield last
                await asyncio.to_thread(hashing.update, chunk)
                last = chunk
        except Missing as error:  # since the check, a moment ago
            raise Trouble(Hindrance.STORE, "archived object missing") from error
        if hashing.hexdigest() != expected:
            # The reader has less than the length that was announced, so their program
            # knows that the file is broken.
            self.counts["withheld"] += 1
            log.error("archived_copy_withheld", entry=copy.entry)
            raise NotWholeError(copy.facts.number)
        yield last

    async def examine(self, copy: ArchivedCopy) -> Examined:
        """Read a copy whole, mend it if it is not whole, and note what was found."""
        try:
            async with self._turns:
                seen = await inspected(self._archive, copy)
        except Trouble:
            # One sector may be unreadable, or the whole store: only its size tells.
            if await self._archive.size(own_key(copy)) is None:
                raise
            seen = Inspected(Condition.UNREADABLE)
        self.counts["checked"] += 1
        if not seen.sound:
            return await self._mended(copy, seen.condition)
        found = _examined(copy, Condition.SOUND)
        await self._scrubs.note(found)
        return found

    async def _sound(self, copy: ArchivedCopy, span: Span | None) -> str:
        """The digest of the part; raises NotWholeError before a byte is given out."""
        async with self._turns:
            seen = await inspected(self._archive, copy, span)
        if seen.sound:
            return seen.part
        found = await self._mended(copy, seen.condition)
        again = await inspected(self._archive, copy, span) if found.whole else seen
        if not again.sound:
            raise NotWholeError(copy.facts.number)
        return again.part

    async def _mended(self, copy: ArchivedCopy, condition: Condition) -> Examined:
        log.error("archived_copy_not_whole", entry=copy.entry, found=condition)
        self.counts[condition] += 1
        healed = await self._healer.heal(copy)
        self.counts["healed" if healed else "not_healed"] += 1
        if not healed:
            log.error("archived_copy_lost", entry=copy.entry, found=condition)
        found = _examined(copy, condition, healed=healed)
        try:
            await self._scrubs.note(found)
        except Trouble:  # a full disk must not keep a citizen from a healed copy
            log.exception("scrub_not_noted", entry=copy.entry)
        return found


def _examined(
    copy: ArchivedCopy, condition: Condition, *, healed: bool = False
) -> Examined:
    return Examined(copy.entry, copy.facts.number, condition, healed)


@contextmanager
def open_second(settings: ObjectsSettings | None) -> Iterator[Objects | None]:
    """The second archive, if one is set; only read, closed at the end."""
    if settings is None:
        yield None
        return
    with closing(open_objects(settings, reads_only=True)) as opened:
        yield opened


def checked_archive(
    archive: Objects, copies: Objects, second: Objects | None, scrubs: SqlScrubs
) -> CheckedArchive:
    """The archive with the places that it can be healed from: a second archive, if one
    is set, then signing's bucket.
    """
    places = [SecondPlace("copies", copies, sealed_key)]
    if second is not None:
        places.insert(0, SecondPlace("second-archive", second, own_key))
    return CheckedArchive(archive, Healer(archive, places, scrubs.keeps), scrubs)
