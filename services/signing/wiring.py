"""The composition root: the one module that knows every concrete class."""

import json
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import structlog

from chassis import bus, engines, process
from chassis.chain_report import Report
from chassis.clock import utc_now
from chassis.database import Database, open_database
from chassis.forgotten import forgotten
from chassis.objects.opening import open_objects
from chassis.outbox import Relay
from chassis.settings import MigrateSettings
from chassis.signatures import Signer, Verifier
from chassis.trust import open_trust
from ecopy.events import CertificationOrdered
from ecopy.refusals import Refusal, Setback
from ecopy.trust import TrustDocument
from signing import usecases, worker
from signing.adapters import keyring, keys
from signing.adapters.authorities.governor import RequestLimits
from signing.adapters.authorities.http_client import HttpClient
from signing.adapters.authorities.security_stores import SecurityStores
from signing.adapters.authorities.timestamp_tokens import TokenRules
from signing.adapters.authorities.timestamps import Timestamps
from signing.adapters.cms import certificate_chains
from signing.adapters.composer import TypstComposer
from signing.adapters.composing.appearances import (
    AppearanceFacts,
    UnusableAppearanceError,
    render,
)
from signing.adapters.journal.journal import SqlSealJournal
from signing.adapters.journal.key_uses import uses_since
from signing.adapters.journal.report import read_journal
from signing.adapters.journal.tables import entries, seal_journal
from signing.adapters.key_caps import HOUR, KeyCaps
from signing.adapters.keys import expiry
from signing.adapters.objects import StoredCopies, StoredOriginals
from signing.adapters.operations import Operations
from signing.adapters.sealer import PadesSealer
from signing.settings import (
    PREFIX,
    RevocationSettings,
    Settings,
    TsaSettings,
)

log = structlog.get_logger()

MIGRATIONS = Path(__file__).with_name("migrations")
TABLES = (entries, seal_journal)
"""What readiness reads a row of."""


CANNOT_START = (
    UnusableAppearanceError,
    keys.UnusableKeyError,
)
"""What a person mends: told in one sentence, without a traceback."""


@asynccontextmanager
async def assemble(settings: Settings) -> AsyncIterator[list[process.Task]]:
    """Open every connection, bind the use cases, and hand back what must run."""
    trust = open_trust(settings.trust_file, demo=settings.demo, prefix=PREFIX)
    store = Database(settings.database.url.get_secret_value())
    threads = ThreadPoolExecutor(settings.threads, "signing")
    signer = Signer.from_file("signing", settings.nats.signing_key_file)
    verifier = Verifier.from_file(settings.nats.public_keys_file)
    web = HttpClient(settings.network_timeout_seconds)
    sealer = open_sealer(settings, trust, web, threads)
    journal = SqlSealJournal(store, utc_now)
    if settings.key_uses_per_hour:
        sealer.caps.restore(await uses_since(store, utc_now() - HOUR))
    async with bus.connect(settings.nats, signer, verifier) as nats:
        copies = open_objects(settings.copies)

        async def healthy() -> bool:
            if not nats.provided or not await store.answers(TABLES):
                return False
            if not await forgotten(store, seal_journal, copies):
                return True
            log.error("journal_forgotten")
            return False

        watch = expiry.ExpiryWatch(sealer.keyring.certificates(), utc_now)
        operations = Operations(healthy, partial(_gauges, sealer, watch))
        signing = bind(settings, sealer, journal, threads)
        relay = Relay(store, nats.publish, utc_now)
        bind_to = settings.bind
        subscription = worker.subscription(counted(signing, operations))
        yield [
            relay.run,
            watch.run,
            partial(operations.serve, bind_to.host, bind_to.port),
            partial(nats.consume, subscription, at_once=settings.deliveries_at_once),
        ]
    threads.shutdown()
    for beside in (sealer.timestamps.threads, sealer.revocation.background):
        if beside is not None:
            beside.shutdown()
    web.close()
    await store.close()


def bind(
    settings: Settings,
    sealer: PadesSealer,
    journal: SqlSealJournal,
    threads: ThreadPoolExecutor,
) -> usecases.Signing:
    return usecases.Signing(
        certify=partial(
            usecases.certify,
            originals=StoredOriginals(open_objects(settings.scans), threads),
            composer=TypstComposer(threads),
            sealer=sealer,
            copies=StoredCopies(open_objects(settings.copies)),
            journal=journal,
            clock=utc_now,
            chance=uuid4,
        ),
        halt=partial(usecases.halt, journal=journal, clock=utc_now),
        delay=partial(usecases.delay, journal=journal, clock=utc_now),
    )


def open_sealer(
    settings: Settings,
    trust: TrustDocument,
    web: HttpClient,
    threads: ThreadPoolExecutor,
) -> PadesSealer:
    """Raises before the service is up if a key, its pin or its stamp do not agree."""
    ring = keyring.assembled(
        keys.load(settings.keys_file), trust, certificate_chains.parsed(trust.signers)
    )
    return PadesSealer(
        ring,
        open_timestamps(settings.tsa, trust, web, settings.threads),
        open_revocation(settings.revocation, web),
        utc_now,
        threads,
        KeyCaps(settings.key_uses_per_hour, utc_now),
    )


def open_timestamps(
    tsa: TsaSettings, trust: TrustDocument, web: HttpClient, threads: int
) -> Timestamps:
    every = (tsa.requests, tsa.period_seconds)
    hedging = tsa.hedge_after_seconds > 0
    limits = {url: tsa.limits.get(url, every) for url in tsa.urls}
    return Timestamps(
        tsa.urls,
        TokenRules(certificate_chains.parsed(trust.timestamps), tsa.policies),
        web.fetch,
        utc_now,
        limits={
            url: RequestLimits(requests, timedelta(seconds=period))
            for url, (requests, period) in limits.items()
        },
        hedge_after=timedelta(seconds=tsa.hedge_after_seconds) if hedging else None,
        threads=ThreadPoolExecutor(2 * threads, "tsa") if hedging else None,
    )


def open_revocation(settings: RevocationSettings, web: HttpClient) -> SecurityStores:
    return SecurityStores(
        web.fetch,
        utc_now,
        largest_crls=settings.largest_crls_bytes,
        limits=RequestLimits(settings.requests_per_minute, timedelta(minutes=1)),
        max_age=timedelta(seconds=settings.fresh_seconds),
        background=ThreadPoolExecutor(1, "revocation"),
    )


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

    return usecases.Signing(certify, halt, delay)


def migrate(settings: MigrateSettings) -> None:
    engines.migrate(settings.database.url.get_secret_value(), MIGRATIONS)


async def verify_journal(settings: MigrateSettings, noted: str | None) -> Report:
    async with open_database(settings.database.url.get_secret_value()) as store:
        return await read_journal(SqlSealJournal(store, utc_now), noted)


def pin(
    role: str,
    who: str,
    name_lines: list[str],
    title_lines: list[str],
    image: Path | None,
) -> str:
    """JSON with the digest of the static appearance, for the trust document."""
    look = AppearanceFacts(
        "seal" if role == "seal" else "officer",
        who,
        tuple(name_lines),
        tuple(title_lines),
        image,
    )
    return json.dumps({"appearance_sha256": render(look).digest()})


def _gauges(
    sealer: PadesSealer, watch: expiry.ExpiryWatch
) -> Iterable[tuple[str, float]]:
    yield from watch.gauges()
    yield from sealer.timestamps.measures()
    yield from sealer.revocation.measures()
    yield from sealer.caps.measures()
