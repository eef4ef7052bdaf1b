"""Cases and documents: each change one transaction, with its audit and its event.

No rule stands here: the domain decides, and ``papers`` writes what it decides about one
paper. Start at ``SqlCases``.
"""

from collections.abc import Callable
from datetime import date
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select, update

from chassis import crash
from chassis.database import Database
from intake.adapters.sql import (
    arranging,
    audit,
    board,
    case_words,
    form_uses,
    register,
    rows,
    superseded,
)
from intake.adapters.sql.holding import hold
from intake.adapters.sql.papers import (
    change,
    change_papers,
    read_paper,
    read_papers,
    store,
)
from intake.adapters.sql.tables import cases, certifications, documents
from intake.domain.numbers import ELECTRONIC
from intake.domain.records import Case, CaseDocument, Note, NotFound, Outcome
from intake.domain.states import State
from intake.domain.stepping import CaseOnDesk, Rearranged
from intake.domain.summaries import Summary
from intake.ports import Opening

# Made once: SQLAlchemy keeps what it worked out for a statement with the statement.
_CASE: Final = select(cases).where(cases.c.code == bindparam("one"))
_CERTIFIED: Final = select(certifications.c.document).where(
    certifications.c.entry == bindparam("one")
)


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
        return await self._database.read(lambda tx: read_paper(tx, document))

    async def documents(self, code: str) -> tuple[CaseDocument, ...]:
        return await self._database.read(lambda tx: read_papers(tx, code))

    async def change(
        self, document: str, decide: Callable[[CaseDocument], Outcome]
    ) -> Outcome:
        return await form_uses.write(
            self._database, lambda tx: change(tx, document, decide), _changed
        )

    async def change_papers(
        self,
        code: str,
        decide: Callable[[tuple[CaseDocument, ...]], tuple[Outcome, ...]],
    ) -> tuple[Outcome, ...]:
        return await form_uses.write(
            self._database,
            lambda tx: change_papers(tx, code, decide),
            lambda _: {"case": code},
        )

    async def rearrange(
        self, document: str, decide: Callable[[CaseOnDesk], Rearranged]
    ) -> Rearranged:
        return await self._database.write(
            lambda tx: arranging.change(tx, _case_of(tx, document), decide)
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

    async def queue(
        self, agency: str, state: State = State.AWAITING
    ) -> tuple[tuple[Case, Summary], ...]:
        return await self._database.read(lambda tx: board.queue(tx, agency, state))

    async def papers(
        self, agency: str, names: tuple[str, ...]
    ) -> tuple[tuple[Case, Summary], ...]:
        return await self._database.read(lambda tx: board.papers(tx, agency, names))

    async def timeline(self, code: str) -> tuple[Note, ...]:
        return await self._database.read(lambda tx: audit.timeline(tx, code))

    async def sought(self, agency: str, query: str, most: int) -> tuple[Case, ...]:
        return await self._database.read(lambda tx: _sought(tx, agency, query, most))


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
    before, papers = _case(tx, code), read_papers(tx, code)
    opening = decide(before, papers)
    superseded.note_case(tx, before, len(papers), opening.case)
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
    board.renew(tx, opening.case.code)
    case_words.renew(tx, opening.case.code)
    audit.append(tx, *opening.notes)


def _enter(
    tx: Connection,
    document: str,
    year: int,
    decide: Callable[[CaseDocument, int], Outcome],
) -> Outcome:
    # The document first, then the register's year: everybody takes the two locks in
    # this order, so nobody waits in a circle.
    before = read_paper(tx, document, locked=True)
    ordinal = register.next_ordinal(tx, before.agency, ELECTRONIC, year)
    outcome = decide(before, ordinal)
    store(tx, before, outcome)
    crash.reached("intake-approval-before-commit")
    return outcome


def _follow(
    tx: Connection, entry: str, decide: Callable[[CaseDocument], Outcome]
) -> Outcome | None:
    document = tx.scalar(_CERTIFIED, {"one": entry})
    return None if document is None else change(tx, document, decide)


def _case_of(tx: Connection, document: str) -> str:
    """Which case a paper is of never changes, so no lock is needed for the answer."""
    code = tx.scalar(select(documents.c.case).where(documents.c.id == document))
    if code is None:
        raise NotFound(document)
    return str(code)


def _case(tx: Connection, code: str) -> Case:
    row = tx.execute(_CASE, {"one": code}).first()
    if row is None:
        raise NotFound(code)
    return rows.case_of(row)


def _sought(tx: Connection, agency: str, query: str, most: int) -> tuple[Case, ...]:
    hits = case_words.look(tx, agency, query, "", most)
    found = tx.execute(select(cases).where(cases.c.code.in_(hits.codes)))
    return tuple(map(rows.case_of, found))
