"""Files on their way: their pieces in the bucket of scans, their offsets in a table.

A piece is an object of its own, so that any replica takes the next one and nothing is
ever appended to: no store can do that durably and at once (docs/decisions/0104). First
the object, then the row; the row decides. Start at ``StoredUploads.advance``.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

import structlog

from chassis import crash
from chassis.database import Database
from chassis.objects import Missing, Objects
from chassis.retention import Amount
from intake.adapters.sql import uploads as rows
from intake.domain.uploading import OffsetMoved, PiecesMissing, Upload

log = structlog.get_logger()

FOLDER: Final = "arriving"
"""``arriving/<upload>-<offset>-<chance>``: no folder for each upload, since nobody
would ever remove it."""


class StoredUploads:
    """``ports.Uploads``."""

    def __init__(
        self, database: Database, objects: Objects, chance: Callable[[], str]
    ) -> None:
        """*chance* gives some letters: two senders of one offset write two objects, and
        the one that was late removes its own.
        """
        self._database = database
        self._objects = objects
        self._chance = chance

    async def begin(self, upload: Upload) -> None:
        await self._database.write(lambda tx: rows.begin(tx, upload))

    async def find(self, upload: str) -> Upload:
        return await self._database.read(lambda tx: rows.find(tx, upload))

    async def of_document(self, document: str) -> tuple[Upload, ...]:
        return await self._database.read(lambda tx: rows.of_document(tx, document))

    async def keep_piece(self, upload: Upload, piece: bytes) -> str:
        key = f"{FOLDER}/{upload.id}-{upload.offset}-{self._chance()}"
        await self._objects.put(key, piece)
        # A crash here leaves an object that no row names: the sender is told the offset
        # before it, and the object goes with its upload.
        crash.reached("intake-piece-stored")
        return key

    async def advance(
        self, upload: Upload, pieces: tuple[tuple[str, int], ...], at: datetime
    ) -> Upload:
        after = replace(
            upload, offset=upload.offset + sum(n for _, n in pieces), touched_at=at
        )
        if not await self._database.write(
            lambda tx: rows.advance(tx, upload, pieces, at)
        ):
            await self.drop_pieces(pieces)
            raise OffsetMoved
        # The answer may be lost from here on: the sender asks for the offset, and finds
        # it behind this piece.
        crash.reached("intake-piece-committed")
        return after

    async def drop_pieces(self, pieces: tuple[tuple[str, int], ...]) -> None:
        for key, _ in pieces:
            await self._objects.delete(key)

    async def content(self, upload: Upload) -> AsyncIterator[bytes]:
        found = await self._database.read(partial(rows.pieces_of, upload=upload.id))
        at = 0
        for row in found:
            try:
                piece = await self._objects.get(row.key)
            except Missing as error:
                log.warning("piece_lost", upload=upload.id, key=row.key)
                raise PiecesMissing(row.key) from error
            if row.start != at or len(piece) != row.size:
                raise PiecesMissing(row.key)
            at += len(piece)
            yield piece
        if at != upload.offset:
            raise PiecesMissing(upload.id)

    async def close(self, upload: Upload, state: str) -> None:
        await self._database.write(lambda tx: rows.set_state(tx, upload.id, state))
        # Closed, and its pieces are still there: a crash here leaves them to
        # ``left_over``, which finds the rows that name them.
        crash.reached("intake-upload-closed")
        await _clear(self._database, self._objects, upload.id)

    async def left_over(self, before: datetime) -> tuple[Upload, ...]:
        return await self._database.read(lambda tx: rows.left_over(tx, before))

    async def promised(self) -> int:
        return await self._database.read(rows.promised)

    async def room(self) -> int | None:
        return await self._objects.room()


class HeldUploads:
    """``retention.Holding``: uploads that nobody goes on with, and those that were
    received, whose rows only answer for a lost answer.
    """

    def __init__(self, database: Database, objects: Objects) -> None:
        self._database = database
        self._objects = objects

    async def amount(self, before: datetime | None) -> Amount:
        return await self._database.read(lambda tx: rows.amount(tx, before))

    async def remove(self, before: datetime, most: int) -> int:
        old = await self._database.read(lambda tx: rows.older(tx, before, most))
        for upload in old:
            # Ended first: from then on no piece can join it, and a crash before its row
            # is gone leaves it to the next turn.
            await self._database.write(
                partial(rows.set_state, upload=upload, state="ended")
            )
            await _clear(self._database, self._objects, upload)
            await self._database.write(partial(rows.forget, upload=upload))
        await self._remove_strays()
        return len(old)

    async def _remove_strays(self) -> None:
        """Pieces whose upload has no row any more: a sender was late. A row is there
        before the first piece, so none of these can be one that is about to get it.
        """
        async for key, _ in self._objects.listing(f"{FOLDER}/"):
            upload = key.removeprefix(f"{FOLDER}/").partition("-")[0]
            if not await self._database.read(partial(rows.exists, upload=upload)):
                await self._objects.delete(key)


async def _clear(database: Database, objects: Objects, upload: str) -> None:
    """Every object of the upload, those that no row names, too; then the rows."""
    keys = [key async for key, _ in objects.listing(f"{FOLDER}/{upload}-")]
    for key in keys:
        await objects.delete(key)
    await database.write(partial(rows.forget_pieces, upload=upload))
