"""Each use case bound to the ports it touches, with ``functools.partial``.

Opening and closing is done in ``wiring`` itself. Start at ``bind``.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from chassis.clock import LOCAL, Clock
from chassis.database import Database
from chassis.forgotten import forgotten
from chassis.objects import Objects
from ecopy.reckoning import Counter
from storage import usecases
from storage.adapters.archived import ObjectArchive
from storage.adapters.catalogue import SqlCatalogue
from storage.adapters.custody import ObjectCustody
from storage.adapters.downloads import CheckedArchive
from storage.adapters.figures import Remembered, SqlFigures
from storage.adapters.links import SqlLinks
from storage.adapters.ratings import SqlRatings
from storage.adapters.strangers import SpooledStrangers
from storage.adapters.tables import copies as copies_table
from storage.adapters.tables import metadata
from storage.adapters.verdicts import VerdictProcesses
from storage.domain.absences import Absences
from storage.domain.gate import Trust
from storage.domain.public_figures import AgencyYear
from storage.settings import Settings
from strangers.reader import SignatureReader

log = structlog.get_logger()

ADDRESS_KEY_BYTES: Final = 32
DISCARD_LOCK: Final = "discard"
"""One replica at a time deletes objects that never became a copy."""


def bind(
    settings: Settings,
    *,
    database: Database,
    copies: Objects,
    archive: Objects,
    downloads: CheckedArchive,
    trust: Trust,
    clock: Clock,
    reachable: Callable[[], bool],
    figures: Callable[[], Mapping[Counter, int]],
    reader: SignatureReader,
    verdicts: VerdictProcesses,
) -> usecases.Storage:
    """The use cases over these adapters."""
    key = _address_key(settings)
    catalogue = SqlCatalogue(database, clock, address_key=key)
    locked = partial(database.holds, DISCARD_LOCK)
    custody = ObjectCustody(copies, archive, trust, locked)
    kept, links = ObjectArchive(archive), SqlLinks(database, clock)
    reported, ratings = SqlFigures(database), SqlRatings(database, clock)
    return usecases.Storage(
        record_order=partial(usecases.record_order, catalogue=catalogue, clock=clock),
        close=partial(usecases.close, catalogue=catalogue, clock=clock),
        archive=partial(
            usecases.archive,
            catalogue=catalogue,
            custody=custody,
            clock=clock,
            link_days=settings.link_days,
            zone=LOCAL,
            absences=_absences(settings),
        ),
        halt=partial(usecases.halt, catalogue=catalogue, clock=clock),
        delay=partial(usecases.delay, catalogue=catalogue, clock=clock),
        grant=partial(usecases.grant, links=links),
        revoke=partial(usecases.revoke, links=links),
        report_links=links.report_due,
        record_figures=partial(usecases.record_figures, figures=reported),
        public_figures=_public_figures(reported, ratings, clock),
        rate=partial(usecases.rate, ratings=ratings),
        report_ratings=ratings.report,
        open_link=_opening(catalogue, clock, key),
        answer_link=_answering(catalogue, links, clock, key),
        note_access=partial(usecases.note_access, catalogue=catalogue),
        look_up=partial(usecases.look_up, catalogue=catalogue),
        check_archived=downloads.check,
        read=downloads.read,
        check_digest=partial(usecases.check_digest, catalogue=catalogue),
        check_file=partial(
            usecases.check_file,
            catalogue=catalogue,
            archive=kept,
            strangers=_strangers(settings, verdicts, reader),
            most=settings.limits.file_bytes,
        ),
        ready=_readiness(reachable, database, archive),
        figures=figures,
    )


def _public_figures(
    reported: SqlFigures, ratings: SqlRatings, clock: Clock
) -> Callable[[], Awaitable[tuple[AgencyYear, ...]]]:
    return partial(
        usecases.public_figures,
        figures=Remembered(reported.all, clock),
        ratings=Remembered(ratings.all, clock),
    )


def _opening(
    catalogue: SqlCatalogue, clock: Clock, key: bytes
) -> Callable[[str, str], Awaitable[usecases.Met | None]]:
    return partial(usecases.open_link, catalogue=catalogue, clock=clock, pass_key=key)


def _answering(
    catalogue: SqlCatalogue, links: SqlLinks, clock: Clock, key: bytes
) -> Callable[[str, str], Awaitable[str | usecases.Met | None]]:
    return partial(
        usecases.answer_link,
        catalogue=catalogue,
        links=links,
        clock=clock,
        pass_key=key,
    )


def _strangers(
    settings: Settings, verdicts: VerdictProcesses, reader: SignatureReader
) -> SpooledStrangers:
    return SpooledStrangers(
        verdicts,
        directory=settings.spool_directory,
        at_once=settings.limits.files_at_once,
        wait_seconds=settings.limits.place_seconds,
        spool_bytes=settings.limits.spool_bytes,
        reader=reader,
    )


def _absences(settings: Settings) -> Absences:
    missing = settings.missing_copy
    return Absences(missing.tries, timedelta(seconds=missing.seconds))


def _readiness(
    reachable: Callable[[], bool], database: Database, archive: Objects
) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        if not reachable() or not await database.answers(metadata.sorted_tables):
            return False
        if not await forgotten(database, copies_table, archive):
            return True
        log.error("catalogue_forgotten")
        return False

    return ready


def _address_key(settings: Settings) -> bytes:
    if settings.address_key is None:
        return secrets.token_bytes(ADDRESS_KEY_BYTES)
    return settings.address_key.get_secret_value().encode()
