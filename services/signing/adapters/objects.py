"""Originals read from intake's bucket, copies written to our own."""

import hashlib

from chassis import crash
from chassis.objects import Missing, Objects
from ecopy.identifiers import EntryId, ObjectRef
from ecopy.refusals import Hindrance, Reason, Refusal, Trouble
from signing.domain.copies import Original, SealedCopy


class StoredOriginals:
    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    async def read(self, ref: ObjectRef) -> Original:
        """Digest and size are the order's, or it is not read."""
        try:
            content = await self._objects.get(ref.key)
        except Missing as missing:
            raise Refusal(Reason.ORIGINAL_MISSING, ref.key) from missing
        if len(content) != ref.size:
            raise Refusal(
                Reason.ORIGINAL_MISMATCH, f"{len(content)} byte, đã duyệt {ref.size}"
            )
        if hashlib.sha256(content).hexdigest() != ref.sha256:
            raise Refusal(Reason.ORIGINAL_MISMATCH, "SHA-256 khác bản đã duyệt")
        return Original(content, ref.sha256)


class StoredCopies:
    def __init__(self, objects: Objects, bucket: str = "copies") -> None:
        self._objects = objects
        self._bucket = bucket

    def ref(self, entry: EntryId, copy: SealedCopy) -> ObjectRef:
        return ObjectRef(
            bucket=self._bucket,
            key=f"{entry}/{copy.sha256}.pdf",
            sha256=copy.sha256,
            size=len(copy.content),
            media_type="application/pdf",
        )

    async def write(self, ref: ObjectRef, copy: SealedCopy) -> None:
        """The key holds the digest, so who wrote it first wrote the same bytes."""
        await self._objects.put(ref.key, copy.content)
        if await self._objects.size(ref.key) != ref.size:
            raise Trouble(Hindrance.STORE, f"{ref.key} was not stored whole")
        crash.reached("signing-stored")

    async def holds(self, ref: ObjectRef) -> bool:
        try:
            content = await self._objects.get(ref.key)
        except Missing:
            return False
        return hashlib.sha256(content).hexdigest() == ref.sha256

    async def destroy(self, ref: ObjectRef) -> None:
        await self._objects.delete(ref.key)
