"""The composition root: the one package that knows every concrete class.

``bindings`` puts the use cases over their adapters, ``public_face`` puts the pages over
the use cases. No rule of the archive stands here. Start at ``assemble``.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    closing,
)
from functools import partial
from typing import Any

from chassis import bus, confined, process
from chassis.clock import Clock, utc_now
from chassis.consumer import Subscription
from chassis.database import Database, open_database
from chassis.mark_announcer import Announcer
from chassis.marks import MarkStream
from chassis.objects import Objects
from chassis.objects.opening import open_objects
from chassis.outbox import Relay
from chassis.reconciler import Reconciler
from chassis.retention import Held, keep_purging, report
from chassis.signatures import Signer, Verifier
from chassis.trust import open_trust
from chassis.workers import open_zygote
from storage import worker
from storage.adapters.counting import findings
from storage.adapters.downloads import checked_archive, open_second
from storage.adapters.marks import known_marks
from storage.adapters.retention import held
from storage.adapters.scrubbing import ScrubLoop
from storage.adapters.scrubs import SqlScrubs
from storage.adapters.verdicts import VerdictProcesses
from storage.domain.gate import Trust, compile_trust
from storage.settings import PREFIX, Settings
from storage.wiring.bindings import bind
from storage.wiring.observing import observed
from storage.wiring.public_face import check_bind, face, serve
from storage.wiring.reporting import reports
from strangers.reader import SignatureReader, signature_workers


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
        nats = await stack.enter_async_context(_connected(settings))
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
        app = face(settings, storage, clock=utc_now, mergers=trust.mergers)
        heard = worker.subscriptions(storage)
        yield [
            Relay(database, nats.publish, utc_now).run,
            partial(
                keep_purging, purged(settings, database, archive), database, utc_now
            ),
            marks.run,
            ScrubLoop(database, downloads, utc_now, settings.scrub).run,
            books.run,
            *reports(storage, utc_now),
            partial(serve, app, settings),
            *observed(settings, database, nats, storage, heard),
            *_consumers(nats, marks, heard, at_once=settings.deliveries_at_once),
        ]


def _connected(settings: Settings) -> AbstractAsyncContextManager[bus.Bus]:
    """The bus, to which this service speaks under its own key."""
    signer = Signer.from_file("storage", settings.nats.signing_key_file)
    verifier = Verifier.from_file(settings.nats.public_keys_file)
    return bus.connect(settings.nats, signer, verifier)


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
    workers = stack.enter_context(open_zygote(signature_workers()))
    await verdicts.warm()
    workers.start()
    return verdicts, SignatureReader(workers)


def _consumers(
    nats: bus.Bus, marks: Announcer, heard: list[Subscription[Any]], *, at_once: int
) -> Iterator[process.Task]:
    for each in heard:
        yield partial(nats.consume, marks.noting(each), at_once=at_once)


async def retention_shown(settings: Settings) -> list[str]:
    """Lines for whoever operates the house. Raises Trouble."""
    with closing(open_objects(settings.archive, reads_only=True)) as archive:
        async with open_database(settings.database.url.get_secret_value()) as database:
            things = purged(settings, database, archive)
            return await report("storage", things, utc_now())


def purged(
    settings: Settings, database: Database, archive: Objects, clock: Clock = utc_now
) -> tuple[Held, ...]:
    """What is held to a time, and what is for ever."""
    return held(
        database,
        archive,
        clock,
        archive_url=settings.archive.url,
        archive_days=settings.retention.archive_days,
        spool=settings.spool_directory,
        outbox_days=settings.retention.outbox_days,
    )


def check_walls(settings: Settings) -> None:
    """CannotStart in production, where the readers of files could get out."""
    accepted = settings.demo or settings.accept_weak_sandbox
    confined.check_walls(PREFIX, accepted=accepted)
