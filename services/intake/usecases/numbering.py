"""Whether numbers can be given, for pages, readiness and the log; and what is lost.

The rule itself is in ``domain.numbering``, and ``certifying.approve`` asks it again
within the transaction that takes the number. Start at ``standstill``.
"""

from collections.abc import Awaitable, Callable, Iterable

from chassis.clock import Clock
from ecopy.marks import YearBook
from intake.domain import calendar
from intake.domain.numbering import NumberingStop, first_stop
from intake.domain.numbers import ELECTRONIC
from intake.domain.skipping import LostLines, skipped
from intake.ports import RetainedMarks, Skips

Numbering = Callable[[Iterable[str]], Awaitable[NumberingStop | None]]
"""``standstill`` with its ports: why one of these agencies gets no number now."""


async def standstill(
    agencies: Iterable[str], *, marks: RetainedMarks, skips: Skips, clock: Clock
) -> NumberingStop | None:
    """Why one of *agencies* gets no number now; None while all of them do."""
    heard, year = marks.latest(), calendar.local_day(clock()).year
    known = frozenset(agencies)
    # A book of last year takes no number any more, but a register that lacks its lines
    # was put back from an old backup all the same.
    books = {YearBook(agency, ELECTRONIC, year) for agency in known}
    books |= {book for book in heard.highest if book.agency in known}
    return first_stop(heard, await skips.highest(books))


async def skip(
    book: YearBook,
    through: int,
    reason: str,
    by: str,
    *,
    skips: Skips,
    clock: Clock,
) -> LostLines:
    """Declare the lines behind the register's last, up to *through*, lost: an
    operator's act, audited. Raises NotAllowed.
    """
    at = clock()
    return await skips.skip(
        book,
        lambda highest: skipped(
            book, highest, through=through, reason=reason, by=by, at=at
        ),
    )
