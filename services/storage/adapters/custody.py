"""Fetching, judging and keeping a sealed copy: the archive's own thread pool.

Signing still holds what lies in its bucket, so what is judged must be what is kept: a
copy of usual size is read once into our memory; of a larger one, which stays a mapped
file, the archived object is hashed again. Start at ``ObjectCustody``.
"""

import asyncio
import contextlib
import hashlib
import mmap
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import structlog

from chassis import crash
from chassis.objects import MARK, Missing, Objects
from ecopy.events import CertificationOrdered
from ecopy.identifiers import EntryId, ObjectRef, Sha256
from ecopy.refusals import Hindrance, Reason, Refusal, Trouble
from storage.adapters.aside import file_digest, put_aside
from storage.domain.copies import archive_key
from storage.domain.gate import Passed, Refused, Trust, gate
from storage.domain.rulings import MEDIA_TYPE
from storage.ports import LostCopyError, OtherBytesError, SealedFile

T = TypeVar("T")
log = structlog.get_logger()

THREADS: Final = 4
IN_MEMORY_BYTES: Final = 32 << 20
"""The largest copy that is read into memory; THREADS of them may be held at once."""


@dataclass(frozen=True, slots=True)
class SealedBytes:
    """A sealed copy at rest: our own bytes, or signing's file, mapped."""

    view: bytes | mmap.mmap

    @property
    def size(self) -> int:
        return len(self.view)

    @property
    def ours(self) -> bool:
        return isinstance(self.view, bytes)

    def close(self) -> None:
        if isinstance(self.view, mmap.mmap):
            self.view.close()


async def _undisputed() -> bool:
    """The answer where there is one replica."""
    return True


class ObjectCustody:
    """Judges copies from ``copies`` and puts them into ``archive``."""

    def __init__(
        self,
        copies: Objects,
        archive: Objects,
        trust: Trust,
        alone: Callable[[], Awaitable[bool]] = _undisputed,
    ) -> None:
        """``alone`` answers whether this replica, and no other, may delete objects."""
        self._alone = alone
        self._discarding = asyncio.Lock()
        self._copies = copies
        self._archive = archive
        self._trust = trust
        # Threads of its own: a burst of copies never keeps a download waiting, which
        # reads on the event loop's.
        self._threads = ThreadPoolExecutor(THREADS, "gate")

    @contextlib.asynccontextmanager
    async def open_sealed(
        self, ref: ObjectRef, entry: EntryId
    ) -> AsyncIterator[SealedBytes]:
        # The reference is signing's word. Without this it could name the sealed object
        # of another entry, and the halt below would be written against the wrong one.
        if not ref.key.startswith(f"{entry}/"):
            raise Refusal(Reason.COPY_REFUSED, "not-this-entrys-object")
        async with contextlib.AsyncExitStack() as stack:
            try:
                path = await stack.enter_async_context(self._copies.local(ref.key))
            except Missing as error:
                raise await self._absence(ref) from error
            sealed = await self._run(_open, path, ref)
            stack.callback(sealed.close)
            yield sealed

    async def check_copy(
        self, sealed: SealedFile, order: CertificationOrdered, digest: Sha256
    ) -> Passed:
        try:
            passed = await self._run(gate, _view(sealed), order, self._trust, digest)
        except Refused as refused:
            log.warning("gate_refused", reason=refused.reason, detail=refused.detail)
            # The reason is a slug that the desk has words for. The detail stays in our
            # log: it may repeat bytes of the file.
            raise Refusal(Reason.COPY_REFUSED, refused.reason) from refused
        crash.reached("storage-gated")
        return passed

    async def store(
        self, sealed: SealedFile, passed: Passed, entry: EntryId
    ) -> ObjectRef:
        key = archive_key(entry)
        # The put is conditional: whoever is first has the key for ever, and "not made"
        # may mean this very copy, from before a crash. So what lies there is read back
        # and compared, made or not; a store that lies about a write is met here, too.
        made = await self._archive.put(key, _view(sealed))
        same = await self._archive.equals(key, _view(sealed))
        # A mapped file is signing's. It could have been changed after the gate and
        # before the put, and would then equal the archived object: only the digest that
        # the gate has seen tells.
        if same and not _own(sealed).ours:
            same = await self._digest(key, sealed.size) == passed.sha256
        if not same and made:
            raise Trouble(Hindrance.STORE, f"{key} reads back differently")
        if not same:
            raise OtherBytesError(f"other bytes lie under {key}")
        crash.reached("storage-archived-object")
        return ObjectRef(
            bucket="archive",
            key=key,
            sha256=passed.sha256,
            size=passed.size,
            media_type=MEDIA_TYPE,
        )

    async def discard(self, entry: EntryId, barred: frozenset[Sha256]) -> None:
        key = archive_key(entry)
        size = await self._archive.size(key) if barred else None
        if size is None:
            return
        # Between a look at what lies there and its deletion another delivery could
        # store the next copy. Within this process the lock keeps it out, and one
        # replica at a time may delete.
        async with self._discarding:
            if not await self._alone():
                raise Trouble(Hindrance.STORE, f"another replica clears {key}")
            if await self._digest(key, size) in barred:
                await self._archive.delete(key)
                log.warning("barred_object_deleted", key=key)

    async def put_aside(self, order: CertificationOrdered) -> None:
        key = archive_key(order.entry)
        # As in ``discard``: nobody may store the next copy between look and removal.
        async with self._discarding:
            if not await self._alone():
                raise Trouble(Hindrance.STORE, f"another replica clears {key}")
            with contextlib.suppress(Missing):
                async with self._archive.local(key) as path:
                    digest = await self._run(file_digest, path)
                    if await self._run(_passes, path, order, self._trust, digest):
                        raise Refusal(Reason.OTHER_COPY_ARCHIVED, key)
                    await put_aside(self._archive, path, order.entry, digest)
                # A crash here leaves it in both places: the next delivery comes here
                # again.
                crash.reached("storage-unfinished-aside")
                await self._archive.delete(key)
                log.warning("unfinished_object_put_aside", key=key, sha256=digest)

    async def _absence(self, ref: ObjectRef) -> Exception:
        """What it means that the sealed copy is not there. A folder that is not mounted
        shows no object either, so the bucket must show the mark that signing left in
        it, or some other object.
        """
        if await self._copies.size(MARK) is not None or await self._copies.any():
            return LostCopyError(ref.key)
        return Trouble(Hindrance.STORE, f"{ref.key}: its bucket shows nothing")

    async def _digest(self, key: str, size: int) -> Sha256:
        whole = hashlib.sha256()
        async for chunk in self._archive.stream(key, 0, size):
            await self._run(whole.update, chunk)
        return whole.hexdigest()

    async def _run(self, work: Callable[..., T], *args: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, work, *args)


def _open(path: Path, ref: ObjectRef) -> SealedBytes:
    """Raises Refusal before a byte is read if the length is not the announced one."""
    size = path.stat().st_size
    if size != ref.size or not size:
        raise Refusal(Reason.COPY_REFUSED, "length-differs")
    return SealedBytes(_content(path, size))


def _content(path: Path, size: int) -> bytes | mmap.mmap:
    if size <= IN_MEMORY_BYTES:
        return path.read_bytes()
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _own(sealed: SealedFile) -> SealedBytes:
    if not isinstance(sealed, SealedBytes):
        raise TypeError("a copy is judged by the custody that opened it")
    return sealed


def _view(sealed: SealedFile) -> bytes | mmap.mmap:
    return _own(sealed).view


def _passes(
    path: Path, order: CertificationOrdered, trust: Trust, digest: Sha256
) -> bool:
    """Whether the file is a copy of *order*, whoever has stored it."""
    with contextlib.closing(SealedBytes(_content(path, path.stat().st_size))) as other:
        try:
            gate(other.view, order, trust, digest)
        except Refused:
            return False
    return True
