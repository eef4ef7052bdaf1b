"""The composition root: the one package that knows every concrete class."""

import asyncio
import contextlib
import re
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import structlog

from chassis import bus, confined, engines, http, process
from chassis.chain_report import Book, Reading, Report, read_chain
from chassis.clients import ClientAddresses
from chassis.clock import utc_now
from chassis.database import Database, open_database
from chassis.hash_chain import Head
from chassis.objects.opening import open_objects
from chassis.outbox import Relay
from chassis.settings import MigrateSettings
from chassis.signatures import Signer, Verifier
from chassis.starting import CannotStart
from chassis.trust import open_trust
from ecopy.refusals import Trouble
from intake import worker
from intake.adapters.argon import Argon2Passwords
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.process import SandboxedRebuilder
from intake.adapters.scans import StoredRebuilder
from intake.adapters.sql import audit
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.leases import SqlLeases
from intake.adapters.sql.users import SqlUsers
from intake.app.routes import create_app
from intake.domain import agencies, calendar, fee
from intake.domain.calendar import local_day
from intake.domain.clause_words import unfit_entries
from intake.domain.records import User
from intake.domain.rules import Rules
from intake.settings import Settings
from intake.usecases import files, signing_in
from intake.wiring.bindings import House, desk, heard, swept
from strangers.reader import SignatureReader

__all__ = [
    "House",
    "add_user",
    "assemble",
    "desk",
    "heard",
    "load_rules",
    "migrate",
    "swept",
    "verify_audit",
]

log = structlog.get_logger()

HERE: Final = Path(__file__).parents[1]
LINK_KEY_BYTES: Final = 32
SWEEP_SECONDS: Final = 60.0
SETTLE_SECONDS: Final = 10.0
"""With the lease of a file: half a minute after a crash at the latest it is taken."""
HINDERED_SECONDS: Final = 30.0
"""While trouble lasts each try may cost a whole rebuild."""
SWEEPS: Final = 2
"""At once: a slow file does not make all behind it late."""
AUDIT: Final = Book("nhật ký thao tác", "the staff's audit", "INTAKE__DATABASE__URL")
LONGEST_ORIGIN: Final = len("https://") + 253 + len(":65535")
_ORIGIN: Final = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[1-9][0-9]{0,4})?"
)
"""RFC 6454 section 6.2, in lower case as browsers send it."""


@asynccontextmanager
async def assemble(settings: Settings) -> AsyncIterator[list[process.Task]]:
    """Open every connection, bind the use cases, and hand back what must run."""
    secure = secured(settings)
    check_walls(settings)
    house = open_house(settings, secure=secure)
    signer = Signer.from_file("intake", settings.nats.signing_key_file)
    verifier = Verifier.from_file(settings.nats.public_keys_file)
    async with bus.connect(settings.nats, signer, verifier) as nats:
        app = create_app(
            desk(house, lost=lambda: nats.lost),
            settings.connections,
            trusted_proxies=settings.trusted_proxies,
        )
        relay = Relay(house.store, nats.publish, house.clock)
        bound = settings.bind
        subscriptions = worker.subscriptions(heard(house))
        yield [
            relay.run,
            partial(
                http.serve,
                app,
                bound.host,
                bound.port,
                limits=settings.connections,
                trusted_proxies=settings.trusted_proxies,
            ),
            partial(settle_rest, house),
            partial(sweep, house),
            *(
                partial(nats.consume, each, at_once=settings.deliveries_at_once)
                for each in subscriptions
            ),
        ]
    await house.store.close()


def open_house(settings: Settings, *, secure: bool) -> House:
    objects = open_objects(settings.scans)
    limits = settings.limits
    sandbox = SandboxedRebuilder(
        Limits(source_bytes=limits.file_bytes, pages=limits.document_pages),
        processes=limits.rebuilds_at_once,
    )
    return House(
        store=Database(settings.database.url.get_secret_value()),
        objects=objects,
        rebuilder=StoredRebuilder(objects, sandbox, SignatureReader(processes=1)),
        rules=load_rules(settings),
        session=settings.session,
        secure=secure,
        clients=clients(settings),
        clock=utc_now,
    )


def load_rules(settings: Settings) -> Rules:
    """Tables, agencies and pins. CannotStart for a demo's trust in production, or
    settings that no copy could be made with. Words that the clause page cannot hold
    are said in the log, and at the desk to whoever would approve with them: the other
    officers and agencies work on.
    """
    trust = open_trust(settings.trust_file, demo=settings.demo, prefix="INTAKE")
    link_key = bytes.fromhex(settings.link_key_file.read_text().strip())
    if len(link_key) < LINK_KEY_BYTES:
        raise CannotStart(
            f"{settings.link_key_file} phải có 32 byte ngẫu nhiên, viết bằng hex",
            f"{settings.link_key_file}: 32 random bytes in hex",
        )
    tables = HERE / "tables"
    years = sorted(tables.glob("calendar-*.toml"))
    known = agencies.parse(settings.agencies_file.read_text("utf-8"))
    public_host = public_origin(settings.public_host)
    for unfit in unfit_entries(known, public_host, local_day(utc_now())):
        file = settings.agencies_file.name
        log.warning("agency_words_unfit", file=file, said=unfit.sentence)
    return Rules(
        agencies=known,
        calendar=calendar.parse(year.read_text("utf-8") for year in years),
        fees=fee.parse((tables / "fees.toml").read_text("utf-8")),
        kinds=tomllib.loads((tables / "kinds.toml").read_text("utf-8"))["kinds"],
        trust=trust,
        public_host=public_host,
        link_key=link_key,
        file_bytes=settings.limits.file_bytes,
        document_pages=settings.limits.document_pages,
        document_files=settings.limits.document_files,
        upload_seconds=settings.limits.upload_seconds,
        demo=settings.demo,
    )


def public_origin(told: str) -> str:
    """*told*, as it goes into each copy. CannotStart for anything but an origin."""
    if len(told) > LONGEST_ORIGIN or not _ORIGIN.fullmatch(told):
        shown = told[:LONGEST_ORIGIN]
        raise CannotStart(
            f"INTAKE__PUBLIC_HOST={shown} không phải địa chỉ gốc: ghi https://tên-máy"
            " hoặc https://tên-máy:cổng, không có đường dẫn hay dấu / ở cuối; tên có"
            " chữ ngoài a đến z thì ghi ở dạng xn--",
            f"INTAKE__PUBLIC_HOST={shown} is no origin: say"
            " https://host or https://host:port, without a path or a slash at the end,"
            " and a name with other letters than a to z in its xn-- form",
        )
    return told


def secured(settings: Settings) -> bool:
    """Whether the cookie says ``Secure``. CannotStart for HTTP beyond loopback, and
    for a proxy that is not named.
    """
    if settings.behind_tls and not settings.trusted_proxies:
        raise CannotStart(
            "INTAKE__BEHIND_TLS=true nhưng chưa ghi máy chủ trung gian nào: mọi người ở"
            " quầy sẽ mang địa chỉ của máy đó, trong nhật ký thao tác và khi đếm số lần"
            " nhập sai mật khẩu, nên một người có thể khóa tất cả. Ghi mạng của máy đó"
            ' vào INTAKE__TRUSTED_PROXIES, ví dụ ["172.30.251.0/28"]',
            "INTAKE__BEHIND_TLS=true, but no proxy is named: every person at the desk"
            " would have the proxy's address, in the audit and where wrong passwords"
            " are counted, so that one could lock out all. Say the proxy's network in"
            ' INTAKE__TRUSTED_PROXIES, e.g. ["172.30.251.0/28"]',
        )
    if settings.behind_tls:
        return True
    if not ip_address(settings.bind.host).is_loopback:
        host = settings.bind.host
        raise CannotStart(
            f"{host} không phải địa chỉ loopback: mật khẩu sẽ đi qua mạng không được mã"
            " hóa. Đặt TLS phía trước rồi ghi INTAKE__BEHIND_TLS=true",
            f"{host} is no loopback address: passwords would travel"
            " in the clear. Put TLS in front and say INTAKE__BEHIND_TLS=true",
        )
    return False


def clients(settings: Settings) -> ClientAddresses:
    """CannotStart for a proxy that is no network."""
    try:
        return ClientAddresses(settings.trusted_proxies)
    except ValueError as error:
        raise CannotStart(
            f"INTAKE__TRUSTED_PROXIES: {error}. Ghi mạng của máy chủ trung gian phía"
            ' trước quầy, ví dụ ["172.30.251.0/28"]',
            f"INTAKE__TRUSTED_PROXIES: {error}. Say the network of the proxy in front"
            ' of the desk, e.g. ["172.30.251.0/28"]',
        ) from error


async def sweep(house: House, stop: asyncio.Event) -> None:
    """Each minute, take out ended sessions and old tries. A database that does not
    answer, or another replica that sweeps just now, leaves them to the next minute.
    """
    while not stop.is_set():
        try:
            await swept(house)
        except Trouble as trouble:
            log.warning("sweep_hindered", error=str(trouble))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), SWEEP_SECONDS)


def check_walls(settings: Settings) -> None:
    """CannotStart in production, where the readers of files could get out."""
    accepted = settings.demo or settings.accept_weak_sandbox
    confined.check_walls("INTAKE", accepted=accepted)


async def settle_rest(house: House, stop: asyncio.Event) -> None:
    """Rebuild what a crash or trouble cut short, as soon as it is in nobody's hand."""
    while not stop.is_set():
        pause = SETTLE_SECONDS if await settled(house) else HINDERED_SECONDS
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def settled(house: House) -> bool:
    """Whether nothing hinders. Raises nothing: the desk goes on without it."""
    sweep = partial(
        files.settle_rest,
        leases=SqlLeases(house.store, house.clock),
        cases=SqlCases(house.store),
        rebuilder=house.rebuilder,
        clock=house.clock,
    )
    try:
        swept = await asyncio.gather(*(sweep() for _ in range(SWEEPS)))
    except Exception:
        log.exception("files_not_looked_for")
        return False
    hindered = {file for each in swept for file in each}
    if hindered:
        log.warning("files_hindered", files=len(hindered))
    return not hindered


async def add_user(settings: MigrateSettings, user: User, password: str) -> bool:
    async with open_database(settings.database.url.get_secret_value()) as store:
        return await signing_in.add_user(
            user,
            password,
            users=SqlUsers(store),
            passwords=Argon2Passwords(),
            clock=utc_now,
        )


async def verify_audit(settings: MigrateSettings, noted: str | None) -> Report:
    """The staff's audit read once, held to the head *noted* (``ROWS:HEAD``)."""

    async def read(head: Head | None) -> Reading:
        return await store.read(partial(audit.verified, noted=head))

    async with open_database(settings.database.url.get_secret_value()) as store:
        return await read_chain(read, noted, AUDIT)


def migrate(settings: MigrateSettings) -> None:
    engines.migrate(settings.database.url.get_secret_value(), HERE / "migrations")
