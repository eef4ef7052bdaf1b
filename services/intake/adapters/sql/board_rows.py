"""The board's pages and figures: cases by an index, with their papers.

Each page is found by one index, from the last row of the page before on
(docs/decisions/0125). Start at ``SqlBoardRows``.
"""

from collections.abc import Iterable
from dataclasses import astuple, replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    func,
    literal,
    select,
    tuple_,
)

from chassis.database import Database
from intake.adapters.sql import rows
from intake.adapters.sql.board import by_case, renew, summaries
from intake.adapters.sql.tables import cases, certifications, documents
from intake.domain import board_filters as filters
from intake.domain import states
from intake.domain.board_filters import After, BoardFilter
from intake.domain.boards import HAND_OVER_DAYS, MOST_COUNTED, BoardCounts, BoardPage
from intake.domain.calendar import ZONE, local_day
from intake.domain.people import Actor
from intake.domain.records import Case
from intake.domain.summaries import Summary, case_standing

Found = tuple[tuple[Case, tuple[Summary, ...]], ...]
OPEN: Final = cases.c.ended_at.is_(None)
ENDED: Final = cases.c.ended_at.is_not(None)
"""The words of the partial indexes: SQLite uses one only where they are the same."""
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
        now: datetime,
        most: int,
    ) -> BoardPage:
        return await self._database.read(
            lambda tx: _page(tx, by, asked, after, now=now, most=most)
        )

    async def counts(self, by: Actor, *, mine: bool, now: datetime) -> BoardCounts:
        return await self._database.read(lambda tx: _counts(tx, by, mine, now))

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


def _page(
    tx: Connection,
    by: Actor,
    asked: BoardFilter,
    after: After | None,
    *,
    now: datetime,
    most: int,
) -> BoardPage:
    chosen = _chosen(by, asked, now)
    if asked.plain:
        chosen.append(~cases.c.stuck)
    moment = _moment(asked)
    place, order = tuple_(moment, cases.c.code), (moment, cases.c.code)
    query = select(cases).where(*chosen).order_by(*order)
    if asked.ended:
        query = select(cases).where(*chosen).order_by(*(c.desc() for c in order))
    if after is not None:
        last = tuple_(literal(after.at, moment.type), literal(after.code))
        query = query.where(place < last if asked.ended else place > last)
    found = tx.execute(query.limit(most + 1)).all()
    shown = found[:most]
    more = None
    if len(found) > most:
        more = After(getattr(shown[-1], moment.name), shown[-1].code)
    above: list[Row[Any]] = []
    handing: list[Row[Any]] = []
    if asked.plain and after is None:
        stuck = (*_chosen(by, asked, now), cases.c.stuck)
        query = select(cases).where(*stuck).order_by(*order).limit(most)
        above = list(tx.execute(query))
        handing = list(tx.execute(_to_hand_over(by, asked, now).limit(most)))
    return BoardPage(
        _with_papers(tx, shown),
        _with_papers(tx, above),
        _with_papers(tx, handing),
        more,
    )


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


def _moment(asked: BoardFilter) -> Any:
    if asked.ended:
        return cases.c.ended_at
    return cases.c.received_at if asked.order == "age" else cases.c.due_at


def _chosen(by: Actor, asked: BoardFilter, now: datetime) -> list[ColumnElement[bool]]:
    chosen = [cases.c.agency == by.agency]
    if asked.whose == "mine":
        chosen.append(cases.c.received_by == by.user)
    if asked.state in filters.OPEN_STATES | filters.ENDED_STATES:
        chosen.append(cases.c.state == asked.state)
    if asked.ended:
        first, following = asked.span()
        return [*chosen, ENDED, cases.c.ended_at >= first, cases.c.ended_at < following]
    if asked.state == filters.STUCK:
        chosen.append(cases.c.stuck)
    first_due, last_due = filters.due_between(asked.due, now)
    if first_due is not None:
        chosen.append(cases.c.due_at >= first_due)
    if last_due is not None:
        chosen.append(cases.c.due_at < last_due)
    if asked.age:
        chosen.append(cases.c.received_at < now - timedelta(days=asked.age))
    return [*chosen, OPEN]


def _counts(tx: Connection, by: Actor, mine: bool, now: datetime) -> BoardCounts:
    whose = BoardFilter(whose="mine" if mine else "all")
    month = filters.filtered({"state": filters.ENDED}, now).month

    def count(**asked: Any) -> ScalarSelect[int]:
        chosen = _chosen(by, replace(whose, **asked), now)
        rows = select(literal(1)).select_from(cases).where(*chosen).limit(MOST_COUNTED)
        return select(func.count()).select_from(rows.subquery()).scalar_subquery()

    opened = sorted(filters.OPEN_STATES)
    ended = sorted(filters.ENDED_STATES)
    others = (
        count(state=filters.STUCK),
        count(due="late"),
        count(due="today"),
        _issued_since(by.agency, datetime.combine(local_day(now), time(), ZONE)),
        _next_due(by, whose, now),
    )
    each = (
        *(count(state=state) for state in opened),
        *(count(state=state, month=month) for state in ended),
        *others,
    )
    found = list(tx.execute(select(*each)).one())
    at = len(opened) + len(ended)
    stuck, late, today, issued, next_due = found[at:]
    return BoardCounts(
        open={s: n for s, n in zip(opened, found[: len(opened)], strict=True) if n},
        ended={s: n for s, n in zip(ended, found[len(opened) : at], strict=True) if n},
        stuck=stuck,
        late=late,
        due_today=today,
        issued_today=issued,
        next_due_at=next_due,
    )


def _issued_since(agency: str, since: datetime) -> ScalarSelect[int]:
    rows = (
        select(literal(1))
        .select_from(certifications)
        .join(documents, documents.c.id == certifications.c.document)
        .where(certifications.c.issued_at >= since, documents.c.agency == agency)
        .limit(MOST_COUNTED)
    )
    return select(func.count()).select_from(rows.subquery()).scalar_subquery()


def _next_due(by: Actor, whose: BoardFilter, now: datetime) -> ScalarSelect[Any]:
    first = select(cases.c.due_at).where(*_chosen(by, whose, now))
    return first.order_by(cases.c.due_at).limit(1).scalar_subquery()


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
