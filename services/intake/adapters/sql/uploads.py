"""Uploads and their pieces as rows; which objects there are is ``adapters.uploads``."""

from datetime import datetime
from typing import Any, Final

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

from chassis.retention import Amount
from intake.adapters.sql.tables import upload_pieces as pieces
from intake.adapters.sql.tables import uploads
from intake.domain.records import NotFound
from intake.domain.uploading import COPIES, Upload

BATCH: Final = 50
"""Left over at once; the next turn goes on."""


def begin(tx: Connection, upload: Upload) -> None:
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


def find(tx: Connection, upload: str) -> Upload:
    row = tx.execute(select(uploads).where(uploads.c.id == upload)).first()
    if row is None:
        raise NotFound(upload)
    return _upload(row)


def exists(tx: Connection, upload: str) -> bool:
    found = tx.scalar(select(uploads.c.id).where(uploads.c.id == upload))
    return found is not None


def of_document(tx: Connection, document: str) -> tuple[Upload, ...]:
    found = tx.execute(
        select(uploads)
        .where(uploads.c.document == document, uploads.c.state == "open")
        .order_by(uploads.c.began_at, uploads.c.id)
    )
    return tuple(map(_upload, found))


def advance(
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


def pieces_of(tx: Connection, upload: str) -> tuple[Row[Any], ...]:
    query = select(pieces).where(pieces.c.upload == upload).order_by(pieces.c.start)
    return tuple(tx.execute(query))


def set_state(tx: Connection, upload: str, state: str) -> None:
    tx.execute(update(uploads).where(uploads.c.id == upload).values(state=state))


def forget(tx: Connection, upload: str) -> None:
    tx.execute(delete(uploads).where(uploads.c.id == upload))


def forget_pieces(tx: Connection, upload: str) -> None:
    tx.execute(delete(pieces).where(pieces.c.upload == upload))


def left_over(tx: Connection, before: datetime) -> tuple[Upload, ...]:
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


def promised(tx: Connection) -> int:
    still = func.sum(COPIES * uploads.c.length - uploads.c.offset)
    return int(tx.scalar(select(still).where(uploads.c.state == "open")) or 0)


def amount(tx: Connection, before: datetime | None) -> Amount:
    count, oldest = tx.execute(
        select(func.count(), func.min(uploads.c.touched_at))
    ).one()
    size = tx.scalar(select(func.sum(pieces.c.size))) or 0
    due = 0 if before is None else len(older(tx, before, count))
    return Amount(count, oldest, due, int(size))


def older(tx: Connection, before: datetime, most: int) -> tuple[str, ...]:
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
