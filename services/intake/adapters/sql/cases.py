"""Cases and documents: each change one transaction, with its audit and its event.

No rule stands here: the domain decides; start at ``change``, which writes that.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update

from chassis import crash, outbox
from chassis.database import Database
from intake.adapters.sql import audit, board, form_uses, register, rows, scan_objects
from intake.adapters.sql.holding import hold
from intake.adapters.sql.tables import cases, certifications, documents, files
from intake.domain.boards import Summary
from intake.domain.files import StoredFile
from intake.domain.numbers import ELECTRONIC
from intake.domain.records import Case, CaseDocument, Note, NotFound, Outcome
from intake.ports import Opening

SOURCE: Final = "intake"


class SqlCases:
    """``ports.Cases`` on the service's own database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(
        self, agency: str, day: date, decide: Callable[[int], Opening]
    ) -> Opening:
        return await form_uses.write(
            self._database, lambda tx: _open(tx, agency, day, decide), _opened
        )

    async def add(
        self, code: str, decide: Callable[[Case, tuple[CaseDocument, ...]], Opening]
    ) -> Opening:
        return await form_uses.write(
            self._database, lambda tx: _add(tx, code, decide), _opened
        )

    async def case(self, code: str) -> Case:
        return await self._database.read(lambda tx: _case(tx, code))

    async def document(self, document: str) -> CaseDocument:
        return await self._database.read(lambda tx: _document(tx, document))

    async def documents(self, code: str) -> tuple[CaseDocument, ...]:
        return await self._database.read(lambda tx: _documents(tx, code))

    async def change(
        self, document: str, decide: Callable[[CaseDocument], Outcome]
    ) -> Outcome:
        return await form_uses.write(
            self._database, lambda tx: change(tx, document, decide), _changed
        )

    async def enter(
        self, document: str, year: int, decide: Callable[[CaseDocument, int], Outcome]
    ) -> Outcome:
        outcome = await form_uses.write(
            self._database, lambda tx: _enter(tx, document, year, decide), _changed
        )
        # From here on the number is taken for ever. The answer may be lost; the order
        # is not: it lies in the outbox of the same commit.
        crash.reached("intake-approval-committed")
        return outcome

    async def follow(
        self, entry: str, decide: Callable[[CaseDocument], Outcome]
    ) -> Outcome | None:
        return await self._database.write(lambda tx: _follow(tx, entry, decide))

    async def board(
        self, agency: str, since: datetime, *, also: Iterable[str] = ()
    ) -> tuple[tuple[Case, tuple[Summary, ...]], ...]:
        codes = tuple(also)
        return await self._database.read(
            lambda tx: board.board(tx, agency, since, also=codes)
        )

    async def queue(self, agency: str) -> tuple[tuple[Case, Summary], ...]:
        return await self._database.read(lambda tx: board.queue(tx, agency))

    async def timeline(self, code: str) -> tuple[Note, ...]:
        return await self._database.read(lambda tx: audit.timeline(tx, code))


def _opened(opening: Opening) -> dict[str, str]:
    first = opening.documents[0]
    return {"document": first.id, "case": first.case}


def _changed(outcome: Outcome) -> dict[str, str]:
    after = outcome.document
    return {"document": after.id, "case": after.case, "places": str(after.places)}


def _open(
    tx: Connection, agency: str, day: date, decide: Callable[[int], Opening]
) -> Opening:
    # Two clerks who open a case at once: the second waits until the first has its
    # ordinal committed, else both would read the same maximum.
    hold(tx, f"cases/{agency}/{day}")
    highest = tx.scalar(
        select(func.max(cases.c.ordinal)).where(
            cases.c.agency == agency, cases.c.day == day
        )
    )
    ordinal = (highest or 0) + 1
    opening = decide(ordinal)
    tx.execute(
        insert(cases).values(
            day=day, ordinal=ordinal, **rows.named(opening.case, rows.CASE)
        )
    )
    _store_new(tx, opening)
    return opening


def _add(
    tx: Connection,
    code: str,
    decide: Callable[[Case, tuple[CaseDocument, ...]], Opening],
) -> Opening:
    # Held from reading the papers to the commit: two added at once would get the same
    # ordinal, and the limit of papers would count neither.
    hold(tx, f"case/{code}")
    opening = decide(_case(tx, code), _documents(tx, code))
    tx.execute(
        update(cases)
        .where(cases.c.code == code)
        .values(**rows.named(opening.case, rows.CASE))
    )
    _store_new(tx, opening)
    return opening


def _store_new(tx: Connection, opening: Opening) -> None:
    for document in opening.documents:
        tx.execute(insert(documents).values(**rows.document_values(document)))
    audit.append(tx, *opening.notes)


def change(
    tx: Connection, document: str, decide: Callable[[CaseDocument], Outcome]
) -> Outcome:
    before = _document(tx, document, locked=True)
    outcome = decide(before)
    _store(tx, before, outcome)
    return outcome


def _enter(
    tx: Connection,
    document: str,
    year: int,
    decide: Callable[[CaseDocument, int], Outcome],
) -> Outcome:
    # The document first, then the register's year: everybody takes the two locks in
    # this order, so nobody waits in a circle.
    before = _document(tx, document, locked=True)
    ordinal = register.next_ordinal(tx, before.agency, ELECTRONIC, year)
    outcome = decide(before, ordinal)
    _store(tx, before, outcome)
    crash.reached("intake-approval-before-commit")
    return outcome


def _follow(
    tx: Connection, entry: str, decide: Callable[[CaseDocument], Outcome]
) -> Outcome | None:
    document = tx.scalar(
        select(certifications.c.document).where(certifications.c.entry == entry)
    )
    return None if document is None else change(tx, document, decide)


def _store(tx: Connection, before: CaseDocument, outcome: Outcome) -> None:
    """Row, files, certification, register line, audit and event: all or nothing. Raises
    Trouble(STORE) if an object that a file is made of was removed meanwhile.
    """
    after = outcome.document
    if after == before:
        # A repeat: the timeline would show an act that did nothing.
        return
    tx.execute(
        update(documents)
        .where(documents.c.id == after.id)
        .values(**rows.document_values(after))
    )
    _store_files(tx, before.files, after.files)
    scan_objects.note_uses(tx, before, after)
    _store_certification(tx, before, after)
    if outcome.entry is not None:
        register.enter(tx, outcome.entry)
    if outcome.remark is not None and after.certification is not None:
        register.remark(tx, after.certification.entry, outcome.remark)
    audit.append(tx, *outcome.notes)
    if outcome.event is not None:
        outbox.add(tx, outcome.event, source=SOURCE)


def _store_files(
    tx: Connection, before: tuple[StoredFile, ...], after: tuple[StoredFile, ...]
) -> None:
    known = {file.id: file for file in before}
    for file in after:
        values = rows.file_values(file)
        if file.id not in known:
            tx.execute(insert(files).values(**values))
        elif known[file.id] != file:
            tx.execute(update(files).where(files.c.id == file.id).values(**values))


def _store_certification(
    tx: Connection, before: CaseDocument, after: CaseDocument
) -> None:
    certified = after.certification
    if certified is None or certified == before.certification:
        return
    values = rows.certification_values(after.id, certified)
    if before.certification is None:
        tx.execute(insert(certifications).values(**values))
        return
    tx.execute(
        update(certifications)
        .where(certifications.c.entry == certified.entry)
        .values(**values)
    )


def _case(tx: Connection, code: str) -> Case:
    row = tx.execute(select(cases).where(cases.c.code == code)).first()
    if row is None:
        raise NotFound(code)
    return rows.case_of(row)


def _document(tx: Connection, document: str, *, locked: bool = False) -> CaseDocument:
    query = select(documents).where(documents.c.id == document)
    row: Any = tx.execute(query.with_for_update() if locked else query).first()
    if row is None:
        raise NotFound(document)
    return rows.document_of(tx, row)


def _documents(tx: Connection, code: str) -> tuple[CaseDocument, ...]:
    found = tx.execute(
        select(documents).where(documents.c.case == code).order_by(documents.c.ordinal)
    ).all()
    return rows.documents_of(tx, code, found)
