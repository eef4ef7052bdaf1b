"""The administrator's page of the system: what intake sees of the house around it.

Of papers it shows how many wait in which state and since when, never what is in them.
Start at ``page``.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from chassis.clock import Clock
from ecopy.dead_letter import START_BYTES, BusAway
from intake.domain.arrivals import FolderReport
from intake.domain.dead_letters import MOST_WHY
from intake.domain.numbering import NumberingStop
from intake.domain.numbers import short_code
from intake.domain.people import Actor
from intake.domain.system import Backlog, BusState, Waiting
from intake.domain.views.system import (
    DeadLetterActView,
    DeadLetterRow,
    DeadLetterView,
    PartView,
    SystemView,
    WaitingView,
)
from intake.ports import Arrivals, BusGauge, Gauges, Reckonings
from intake.usecases.numbering import Numbering
from intake.usecases.replaying import Replaying, ShownLetter

LATE: Final = timedelta(minutes=1)
"""An event leaves for the bus within a second; after a minute something hinders it."""
SHOWN_LETTERS: Final = 100
"""The newest; the command lists them all."""


@dataclass(frozen=True, slots=True)
class Overseeing:
    """The page of the system, with the ports that it takes."""

    letters: Replaying
    gauges: Gauges
    numbering: Numbering
    bus: BusGauge
    reckonings: Reckonings
    arrivals: Arrivals
    clock: Clock

    async def page(self, by: Actor) -> SystemView:
        now = self.clock()
        backlog = await self.gauges.backlog(by.agency)
        letters = await self._letters()
        rows = None if letters is None else tuple(map(row_of, letters))
        return SystemView(
            now=now,
            parts=(
                _bus(self.bus.state()),
                _relay(backlog, now),
                PartView("database", "good", "database", {}),
                _numbers(await self.numbering((by.agency,))),
                _dead(rows),
                *_scanners(await self.arrivals.folders(by.agency)),
            ),
            numbers=self.reckonings.latest(),
            waiting=tuple(_waiting(each, now) for each in backlog.waiting),
            growing=await self.gauges.growing(now),
            letters=None if rows is None else rows[:SHOWN_LETTERS],
            letters_in_all=len(rows or ()),
        )

    async def letter(self, number: int, by: Actor) -> DeadLetterView:
        """Raises NotFound, BusAway."""
        return letter_view(await self.letters.show(number, by), self.clock())

    async def _letters(self) -> tuple[ShownLetter, ...] | None:
        try:
            return await self.letters.all()
        except BusAway:
            return None  # the page says so, and all the rest


def row_of(shown: ShownLetter) -> DeadLetterRow:
    letter = shown.letter
    return DeadLetterRow(
        number=letter.number,
        consumer=letter.consumer,
        entry=letter.entry,
        reason=letter.reason,
        parked_at=letter.parked_at,
        size=letter.size,
        signed=bool(letter.publisher),
        standing=shown.standing,
        replay_of=letter.replay_of,
    )


def letter_view(shown: ShownLetter, now: datetime) -> DeadLetterView:
    letter = shown.letter
    return DeadLetterView(
        row=row_of(shown),
        subject=letter.subject,
        message_id=letter.message_id,
        published_at=letter.published_at,
        publisher=letter.publisher,
        start=letter.start,
        cut=letter.size > START_BYTES,
        acts=tuple(
            DeadLetterActView(act.slug, act.at, act.by, act.why) for act in shown.acts
        ),
        most_why=MOST_WHY,
        now=now,
    )


def _bus(state: BusState) -> PartView:
    if not state.connected:
        return PartView("bus", "stop", "bus-away", {})
    if state.lost:
        names = ", ".join(sorted(state.lost))
        return PartView("bus", "stop", "bus-lost", {"names": names})
    return PartView("bus", "good", "bus", {})


def _relay(backlog: Backlog, now: datetime) -> PartView:
    """The outbox: what is committed and not on the bus yet."""
    since = backlog.oldest_unpublished
    if since is None:
        return PartView("relay", "good", "relay", {})
    waits = PartView("relay", "good", "relay-waits", {"n": backlog.unpublished}, since)
    return replace(waits, tone="warn") if now - since > LATE else waits


def _numbers(why: NumberingStop | None) -> PartView:
    """Whether this agency gets numbers now."""
    if why is None:
        return PartView("numbers", "good", "numbers", {})
    says = why.key.removeprefix("error.")
    return PartView("numbers", "stop", says, dict(why.values))


def _dead(rows: tuple[DeadLetterRow, ...] | None) -> PartView:
    if rows is None:
        return PartView("letters", "warn", "letters-unknown", {})
    new = sum(row.new for row in rows)
    if new:
        return PartView("letters", "warn", "letters-new", {"n": new})
    return PartView("letters", "good", "letters", {})


def _scanners(folders: tuple[FolderReport, ...]) -> tuple[PartView, ...]:
    """A part for each hot folder that is hindered, or one for all of them."""
    hindered = tuple(
        PartView("scanners", "stop", f"scanners-{f.trouble}", {"name": f.name}, f.since)
        for f in folders
        if f.trouble
    )
    if hindered or not folders:
        return hindered
    return (PartView("scanners", "good", "scanners", {"n": len(folders)}),)


def _waiting(waiting: Waiting, now: datetime) -> WaitingView:
    minutes = max(0, int((now - waiting.since).total_seconds() // 60))
    return WaitingView(
        state=waiting.state,
        papers=waiting.papers,
        since=waiting.since,
        minutes=minutes,
        case=short_code(waiting.case),
    )
