"""kill −9 of nats-server in the middle of everything, and its restart."""

import asyncio

import pytest

from chassis import outbox
from chassis.clock import utc_now
from ecopy.events import CertificationOrdered
from support import build
from support.buses import SOON_SECONDS, bus, consuming, outbox_alone, provisioned
from support.waiting import until


@pytest.fixture
async def nats(tmp_path):
    async with provisioned(tmp_path) as server:
        yield server


@pytest.fixture
async def database(tmp_path):
    async with outbox_alone(tmp_path) as database:
        yield database


async def test_survives_a_killed_server(nats, database):
    """kill −9 of nats-server in the middle: after a start everything arrives."""
    handled, stop = set(), asyncio.Event()

    async def handle(event):
        handled.add(event.entry)

    async with bus(nats) as connected, consuming(nats, handle):
        relaying = asyncio.create_task(
            outbox.Relay(database, connected.publish, utc_now).run(stop)
        )
        for n in range(1, 21):
            event = build.ordered(entry=f"H99/E/2026/{n}")
            await database.write(
                lambda tx, event=event: outbox.add(tx, event, source="intake")
            )
            if n == 10:
                nats.kill()
                nats.start()
        await until(lambda: len(handled) == 20)
        stop.set()
        await relaying


async def test_a_bus_that_is_away_has_lost_nothing(nats):
    """The desk stays ready through a bus's restart: its outbox bears that."""

    async def handle(_event):
        raise AssertionError

    own = bus(nats, fetch_seconds=SOON_SECONDS)
    async with own as connected, consuming(nats, handle, on=connected):
        nats.kill()
        await until(lambda: not connected.provided)
        await asyncio.sleep(4 * SOON_SECONDS)  # fetches that nobody answers
        assert connected.lost == set()
        nats.start()
        await until(lambda: connected.provided)


async def test_what_a_server_that_is_away_did_not_take_is_not_counted(nats):
    """What is counted is marked as published, and never sent again."""
    letter = outbox.Letter(1, build.ordered().id, CertificationOrdered.subject, b"{}")
    async with bus(nats) as connected:
        assert await connected.publish([letter]) == 1
        nats.kill()
        assert await connected.publish([letter]) == 0
        nats.start()
