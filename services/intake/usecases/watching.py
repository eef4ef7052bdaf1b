"""A hot folder watched: what has settled is stored, and only then taken out.

A file's way, and what a crash between two steps leaves: read into the store (an object
that nobody uses, and the file), the row (the row and the file, which is recognised by
its origin), removed. Start at ``Watching.turn``.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from chassis import crash
from chassis.clock import Clock
from ecopy.identifiers import ObjectRef
from ecopy.refusals import Hindrance, Trouble
from intake.domain import arrivals as moves
from intake.domain import text
from intake.domain.arrivals import Arrival, FolderReport, SeenFile
from intake.domain.people import Actor
from intake.domain.rules import Rules
from intake.domain.scan import ScanFault
from intake.domain.uploading import NoRoom, check_fits
from intake.ports import Scans, Uploads
from intake.ports.inbox import (
    Arrivals,
    FileMoved,
    FileUnreadable,
    FolderAway,
    FolderClosed,
    HotFolder,
)
from intake.usecases.files import UNKNOWN_TYPE

AFRESH: Final = timedelta(seconds=30)
"""How often the page hears that a folder in which nothing happens was looked at."""


@dataclass(slots=True)
class Watching:
    """One folder, with the ports that it takes, and what the last looks saw."""

    folder: HotFolder
    arrivals: Arrivals
    scans: Scans
    uploads: Uploads
    rules: Rules
    note_for: Callable[[str, str], str]
    """(fault, name) → the words that lie beside a file that was moved aside."""
    new_id: Callable[[], str]
    clock: Clock
    elapsed: Callable[[], float]
    """Seconds, never set back: how long a file has not changed."""
    settle_seconds: float
    empty_seconds: float
    _since: dict[SeenFile, float] = field(default_factory=dict)
    _said: FolderReport | None = None

    async def turn(self) -> str:
        """One look: take what has settled, and report how the folder is. The answer is
        what hindered, in a machine's words. Raises Trouble only for the database.
        """
        trouble, why = await self._looked()
        await self._report(trouble)
        return why

    async def _looked(self) -> tuple[moves.Trouble, str]:
        try:
            for seen in self._settled(await self.folder.look()):
                await self._take(seen)
        except FolderAway as error:
            self._since.clear()
            return "unreadable", str(error)
        except FolderClosed as error:
            return "not-writable", str(error)
        except (NoRoom, OSError) as error:
            return "store", repr(error)
        except Trouble as error:
            if error.hindrance is Hindrance.DATABASE:
                raise
            return "store", str(error)
        return "", ""

    def _settled(self, seen: tuple[SeenFile, ...]) -> tuple[SeenFile, ...]:
        """Those that two looks, far enough apart, found the same; oldest first."""
        now = self.elapsed()
        self._since = {each: self._since.get(each, now) for each in seen}
        return tuple(
            each for each in seen if now - self._since[each] >= self._wait(each)
        )

    def _wait(self, seen: SeenFile) -> float:
        return self.settle_seconds if seen.size else self.empty_seconds

    async def _take(self, seen: SeenFile) -> None:
        try:
            if fault := await self._fault(seen):
                await self._turn_away(seen, fault)
                return
            await self._store(seen)
        except FileMoved:
            # Somebody writes it, or took it away: it begins anew to settle.
            self._since.pop(seen, None)
            return
        except FileUnreadable as error:
            await self._turn_away(seen, ScanFault.UNREADABLE, str(error))
            return
        self._since.pop(seen, None)

    async def _fault(self, seen: SeenFile) -> str:
        if not seen.size:
            return ScanFault.EMPTY
        if seen.size > self.rules.file_bytes:
            return ScanFault.TOO_LARGE
        return await self.folder.fault(seen)

    async def _store(self, seen: SeenFile) -> None:
        await self._check_room(seen)
        raw = await self._stored(seen)
        # The bytes are durable, and no row names them: a crash here leaves the file,
        # which is stored again under the same key.
        crash.reached("intake-arrival-stored")
        await self._enter(self._arrival(seen, raw))
        # The row is there, and the file as well: after a crash here it is recognised by
        # its origin, and only removed.
        crash.reached("intake-arrival-committed")
        # One that was written since stays, and is another arrival.
        await self.folder.remove(seen)
        crash.reached("intake-arrival-removed")

    async def _check_room(self, seen: SeenFile) -> None:
        check_fits(
            seen.size,
            await self.uploads.room(),
            promised=await self.uploads.promised(),
            spare=self.rules.spare_bytes,
        )

    async def _stored(self, seen: SeenFile) -> ObjectRef:
        digest = hashlib.sha256()
        async with self.scans.arriving() as arriving:
            async for chunk in self.folder.content(seen):
                digest.update(chunk)
                await arriving.write(chunk)
            # Whoever writes through a mapping, or within one tick of the clock, changes
            # bytes and no time.
            await self.folder.check_same(seen, digest.hexdigest())
            return await arriving.keep(UNKNOWN_TYPE)

    async def _turn_away(self, seen: SeenFile, fault: str, detail: str = "") -> None:
        """Row first: a crash behind it leaves the file, which is recognised."""
        arrival = replace(self._arrival(seen, None, fault), detail=text.line(detail))
        await self._enter(arrival)
        crash.reached("intake-arrival-turned-away")
        await self.folder.move_aside(seen, self.note_for(fault, shown_name(seen)))
        self._since.pop(seen, None)

    async def _enter(self, arrival: Arrival) -> None:
        machine = Actor(user="", name="", agency=arrival.agency)
        action = "arrival-taken" if arrival.raw is not None else "arrival-turned-away"
        note = moves.note(arrival, action, machine, arrival.arrived_at)
        await self.arrivals.add(arrival, note)

    def _arrival(
        self, seen: SeenFile, raw: ObjectRef | None, fault: str = ""
    ) -> Arrival:
        return Arrival(
            id=self.new_id(),
            agency=self.folder.agency,
            folder=self.folder.name,
            sender=text.file_name(seen.sender) if seen.sender else "",
            name=shown_name(seen),
            origin=self.folder.origin(seen),
            size=seen.size,
            arrived_at=self.clock(),
            raw=raw,
            checked="moved" if fault else "busy",
            fault=fault,
        )

    async def _report(self, trouble: moves.Trouble) -> None:
        """Nothing is written while nothing changes, but for a sign of life."""
        before, now = self._said, self.clock()
        since = self._trouble_since(trouble, now)
        arriving = tuple((shown_name(seen), seen.size) for seen in self._since)[:50]
        seen = FolderReport(
            self.folder.name, self.folder.agency, now, trouble, since, arriving
        )
        is_fresh = before is not None and now - before.looked_at < AFRESH
        if before and is_fresh and replace(seen, looked_at=before.looked_at) == before:
            return
        await self.arrivals.report(seen)
        self._said = seen

    def _trouble_since(self, trouble: str, now: datetime) -> datetime | None:
        if not trouble:
            return None
        before = self._said
        same = before is not None and before.trouble == trouble
        return before.since if same and before is not None else now


def shown_name(seen: SeenFile) -> str:
    """The file's name as text: a name that is no UTF-8 has marks in it."""
    return text.file_name(seen.name.encode("utf-8", "replace").decode())
