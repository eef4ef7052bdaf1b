"""A provisioned nats-server, and connections of one service to it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from sqlalchemy import MetaData

from chassis import outbox
from chassis.bus import FETCH_SECONDS, Bus, connect
from chassis.consumer import Subscription
from chassis.database import Database
from chassis.provision import ProvisionSettings, provision
from chassis.settings import NatsSettings
from chassis.signatures import Signer, Verifier
from ecopy import topology
from ecopy.events import CertificationOrdered
from support import servers
from support.waiting import until

SIGNER = Signer("intake", bytes(range(32)))
VERIFIER = Verifier({"intake": SIGNER._key.public_key().public_bytes_raw()})
SOON_SECONDS = 0.3
"""How long a fetch of a loop waits: told to stop, the loop ends with its fetch."""


@contextlib.asynccontextmanager
async def provisioned(folder: Path) -> AsyncIterator[servers.Nats]:
    with servers.nats_server(folder) as server:
        await provision(
            ProvisionSettings(nats_url=server.url, nats_monitor=server.monitor)
        )
        yield server


@contextlib.asynccontextmanager
async def outbox_alone(folder: Path) -> AsyncIterator[Database]:
    """A database that has an outbox and nothing else."""
    database = Database(f"sqlite:///{folder}/db")
    metadata = MetaData()
    outbox.table(metadata)
    metadata.create_all(database.engine)
    yield database
    await database.close()


@contextlib.asynccontextmanager
async def bus(
    server: servers.Nats, signer: Signer = SIGNER, fetch_seconds: float = FETCH_SECONDS
) -> AsyncIterator[Bus]:
    settings = NatsSettings(
        url=server.url,
        signing_key_file=Path("unused"),
        public_keys_file=Path("unused"),
    )
    async with connect(
        settings, signer, VERIFIER, fetch_seconds=fetch_seconds
    ) as connected:
        yield connected


@contextlib.asynccontextmanager
async def consuming(
    server: servers.Nats,
    handle: Callable[[CertificationOrdered], Awaitable[None]],
    at_once: int = 4,
    on: Bus | None = None,
) -> AsyncIterator[None]:
    """Orders are handled on a connection of its own, or on one that the test looks
    at.
    """
    stop = asyncio.Event()
    own = contextlib.nullcontext(on) if on else bus(server, SIGNER, SOON_SECONDS)
    async with own as connected:
        subscription = Subscription(
            topology.SIGNING_ORDERED, CertificationOrdered, handle
        )
        before = len(connected._client._subs)
        loop = asyncio.create_task(
            connected.consume(subscription, stop, at_once=at_once)
        )
        await until(lambda: len(connected._client._subs) > before)
        try:
            yield
        finally:
            stop.set()
            await loop
