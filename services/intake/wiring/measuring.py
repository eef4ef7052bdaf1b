"""The dashboard and the public reports, bound to the books they are counted from."""

import asyncio
import contextlib
from datetime import date
from typing import Final

import structlog

from ecopy.refusals import Trouble
from intake.adapters.sql.announcements import SqlAnnouncements
from intake.adapters.sql.measures import SqlMeasures
from intake.adapters.sql.ratings import SqlReportedRatings
from intake.domain.calendar import local_day
from intake.usecases.measuring import Measuring
from intake.usecases.publishing import PublicReports
from intake.wiring.adapters import Adapters
from intake.wiring.handouts import vietnamese

log = structlog.get_logger()

LOOK_SECONDS: Final = 600.0
"""How late after midnight a new day may be noticed."""
FIRST_SECONDS: Final = 60.0
"""How long after a start the first report goes out: a process that has just come up, or
comes up again and again, has an office waiting and nothing new to say.
"""
LOCK: Final = "public-figures"
"""One replica at a time reports."""


def measuring_of(house: Adapters) -> Measuring:
    return Measuring(
        measures=SqlMeasures(house.store),
        ratings=SqlReportedRatings(house.store),
        rules=house.rules,
        words=vietnamese,
        clock=house.clock,
    )


def reports_of(house: Adapters) -> PublicReports:
    return PublicReports(
        measures=SqlMeasures(house.store),
        announcements=SqlAnnouncements(house.store),
        rules=house.rules,
        clock=house.clock,
    )


async def report_daily(
    house: Adapters,
    stop: asyncio.Event,
    *,
    every: float = LOOK_SECONDS,
    first: float = FIRST_SECONDS,
) -> None:
    """Report the public figures soon after the start and once on each day. What fails
    is tried again at the next look.
    """
    reported: date | None = None
    await _pause(stop, first)
    while not stop.is_set():
        today = local_day(house.clock())
        try:
            if today != reported and await house.store.holds(LOCK):
                count = await reports_of(house).announce()
                reported = today
                log.info("figures_reported", reports=count)
        except Trouble as trouble:
            log.warning("figures_not_reported", error=str(trouble))
        await _pause(stop, every)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
