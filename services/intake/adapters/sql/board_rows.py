"""The board's pages and figures: cases by an index, with their papers.

Each page is found by one index, from the last row of the page before on
(docs/decisions/0125). Start at ``SqlBoardRows``.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Row,
    Select,
    literal,
    select,
    tuple_,
)

from chassis.database import Database
from intake.adapters.sql import case_words, rows
from intake.adapters.sql.board import by_case, renew, summaries
from intake.adapters.sql.board_chosen import ENDED, OPEN, chosen, moment_of
from intake.adapters.sql.board_counts import counts
from intake.adapters.sql.tables import cases, certifications, documents
from intake.domain import states
from intake.domain.board_filters import After, BoardFilter
from intake.domain.boards import HAND_OVER_DAYS, BoardCounts, BoardPage
from intake.domain.people import Actor
from intake.domain.records import Case
from intake.domain.summaries import Summary, case_standing

Found = tuple[tuple[Case, tuple[Summary, ...]], ...]
BATCH: Final = 500
MOST_CHOICES: Final = 500
"""Papers that a file can be put into, in a list to choose from."""


class SqlBoardRows:
    """``ports.BoardRows``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self,
        by: Actor,
        asked: BoardFilter,
        after: After | None,
        before: After | None,
        *,
        now: datetime,
        most: int,
    ) -> tuple[BoardPage, BoardCounts]:
        def read(tx: Connection) -> tuple[BoardPage, BoardCounts]:
            look = _Look(by, asked, now, most)
            page = _page_before(tx, look, before) or _page(tx, look, after)
            return page, counts(tx, by, mine=asked.mine, now=now)

        return await self._database.read(read)

    async def found(
        self,
        by: Actor,
        asked: BoardFilter,
        query: str,
        after: str,
        *,
        now: datetime,
        most: int,
    ) -> tuple[BoardPage, BoardCounts]:
        def read(tx: Connection) -> tuple[BoardPage, BoardCounts]:
            hits = case_words.look(tx, by.agency, query, after, most)
            page = BoardPage(_in_order(tx, hits.codes), more=hits.after)
            return page, counts(tx, by, mine=asked.mine, now=now)

        return await self._database.read(read)

    async def cases(self, codes: Iterable[str]) -> Found:
        wanted = tuple(codes)
        return await self._database.read(lambda tx: _in_order(tx, wanted))

    async def taking_files(self, agency: str) -> Found:
        return await self._database.read(lambda tx: _taking_files(tx, agency))

    async def adopt(self) -> None:
        """Put right what a release before this one has written beside it: of open cases
        it knows no state, and those that it ended look open.
        """
        for code in await self._database.read(_stale):
            await self._database.write(partial(renew, code=code))


def _stale(tx: Connection) -> list[str]:
    """Open cases whose columns are not what their papers say."""
    opened = tx.execute(select(cases).where(OPEN).order_by(cases.c.code)).all()
    stale: list[str] = []
    for start in range(0, len(opened), BATCH):
        some = opened[start : start + BATCH]
        codes = [row.code for row in some]
        papers = by_case(tx.execute(summaries().where(documents.c.case.in_(codes))))
        for row in some:
            stands = case_standing(papers.get(row.code, ()))
            if (row.state, row.stuck, row.ended_at) != astuple(stands):
                stale.append(row.code)
    return stale


@dataclass(frozen=True, slots=True)
class _Look:
    """Whose board is asked for, by which filter, and how many rows of it."""

    by: Actor
    asked: BoardFilter
    now: datetime
    most: int

    def place(self, row: Row[Any]) -> After:
        return After(getattr(row, moment_of(self.asked).name), row.code)


def _page(tx: Connection, look: _Look, after: After | None) -> BoardPage:
    found = _rows(tx, look, after)
    shown = found[: look.most]
    above: list[Row[Any]] = []
    handing: list[Row[Any]] = []
    if look.asked.plain and after is None:
        by, asked, now = look.by, look.asked, look.now
        stuck = (*chosen(by, asked, now), cases.c.stuck)
        order = (moment_of(asked), cases.c.code)
        query = select(cases).where(*stuck).order_by(*order).limit(look.most)
        above = list(tx.execute(query))
        handing = list(tx.execute(_to_hand_over(by, asked, now).limit(look.most)))
    return BoardPage(
        _with_papers(tx, shown),
        _with_papers(tx, above),
        _with_papers(tx, handing),
        more=look.place(shown[-1]) if len(found) > look.most else None,
        less=look.place(shown[0]) if after is not None and shown else None,
    )


def _page_before(tx: Connection, look: _Look, before: After | None) -> BoardPage | None:
    """The page that ends ahead of *before*; None where the first page is meant: with
    fewer rows than a page it would lack what stands above the first one.
    """
    if before is None:
        return None
    found = _rows(tx, look, before, back=True)
    if len(found) <= look.most:
        return None
    shown = found[: look.most][::-1]
    return BoardPage(
        _with_papers(tx, shown), more=look.place(shown[-1]), less=look.place(shown[0])
    )


def _rows(
    tx: Connection, look: _Look, place: After | None, *, back: bool = False
) -> list[Row[Any]]:
    """One row more than a page has, from *place* on in the board's order, or against
    it.
    """
    asked = look.asked
    wanted = chosen(look.by, asked, look.now)
    if asked.plain:
        wanted.append(~cases.c.stuck)
    moment = moment_of(asked)
    # Ended cases stand newest first.
    falling = asked.ended != back
    if place is not None:
        here = tuple_(moment, cases.c.code)
        there = tuple_(literal(place.at, moment.type), literal(place.code))
        wanted.append(here < there if falling else here > there)
    order = [c.desc() if falling else c for c in (moment, cases.c.code)]
    query = select(cases).where(*wanted).order_by(*order)
    return list(tx.execute(query.limit(look.most + 1)))


def _to_hand_over(by: Actor, asked: BoardFilter, now: datetime) -> Select[Any]:
    """Cases that ended with a copy in the last days, of which no link was given yet."""
    since = now - timedelta(days=HAND_OVER_DAYS)
    owed = (
        select(certifications.c.entry)
        .join(documents, documents.c.id == certifications.c.document)
        .where(documents.c.case == cases.c.code)
        .where(documents.c.state == states.State.ISSUED, ~certifications.c.link_given)
    )
    chosen = [cases.c.agency == by.agency, ENDED, cases.c.ended_at >= since]
    if asked.whose == "mine":
        chosen.append(cases.c.received_by == by.user)
    return select(cases).where(*chosen, owed.exists()).order_by(cases.c.ended_at)


def _taking_files(tx: Connection, agency: str) -> Found:
    """Cases with a paper that takes a file now, due first."""
    taking = (
        select(cases.c.code)
        .where(cases.c.agency == agency, OPEN)
        .where(cases.c.code == documents.c.case, documents.c.agency == agency)
        .where(documents.c.state.in_(states.EDITABLE))
        .order_by(cases.c.due_at, cases.c.code)
        .limit(MOST_CHOICES)
    )
    return _in_order(tx, tuple(dict.fromkeys(tx.scalars(taking))))


def _in_order(tx: Connection, codes: tuple[str, ...]) -> Found:
    found = tx.execute(select(cases).where(cases.c.code.in_(codes)))
    by_code = {row.code: row for row in found}
    return _with_papers(tx, [by_code[code] for code in codes if code in by_code])


def _with_papers(tx: Connection, found: Iterable[Row[Any]]) -> Found:
    known = tuple(found)
    codes = tuple(row.code for row in known)
    papers = by_case(tx.execute(summaries().where(documents.c.case.in_(codes))))
    return tuple(
        (rows.case_of(row), tuple(papers[row.code]))
        for row in known
        if row.code in papers
    )
