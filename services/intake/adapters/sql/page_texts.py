"""What was read of pages: a row each, waiting, read, or not readable.

The rows are the queue, too, so that it survives the process and one replica at a time
works on it. Start at ``SqlPageTexts.enlist``; ``release`` removes a paper's rows with
its scans.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Row,
    Select,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from chassis.database import Database
from chassis.retention import Amount
from intake.adapters.sql import case_words
from intake.adapters.sql.tables import documents, files, page_texts
from intake.domain import states, text
from intake.domain.arranging import PageId
from intake.domain.page_texts import PageProgress, PageText

UNREAD: Final = {"state": "waiting", "lines": (), "folded": "", "why": "", "engine": ""}


class SqlPageTexts:
    """``ports.PageTexts``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def enlist(self, most: int) -> int:
        return await self._database.write(lambda tx: _enlist(tx, most))

    async def rebuilding(self, since: datetime) -> bool:
        busy = (files.c.state == "busy") & (files.c.uploaded_at >= since)
        found = select(files.c.id).where(busy).limit(1)
        return await self._database.read(lambda tx: tx.scalar(found) is not None)

    async def waiting(self, most: int) -> tuple[PageText, ...]:
        return await self._database.read(lambda tx: _waiting(tx, most))

    async def settle(self, read: PageText) -> None:
        await self._database.write(lambda tx: _settle(tx, read))

    async def ask_again(self, document: str) -> None:
        mine = page_texts.c.document == document
        again = update(page_texts).where(mine).values(**UNREAD, sure=0, at=None)

        def unread(tx: Connection) -> None:
            tx.execute(again)
            case_words.renew_pages(tx, document)

        await self._database.write(unread)

    async def progress(self, files: Iterable[str]) -> dict[PageId, PageProgress]:
        wanted = tuple(files)
        return await self._database.read(lambda tx: _progress(tx, wanted))

    async def of(self, pages: Iterable[PageId]) -> dict[PageId, PageText]:
        wanted = tuple(pages)
        return await self._database.read(lambda tx: _of(tx, wanted))


class HeldPageTexts:
    """``retention.Holding`` of what was read: gone with the scans. A page that was
    enlisted in the moment in which its case gave them up goes in the next turn.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def amount(self, before: datetime | None) -> Amount:
        return await self._database.read(lambda tx: _amount(tx, before))

    async def remove(self, before: datetime, most: int) -> int:
        return await self._database.write(lambda tx: _remove(tx, before, most))


def release(tx: Connection, document: str) -> None:
    """Remove what was read of a paper, in the transaction that gives its scans up."""
    tx.execute(delete(page_texts).where(page_texts.c.document == document))
    case_words.renew_pages(tx, document)


def _enlist(tx: Connection, most: int) -> int:
    # A file and not each of its pages is looked for: all its rows come at once.
    known = exists().where(page_texts.c.file == files.c.id)
    query = (
        select(files.c.id, files.c.document, files.c.part)
        .join(documents, documents.c.id == files.c.document)
        .where(
            files.c.state == "good",
            documents.c.state.in_(states.OPEN),
            documents.c.scans_removed_at.is_(None),
            ~known,
        )
        .order_by(files.c.uploaded_at)
        .limit(most)
    )
    found = tx.execute(query).all()
    for row in found:
        pages = range(1, len(row.part.manifest) + 1)
        place = {"file": row.id, "document": row.document, "sure": 0, **UNREAD}
        tx.execute(insert(page_texts), [{**place, "page": page} for page in pages])
    return len(found)


def _waiting(tx: Connection, most: int) -> tuple[PageText, ...]:
    query = (
        select(page_texts)
        .join(files, files.c.id == page_texts.c.file)
        .where(page_texts.c.state == "waiting", files.c.state == "good")
        .order_by(page_texts.c.page, files.c.uploaded_at, page_texts.c.file)
        .limit(most)
    )
    return tuple(map(_page_text, tx.execute(query)))


def _settle(tx: Connection, read: PageText) -> None:
    """Write to the row that waits, and to no other: without one the scan is gone."""
    tx.execute(
        update(page_texts)
        .where(*_here(read.page), page_texts.c.state == "waiting")
        .values(
            state=read.state,
            lines=read.lines,
            folded=text.folded(read.text),
            sure=read.sure,
            why=read.why,
            engine=read.engine,
            at=read.at,
        )
    )
    case_words.renew_pages(tx, read.document)


def _progress(tx: Connection, wanted: tuple[str, ...]) -> dict[PageId, PageProgress]:
    columns = (page_texts.c.file, page_texts.c.page, page_texts.c.state)
    query = select(*columns, page_texts.c.why).where(page_texts.c.file.in_(wanted))
    return {
        PageId(row.file, row.page): PageProgress(row.state, row.why)
        for row in tx.execute(query)
    }


def _of(tx: Connection, wanted: tuple[PageId, ...]) -> dict[PageId, PageText]:
    found: dict[PageId, PageText] = {}
    for page in wanted:
        query = select(page_texts).where(*_here(page), page_texts.c.state == "read")
        row = tx.execute(query).first()
        if row is not None:
            found[page] = _page_text(row)
    return found


def _here(page: PageId) -> tuple[Any, ...]:
    return page_texts.c.file == page.file, page_texts.c.page == page.number


def _amount(tx: Connection, before: datetime | None) -> Amount:
    count, oldest = tx.execute(select(func.count(), func.min(page_texts.c.at))).one()
    due = 0 if before is None else len(tx.execute(_given_up(before, count)).all())
    return Amount(count, oldest, due)


def _remove(tx: Connection, before: datetime, most: int) -> int:
    old = tx.execute(_given_up(before, most)).all()
    for row in old:
        tx.execute(delete(page_texts).where(*_here(PageId(row.file, row.page))))
    for document in sorted({row.document for row in old}):
        case_words.renew_pages(tx, document)
    return len(old)


def _given_up(before: datetime, most: int) -> Select[Any]:
    """Select the pages whose scans are gone; *before* is the scans' own limit, which
    has passed already.
    """
    return (
        select(page_texts.c.file, page_texts.c.page, page_texts.c.document)
        .join(documents, documents.c.id == page_texts.c.document)
        .where(
            documents.c.scans_removed_at.is_not(None), documents.c.changed_at < before
        )
        .limit(most)
    )


def _page_text(row: Row[Any]) -> PageText:
    return PageText(
        page=PageId(row.file, row.page),
        document=row.document,
        state=row.state,
        lines=row.lines,
        why=row.why,
        engine=row.engine,
        at=row.at,
    )
