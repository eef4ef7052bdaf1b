"""The composition root: the one module that knows every concrete class.

No rule of the archive stands here. Start at ``assemble``.
"""

import asyncio
import ipaddress
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from starlette.types import ASGIApp

from chassis import bus, confined, http, process
from chassis.clock import LOCAL, Clock, utc_now
from chassis.database import Database, open_database
from chassis.forgotten import forgotten
from chassis.mark_announcer import Announcer
from chassis.marks import MarkStream
from chassis.objects import Objects
from chassis.objects.opening import open_objects
from chassis.outbox import Relay
from chassis.reconciler import Reconciler
from chassis.retention import Held, keep_purging, report
from chassis.signatures import Signer, Verifier
from chassis.starting import CannotStart
from chassis.trust import open_trust
from ecopy.reckoning import Counter
from storage import usecases, worker
from storage.adapters.catalogue import SqlCatalogue
from storage.adapters.counting import findings
from storage.adapters.custody import ObjectArchive, ObjectCustody
from storage.adapters.downloads import CheckedArchive, checked_archive, open_second
from storage.adapters.marks import known_marks
from storage.adapters.retention import held
from storage.adapters.scrubbing import ScrubLoop
from storage.adapters.scrubs import SqlScrubs
from storage.adapters.strangers import SpooledStrangers
from storage.adapters.tables import copies as copies_table
from storage.adapters.tables import metadata
from storage.adapters.verdicts import VerdictProcesses
from storage.app.office import Office
from storage.app.routes import create_app
from storage.domain.absences import Absences
from storage.domain.gate import Trust, compile_trust
from storage.settings import PREFIX, Settings
from strangers.reader import SignatureReader

log = structlog.get_logger()

ADDRESS_KEY_BYTES: Final = 32
DISCARD_LOCK: Final = "discard"
"""One replica at a time deletes objects that never became a copy."""


@asynccontextmanager
async def assemble(settings: Settings) -> AsyncIterator[list[process.Task]]:
    """Open every connection, bind the use cases, and hand back what must run.

    Whatever was opened is closed at the end, the last one first, also when a task fails
    or the next thing cannot be opened.
    """
    check_bind(settings)
    check_walls(settings)
    document = open_trust(settings.trust_file, demo=settings.demo, prefix=PREFIX)
    trust = compile_trust(document)
    signer = Signer.from_file("storage", settings.nats.signing_key_file)
    verifier = Verifier.from_file(settings.nats.public_keys_file)
    url = settings.database.url.get_secret_value()
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(url))
        copies = stack.enter_context(closing(open_objects(settings.copies)))
        archive = stack.enter_context(closing(open_objects(settings.archive)))
        await archive.self_test()
        second = stack.enter_context(open_second(settings.second_archive))
        scrubs = SqlScrubs(database, utc_now)
        downloads = checked_archive(archive, copies, second, scrubs)
        verdicts, reader = await _open_readers(stack, trust)
        nats = await stack.enter_async_context(
            bus.connect(settings.nats, signer, verifier)
        )
        marks = _announcer(nats, database)
        books = Reconciler(database, findings, lambda: marks.lacking)
        storage = bind(
            settings,
            database=database,
            copies=copies,
            archive=archive,
            downloads=downloads,
            trust=trust,
            clock=utc_now,
            reachable=lambda: nats.provided and not marks.behind,
            figures=lambda: books.figures,
            reader=reader,
            verdicts=verdicts,
        )
        app = face(settings, storage, clock=utc_now)
        yield [
            Relay(database, nats.publish, utc_now).run,
            partial(
                keep_purging, purged(settings, database, archive), database, utc_now
            ),
            marks.run,
            ScrubLoop(database, downloads, utc_now, settings.scrub).run,
            books.run,
            partial(_serve, app, settings),
            *_consumers(nats, marks, storage, at_once=settings.deliveries_at_once),
        ]


def _announcer(nats: bus.Bus, database: Database) -> Announcer:
    known = partial(known_marks, database)
    stream = MarkStream(nats.retained)
    return Announcer("storage", stream, known, utc_now, cross="archived")


async def _open_readers(
    stack: AsyncExitStack, trust: Trust
) -> tuple[VerdictProcesses, SignatureReader]:
    """The workers that meet strangers' files, started and waiting."""
    verdicts = VerdictProcesses(trust)
    stack.push_async_callback(asyncio.to_thread, verdicts.close)
    reader = SignatureReader()
    stack.push_async_callback(reader.close)
    await verdicts.warm()
    await reader.warm()
    return verdicts, reader


def _consumers(
    nats: bus.Bus, marks: Announcer, storage: usecases.Storage, *, at_once: int
) -> Iterator[process.Task]:
    for each in worker.subscriptions(storage):
        yield partial(nats.consume, marks.noting(each), at_once=at_once)


async def retention_shown(settings: Settings) -> list[str]:
    """Lines for whoever operates the house. Raises Trouble."""
    with closing(open_objects(settings.archive, reads_only=True)) as archive:
        async with open_database(settings.database.url.get_secret_value()) as database:
            things = purged(settings, database, archive)
            return await report("storage", things, utc_now())


def purged(
    settings: Settings, database: Database, archive: Objects
) -> tuple[Held, ...]:
    """What is held to a time, and what is for ever."""
    return held(
        database,
        archive,
        utc_now,
        archive_url=settings.archive.url,
        archive_days=settings.retention.archive_days,
        spool=settings.spool_directory,
        outbox_days=settings.retention.outbox_days,
    )


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
    catalogue = SqlCatalogue(database, clock, address_key=_address_key(settings))
    custody = ObjectCustody(
        copies, archive, trust, partial(database.holds, DISCARD_LOCK)
    )
    strangers = SpooledStrangers(
        verdicts,
        directory=settings.spool_directory,
        at_once=settings.limits.files_at_once,
        wait_seconds=settings.limits.place_seconds,
        spool_bytes=settings.limits.spool_bytes,
        reader=reader,
    )
    kept = ObjectArchive(archive)
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
            absences=Absences(
                settings.missing_copy.tries,
                timedelta(seconds=settings.missing_copy.seconds),
            ),
        ),
        halt=partial(usecases.halt, catalogue=catalogue, clock=clock),
        delay=partial(usecases.delay, catalogue=catalogue, clock=clock),
        open_link=partial(usecases.open_link, catalogue=catalogue, clock=clock),
        note_access=partial(usecases.note_access, catalogue=catalogue),
        look_up=partial(usecases.look_up, catalogue=catalogue),
        check_archived=downloads.check,
        read=downloads.read,
        check_digest=partial(usecases.check_digest, catalogue=catalogue),
        check_file=partial(
            usecases.check_file,
            catalogue=catalogue,
            archive=kept,
            strangers=strangers,
            most=settings.limits.file_bytes,
        ),
        ready=_readiness(reachable, database, archive),
        figures=figures,
    )


def face(settings: Settings, storage: usecases.Storage, *, clock: Clock) -> ASGIApp:
    """The public face with its headers and its log."""
    configured = settings.office
    office = Office(
        name_vi=configured.name,
        name_en=configured.name_en,
        phone=configured.phone,
        hours_vi=configured.hours,
        hours_en=configured.hours_en,
    )
    app = create_app(
        storage,
        clock=clock,
        office=office,
        demo=settings.demo,
        limits=settings.limits,
        trusted_proxies=settings.trusted_proxies,
        public_host=settings.public_host,
    )
    return http.dressed(
        app, settings.connections, trusted_proxies=settings.trusted_proxies
    )


def check_bind(settings: Settings) -> None:
    """Plain HTTP is for loopback, or behind a proxy that ends TLS."""
    host = settings.bind.host
    loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    if not loopback and not settings.tls.behind_proxy:
        raise CannotStart(
            f"{host} không phải địa chỉ loopback: đặt phía trước một máy chủ trung gian"
            " kết thúc TLS và đặt STORAGE__TLS__BEHIND_PROXY=true",
            f"{host} is not a loopback address: put a proxy that ends TLS in front and"
            " set STORAGE__TLS__BEHIND_PROXY=true",
        )


def check_walls(settings: Settings) -> None:
    """CannotStart in production, where the readers of files could get out."""
    accepted = settings.demo or settings.accept_weak_sandbox
    confined.check_walls(PREFIX, accepted=accepted)


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


async def _serve(app: ASGIApp, settings: Settings, stop: asyncio.Event) -> None:
    await http.serve(
        app,
        settings.bind.host,
        settings.bind.port,
        stop,
        limits=settings.connections,
        trusted_proxies=settings.trusted_proxies,
    )
