"""Which cases a board shows, as its address says; and where a page of it has ended.

An address that says what no board has, shows the plain board: a bookmark of another
release is no error. Start at ``filtered``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal
from urllib.parse import urlencode

from intake.domain.calendar import ZONE, local_day
from intake.domain.intake_form import CHANNELS
from intake.domain.showing import UNSIGNED
from intake.domain.states import ENDS, OPEN, State

Whose = Literal["all", "mine"]
Due = Literal["", "late", "today", "later"]
Order = Literal["due", "age"]
DUES: Final[tuple[Due, ...]] = ("", "late", "today", "later")
AGES: Final = (0, 1, 3, 7)
"""Days that a case is open at least."""
OPEN_STATES: Final = frozenset({*map(str, OPEN), UNSIGNED})
WAITERS: Final[Mapping[str, frozenset[str]]] = {
    "desk": frozenset({State.DRAFT, State.RECEIVED, State.RETURNED}),
    "requester": frozenset({State.SUPPLEMENT}),
    "certifier": frozenset({State.AWAITING, UNSIGNED}),
    "keeper": frozenset({State.TO_SEAL}),
    "machine": frozenset({State.REGISTERED, State.SIGNED, State.VOIDING}),
}
"""Who has to act next → the states, as they are shown, in which a case waits for them.
"""
ENDED_STATES: Final = frozenset(map(str, ENDS - {State.MERGED}))
STUCK: Final = "stuck"
"""In place of a state: whatever waits for a person out of turn."""
ENDED: Final = "ended"
"""In place of a state: whatever has ended, in a month."""
FIELDS: Final = (
    *("whose", "state", "due", "age", "order", "waits", "channel", "month"),
)
"""The parts of an address that say a filter."""
_MONTH: Final = re.compile(r"^(2\d{3})-(0[1-9]|1[0-2])$")


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """What is asked of the board. Open cases come due first, or oldest first; those of
    a month that have ended, newest first.
    """

    whose: Whose = "all"
    state: str = ""
    due: Due = ""
    age: int = 0
    order: Order = "due"
    waits: str = ""
    """One of ``WAITERS``."""
    channel: str = ""
    month: str = ""
    """``2026-11``, of ended cases only."""
    flat: bool = False
    """Nothing stands above the rest: a list that is read page by page has each case in
    one place."""

    @property
    def ended(self) -> bool:
        return self.state == ENDED or self.state in ENDED_STATES

    @property
    def mine(self) -> bool:
        return self.whose == "mine"

    @property
    def plain(self) -> bool:
        """Every open case, so that what needs a person first stands above the rest."""
        return replace(self, whose="all") == BoardFilter()

    @property
    def fields(self) -> dict[str, str]:
        """The parts of the address that say it, without what goes without saying."""
        said = {
            "whose": "" if self.whose == "all" else self.whose,
            "state": self.state,
            "due": self.due,
            "age": str(self.age or ""),
            "order": "" if self.order == "due" else self.order,
            "waits": self.waits,
            "channel": self.channel,
            "month": self.month,
        }
        return {name: value for name, value in said.items() if value}

    def address(self, **changes: Any) -> str:
        """The board's address with this filter, or with another in these parts."""
        query = urlencode(replace(self, **changes).fields)
        return f"/?{query}" if query else "/"

    def state_address(self, state: str) -> str:
        """The same reader's cases in another state, with no other filter."""
        return BoardFilter(whose=self.whose, state=state).address()

    @property
    def months(self) -> tuple[str, str]:
        """The months before and after that of the ended cases."""
        first, following = self.span()
        return f"{first - timedelta(days=1):%Y-%m}", f"{following:%Y-%m}"

    def span(self) -> tuple[datetime, datetime]:
        """The month's first moment and that of the next one."""
        year, month = map(int, self.month.split("-"))
        following = (date(year, month, 1) + timedelta(days=32)).replace(day=1)
        return _midnight(date(year, month, 1)), _midnight(following)


@dataclass(frozen=True, slots=True)
class After:
    """The last row of a page: its moment in the page's order, and its case."""

    at: datetime
    code: str

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.code}"


def filtered(said: Mapping[str, str], now: datetime) -> BoardFilter:
    """What an address asks for."""
    state = said.get("state", "")
    known = OPEN_STATES | ENDED_STATES | {STUCK, ENDED}
    asked = BoardFilter(
        whose="mine" if said.get("whose") == "mine" else "all",
        state=state if state in known else "",
        order="age" if said.get("order") == "age" else "due",
    )
    if asked.ended:
        month = said.get("month", "")
        this_month = f"{local_day(now):%Y-%m}"
        known_month = _MONTH.match(month) and month <= this_month
        return replace(asked, order="due", month=month if known_month else this_month)
    due: Due = next((each for each in DUES if each == said.get("due")), "")
    age = next((each for each in AGES if str(each) == said.get("age")), 0)
    waits = next((each for each in WAITERS if each == said.get("waits")), "")
    channel = next((each for each in CHANNELS if each == said.get("channel")), "")
    return replace(asked, due=due, age=age, waits=waits, channel=channel)


def after(written: str) -> After | None:
    """A place in the board as its text says; None for what is no such text."""
    moment, _, code = written.partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return After(at, code) if code and at.tzinfo else None


def due_between(due: Due, now: datetime) -> tuple[datetime | None, datetime | None]:
    """From when and until when a case is due that the filter lets through."""
    tomorrow = _midnight(local_day(now) + timedelta(days=1))
    spans: dict[Due, tuple[datetime | None, datetime | None]] = {
        "": (None, None),
        "late": (None, now),
        "today": (now, tomorrow),
        "later": (tomorrow, None),
    }
    return spans[due]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)
