"""Programs are let in: an administrator makes and revokes their tokens, and each
request shows one.

The rules are in ``intake.domain.programs``. Start at ``Admitting.recognised``.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from chassis.clock import Clock
from intake.domain import programs
from intake.domain.calendar import local_day
from intake.domain.people import Actor
from intake.domain.programs import Program, ProgramChange, ProgramForm, Scope
from intake.domain.views.programs import ProgramRow, ProgramsView
from intake.ports import Programs

PROPOSED: Final = timedelta(days=180)
_ORDER: Final = ("in-force", "ended", "revoked")


@dataclass(frozen=True, slots=True)
class Admitting:
    """Programs and their tokens, with the ports that they take."""

    book: Programs
    prefix: Callable[[], str]
    """Eight characters of ``a-z2-7``."""
    secret: Callable[[], str]
    """256 random bits as 43 characters."""
    clock: Clock

    async def recognised(self, token: str) -> Program | None:
        """Whose token this is; None for nobody's, and for one that is over."""
        now = self.clock()
        prefix = programs.prefix_of(token)
        known = await self.book.find(prefix) if prefix else None
        if known is None or not programs.opens(known, token, now):
            return None
        if known.used_at is None or now - known.used_at >= programs.TOUCH_EVERY:
            await self.book.touch(known.prefix, now)
        return known

    async def view(self, by: Actor) -> ProgramsView:
        """All programs of the agency."""
        now = self.clock()
        today = local_day(now)
        rows = [_row(each, now, today) for each in await self.book.of(by.agency)]
        return ProgramsView(
            rows=tuple(sorted(rows, key=lambda row: _ORDER.index(row.standing))),
            scopes=tuple(Scope),
            now=now,
            proposed=today + PROPOSED,
            latest=today + programs.LONGEST,
        )

    def form(
        self, name: str, scopes: Iterable[str], last_day: date | None
    ) -> ProgramForm:
        """Raises NotAllowed."""
        today = local_day(self.clock())
        return programs.parse_form(name, scopes, last_day, today)

    async def issue(self, form: ProgramForm, by: Actor) -> tuple[Program, str]:
        """A new program and its token, which is known here and never again. Raises
        NotAllowed.
        """
        now, token = self.clock(), programs.token(self.prefix(), self.secret())

        def decide(others: Sequence[Program]) -> ProgramChange:
            return programs.issued(form, token, others, by=by, at=now)

        return await self.book.issue(by.agency, decide), token

    async def revoke(self, prefix: str, by: Actor) -> Program:
        """Safe to repeat. Raises NotFound."""
        now = self.clock()
        return await self.book.revoke(
            by.agency, prefix, lambda known: programs.revoked(known, by=by, at=now)
        )


def _row(program: Program, now: datetime, today: date) -> ProgramRow:
    return ProgramRow(
        prefix=program.prefix,
        name=program.name,
        scopes=tuple(scope for scope in Scope if scope in program.scopes),
        last_day=program.last_day,
        days_left=max((program.last_day - today).days, 0),
        standing=program.standing(now),
        made_by=program.made_by,
        made_at=program.made_at,
        revoked_by=program.revoked_by,
        used_at=program.used_at,
    )
