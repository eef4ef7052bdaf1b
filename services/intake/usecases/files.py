"""Files of a document: received as they arrive, and taken out again.

What is inside a file is found by the rebuild (``settling``). Start at
``Files.receive_file``.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

from chassis.clock import Clock
from ecopy.identifiers import ObjectRef
from ecopy.refusals import Trouble
from intake.domain import desk, paper_files, text
from intake.domain.files import Replacement, StoredFile
from intake.domain.people import Actor
from intake.domain.records import CaseDocument, Outcome
from intake.domain.rules import Rules
from intake.domain.scan import ScanFault, ScanRefused
from intake.ports import Cases, Scans
from intake.usecases.own import check_agency
from intake.usecases.settling import Settling

UNKNOWN_TYPE: Final = "application/octet-stream"
"""The browser's word does not count; the rebuild looks at the bytes."""
NewId = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Files:
    """The clerk's acts on files, with the ports that they take."""

    cases: Cases
    scans: Scans
    settling: Settling
    rules: Rules
    new_id: NewId
    clock: Clock

    async def reserve_places(self, document: str, count: int, by: Actor) -> int:
        """The first of *count* places, one after the other, that nobody else gets.

        Asked for when files are dropped, before the first of them is sent: which upload
        ends first says nothing about the order of the pages.
        """
        firsts: list[int] = []

        def decide(known: CaseDocument) -> Outcome:
            check_agency(known.agency, by)
            outcome, first = paper_files.reserve(known, count)
            firsts.append(first)
            return outcome

        await self.cases.change(document, decide)
        return firsts[-1]

    async def receive_file(
        self,
        document: str,
        name: str,
        chunks: AsyncIterator[bytes],
        by: Actor,
        *,
        place: int = 0,
        replaces: str = "",
        known_as: str = "",
    ) -> StoredFile:
        """Stream one file to the store while it is hashed, then have it rebuilt.

        Memory does not grow with the file. The raw bytes are kept whatever comes of
        them; the answer says whether the file counts, or why it does not, or that it is
        still busy: what trouble cut short is done again by itself. *place* was given by
        ``reserve_places``; without one the file comes after all others. *replaces* is a
        page of the document in whose place the file's pages are to lie, if it is still
        there when they are good. *known_as* is the id of a file that may come twice;
        without one it is new.

        Raises QueueFull, before a byte is stored, NotAllowed if the document takes no
        file now, and NotFound.
        """
        with self.settling.rebuilder.reserve_room():
            await self._check_takes(document, place, by)
            shown = text.file_name(name)
            raw = await store_raw(self.scans, chunks, self.rules.file_bytes)
            # The bytes are durable, and no row names them. A crash here leaves an
            # object that nobody sees; the clerk's browser has had no answer and sends
            # the file again, and the same bytes are the same object.
            file = StoredFile(
                known_as or self.new_id(),
                document,
                place,
                shown,
                raw,
                by.name,
                self.clock(),
                state="busy",
                replaces=Replacement(replaces, by) if replaces else None,
            )
            # The document may have changed while the bytes arrived: a second file in
            # the same place, a submission. So the rules are asked again, inside the
            # transaction.
            stored = await self.cases.change(
                document,
                lambda now: paper_files.add_file(
                    now, file, by, self.clock(), most=self.rules.document_files
                ),
            )
            # The row is there, busy and in nobody's hand. A crash from here on leaves
            # it so, and ``Settling.settle_rest`` of this replica or another rebuilds
            # it.
            return await self._settled(_placed(file, stored.document))

    async def remove_file(
        self, document: str, file: str, version: int, by: Actor
    ) -> CaseDocument:
        """Raises Conflict, NotAllowed, NotFound."""

        def decide(known: CaseDocument) -> Outcome:
            check_agency(known.agency, by)
            return paper_files.remove_file(known, file, version, by, self.clock())

        return (await self.cases.change(document, decide)).document

    async def _check_takes(self, document: str, place: int, by: Actor) -> None:
        known = await self.cases.document(document)
        check_agency(known.agency, by)
        if paper_files.at_place(known, place) is None:
            desk.check_editable(known)
            paper_files.check_room(known, self.rules.document_files)

    async def _settled(self, file: StoredFile) -> StoredFile:
        if file.state != "busy":
            return file
        if file.raw.size > self.rules.file_bytes:
            fault = ScanRefused(ScanFault.TOO_LARGE, file.name)
            return await self.settling.refuse(file, fault)
        try:
            return await self.settling.settle(file)
        except Trouble:
            # Not the clerk's fault and not the file's: it stays busy, and the desk says
            # that it is tried again by itself.
            return file


async def store_raw(scans: Scans, chunks: AsyncIterator[bytes], most: int) -> ObjectRef:
    """The bytes in the store. Of a file that is too large it has a little more than is
    allowed: enough to say so, and the rest is read and dropped, because a browser hears
    an answer only after its last byte.
    """
    async with scans.arriving() as arriving:
        async for chunk in chunks:
            if arriving.size <= most:
                await arriving.write(chunk)
        return await arriving.keep(UNKNOWN_TYPE)


def _placed(file: StoredFile, document: CaseDocument) -> StoredFile:
    """The file as it was stored; or the one that had arrived at its place before."""
    stored = {f.id: f for f in document.files}
    if file.id in stored:
        return stored[file.id]
    return next(f for f in document.files if f.position == file.position)
