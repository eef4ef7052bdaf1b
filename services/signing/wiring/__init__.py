"""The composition root: the one package that knows every concrete class;
``console`` puts together what the other commands need.

No rule of signing stands here. Start at ``assemble``.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    closing,
)
from dataclasses import replace
from functools import partial
from uuid import uuid4

import structlog

from chassis import bus, process
from chassis.clock import Clock, utc_now
from chassis.database import Database, open_database
from chassis.forgotten import forgotten
from chassis.mark_announcer import Announcer
from chassis.marks import MarkStream
from chassis.measures import Measure, reconciled
from chassis.objects import Objects
from chassis.objects.opening import open_objects
from chassis.operations import Operations
from chassis.outbox import Relay
from chassis.reconciler import Reconciler
from chassis.retention import Held, keep_purging, report
from chassis.signatures import Signer, Verifier
from chassis.standing import places_of, standing
from chassis.trust import open_trust
from ecopy.events import CertificationOrdered, CopyRejected
from ecopy.refusals import Refusal, Setback
from signing import usecases, worker
from signing.adapters import keyring, keys
from signing.adapters.cms import certificate_chains
from signing.adapters.composer import TypstComposer
from signing.adapters.journal.counting import findings
from signing.adapters.journal.journal import SqlSealJournal
from signing.adapters.journal.key_uses import uses_since
from signing.adapters.journal.marks import known_marks
from signing.adapters.journal.tables import entries, seal_journal
from signing.adapters.key_caps import HOUR, KeyCaps
from signing.adapters.keys import expiry
from signing.adapters.objects import StoredCopies, StoredOriginals
from signing.adapters.sealer import PadesSealer
from signing.settings import (
    PREFIX,
    Settings,
)
from signing.wiring.authorities import open_authorities
from signing.wiring.retention import held

log = structlog.get_logger()

TABLES = (entries, seal_journal)
"""What readiness reads a row of."""


@asynccontextmanager
async def assemble(settings: Settings) -> AsyncIterator[list[process.Task]]:
    """Open every connection, bind the use cases, and hand back what must run.

    Whatever was opened is closed at the end, the last one first, also when a task fails
    or the next thing cannot be opened: the bus, so that nothing new comes in, then the
    threads with what they still do, then what those threads use.
    """
    trust = open_trust(settings.trust_file, demo=settings.demo, prefix=PREFIX)
    url = settings.database.url.get_secret_value()
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_database(url))
        timestamps, revocation = stack.enter_context(open_authorities(settings, trust))
        threads = ThreadPoolExecutor(settings.threads, "signing")
        stack.enter_context(threads)
        identities = keyring.assembled(
            keys.load(settings.keys_file),
            trust,
            certificate_chains.parsed(trust.signers),
        )
        scans = stack.enter_context(closing(open_objects(settings.scans)))
        copies = stack.enter_context(closing(open_objects(settings.copies)))
        caps = await restored_caps(settings, store)
        sealer = PadesSealer(identities, timestamps, revocation, utc_now, threads, caps)
        nats = await stack.enter_async_context(_connected(settings))
        watch = expiry.ExpiryWatch(identities.certificates(), utc_now)
        marks = _announcer(nats, store)
        books = Reconciler(store, findings, lambda: marks.lacking)
        signing = bind(scans, copies, sealer, SqlSealJournal(store, utc_now), threads)
        measured = partial(
            _measured,
            *(watch.gauges, timestamps.measures, revocation.measures, caps.measures),
            lambda: reconciled("signing", books.figures),
            standing=_standing(settings, store, nats, signing),
        )
        operations = Operations(partial(ready, store, copies, nats, marks), measured)
        yield [
            marks.run,
            books.run,
            Relay(store, nats.publish, utc_now).run,
            partial(keep_purging, purged(settings, store, copies), store, utc_now),
            watch.run,
            partial(operations.serve, settings.bind.host, settings.bind.port),
            *_consumers(
                nats,
                marks,
                counted(signing, operations),
                at_once=settings.deliveries_at_once,
            ),
        ]


def _consumers(
    nats: bus.Bus, marks: Announcer, signing: usecases.Signing, *, at_once: int
) -> Iterator[process.Task]:
    for each in worker.subscriptions(signing):
        yield partial(nats.consume, marks.noting(each), at_once=at_once)


async def retention_shown(settings: Settings) -> list[str]:
    """Lines for whoever operates the house. Raises Trouble."""
    async with open_database(settings.database.url.get_secret_value()) as store:
        with closing(open_objects(settings.copies)) as copies:
            held_now = purged(settings, store, copies)
            return await report("signing", held_now, utc_now())


def purged(settings: Settings, store: Database, copies: Objects) -> tuple[Held, ...]:
    """What is held to a time, and what is for ever."""
    return held(
        store,
        copies,
        copies_url=settings.copies.url,
        outbox_days=settings.retention.outbox_days,
        copies_days=settings.retention.copies_days,
    )


def _announcer(nats: bus.Bus, store: Database) -> Announcer:
    known, stream = partial(known_marks, store), MarkStream(nats.retained)
    return Announcer("signing", stream, known, utc_now, cross="highest")


async def ready(
    store: Database, copies: Objects, nats: bus.Bus, marks: Announcer
) -> bool:
    """Whether orders can come in and the journal's tables are whole, and neither new
    ones beside copies that an older journal knew, nor behind what the bus remembers.
    """
    if not nats.provided or marks.behind or not await store.answers(TABLES):
        return False
    if not await forgotten(store, seal_journal, copies):
        return True
    log.error("journal_forgotten")
    return False


def bind(
    scans: Objects,
    copies: Objects,
    sealer: PadesSealer,
    journal: SqlSealJournal,
    threads: ThreadPoolExecutor,
    *,
    clock: Clock = utc_now,
) -> usecases.Signing:
    sealed = StoredCopies(copies)
    return usecases.Signing(
        certify=partial(
            usecases.certify,
            originals=StoredOriginals(scans, threads),
            composer=TypstComposer(threads),
            sealer=sealer,
            copies=sealed,
            journal=journal,
            clock=clock,
            chance=uuid4,
        ),
        halt=partial(usecases.halt, journal=journal, clock=clock),
        delay=partial(usecases.delay, journal=journal, clock=clock),
        note_archived=partial(usecases.note_archived, journal=journal),
        withdraw=partial(usecases.withdraw, copies=sealed, journal=journal),
        close=partial(usecases.close, copies=sealed, journal=journal),
    )


async def restored_caps(settings: Settings, store: Database) -> KeyCaps:
    """The keys' hourly caps with the uses that the journal has of the last hour: a
    restart gives no key a second hour.
    """
    caps = KeyCaps(settings.key_uses_per_hour, utc_now)
    if settings.key_uses_per_hour:
        caps.restore(await uses_since(store, utc_now() - HOUR))
    return caps


def counted(signing: usecases.Signing, operations: Operations) -> usecases.Signing:
    """The same use cases, with what happened counted for ``/metrics``."""

    async def certify(order: CertificationOrdered) -> None:
        await signing.certify(order)
        operations.count("ecopy_signing_orders_done_total")

    async def halt(order: CertificationOrdered, refusal: Refusal) -> None:
        operations.count(f'ecopy_signing_halted_total{{reason="{refusal.reason}"}}')
        await signing.halt(order, refusal)

    async def delay(order: CertificationOrdered, setback: Setback) -> None:
        why = setback.hindrance
        operations.count(f'ecopy_signing_delayed_total{{hindrance="{why}"}}')
        await signing.delay(order, setback)

    async def withdraw(rejected: CopyRejected) -> None:
        await signing.withdraw(rejected)
        operations.count("ecopy_signing_withdrawn_total")

    return replace(signing, certify=certify, halt=halt, delay=delay, withdraw=withdraw)


def _connected(settings: Settings) -> AbstractAsyncContextManager[bus.Bus]:
    """The bus, to which this service speaks under its own key."""
    signer = Signer.from_file("signing", settings.nats.signing_key_file)
    verifier = Verifier.from_file(settings.nats.public_keys_file)
    return bus.connect(settings.nats, signer, verifier)


def _standing(
    settings: Settings, store: Database, nats: bus.Bus, signing: usecases.Signing
) -> Callable[[], Awaitable[list[Measure]]]:
    """Asks what the service stands on, and what waits in it."""
    return partial(
        standing,
        "signing",
        store=store,
        nats=nats,
        consumers=[each.consumer for each in worker.subscriptions(signing)],
        places=places_of(copies=settings.copies.url),
        clock=utc_now,
    )


async def _measured(
    *parts: Callable[[], Iterable[Measure]],
    standing: Callable[[], Awaitable[list[Measure]]],
) -> list[Measure]:
    return [each for measures in parts for each in measures()] + await standing()
