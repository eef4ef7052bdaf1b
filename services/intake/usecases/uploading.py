"""Uploads that go on where they stopped, on any replica, until the file is whole.

What the protocol says of them is in ``intake.app.tus``; what becomes of a whole file is
``intake.usecases.files``, as for one that a plain form brought. Start at
``Uploading.append``.
"""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

from chassis import crash
from chassis.clock import Clock
from ecopy.refusals import Trouble
from intake.domain import desk, paper_files, replacing, text
from intake.domain.people import Actor
from intake.domain.records import NotFound
from intake.domain.rules import Rules
from intake.domain.states import NotAllowed
from intake.domain.uploading import (
    ABANDONED,
    Announced,
    OffsetMoved,
    PiecesMissing,
    Spoilt,
    TooLong,
    Upload,
    check_fits,
    check_own,
)
from intake.ports import Cases, QueueFull, Uploads
from intake.usecases.files import Files
from intake.usecases.own import own_document

PIECE_BYTES: Final = 1 << 20
"""Durable at once: a process that is killed loses less than so much of an upload, and
holds no more of it in memory. A piece costs some milliseconds."""


@dataclass(frozen=True, slots=True)
class SentDigest:
    """The digest that a sender gives along with some bytes."""

    algorithm: str
    """A name that ``hashlib.new`` takes."""
    value: bytes


@dataclass(frozen=True, slots=True)
class Uploading:
    """The clerk's uploads, with the ports that they take."""

    cases: Cases
    uploads: Uploads
    files: Files
    rules: Rules
    new_id: Callable[[], str]
    clock: Clock
    piece_bytes: int = PIECE_BYTES

    async def check_room(self, length: int) -> None:
        """Raises NoRoom before a file of *length* bytes is sent."""
        check_fits(
            length,
            await self.uploads.room(),
            promised=await self.uploads.promised(),
            spare=self.rules.spare_bytes,
        )

    async def begin(self, document: str, announced: Announced, by: Actor) -> Upload:
        """An upload without a byte. Raises TooLong, NoRoom, NotAllowed, NotFound."""
        known = await own_document(document, by, self.cases)
        desk.check_editable(known)
        if announced.replaces:
            replacing.check_there(known, announced.replaces)
        under_way = await self.uploads.of_document(document)
        paper_files.check_room(known, self.rules.document_files - len(under_way))
        if announced.length > self.rules.file_bytes:
            raise TooLong
        await self.check_room(announced.length)
        named = replace(announced, name=text.file_name(announced.name))
        upload = Upload(self.new_id(), document, named, by, self.clock())
        await self.uploads.begin(upload)
        return upload

    async def state(self, upload: str, by: Actor) -> Upload:
        """How far it has come. One that is whole is completed first, so that whoever
        lost the answer to the last byte hears what became of the file.
        """
        known = await self._own(upload, by)
        return await self._completed(known) if known.whole else known

    async def append(
        self,
        upload: str,
        offset: int,
        chunks: AsyncIterator[bytes],
        by: Actor,
        *,
        digest: SentDigest | None = None,
    ) -> Upload:
        """The upload with the bytes behind *offset*, and with its end the file.

        Raises OffsetMoved, TooLong, Spoilt (those keep nothing of these bytes, or what
        was durable before) and whatever *chunks* does, after keeping what had come.
        """
        known = await self._own(upload, by)
        if offset != known.offset:
            raise OffsetMoved
        known = await self._taken(known, chunks, digest)
        return await self._completed(known) if known.whole else known

    async def end(self, upload: str, by: Actor) -> None:
        """The sender does not want it any more; what was received stays."""
        known = await self._own(upload, by)
        if known.state == "open":
            await self.uploads.close(known, "ended")

    async def finish_rest(self) -> tuple[str, ...]:
        """Complete what nobody came back for after its last byte, and clear what a
        crash left of closed ones; ids of those that are still hindered.
        """
        hindered: list[str] = []
        for upload in await self.uploads.left_over(self.clock() - ABANDONED):
            try:
                if upload.state == "open":
                    await self._completed(upload)
                else:
                    await self.uploads.close(upload, upload.state)
            except (NotAllowed, NotFound):
                continue  # it was ended, and its sender hears so
            except (QueueFull, Trouble):
                hindered.append(upload.id)
        return tuple(hindered)

    async def _own(self, upload: str, by: Actor) -> Upload:
        known = await self.uploads.find(upload)
        check_own(known, by)
        return known

    async def _taken(
        self, upload: Upload, chunks: AsyncIterator[bytes], digest: SentDigest | None
    ) -> Upload:
        most = upload.announced.length - upload.offset
        if digest is not None:
            return await self._checked(upload, chunks, digest, most)
        async with aclosing(_pieces(chunks, most, self.piece_bytes)) as pieces:
            async for piece in pieces:
                name = await self.uploads.keep_piece(upload, piece)
                stored = ((name, len(piece)),)
                upload = await self.uploads.advance(upload, stored, self.clock())
        return upload

    async def _checked(
        self,
        upload: Upload,
        chunks: AsyncIterator[bytes],
        digest: SentDigest,
        most: int,
    ) -> Upload:
        """All of the bytes or none: the digest is of the whole request."""
        found = hashlib.new(digest.algorithm, usedforsecurity=False)
        stored: tuple[tuple[str, int], ...] = ()
        try:
            async with aclosing(_pieces(chunks, most, self.piece_bytes)) as pieces:
                async for piece in pieces:
                    found.update(piece)
                    name = await self.uploads.keep_piece(upload, piece)
                    stored = (*stored, (name, len(piece)))
            _check_digest(found.digest(), digest)
        except Exception:
            await self.uploads.drop_pieces(stored)
            raise
        return await self.uploads.advance(upload, stored, self.clock())

    async def _completed(self, upload: Upload) -> Upload:
        """The upload as received, its file at its place. Safe to repeat, also by two at
        once: the file has the upload's id, and a document takes an id once.
        """
        if upload.state == "received":
            return upload
        known = await self.cases.document(upload.document)
        if all(file.id != upload.id for file in known.files):
            await self._receive(upload)
        # The file is there, and the upload is still open: after a crash here it is
        # found again, here or by ``finish_rest``, and not received twice.
        crash.reached("intake-upload-received")
        await self.uploads.close(upload, "received")
        return replace(upload, state="received")

    async def _receive(self, upload: Upload) -> None:
        announced = upload.announced
        try:
            await self.files.receive_file(
                upload.document,
                announced.name,
                self.uploads.content(upload),
                upload.by,
                place=announced.place,
                replaces=announced.replaces,
                known_as=upload.id,
            )
        except NotAllowed:
            # The paper takes no file any more. It must not get one by itself when it
            # comes back, days later.
            await self.uploads.close(upload, "ended")
            raise
        except PiecesMissing as error:
            await self.uploads.close(upload, "ended")
            raise NotFound(upload.id) from error


def _check_not_beyond(most: int) -> None:
    if most < 0:
        raise TooLong


def _check_digest(found: bytes, digest: SentDigest) -> None:
    if found != digest.value:
        raise Spoilt


async def _pieces(
    chunks: AsyncIterator[bytes], most: int, size: int
) -> AsyncGenerator[bytes]:
    """The bytes in pieces of *size*; what had come before *chunks* failed is the last
    of them. Raises TooLong behind *most* bytes.
    """
    buffer = bytearray()
    try:
        async for chunk in chunks:
            most -= len(chunk)
            _check_not_beyond(most)
            buffer += chunk
            if len(buffer) >= size:
                yield bytes(buffer)
                buffer.clear()
    except Exception:
        # The line is cut, the sender too slow: what came is not sent again.
        if buffer:
            yield bytes(buffer)
        raise
    if buffer:
        yield bytes(buffer)
