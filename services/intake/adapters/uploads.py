"""Files on their way: their pieces in the bucket of scans, their offsets in a table.

A piece is an object of its own, so that any replica takes the next one and nothing is
ever appended to: no store can do that durably and at once (docs/decisions/0104). First
the object, then the row; the row decides. Start at ``StoredUploads.advance``.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

import structlog
from sqlalchemy import (
    Connection,
    CursorResult,
    Row,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from chassis import crash
from chassis.database import Database
from chassis.objects import Missing, Objects
from chassis.retention import Amount
from intake.adapters.sql.tables import upload_pieces as pieces
from intake.adapters.sql.tables import uploads
from intake.domain.records import NotFound
from intake.domain.uploading import COPIES, OffsetMoved, PiecesMissing, Upload

log = structlog.get_logger()

FOLDER: Final = "arriving"
"""``arriving/<upload>-<offset>-<chance>``: no folder for each upload, since nobody
would ever remove it."""
BATCH: Final = 50


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
        await self._database.write(lambda tx: _begin(tx, upload))

    async def find(self, upload: str) -> Upload:
        return await self._database.read(lambda tx: _find(tx, upload))

    async def of_document(self, document: str) -> tuple[Upload, ...]:
        return await self._database.read(lambda tx: _of_document(tx, document))

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
        if not await self._database.write(lambda tx: _advance(tx, upload, pieces, at)):
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
        rows = await self._database.read(lambda tx: _pieces(tx, upload.id))
        at = 0
        for row in rows:
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
        await self._database.write(lambda tx: _set(tx, upload.id, state))
        # Closed, and its pieces are still there: a crash here leaves them to
        # ``left_over``, which finds the rows that name them.
        crash.reached("intake-upload-closed")
        await _clear(self._database, self._objects, upload.id)

    async def left_over(self, before: datetime) -> tuple[Upload, ...]:
        return await self._database.read(lambda tx: _left_over(tx, before))

    async def promised(self) -> int:
        return await self._database.read(_promised)

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
        return await self._database.read(lambda tx: _amount(tx, before))

    async def remove(self, before: datetime, most: int) -> int:
        old = await self._database.read(lambda tx: _older(tx, before, most))
        for upload in old:
            # Ended first: from then on no piece can join it, and a crash before its row
            # is gone leaves it to the next turn.
            await self._database.write(partial(_set, upload=upload, state="ended"))
            await _clear(self._database, self._objects, upload)
            await self._database.write(partial(_forget, upload=upload))
        await self._remove_strays()
        return len(old)

    async def _remove_strays(self) -> None:
        """Pieces whose upload has no row any more: a sender was late. A row is there
        before the first piece, so none of these can be one that is about to get it.
        """
        async for key, _ in self._objects.listing(f"{FOLDER}/"):
            upload = key.removeprefix(f"{FOLDER}/").partition("-")[0]
            if not await self._database.read(partial(_exists, upload=upload)):
                await self._objects.delete(key)


async def _clear(database: Database, objects: Objects, upload: str) -> None:
    """Every object of the upload, those that no row names, too; then the rows."""
    keys = [key async for key, _ in objects.listing(f"{FOLDER}/{upload}-")]
    for key in keys:
        await objects.delete(key)
    of_upload = pieces.c.upload == upload
    await database.write(lambda tx: tx.execute(delete(pieces).where(of_upload)))


def _begin(tx: Connection, upload: Upload) -> None:
    tx.execute(
        insert(uploads).values(
            id=upload.id,
            document=upload.document,
            announced=upload.announced,
            by=upload.by,
            length=upload.announced.length,
            offset=upload.offset,
            state=upload.state,
            began_at=upload.touched_at,
            touched_at=upload.touched_at,
        )
    )


def _find(tx: Connection, upload: str) -> Upload:
    row = tx.execute(select(uploads).where(uploads.c.id == upload)).first()
    if row is None:
        raise NotFound(upload)
    return _upload(row)


def _exists(tx: Connection, upload: str) -> bool:
    found = tx.scalar(select(uploads.c.id).where(uploads.c.id == upload))
    return found is not None


def _of_document(tx: Connection, document: str) -> tuple[Upload, ...]:
    found = tx.execute(
        select(uploads)
        .where(uploads.c.document == document, uploads.c.state == "open")
        .order_by(uploads.c.began_at, uploads.c.id)
    )
    return tuple(map(_upload, found))


def _advance(
    tx: Connection,
    upload: Upload,
    added: tuple[tuple[str, int], ...],
    at: datetime,
) -> bool:
    """False where somebody else was first, or the upload is closed."""
    end = upload.offset + sum(size for _, size in added)
    # One UPDATE with the condition in it: of two that send at once, one changes a row;
    # on PostgreSQL the other waits at it and then finds another offset.
    moved: CursorResult[tuple[()]] = tx.execute(
        update(uploads)
        .where(
            uploads.c.id == upload.id,
            uploads.c.offset == upload.offset,
            uploads.c.state == "open",
        )
        .values(offset=end, touched_at=at)
    )
    if moved.rowcount != 1:
        return False
    start = upload.offset
    for key, size in added:
        tx.execute(
            insert(pieces).values(upload=upload.id, start=start, size=size, key=key)
        )
        start += size
    return True


def _pieces(tx: Connection, upload: str) -> tuple[Row[Any], ...]:
    query = select(pieces).where(pieces.c.upload == upload).order_by(pieces.c.start)
    return tuple(tx.execute(query))


def _set(tx: Connection, upload: str, state: str) -> None:
    tx.execute(update(uploads).where(uploads.c.id == upload).values(state=state))


def _forget(tx: Connection, upload: str) -> None:
    tx.execute(delete(uploads).where(uploads.c.id == upload))


def _left_over(tx: Connection, before: datetime) -> tuple[Upload, ...]:
    is_whole = (uploads.c.state == "open") & (uploads.c.offset == uploads.c.length)
    has_pieces = select(pieces.c.upload).where(pieces.c.upload == uploads.c.id).exists()
    found = tx.execute(
        select(uploads)
        .where(
            uploads.c.touched_at < before,
            or_(is_whole, (uploads.c.state != "open") & has_pieces),
        )
        .order_by(uploads.c.touched_at)
        .limit(BATCH)
    )
    return tuple(map(_upload, found))


def _promised(tx: Connection) -> int:
    still = func.sum(COPIES * uploads.c.length - uploads.c.offset)
    return int(tx.scalar(select(still).where(uploads.c.state == "open")) or 0)


def _amount(tx: Connection, before: datetime | None) -> Amount:
    count, oldest = tx.execute(
        select(func.count(), func.min(uploads.c.touched_at))
    ).one()
    size = tx.scalar(select(func.sum(pieces.c.size))) or 0
    due = 0 if before is None else len(_older(tx, before, count))
    return Amount(count, oldest, due, int(size))


def _older(tx: Connection, before: datetime, most: int) -> tuple[str, ...]:
    old = select(uploads.c.id).where(uploads.c.touched_at < before)
    return tuple(tx.scalars(old.order_by(uploads.c.touched_at).limit(most)))


def _upload(row: Row[Any]) -> Upload:
    return Upload(
        id=row.id,
        document=row.document,
        announced=row.announced,
        by=row.by,
        touched_at=row.touched_at,
        offset=row.offset,
        state=row.state,
    )
