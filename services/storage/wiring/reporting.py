"""Loops that tell the desk how links were used, and how satisfied citizens are."""

import asyncio
import contextlib
from datetime import date
from functools import partial
from typing import Final

import structlog

from chassis.clock import LOCAL, Clock
from chassis.process import Task
from ecopy.refusals import Trouble
from storage.usecases import Storage

log = structlog.get_logger()

REPORT_SECONDS: Final = 60.0
"""How late a report may be, beside the hour that it may be late anyway."""
DAY_SECONDS: Final = 600.0
"""How late after midnight a new day may be noticed."""


def reports(storage: Storage, clock: Clock) -> list[Task]:
    """What must run so that the desk hears."""
    return [partial(keep_reporting, storage), partial(report_ratings, storage, clock)]


async def keep_reporting(storage: Storage, stop: asyncio.Event) -> None:
    """Each minute, report what is due. What fails is due in the next minute again."""
    while not stop.is_set():
        try:
            await storage.report_links()
        except Trouble:
            log.warning("links_not_reported", exc_info=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), REPORT_SECONDS)


async def report_ratings(
    storage: Storage, clock: Clock, stop: asyncio.Event, *, every: float = DAY_SECONDS
) -> None:
    """Report what was said of each month, at the start and once on each day. What fails
    is tried again at the next look.
    """
    reported: date | None = None
    while not stop.is_set():
        today = clock().astimezone(LOCAL).date()
        try:
            if today != reported:
                await storage.report_ratings()
                reported = today
        except Trouble:
            log.warning("ratings_not_reported", exc_info=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every)
