"""Files of a document: received as they arrive, rebuilt, taken out again.

What is inside a file is found by the rebuild, behind ``ports.Rebuilder``. Start at
``receive_file``, then at ``settle``.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from chassis.clock import Clock
from ecopy.identifiers import ObjectRef
from ecopy.refusals import Trouble
from intake.domain import desk, paper_files, replacing, text
from intake.domain.files import Replacement, StoredFile
from intake.domain.people import Actor
from intake.domain.records import CaseDocument, Outcome
from intake.domain.rules import Rules
from intake.domain.scan import ScanFault, ScanRefused
from intake.ports import Cases, Leases, Rebuilder, Scans
from intake.usecases.own import check_agency

UNKNOWN_TYPE: Final = "application/octet-stream"
"""The browser's word does not count; the rebuild looks at the bytes."""
NewId = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Files:
    """The clerk's acts on files, with the ports that they take."""

    cases: Cases
    leases: Leases
    scans: Scans
    rebuilder: Rebuilder
    rules: Rules
    new_id: NewId
    clock: Clock

    async def reserve_places(self, document: str, count: int, by: Actor) -> int:
        return await reserve_places(document, count, by, cases=self.cases)

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
        """Raises QueueFull before a byte is stored, too. *known_as* is the id of a file
        that may come twice; without one it is new.
        """
        with self.rebuilder.reserve_room():
            return await receive_file(
                document,
                name,
                chunks,
                by,
                place=place,
                replaces=replaces,
                cases=self.cases,
                leases=self.leases,
                scans=self.scans,
                rebuilder=self.rebuilder,
                rules=self.rules,
                new_id=(lambda: known_as) if known_as else self.new_id,
                clock=self.clock,
            )

    async def remove_file(
        self, document: str, file: str, version: int, by: Actor
    ) -> CaseDocument:
        return await remove_file(
            document, file, version, by, cases=self.cases, clock=self.clock
        )


async def reserve_places(document: str, count: int, by: Actor, *, cases: Cases) -> int:
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

    await cases.change(document, decide)
    return firsts[-1]


async def receive_file(
    document: str,
    name: str,
    chunks: AsyncIterator[bytes],
    by: Actor,
    *,
    place: int = 0,
    replaces: str = "",
    cases: Cases,
    leases: Leases,
    scans: Scans,
    rebuilder: Rebuilder,
    rules: Rules,
    new_id: NewId,
    clock: Clock,
) -> StoredFile:
    """Stream one file to the store while it is hashed, then have it rebuilt.

    Memory does not grow with the file. The raw bytes are kept whatever comes of them;
    the answer says whether the file counts, or why it does not, or that it is still
    busy: what trouble cut short is done again by itself. Raises NotAllowed if
    the document takes no file now, NotFound. *place* was given by ``reserve_places``;
    without one the file comes after all others. *replaces* is a page of the document in
    whose place the file's pages are to lie.
    """
    known = await cases.document(document)
    check_agency(known.agency, by)
    if paper_files.at_place(known, place) is None:
        desk.check_editable(known)
        paper_files.check_room(known, rules.document_files)
    if replaces:
        replacing.check_there(known, replaces)
    shown = text.file_name(name)
    raw = await _store_raw(chunks, scans, rules.file_bytes)
    # The bytes are durable, and no row names them. A crash here leaves an object that
    # nobody sees; the clerk's browser has had no answer and sends the file again, and
    # the same bytes are the same object.
    file = StoredFile(
        new_id(),
        document,
        place,
        shown,
        raw,
        by.name,
        clock(),
        state="busy",
        replaces=Replacement(replaces, by) if replaces else None,
    )
    # The document may have changed while the bytes arrived: a second file in the same
    # place, a submission. So the rules are asked again, inside the transaction.
    stored = await cases.change(
        document,
        lambda now: paper_files.add_file(
            now, file, by, clock(), most=rules.document_files
        ),
    )
    # The row is there, busy and in nobody's hand. A crash from here on leaves it so,
    # and ``settle_rest`` of this replica or another rebuilds it.
    file = _placed(file, stored.document)
    if file.state != "busy":
        return file
    if raw.size > rules.file_bytes:
        fault = ScanRefused(ScanFault.TOO_LARGE, shown)
        return await _settle(_refused(file, fault), cases=cases, clock=clock)
    try:
        return await settle(
            file, leases=leases, cases=cases, rebuilder=rebuilder, clock=clock
        )
    except Trouble:
        # Not the clerk's fault and not the file's: it stays busy, and the desk says
        # that it is tried again by itself.
        return file


async def _store_raw(
    chunks: AsyncIterator[bytes], scans: Scans, most_bytes: int
) -> ObjectRef:
    """The bytes in the store. Of a file that is too large it has a little more than
    *most_bytes*: enough to say so, and the rest is read and dropped, because a browser
    hears an answer only after its last byte.
    """
    async with scans.arriving() as arriving:
        async for chunk in chunks:
            if arriving.size <= most_bytes:
                await arriving.write(chunk)
        return await arriving.keep(UNKNOWN_TYPE)


async def remove_file(
    document: str, file: str, version: int, by: Actor, *, cases: Cases, clock: Clock
) -> CaseDocument:
    def decide(known: CaseDocument) -> Outcome:
        check_agency(known.agency, by)
        return paper_files.remove_file(known, file, version, by, clock())

    return (await cases.change(document, decide)).document


async def settle(
    file: StoredFile,
    *,
    leases: Leases,
    cases: Cases,
    rebuilder: Rebuilder,
    clock: Clock,
) -> StoredFile:
    """Rebuild a stored file, or say why not; after a crash it is simply done again.
    One that is in another's hand is left to them, and stays as it is here.
    """
    # The lease is for cost, not for truth: two that rebuild the same file at once come
    # to the same bytes under the same key, and ``settle_file`` takes the first.
    async with leases.hold(file.id) as mine:
        if not mine:
            return file
        return await _rebuild(
            file, leases=leases, cases=cases, rebuilder=rebuilder, clock=clock
        )


async def settle_rest(
    *, leases: Leases, cases: Cases, rebuilder: Rebuilder, clock: Clock
) -> tuple[str, ...]:
    """What a crash or trouble cut short, oldest first; ids of those still hindered.
    Several may do this at once: each takes what no other has.
    """
    hindered: list[str] = []
    for file in await leases.free():
        try:
            await settle(
                file, leases=leases, cases=cases, rebuilder=rebuilder, clock=clock
            )
        except Exception:  # noqa: BLE001 - whatever it is, the others go on
            hindered.append(file.id)
    return tuple(hindered)


async def _rebuild(
    file: StoredFile,
    *,
    leases: Leases,
    cases: Cases,
    rebuilder: Rebuilder,
    clock: Clock,
) -> StoredFile:
    try:
        part = await rebuilder.rebuild(
            file.name, file.raw, coming=partial(leases.note_coming, file.id)
        )
    except ScanRefused as refusal:
        return await _settle(_refused(file, refusal), cases=cases, clock=clock)
    # Part and pictures are durable, named by their digests, and no row knows them yet.
    # A crash here costs a second rebuild, which puts the same objects again.
    good = replace(file, state="good", part=part, coming=())
    return await _settle(good, cases=cases, clock=clock)


def _placed(file: StoredFile, document: CaseDocument) -> StoredFile:
    """The file as it was stored; or the one that had arrived at its place before."""
    stored = {f.id: f for f in document.files}
    if file.id in stored:
        return stored[file.id]
    return next(f for f in document.files if f.position == file.position)


def _refused(file: StoredFile, refusal: ScanRefused) -> StoredFile:
    return replace(
        file,
        state="refused",
        fault=str(refusal.fault),
        detail=refusal.detail,
        coming=(),
    )


async def _settle(file: StoredFile, *, cases: Cases, clock: Clock) -> StoredFile:
    if file.state == "good" and file.replaces is not None:
        await cases.rearrange(
            file.document, lambda case: replacing.settled(case, file, clock())
        )
        return file
    await cases.change(
        file.document, lambda document: paper_files.settle_file(document, file, clock())
    )
    return file
