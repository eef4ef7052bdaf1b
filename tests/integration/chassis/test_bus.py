"""The bus against a real nats-server: provision, publish, fetch, kill, restart."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from nats.js.errors import APIError, NotFoundError

from chassis import outbox
from chassis.clock import utc_now
from chassis.consumer import Subscription, consume
from chassis.monitor import NotDurable, check_server, missing
from chassis.provision import ProvisionSettings, consumer_config, provision
from chassis.signatures import Signer
from ecopy import topology
from ecopy.events import CertificationOrdered
from support import build, servers
from support.buses import (
    SOON_SECONDS,
    bus,
    consuming,
    outbox_alone,
    provisioned,
)
from support.waiting import LONG_SECONDS, taken, until


@pytest.fixture
async def nats(tmp_path):
    async with provisioned(tmp_path) as server:
        yield server


@pytest.fixture
async def database(tmp_path):
    async with outbox_alone(tmp_path) as database:
        yield database


async def test_a_committed_event_is_handled_once(nats, database):
    """From commit to handler over the real stream, verified, acknowledged."""
    handled, stop = [], asyncio.Event()

    async def handle(event):
        handled.append(event.entry)

    async with bus(nats) as connected, consuming(nats, handle):
        relay = outbox.Relay(database, connected.publish, utc_now)
        relaying = asyncio.create_task(relay.run(stop))
        events = [build.ordered(entry=f"H99/E/2026/{n}") for n in range(1, 30)]
        for event in events:
            await database.write(
                lambda tx, event=event: outbox.add(tx, event, source="intake")
            )
        await until(lambda: len(handled) == 29)
        stop.set()
        await relaying
    assert sorted(handled) == sorted(e.entry for e in events)


async def test_a_single_event_does_not_wait_for_a_batch(nats, database):
    """With nothing else to do an event is in hand while the fetch for sixteen lasts:
    longer than this test waits.
    """
    arrived, never = asyncio.Event(), asyncio.Event()

    async def handle(_event):
        arrived.set()

    subscription = Subscription(topology.SIGNING_ORDERED, CertificationOrdered, handle)
    async with bus(nats, fetch_seconds=2 * LONG_SECONDS) as connected:
        before = len(connected._client._subs)
        loop = asyncio.create_task(connected.consume(subscription, never, at_once=16))
        await until(lambda: len(connected._client._subs) > before)
        relay = outbox.Relay(database, connected.publish, utc_now)
        await database.write(
            lambda tx: outbox.add(tx, build.ordered(), source="intake")
        )
        await relay.drain()
        await asyncio.wait_for(arrived.wait(), LONG_SECONDS)
        # Again and again: wait_for of Python 3.11, in which nats-py fetches, loses a
        # cancellation that comes as a message does (CPython gh-81839), and nothing else
        # would ever end this loop.
        while not loop.done():
            loop.cancel()
            await asyncio.wait({loop}, timeout=0.1)


async def test_what_the_stream_did_not_take_is_not_counted(nats):
    """A window counts up to its first failure, whatever was stored after it: what is
    counted is marked as published, and never sent again.
    """
    subjects = [CertificationOrdered.subject, "ecopy.nobody.hears", "ecopy.nobody"]
    good, bad, worse = (
        outbox.Letter(at, uuid4(), subject, b"{}")
        for at, subject in enumerate(subjects)
    )
    async with bus(nats) as connected:
        assert await connected.publish([bad]) == 0
        assert await connected.publish([good, bad, good]) == 1
        assert await connected.publish([bad, worse, good]) == 0


async def test_long_work_is_not_delivered_again(nats, database):
    """Longer than the server waits for an answer, three times: one delivery."""
    soon = replace(topology.SIGNING_ORDERED, ack_wait_seconds=2.0)
    deliveries, stop = [], asyncio.Event()
    async with bus(nats) as connected:
        await connected._js.add_consumer(topology.STREAM, consumer_config(soon))
        await database.write(
            lambda tx: outbox.add(tx, build.ordered(), source="intake")
        )
        await outbox.Relay(database, connected.publish, utc_now).drain()

        async def handle(event):
            deliveries.append(event.entry)
            await asyncio.sleep(3 * soon.ack_wait_seconds)
            stop.set()

        subscription = Subscription(soon, CertificationOrdered, handle)
        fetch = await connected.fetch_from(soon)
        await consume(subscription, fetch, _not_parked, stop, at_once=4)
    assert deliveries == [build.ENTRY]


async def _not_parked(_message, why):
    raise AssertionError(why)


async def test_forged_events_are_parked(nats, database):
    """An event that its signer may not say reaches nobody and is kept."""
    handled = []

    async def handle(event):
        handled.append(event)

    stranger = Signer("intake", bytes(32))
    async with bus(nats, stranger) as forging, bus(nats) as honest:
        for connected in (forging, honest):
            await database.write(
                lambda tx: outbox.add(tx, build.ordered(), source="intake")
            )
            await outbox.Relay(database, connected.publish, utc_now).drain()
        async with consuming(nats, handle):
            await until(lambda: handled)

            async def parked():
                state = await honest._js.stream_info(
                    topology.DEAD_STREAM, subjects_filter="ecopy.dead.>"
                )
                return state.state.subjects

            await until(parked)
            assert await parked() == {f"{topology.DEAD}.signing-ordered": 1}
    assert len(handled) == 1


async def test_provision_repeats_harmlessly(nats):
    """A second provision changes nothing and raises nothing."""
    await provision(ProvisionSettings(nats_url=nats.url, nats_monitor=nats.monitor))


@pytest.mark.parametrize("what", ["consumer", "stream"])
async def test_what_the_bus_has_lost_is_noticed_and_made_again(nats, database, what):
    """Not provided any more, by its name; after provision events arrive again."""
    handled, sealed = [], topology.SIGNING_ORDERED.durable
    settings = ProvisionSettings(nats_url=nats.url, nats_monitor=nats.monitor)

    async def handle(event):
        handled.append(event.entry)

    own = bus(nats, fetch_seconds=SOON_SECONDS)
    async with own as connected, consuming(nats, handle, on=connected):
        if what == "consumer":
            await connected._js.delete_consumer(topology.STREAM, sealed)
            expected = [sealed]
        else:
            await connected._js.delete_stream(topology.STREAM)
            expected = [topology.STREAM]
        await until(lambda: not connected.provided)
        assert connected.lost == {sealed}
        assert await asyncio.to_thread(missing, nats.monitor) == expected

        await provision(settings)
        await until(lambda: connected.provided)
        assert await asyncio.to_thread(missing, nats.monitor) == []
        await database.write(
            lambda tx: outbox.add(tx, build.ordered(), source="intake")
        )
        await outbox.Relay(database, connected.publish, utc_now).drain()
        await until(lambda: handled)


@pytest.mark.parametrize(
    ("stream", "subject"),
    [
        (topology.STREAM, CertificationOrdered.subject),
        (topology.DEAD_STREAM, f"{topology.DEAD}.trial"),
    ],
)
async def test_nobody_purges_or_deletes(nats, stream, subject):
    """Whoever provisions may neither empty a stream nor take a message out of it."""
    async with bus(nats) as connected:
        await connected._js.publish(subject, b"kept")
        with pytest.raises(APIError, match="message delete not permitted"):
            await connected._js.delete_msg(stream, 1)
        with pytest.raises(APIError, match="purge not permitted"):
            await connected._js.purge_stream(stream)
        state = await connected._js.stream_info(stream)
    assert state.state.messages == 1


async def test_dead_letters_take_no_room_of_an_event(tmp_path, database):
    """A megabyte of facts, then eight of dead letters: an order is stored as before."""
    with servers.nats_server(tmp_path) as server:
        await provision(
            ProvisionSettings(
                nats_url=server.url,
                nats_monitor=server.monitor,
                stream_max_bytes=1 << 20,
            )
        )
        async with bus(server) as connected:
            for _ in range(10):
                await connected._js.publish(
                    f"{topology.DEAD}.storage-sealed", bytes(900_000)
                )
            await database.write(
                lambda tx: outbox.add(tx, build.ordered(), source="intake")
            )
            relay = outbox.Relay(database, connected.publish, utc_now)
            assert await relay.drain() == 1


async def test_an_earlier_stream_is_closed_to_purges(nats):
    """Provision of this version takes a stream that an earlier one has made, with all
    subjects and with dead letters in it.
    """
    async with bus(nats) as connected:
        for stream in (topology.STREAM, topology.DEAD_STREAM, topology.MARKS_STREAM):
            await connected._js.delete_stream(stream)
        await connected._js.add_stream(
            name=topology.STREAM, subjects=["ecopy.>"], deny_delete=True
        )
        await connected._js.publish(f"{topology.DEAD}.trial", b"of before")
        await provision(ProvisionSettings(nats_url=nats.url, nats_monitor=nats.monitor))
        facts = await connected._js.stream_info(topology.STREAM)
        assert await connected._js.publish(f"{topology.DEAD}.trial", b"of now")
        dead = await connected._js.stream_info(topology.DEAD_STREAM)
    assert facts.config.deny_purge
    assert (facts.state.messages, dead.state.messages) == (1, 1)


async def test_provision_refuses_a_forgetful_server(tmp_path):
    """A server that syncs now and then would lose acknowledged messages."""
    port, monitor = servers.free_port(), servers.free_port()
    server = servers.Nats(tmp_path, port, monitor)
    (tmp_path / "nats.conf").write_text(
        f"host: 127.0.0.1\nport: {port}\nhttp: 127.0.0.1:{monitor}\n"
        f'jetstream {{ store_dir: "{tmp_path}/js" }}\n'
    )
    server.start()
    try:
        with pytest.raises(NotDurable, match="sync_interval"):
            await asyncio.to_thread(check_server, server.monitor)
    finally:
        server.stop()


def order(n=1):
    event = build.ordered(entry=f"H99/E/2026/{n}")
    return outbox.Letter(n, event.id, event.subject, event.encode("intake"))


async def test_an_event_that_is_published_again_is_stored_once(nats):
    """A crash between the publish and its mark: the stream knows the event's id."""
    letter = order()
    async with bus(nats) as connected:
        assert await connected.publish([letter]) == 1
        assert await connected.publish([letter, order(2)]) == 2
        found = await connected._js.stream_info(topology.STREAM)
    assert found.state.messages == 2


async def test_no_more_is_fetched_than_was_asked_for(nats):
    """The rest stays for a replica that has room."""
    async with bus(nats) as connected:
        await connected.publish([order(n) for n in range(1, 8)])
        fetch = await connected.fetch_from(topology.SIGNING_ORDERED)
        fetched = [(len(await fetch(most)), most) for most in (1, 2, 3)]
        # On a busy machine a fetch may bring less: what comes later is not waited for.
        assert all(came <= most for came, most in fetched)
        assert sum(came for came, _ in fetched) >= 1


async def _counted(connected, readers, number):
    return await connected.untaken(readers) == number


async def test_the_bus_says_how_much_nobody_has_fetched(nats):
    """By consumer: what one has in hand still lies there for another. A consumer that
    the server does not have is no answer.
    """
    readers = (topology.SIGNING_ORDERED, topology.STORAGE_ORDERED)
    async with bus(nats) as connected:
        assert await connected.untaken(readers) == 0
        await connected.publish([order(n) for n in range(1, 4)])
        # The server stores a message, and then counts it for one consumer after the
        # other: an answer between these is right a moment later.
        await until(lambda: _counted(connected, readers, 6))
        fetch = await connected.fetch_from(topology.SIGNING_ORDERED)
        await taken(fetch, 3)
        await until(lambda: _counted(connected, readers, 3))
        await connected._js.delete_consumer(
            topology.STREAM, topology.STORAGE_ORDERED.durable
        )
        with pytest.raises(NotFoundError):
            await connected.untaken(readers)


async def test_an_answer_is_heard_when_it_returns(nats):
    """What is acknowledged is so on the server before the next step; what is put off
    is not delivered again before its time.
    """
    async with bus(nats) as connected:
        await connected.publish([order(n) for n in range(1, 4)])
        fetch = await connected.fetch_from(topology.SIGNING_ORDERED)
        done, later, poison = await taken(fetch, 3)
        await done.ack()
        durable = topology.SIGNING_ORDERED.durable
        found = await connected._js.consumer_info(topology.STREAM, durable)
        assert found.ack_floor.stream_seq == 1
        await later.nak(3600)
        await poison.term()
        assert await fetch(3) == []


async def test_a_dead_letter_has_its_reason_in_one_line(nats):
    """A header is one line; what a stranger made us say is cut."""
    async with bus(nats) as connected:
        await connected.publish([order()])
        fetch = await connected.fetch_from(topology.SIGNING_ORDERED)
        (message,) = await taken(fetch, 1)
        await connected.park("signing-ordered", message, "one\r\n\ttwo " + "x" * 999)
        dead = await connected._js.get_last_msg(
            topology.DEAD_STREAM, f"{topology.DEAD}.signing-ordered"
        )
    assert dead.data == message.body
    assert dead.headers["Reason"].startswith("one two xxx")
    assert len(dead.headers["Reason"]) == 500


async def test_a_subscription_that_the_server_has_forgotten_is_made_anew(nats):
    """As after a restart: the client goes on asking, and nobody answers it."""
    async with bus(nats, fetch_seconds=SOON_SECONDS) as connected:
        assert await connected.publish([order()]) == 1
        before = set(connected._client._subs)
        fetch = await connected.fetch_from(
            topology.SIGNING_ORDERED, silence_seconds=0.0
        )
        (forgotten,) = set(connected._client._subs) - before
        await connected._client._send_unsubscribe(forgotten)
        assert await fetch(1) == []
        (message,) = await taken(fetch, 1)
        message.verify()
        assert forgotten not in connected._client._subs
        await message.ack()
        # Nothing waits any more: silence is no reason to begin anew.
        listening = set(connected._client._subs)
        assert await fetch(1) == await fetch(4) == []
        assert set(connected._client._subs) == listening


async def test_who_has_all_that_they_may_have_is_not_deaf(nats):
    """Silence is a fault where something waits and there is room for it."""
    narrow = replace(topology.SIGNING_ORDERED, durable="narrow")
    config = consumer_config(narrow).evolve(max_ack_pending=2)
    async with bus(nats) as connected:
        await connected._js.add_consumer(topology.STREAM, config)
        assert not await connected._deaf("narrow")
        fetch = await connected.fetch_from(narrow)
        await connected.publish([order(n) for n in (1, 2, 3)])
        messages = []
        for deaf in (True, True, False):
            assert await connected._deaf("narrow") is deaf
            messages += await taken(fetch, 1) if deaf else []
        for message in messages:
            await message.ack()
        (last,) = await taken(fetch, 1)
        assert not await connected._deaf("narrow")
        await last.ack()
