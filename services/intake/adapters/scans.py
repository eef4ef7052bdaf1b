"""The bucket of scans: raw files as they arrive, their parts, their pictures.

What is inside a scan is the business of ``rebuild``; here are only keys, bytes and
digests. Start at ``StoredRebuilder.rebuild``.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final, Protocol

from chassis import crash, temporary
from chassis.confined import WorkerAbsent
from chassis.objects import Incoming, Missing, Objects
from ecopy.identifiers import ObjectRef
from ecopy.refusals import Hindrance, Trouble
from intake.adapters.coming import watching
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.process import SandboxedRebuilder
from intake.domain.adjusting import Remake
from intake.domain.desk_pages import Excerpt
from intake.domain.files import Part
from intake.domain.records import Original
from intake.domain.scan import (
    Leaves,
    RebuiltFile,
    ScanFault,
    ScanRefused,
    SourceFile,
)
from intake.ports import QueueFull
from intake.ports.files import Coming
from strangers.reader import SignatureReader

BUCKET: Final = "scans"
PDF: Final = "application/pdf"
MOST_IN_HAND: Final = 32
"""Two workers rebuild about two usual files a second: the last of so many waits some
seconds, which a clerk bears."""

MOST_COMING: Final = Limits().pages
"""A worker that was taken over may write thumbnails without end."""


class Claims(Protocol):
    async def claim(self, *names: str) -> dict[str, str]:
        """Name → the key to put these bytes under. MUST be durable when it returns:
        what removes old objects leaves a claimed key alone.
        """
        ...


class ArrivingScan:
    """A raw file on its way in; its key is its digest, so twice is once."""

    def __init__(self, incoming: Incoming, claims: Claims) -> None:
        self._incoming = incoming
        self._claims = claims

    @property
    def size(self) -> int:
        return self._incoming.size

    async def write(self, chunk: bytes) -> None:
        await self._incoming.write(chunk)

    async def keep(self, media_type: str) -> ObjectRef:
        digest, size = self._incoming.sha256, self._incoming.size
        name = f"raw/{digest}"
        key = (await self._claims.claim(name))[name]
        await self._incoming.keep(key)
        crash.reached("intake-upload-stored")
        return ObjectRef(
            bucket=BUCKET, key=key, sha256=digest, size=size, media_type=media_type
        )


class StoredScans:
    """``ports.Scans``."""

    def __init__(self, objects: Objects, claims: Claims) -> None:
        self._objects = objects
        self._claims = claims

    @contextlib.asynccontextmanager
    async def arriving(self) -> AsyncIterator[ArrivingScan]:
        async with self._objects.incoming() as incoming:
            yield ArrivingScan(incoming, self._claims)

    async def get(self, key: str) -> bytes:
        return await self._objects.get(key)

    def local(self, key: str) -> AbstractAsyncContextManager[Path]:
        return self._objects.local(key)


class StoredRebuilder:
    """``ports.Rebuilder``: the sandbox between two objects of the bucket."""

    def __init__(
        self,
        objects: Objects,
        sandbox: SandboxedRebuilder,
        reader: SignatureReader,
        claims: Claims,
        *,
        most_in_hand: int = MOST_IN_HAND,
    ) -> None:
        """*most_in_hand*: files on their way, waiting and being rebuilt, together."""
        self._objects = objects
        self._sandbox = sandbox
        self._reader = reader
        self._claims = claims
        self._most_in_hand, self._in_hand = most_in_hand, 0

    @contextlib.contextmanager
    def reserve_room(self) -> Iterator[None]:
        # No lock: all of it runs in one event loop, and nothing is awaited between the
        # look at the number and its change.
        if self._in_hand >= self._most_in_hand:
            raise QueueFull
        self._in_hand += 1
        try:
            yield
        finally:
            self._in_hand -= 1

    async def rebuild(
        self, name: str, raw: ObjectRef, *, coming: Coming | None = None
    ) -> Part:
        """Raises ScanRefused for the file's own fault, Trouble for this machine's.

        The detail of ALREADY_SIGNED is who signed it: ``Findings`` as JSON.
        """
        try:
            return await self._rebuild(name, raw, coming)
        except ScanRefused as refusal:
            if refusal.fault is not ScanFault.ALREADY_SIGNED:
                raise
            signers = await self._signers(raw)
            raise ScanRefused(refusal.fault, name, signers) from refusal
        except (WorkerAbsent, Missing, OSError) as error:
            raise Trouble(Hindrance.STORE, f"{raw.key}: {error}") from error

    async def _signers(self, raw: ObjectRef) -> str:
        async with self._objects.local(raw.key) as path:
            found = await self._reader.read(path)
        return found.model_dump_json()

    def _watched(
        self, into: Path, report: Coming | None
    ) -> AbstractAsyncContextManager[None]:
        if report is None:
            return contextlib.nullcontext()
        keys: list[str] = []

        async def taken(pictures: tuple[bytes, ...]) -> None:
            keys.extend(await self._put_thumbs(pictures))
            await report(tuple(keys))

        return watching(into, taken, most=MOST_COMING)

    async def _put_thumbs(self, pictures: tuple[bytes, ...]) -> list[str]:
        """Under the keys that the whole file's thumbnails will have."""
        names = [f"thumbs/{hashlib.sha256(each).hexdigest()}.jpg" for each in pictures]
        keys = await self._claims.claim(*names)
        for name, picture in zip(names, pictures, strict=True):
            await self._objects.put(keys[name], picture)
        return [keys[name] for name in names]

    async def _rebuild(self, name: str, raw: ObjectRef, report: Coming | None) -> Part:
        async with self._objects.local(raw.key) as path, _directory() as into:
            async with self._watched(into, report):
                rebuilt = await self._sandbox.rebuild(SourceFile(name, path), into=into)
            return await self._put(rebuilt)

    async def adjust(self, wanted: Remake) -> Part:
        """Raises ScanRefused where the page cannot be made, Trouble."""
        try:
            async with (
                self._objects.local(wanted.ref.key) as path,
                _directory() as into,
            ):
                return await self._put(
                    await self._sandbox.adjust(path, wanted, into=into)
                )
        except (WorkerAbsent, Missing, OSError) as error:
            raise Trouble(Hindrance.STORE, f"{wanted.ref.key}: {error}") from error

    async def _put(self, rebuilt: RebuiltFile) -> Part:
        name = f"parts/{rebuilt.sha256}.pdf"
        thumbs = await _names("thumbs", rebuilt.thumbnails)
        previews = await _names("previews", rebuilt.previews)
        keys = await self._claims.claim(name, *thumbs, *previews)
        # Part first, pictures next, the row last (the use case writes it): whoever
        # reads a row finds its objects. A crash between leaves objects without a row,
        # which the next rebuild of the same file puts again, under the same keys.
        await self._objects.put(keys[name], rebuilt.path)
        return Part(
            ref=_reference(keys[name], rebuilt.sha256, rebuilt.size),
            manifest=rebuilt.manifest,
            pages=rebuilt.pages,
            thumbs=await self._pictures(keys, thumbs, rebuilt.thumbnails),
            previews=await self._pictures(keys, previews, rebuilt.previews),
        )

    async def join(self, excerpts: tuple[Excerpt, ...]) -> Original:
        """A document of one whole file is that file's part, bit for bit."""
        if len(excerpts) == 1 and excerpts[0].whole:
            return Original(excerpts[0].ref, excerpts[0].manifest)
        async with contextlib.AsyncExitStack() as stack:
            paths = {
                key: await stack.enter_async_context(self._objects.local(key))
                for key in dict.fromkeys(each.ref.key for each in excerpts)
            }
            into = await stack.enter_async_context(_directory())
            leaves = [
                _leaves(str(n), paths[each.ref.key], each)
                for n, each in enumerate(excerpts, start=1)
            ]
            joined = await self._sandbox.join(leaves, into=into)
            name = f"originals/{joined.sha256}.pdf"
            key = (await self._claims.claim(name))[name]
            await self._objects.put(key, joined.path)
            return Original(
                _reference(key, joined.sha256, joined.size), joined.manifest
            )

    async def _pictures(
        self, keys: dict[str, str], names: tuple[str, ...], pictures: tuple[Path, ...]
    ) -> tuple[str, ...]:
        for name, picture in zip(names, pictures, strict=True):
            await self._objects.put(keys[name], picture)
        return tuple(keys[name] for name in names)


async def _names(prefix: str, pictures: tuple[Path, ...]) -> tuple[str, ...]:
    """Names by the pictures' own bytes: the first writer of a key wins, so a name by
    the file would keep what an older version drew of the same streams.
    """
    digests = [await asyncio.to_thread(_sha256, picture) for picture in pictures]
    return tuple(f"{prefix}/{digest}.jpg" for digest in digests)


def _leaves(name: str, path: Path, excerpt: Excerpt) -> Leaves:
    return Leaves(name, path, excerpt.numbers, excerpt.manifest, excerpt.pages)


def _sha256(picture: Path) -> str:
    return hashlib.sha256(picture.read_bytes()).hexdigest()


def _reference(key: str, sha256: str, size: int) -> ObjectRef:
    return ObjectRef(bucket=BUCKET, key=key, sha256=sha256, size=size, media_type=PDF)


@contextlib.asynccontextmanager
async def _directory() -> AsyncIterator[Path]:
    """An empty one, gone afterwards with whatever a worker left in it."""
    folder = await asyncio.to_thread(temporary.Folder, "rebuild")
    try:
        yield folder.path
    finally:
        await asyncio.to_thread(folder.remove)
