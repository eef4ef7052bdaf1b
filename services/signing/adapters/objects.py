"""Originals read from intake's bucket, copies written to our own."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from typing import Final

from chassis import crash
from chassis.objects import MARK, Missing, Objects, Source
from chassis.objects.durable import opened
from ecopy.identifiers import EntryId, ObjectRef
from ecopy.refusals import Hindrance, Reason, Refusal, Trouble
from signing.domain.copies import OrderedOriginal, SealedCopy
from signing.domain.rope import MemoryOctets, Octets, digest

HELD_BYTES: Final = 16 << 20
"""An original of at most so many octets is read into memory once; a larger one stays in
its file. Eight copies at once then take 128 MiB for their originals."""


class StoredOriginals:
    def __init__(self, objects: Objects, threads: Executor) -> None:
        self._objects = objects
        self._threads = threads

    @contextlib.asynccontextmanager
    async def open(self, ref: ObjectRef) -> AsyncIterator[OrderedOriginal]:
        """Give the original, whose digest and size are the order's."""
        async with contextlib.AsyncExitStack() as stack:
            try:
                local = self._objects.local(ref.key)
                path = await stack.enter_async_context(local)
            except Missing as missing:
                raise Refusal(
                    Reason.ORIGINAL_MISSING, "no-object", key=ref.key
                ) from missing
            source = stack.enter_context(opened(path))
            loop = asyncio.get_running_loop()
            checked = loop.run_in_executor(self._threads, _read_checked, source, ref)
            yield OrderedOriginal(await checked, ref.sha256)


def _read_checked(source: Source, ref: ObjectRef) -> Octets:
    """The bytes of the original, after all of them were read once and compared."""
    if source.size != ref.size:
        raise Refusal(
            Reason.ORIGINAL_MISMATCH,
            "size-differs",
            found=source.size,
            approved=ref.size,
        )
    octets: Octets = source
    if source.size <= HELD_BYTES:
        octets = MemoryOctets(bytes(source.read(0, source.size)), source.path)
    if digest(octets) != ref.sha256:
        raise Refusal(Reason.ORIGINAL_MISMATCH, "digest-differs")
    return octets


class StoredCopies:
    def __init__(self, objects: Objects, bucket: str = "copies") -> None:
        self._objects = objects
        self._bucket = bucket
        self._marked = False

    def ref(self, entry: EntryId, copy: SealedCopy) -> ObjectRef:
        return ObjectRef(
            bucket=self._bucket,
            key=f"{entry}/{copy.sha256}.pdf",
            sha256=copy.sha256,
            size=copy.content.size,
            media_type="application/pdf",
        )

    async def write(self, ref: ObjectRef, copy: SealedCopy) -> None:
        """Store the copy. Its key contains its digest, so whoever was there first wrote
        the same bytes.
        """
        rope = copy.content
        made = await self._objects.put(ref.key, Source(rope.size, rope.read))
        if not made and await self._objects.size(ref.key) != ref.size:
            raise Trouble(Hindrance.STORE, f"{ref.key} was not stored whole")
        if not self._marked:
            # By it storage tells a lost copy from a bucket that is not mounted, also
            # when no other copy lies there any more.
            await self._objects.put(MARK, b"signing")
            self._marked = True
        crash.reached("signing-stored")

    async def holds(self, ref: ObjectRef) -> bool:
        sha256 = hashlib.sha256()
        try:
            if await self._objects.size(ref.key) != ref.size:
                return False
            async for chunk in self._objects.stream(ref.key, 0, ref.size):
                sha256.update(chunk)
        except Missing:
            return False
        return sha256.hexdigest() == ref.sha256

    async def destroy(self, ref: ObjectRef) -> None:
        await self._objects.delete(ref.key)
