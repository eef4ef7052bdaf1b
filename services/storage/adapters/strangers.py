"""Files that anybody brings: spooled to disk, judged, then removed.

Bytes on their way cost disk, which has one limit for all; a place among the few that
are judged at once is taken only when a file is there. The digests are taken here and
looked up: a copy that the archive knows is answered without a look into it. Every other
file is looked into by ``verdicts``, in a process. Start at ``SpooledStrangers``.
"""

import asyncio
import contextlib
import mmap
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from chassis.objects import CHUNK
from chassis.objects.spool import Spool
from ecopy.identifiers import Sha256
from storage.adapters.places import JudgingPlaces
from storage.adapters.verdicts import VerdictProcesses
from storage.domain.copies import ArchivedCopy
from storage.domain.marks import shows_signature
from storage.domain.records import Records
from storage.domain.verdict import Archived, Verdict, prefixes, recorded
from storage.ports import Archive, BusyError, CopyCatalogue, ReceivedFile, TooLargeError
from strangers.facts import Findings
from strangers.reader import SignatureReader

T = TypeVar("T")

THREADS: Final = 2
"""They hash files and look for marks in them: each reads every byte of a file."""


class SpooledStrangers:
    """At most ``at_once`` files are judged, and ``spool_bytes`` lie on disk; what is
    more hears to come again.
    """

    def __init__(
        self,
        verdicts: VerdictProcesses,
        *,
        directory: Path | None,
        at_once: int,
        wait_seconds: float,
        spool_bytes: int,
        reader: SignatureReader,
    ) -> None:
        self._verdicts = verdicts
        self._reader = reader
        self._directory = directory
        self._places = JudgingPlaces(at_once, wait_seconds=wait_seconds)
        self._room = spool_bytes  # bytes of disk left; counted in the event loop only
        self._threads = ThreadPoolExecutor(THREADS, "verdict")

    @contextlib.asynccontextmanager
    async def receive(
        self, chunks: AsyncIterator[bytes], *, most: int, sender: str
    ) -> AsyncIterator[ReceivedFile]:
        spool = Spool(self._directory, _never)
        try:
            await self._fill(spool, chunks, most)
            async with self._places.take(sender):
                yield ReceivedFile(str(spool.path()), spool.sha256, spool.size)
        finally:
            # Also for a body that broke off: what was taken of the room comes back, and
            # nothing of a stranger's file outlives its answer.
            self._room += spool.size
            spool.discard()

    async def verdict_on(
        self, file: ReceivedFile, catalogue: CopyCatalogue, archive: Archive
    ) -> tuple[Verdict, ArchivedCopy | None]:
        path = Path(file.handle)
        with _mapped(path) as data:
            found = await self._run(prefixes, data)
        known = await catalogue.copies_by_digest(found.all)
        archived = {
            digest: Archived(copy.entry, withdrawn=copy.withdrawal is not None)
            for digest, copy in known.items()
        }
        verdict = recorded(found, archived)
        # Two looks at the catalogue and a long search between them: a copy that is
        # archived meanwhile is called changed or unrecorded once, and genuine at the
        # next try.
        if verdict is None:
            verdict = await self._verdicts.search(path, file.size, found.whole)
        if verdict.alone is None:
            return verdict, _meant(verdict, known)
        return await self._settled(file, verdict, catalogue, archive)

    async def signatures(self, file: ReceivedFile) -> Findings | None:
        path = Path(file.handle)
        with _mapped(path) as data:
            signed = await self._run(shows_signature, data)
        return await self._reader.read(path) if signed else None

    async def _settled(
        self,
        file: ReceivedFile,
        verdict: Verdict,
        catalogue: CopyCatalogue,
        archive: Archive,
    ) -> tuple[Verdict, ArchivedCopy | None]:
        """Signed by us, and no row has this digest: what is recorded instead?"""
        alone = verdict.alone
        if alone is None:
            return verdict, None
        copy = await catalogue.copy(alone.entry)
        end = alone.signed_end
        stored = await archive.stored(alone.entry, end)
        records = Records(
            order=await catalogue.order(alone.entry),
            listed=copy is not None,
            stored=stored or await catalogue.erased(alone.entry, end),
        )
        settled = await self._verdicts.settle(
            Path(file.handle), file.size, verdict, file.sha256, records
        )
        return settled, copy

    async def _fill(
        self, spool: Spool, chunks: AsyncIterator[bytes], most: int
    ) -> None:
        """Write in large steps: each step is a visit to another thread."""
        waiting = bytearray()
        async for chunk in chunks:
            waiting += chunk
            if spool.size + len(waiting) > most:
                raise TooLargeError(most)
            if len(waiting) >= CHUNK:
                await self._write(spool, bytes(waiting))
                waiting.clear()
        if waiting:
            await self._write(spool, bytes(waiting))

    async def _write(self, spool: Spool, chunk: bytes) -> None:
        """Room on disk is taken before the bytes are written."""
        if self._room < len(chunk):
            raise BusyError
        before = spool.size
        self._room -= len(chunk)
        try:
            await spool.write(chunk)
        except BaseException:
            # How much of the chunk reached the disk only the spool knows.
            self._room += before + len(chunk) - spool.size
            raise

    async def _run(self, work: Callable[..., T], *args: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, work, *args)


@contextlib.contextmanager
def _mapped(path: Path) -> Iterator[bytes | mmap.mmap]:
    """The bytes without loading them; an empty file can not be mapped."""
    if not path.stat().st_size:
        yield b""
        return
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
    ):
        yield mapped


def _meant(verdict: Verdict, known: dict[Sha256, ArchivedCopy]) -> ArchivedCopy | None:
    """The archived copy that the verdict speaks of."""
    return next((copy for copy in known.values() if copy.entry == verdict.entry), None)


def _never(_key: str, _path: Path) -> bool:
    raise AssertionError("a stranger's file is never kept")
