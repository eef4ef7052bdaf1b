"""The loop that tells the desk how links were used since the last report."""

import asyncio
import contextlib
from typing import Final

import structlog

from ecopy.refusals import Trouble
from storage.usecases import Storage

log = structlog.get_logger()

REPORT_SECONDS: Final = 60.0
"""How late a report may be, beside the hour that it may be late anyway."""


async def keep_reporting(storage: Storage, stop: asyncio.Event) -> None:
    """Each minute, report what is due. What fails is due in the next minute again."""
    while not stop.is_set():
        try:
            await storage.report_links()
        except Trouble:
            log.warning("links_not_reported", exc_info=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), REPORT_SECONDS)
