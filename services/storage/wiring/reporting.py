"""The loop that tells the desk how links were used since the last report."""

import asyncio
import contextlib
from functools import partial
from typing import Final

import structlog

from chassis.clock import Clock
from chassis.database import Database
from chassis.process import Task
from ecopy.refusals import Trouble
from storage.adapters.links import SqlLinks

log = structlog.get_logger()

REPORT_SECONDS: Final = 60.0
"""How late a report may be beside the hour that it may be late anyway."""


def reporting(database: Database, clock: Clock) -> Task:
    return partial(_report, SqlLinks(database, clock))


async def _report(links: SqlLinks, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await links.report_due()
        except Trouble:  # the next minute looks again
            log.warning("links_not_reported", exc_info=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), REPORT_SECONDS)
