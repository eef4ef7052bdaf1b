"""The register, read whole or by pages; and the citizen's link to an issued copy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chassis.clock import Clock
from ecopy.marks import YearBook
from ecopy.trust import Merger
from intake.domain import boards, calendar, numbers, showing_links
from intake.domain.closing import Closing, Period, over
from intake.domain.people import Actor, Role
from intake.domain.records import NotFound
from intake.domain.register import RegisterLine
from intake.domain.rules import Rules
from intake.domain.states import State
from intake.domain.views.register import (
    RegisterPageView,
    RegisterRow,
    RegisterView,
)
from intake.ports import Cases, Closings, Register, Skips
from intake.usecases.own import own_document


@dataclass(frozen=True, slots=True)
class Registering:
    """The register's readings and the link, with the ports that they take."""

    book: Register
    skips: Skips
    closings: Closings
    rules: Rules
    clock: Clock
    cases: Cases

    async def register(
        self, by: Actor, *, year: int | None, month: int | None
    ) -> RegisterView:
        now = self.clock()
        today, merger = calendar.local_day(now), self.rules.merged(by.agency, now)
        shown = (year or today.year, month or today.month)
        agency = self.rules.agency(by.agency)
        lines = await self.book.lines(by.agency, *shown)
        rows = tuple(_row(line) for line in lines)
        done = {
            each.period: each
            for each in await self.closings.closings(by.agency, shown[0])
        }
        this_month, this_year = Period(*shown), Period(shown[0])
        return RegisterView(
            agency_name=agency.on(today).name,
            agency_lines=agency.on(today).name_lines,
            place=agency.on(today).place,
            book=lines[-1].entry.book
            if lines
            else _book_name(self.rules, by, this_month),
            year=shown[0],
            month=shown[1],
            months=await self.book.months(by.agency),
            rows=rows,
            copies=sum(row.copies for row in rows),
            fee=sum(row.fee for row in rows),
            void=sum(row.state == State.VOID for row in rows),
            may_open=boards.opens_cases(by),
            lost=await self.skips.lost(by.agency, *shown),
            closed=done.get(this_month),
            year_closed=done.get(this_year),
            may=_open_to(by, this_month, done, today, merger),
            merger=merger,
        )

    async def page(
        self, by: Actor, month: Period, after: int, most: int
    ) -> RegisterPageView:
        """At most *most* lines of the month, behind the one whose ordinal is *after*:
        for whoever reads a month without having it in memory.
        """
        book = YearBook(by.agency, numbers.ELECTRONIC, month.year)
        page = await self.book.page(book, month, after, most)
        return RegisterPageView(
            book=page.lines[-1].entry.book
            if page.lines
            else _book_name(self.rules, by, month),
            rows=tuple(map(_row, page.lines)),
            copies=page.copies,
            fee=page.fee,
            more=page.more,
        )

    async def link(self, document: str, by: Actor) -> str:
        """The citizen's address, once the copy is issued. Raises NotFound before."""
        known = await own_document(document, by, self.cases)
        shown = showing_links.link_view(known, self.rules)
        if shown is None:
            raise NotFound(document)
        return shown.url


def _open_to(
    by: Actor,
    month: Period,
    done: Mapping[Period, Closing],
    today: date,
    merger: Merger | None,
) -> frozenset[str]:
    """The acts whose forms this person sees. A form is no permission: each use case
    checks again.
    """
    if Role.CERTIFIER not in by.roles:
        return frozenset()
    may, year = {"note"}, Period(month.year)
    merged_on = merger.on if merger is not None else None
    if over(month, today, merged_on) and not {month, year} & done.keys():
        may.add("close")
    if over(year, today, merged_on) and year not in done:
        may.add("close-year")
    return frozenset(may)


def _row(line: RegisterLine) -> RegisterRow:
    void = line.state is State.VOID
    return RegisterRow(
        number=line.entry.number,
        date=line.entry.date,
        requester=line.entry.requester,
        title=line.entry.title,
        officer=f"{line.entry.officer}, {line.entry.officer_title}",
        copies=0 if void else line.entry.copies,
        fee=0 if void else line.entry.fee,
        notes=line.notes,
        case_code=line.case,
        state=line.state,
    )


def _book_name(rules: Rules, by: Actor, month: Period) -> str:
    """How a book without a line is called: as on the last day of that month."""
    return rules.tables(by.agency).book_on(month.last).name(month.year)
