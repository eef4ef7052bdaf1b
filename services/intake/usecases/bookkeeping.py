"""The register printed, exported, closed and noted beside.

Reading its page is in ``registering``. A month's print has all its lines; a year's has
its months, which are bound with it. Start at ``Bookkeeping.close``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chassis.clock import Clock
from intake.domain import closing, exports
from intake.domain.agencies import AgencyEntry, NoOffice
from intake.domain.calendar import local_day
from intake.domain.closing import Closing, Period, totals
from intake.domain.exports import ExportTable
from intake.domain.handouts import book_values, language, sheets, values
from intake.domain.handouts.fields import Handout
from intake.domain.handouts.sheets import Filling
from intake.domain.handouts.templates import HandoutTemplate, in_force
from intake.domain.handouts.wording import Sentences
from intake.domain.people import Actor
from intake.domain.records import Note, NotFound
from intake.domain.register import RegisterLine, RegisterNote
from intake.domain.rules import Rules
from intake.domain.states import NotAllowed
from intake.ports import Closings, HandoutTemplates, HandoutTypesetter, Spreadsheets


@dataclass(frozen=True, slots=True)
class Bookkeeping:
    """The register's prints, exports and closings, with the ports that they take."""

    closings: Closings
    templates: HandoutTemplates
    defaults: Sequence[HandoutTemplate] = field(repr=False)
    """The templates that come with the program."""
    typesetter: HandoutTypesetter
    spreadsheets: Spreadsheets
    rules: Rules
    words: Sentences
    clock: Clock

    async def printed(self, period: Period, by: Actor) -> bytes:
        """The period as a PDF to be bound: all lines of a month, the months of a year,
        with its totals and who has closed it.
        """
        now, agency = self.clock(), self.rules.agency(by.agency)
        lines = await self.closings.lines(by.agency, period)
        done = await self.closings.closings(by.agency, period.year)
        handout = Handout.MONTH if period.month else Handout.YEAR
        known = (*self.defaults, *await self.templates.of(by.agency))
        day = min(period.last, local_day(now))
        template = in_force(known, handout, day)
        filling = self._filling(period, lines, done, agency, now)
        always = values.always(agency, template, now)
        parsed = language.parse(template[0].text, handout)
        facts = sheets.filled(parsed, filling.with_values(always))
        made = await self.typesetter.pdf(facts, now)
        note = _note("register-printed", period, len(lines), by, now)
        await self.closings.record(note)
        return made

    async def xlsx(self, period: Period, by: Actor) -> bytes:
        """All lines of the period as a workbook."""
        sheet = await self._exported(period, "xlsx", by)
        return self.spreadsheets.xlsx(sheet, self.clock())

    async def csv(self, period: Period, by: Actor) -> bytes:
        """All lines of the period as CSV (``exports.csv_bytes``)."""
        return exports.csv_bytes(await self._exported(period, "csv", by))

    async def close(self, period: Period, by: Actor) -> Closing:
        """Close the period in the name of *by*, who MUST hold office that day. Raises
        NotAllowed, NoOffice.
        """
        now = self.clock()
        title = officer_title(self.rules.agency(by.agency), by, now)
        merger = self.rules.merged(by.agency, now)
        merged_on = merger.on if merger is not None else None

        # In the transaction of the closing: a line that is entered at the same moment
        # is either counted or refused.
        def decide(
            lines: Sequence[RegisterLine], before: Sequence[Closing]
        ) -> tuple[Closing, Note]:
            return closing.closed(
                period, lines, before, title=title, by=by, at=now, merged_on=merged_on
            )

        return await self.closings.close(by.agency, period, decide)

    async def remark(
        self, number: str, year: int, text: str, by: Actor
    ) -> RegisterLine:
        """A correction, as a note beside the line of that number as it is shown, or of
        its ordinal alone; the line stays, and so does what was closed. Raises
        NotAllowed, also for a number that the book does not have.
        """
        now = self.clock()

        def decide(line: RegisterLine) -> tuple[RegisterNote, Note]:
            remark = closing.noted(text, by, now)
            return remark, closing.noted_audit(line, by, now)

        try:
            return await self.closings.remark(by.agency, year, number, decide)
        except NotFound as error:
            raise NotAllowed("error.no-number", number=number, year=year) from error

    async def _exported(self, period: Period, kind: str, by: Actor) -> ExportTable:
        lines = await self.closings.lines(by.agency, period)
        note = _note(f"register-{kind}", period, len(lines), by, self.clock())
        await self.closings.record(note)
        return exports.sheet(f"{period.shown}".replace("/", "-"), lines, self.words)

    def _filling(
        self,
        period: Period,
        lines: Sequence[RegisterLine],
        done: Sequence[Closing],
        agency: AgencyEntry,
        now: datetime,
    ) -> Filling:
        mine = next((each for each in done if each.period == period), None)
        sums = mine.totals if mine else totals(lines)
        months = {each.period.month: each for each in done}
        book = self.rules.tables(agency.code).book_on(period.last).name(period.year)
        return Filling(
            values=book_values.period_values(period, lines, mine, book=book, now=now),
            agency_lines=agency.on(min(period.last, local_day(now))).name_lines,
            demo=self.rules.demo,
            lines=book_values.book_rows(lines, self.words)
            if period.month
            else book_values.month_rows(lines, months),
            lines_sum=book_values.rows_sum(sums)
            if period.month
            else book_values.months_sum(sums),
        )


def officer_title(agency: AgencyEntry, by: Actor, at: datetime) -> str:
    """The title of *by* on that day, in one line. Raises NoOffice without an office."""
    if by.officer is None:
        raise NoOffice(f"{by.user} holds no office at {agency.code}")
    return " / ".join(agency.officer(by.officer, local_day(at)).title_lines)


def _note(action: str, period: Period, lines: int, by: Actor, at: datetime) -> Note:
    return Note(
        at=at,
        actor=by.user,
        actor_name=by.name,
        agency=by.agency,
        action=action,
        address=by.address,
        values={"period": period.shown, "lines": lines},
    )
