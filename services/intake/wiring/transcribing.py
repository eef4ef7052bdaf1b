"""The engine that reads pages, opened where it is installed, and the loop that has it
read. Start at ``open_reader``.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Final

import structlog

from chassis import tesseract
from chassis.database import Database
from chassis.objects import Objects
from chassis.workers import open_zygote
from ecopy.refusals import Trouble
from intake.adapters.reading.process import (
    AbsentReader,
    SandboxedReader,
    reading_workers,
)
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.page_texts import SqlPageTexts
from intake.ports import PageReader
from intake.settings import ReadingSettings
from intake.usecases.transcribing import Transcribing
from intake.wiring.adapters import Adapters

log = structlog.get_logger()

LOCK: Final = "page-texts"
"""One replica reads: one page at a time in the whole house."""
CHECK_SECONDS: Final = 1.0
HINDERED_SECONDS: Final = 30.0
SWITCHED_OFF: Final = ("INTAKE__READING__ENABLED=true",)


@contextlib.contextmanager
def open_reader(settings: ReadingSettings, objects: Objects) -> Iterator[PageReader]:
    """Says in the log whether pages are read here, and what is to be installed if not.
    The engine starts with the first page.
    """
    data = settings.data or tesseract.data_folder()
    lacking = tesseract.lacking(settings.data) if settings.enabled else SWITCHED_OFF
    if lacking or data is None:
        log.info("pages_are_not_read", lacking=list(lacking))
        yield AbsentReader(lacking)
        return
    log.info("pages_are_read", data=str(data))
    with open_zygote(reading_workers(data)) as workers:
        yield SandboxedReader(objects, workers)


def transcribing_of(house: Adapters, cases: SqlCases) -> Transcribing:
    return Transcribing(
        cases=cases,
        texts=SqlPageTexts(house.store),
        reader=house.reader,
        clock=house.clock,
    )


async def read_pages(house: Adapters, stop: asyncio.Event) -> None:
    """Read one page after the other until *stop*; none where there is no engine."""
    if house.reader.lacking:
        await stop.wait()
        return
    transcribing = transcribing_of(house, SqlCases(house.store))
    await keep_reading(house.store, transcribing, stop)


async def keep_reading(
    store: Database,
    transcribing: Transcribing,
    stop: asyncio.Event,
    *,
    pause: float = CHECK_SECONDS,
) -> None:
    while not stop.is_set():
        rest = pause
        try:
            if await store.holds(LOCK) and await transcribing.read_next():
                rest = 0.0
        except Trouble as trouble:
            log.warning("page_not_read", error=str(trouble))
            rest = HINDERED_SECONDS
        except Exception:
            # Whatever it is, the page waits on and the desk goes on without it.
            log.exception("page_not_read")
            rest = HINDERED_SECONDS
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), rest)
