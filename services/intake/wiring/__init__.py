"""The composition root: the one package that knows every concrete class; ``console``
puts together what the other commands need.

``assemble`` is the whole service. ``configuration`` checks what the settings point to,
``bindings`` gives the use cases their ``adapters``, ``readiness`` says what hinders,
and ``loops`` is what runs besides HTTP.
Start at ``assemble``.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial

from chassis import bus, http, process
from chassis.clock import utc_now
from chassis.database import open_database
from chassis.marks import MarkStream
from chassis.objects.opening import open_objects
from chassis.outbox import Relay
from chassis.retention import Held
from chassis.signatures import Signer, Verifier
from chassis.workers import Zygote, open_zygote
from intake import worker
from intake.adapters.argon import open_passwords
from intake.adapters.drawn import DrawnPages
from intake.adapters.letters import ConnectedBus
from intake.adapters.marks import RememberedMarks
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.process import SandboxedRebuilder, rebuild_workers
from intake.adapters.scans import StoredRebuilder
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.changes import SqlChanges
from intake.adapters.sql.own_tables import RememberedTables
from intake.adapters.sql.scan_objects import SqlScanClaims
from intake.adapters.typesetting.process import (
    TypstTypesetter,
    typesetting_workers,
)
from intake.app.application import create_app
from intake.app.bell import Bell
from intake.domain.rules import Rules
from intake.settings import LimitSettings, Settings
from intake.wiring.adapters import Adapters
from intake.wiring.background import adopted, event_handlers, repeated, swept
from intake.wiring.bindings import desk, files_of, replaying
from intake.wiring.configuration import check_walls, clients, load_rules, secured
from intake.wiring.inbox import check_folders, watch_folders
from intake.wiring.loops import (
    listen_for_marks,
    reconcile,
    repeat_late,
    send_replays,
    settle_rest,
    settled,
    sweep,
)
from intake.wiring.measuring import report_daily
from intake.wiring.observing import observed
from intake.wiring.office import follow_tables
from intake.wiring.retention import held, purge_old
from intake.wiring.sentences import sentences
from intake.wiring.transcribing import open_reader, read_pages
from intake.wiring.uploading import finish_uploads, uploading
from strangers.reader import SignatureReader, signature_workers

__all__ = [
    "Adapters",
    "adopted",
    "assemble",
    "clients",
    "desk",
    "event_handlers",
    "load_rules",
    "repeated",
    "secured",
    "sentences",
    "settled",
    "swept",
]


@asynccontextmanager
async def assemble(settings: Settings) -> AsyncIterator[list[process.Task]]:
    """Open every connection, bind the use cases, and hand back what must run.

    Whatever was opened is closed again, last first, also when a later one cannot be
    opened or when a task fails. Raises CannotStart.
    """
    secure = secured(settings)
    check_walls(settings)
    rules = load_rules(settings)
    check_folders(settings.hot_folders, rules.agencies)
    signer = Signer.from_file("intake", settings.nats.signing_key_file)
    verifier = Verifier.from_file(settings.nats.public_keys_file)
    async with AsyncExitStack() as opened:
        # The database before the bus, so closed after it: a delivery in hand can still
        # write what it has done.
        house = await opened.enter_async_context(
            open_house(settings, rules, secure=secure)
        )
        nats = await opened.enter_async_context(
            bus.connect(settings.nats, signer, verifier)
        )
        yield _tasks(settings, house, nats)


@asynccontextmanager
async def open_house(
    settings: Settings, rules: Rules, *, secure: bool
) -> AsyncIterator[Adapters]:
    """The adapters that the use cases stand on, closed again at the end."""
    objects = open_objects(settings.scans)
    limits = settings.limits
    async with AsyncExitStack() as opened:
        rebuilding = opened.enter_context(open_zygote(rebuild_workers()))
        reading = opened.enter_context(open_zygote(signature_workers()))
        typesetting = opened.enter_context(open_zygote(typesetting_workers()))
        # Not the other: signed files are rare.
        rebuilding.start()
        sandbox = _rebuilder(limits, rebuilding)
        url = settings.database.url.get_secret_value()
        store = await opened.enter_async_context(open_database(url))
        tables = RememberedTables()
        yield Adapters(
            store=store,
            objects=objects,
            rebuilder=StoredRebuilder(
                objects,
                sandbox,
                SignatureReader(reading, processes=1),
                SqlScanClaims(store, utc_now),
                most_in_hand=limits.files_in_hand,
            ),
            drawings=DrawnPages(objects, sandbox),
            typesetter=TypstTypesetter(typesetting),
            rules=replace(rules, own=tables.of),
            tables=tables,
            session=settings.session,
            secure=secure,
            clients=clients(settings),
            clock=utc_now,
            marks=RememberedMarks(),
            passwords=opened.enter_context(open_passwords()),
            reader=opened.enter_context(open_reader(settings.reading, objects)),
        )


def _rebuilder(limits: LimitSettings, workers: Zygote) -> SandboxedRebuilder:
    return SandboxedRebuilder(
        workers,
        Limits(source_bytes=limits.file_bytes, pages=limits.document_pages),
        processes=limits.rebuilds_at_once,
    )


def _tasks(settings: Settings, house: Adapters, nats: bus.Bus) -> list[process.Task]:
    things = held(settings, house.store, house.objects)
    files = files_of(house, SqlCases(house.store))
    bell = Bell(SqlChanges(house.store))
    heard = worker.subscriptions(event_handlers(house))
    return [
        Relay(house.store, nats.publish, house.clock).run,
        _serving(settings, house, nats, things, bell),
        *observed(settings, house, nats, heard),
        bell.run,
        partial(settle_rest, house),
        partial(sweep, house),
        partial(follow_tables, house),
        partial(report_daily, house),
        partial(finish_uploads, uploading(house.store, house.objects, files)),
        *watch_folders(house, settings.hot_folders),
        partial(read_pages, house),
        partial(purge_old, house, things),
        partial(repeat_late, house, nats.untaken),
        partial(reconcile, house),
        partial(listen_for_marks, house, MarkStream(nats.retained)),
        partial(send_replays, replaying(house, nats.dead_letters)),
        *(
            partial(nats.consume, each, at_once=settings.deliveries_at_once)
            for each in heard
        ),
    ]


def _serving(
    settings: Settings,
    house: Adapters,
    nats: bus.Bus,
    things: tuple[Held, ...],
    bell: Bell,
) -> process.Task:
    """What answers the desk's people and programs over HTTP."""
    app = create_app(
        desk(
            house,
            lost=lambda: nats.lost,
            letters=nats.dead_letters,
            bus=ConnectedBus(nats),
            held=things,
            bell=bell,
        ),
        settings.connections,
        trusted_proxies=settings.trusted_proxies,
    )
    return partial(
        http.serve,
        app,
        settings.bind.host,
        settings.bind.port,
        limits=settings.connections,
        trusted_proxies=settings.trusted_proxies,
    )
