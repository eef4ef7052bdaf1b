"""Dead letters against a real nats-server: parked with all that a replay needs, read,
handed to their own consumer again, and no other.
"""

import asyncio
import contextlib
from dataclasses import replace

import pytest

from chassis.bus import FETCH_SECONDS, connect
from chassis.consumer import Subscription
from chassis.outbox import Letter
from chassis.provision import ProvisionSettings, consumer_config, provision
from chassis.settings import NatsSettings
from chassis.signatures import Signer, Verifier
from ecopy import topology
from ecopy.dead_letter import BusAway, DeadLetter
from ecopy.events import CertificationOrdered
from ecopy.refusals import Poison
from support import build, servers
from support.waiting import taken, until

SIGNER = Signer("intake", bytes(range(32)))
SOON_SECONDS = 0.3
"""How long a fetch of a loop waits: told to stop, the loop ends with its fetch."""
STRANGER = Signer("intake", bytes(32))
VERIFIER = Verifier({"intake": SIGNER._key.public_key().public_bytes_raw()})
ORDERED = CertificationOrdered.subject


@pytest.fixture
async def nats(tmp_path):
    with servers.nats_server(tmp_path) as server:
        await provision(
            ProvisionSettings(nats_url=server.url, nats_monitor=server.monitor)
        )
        yield server


@contextlib.asynccontextmanager
async def bus(server, signer=SIGNER, fetch_seconds=SOON_SECONDS):
    settings = NatsSettings(
        url=server.url, signing_key_file="unused", public_keys_file="unused"
    )
    async with connect(
        settings, signer, VERIFIER, fetch_seconds=fetch_seconds
    ) as connected:
        yield connected


@contextlib.asynccontextmanager
async def consuming(connected, consumer, handle):
    stop = asyncio.Event()
    subscription = Subscription(consumer, CertificationOrdered, handle)
    loop = asyncio.create_task(connected.consume(subscription, stop, at_once=4))
    try:
        yield
    finally:
        stop.set()
        await loop


class Reader:
    """A use case that cannot read what it gets until it is mended."""

    def __init__(self, *, mended=False):
        self.mended = mended
        self.handled = []

    async def __call__(self, event):
        if not self.mended:
            raise Poison("no such field")
        self.handled.append(event)


async def parked(connected, how_many):
    async def there():
        return len(await connected.dead_letters.all()) >= how_many

    await until(there)
    return await connected.dead_letters.all()


def letter_of(event):
    return Letter(1, event.id, event.subject, event.encode("intake"))


async def test_a_parked_event_has_all_that_a_replay_needs(nats):
    """Bytes, subject, message id, time, and the publisher's own signature."""
    event = build.ordered()
    async with bus(nats) as connected:
        await connected.publish([letter_of(event)])
        async with consuming(connected, topology.SIGNING_ORDERED, Reader()):
            (dead,) = await parked(connected, 1)
        assert await connected.dead_letters.find(dead.number) == dead
        assert await connected.dead_letters.find(dead.number + 1) is None
        assert await connected.dead_letters.find(0) is None
    assert dead.consumer == "signing-ordered"
    assert dead.reason == "no such field"
    assert dead.body == event.encode("intake")
    assert (dead.subject, dead.entry) == (ORDERED, event.entry)
    assert dead.message_id == str(event.id)
    assert dead.signature == SIGNER.header(ORDERED, dead.body)
    assert dead.publisher == "intake"
    assert dead.published_at is not None
    assert dead.published_at <= dead.parked_at
    assert dead.replay_of is None


async def test_a_replay_is_heard_by_its_own_consumer_alone(nats):
    """Signing parked it and is mended: it hears the event again, once, however often
    the same act is sent; storage, which heard the event too, hears nothing.
    """
    event, signing, storage = build.ordered(), Reader(), Reader(mended=True)
    async with (
        bus(nats) as connected,
        consuming(connected, topology.SIGNING_ORDERED, signing),
        consuming(connected, topology.STORAGE_ORDERED, storage),
    ):
        await connected.publish([letter_of(event)])
        (dead,) = await parked(connected, 1)
        await until(lambda: storage.handled)
        signing.mended = True
        for _ in range(2):
            await connected.dead_letters.replay(dead, "7")
        await until(lambda: signing.handled)
        durable = topology.SIGNING_ORDERED.durable

        async def settled():
            known = await connected._js.consumer_info(topology.STREAM, durable)
            return (known.num_pending, known.num_ack_pending) == (0, 0)

        await until(settled)
        stream = await connected._js.stream_info(topology.STREAM)
    assert [e.id for e in signing.handled] == [event.id]
    assert [e.id for e in storage.handled] == [event.id]
    assert stream.state.messages == 2


async def test_what_is_still_unreadable_is_parked_as_a_letter_of_that_replay(nats):
    """It names the letter that it is a replay of, and the first publication."""
    async with bus(nats) as connected:
        await connected.publish([letter_of(build.ordered())])
        async with consuming(connected, topology.SIGNING_ORDERED, Reader()):
            (dead,) = await parked(connected, 1)
            await connected.dead_letters.replay(dead, "7")
            _, again = await parked(connected, 2)
    assert again.replay_of == dead.number
    same = ("body", "signature", "publisher", "subject", "message_id", "published_at")
    assert [getattr(again, name) for name in same] == [
        getattr(dead, name) for name in same
    ]


@pytest.mark.parametrize("header", ["", STRANGER.header(ORDERED, b"x")])
async def test_a_letter_that_nobody_signed_takes_no_effect(nats, header):
    """Shown, and parked again by its consumer when somebody replays it all the same."""
    reader = Reader(mended=True)
    async with bus(nats, STRANGER) as forging:
        await forging.publish([letter_of(build.ordered())])
    async with (
        bus(nats) as connected,
        consuming(connected, topology.SIGNING_ORDERED, reader),
    ):
        (dead,) = await parked(connected, 1)
        assert dead.publisher == ""
        assert dead.signature.startswith("intake ")
        await connected.dead_letters.replay(replace(dead, signature=header), "7")
        _, again = await parked(connected, 2)
    assert again.replay_of == dead.number
    assert again.publisher == ""
    assert reader.handled == []


async def test_a_letter_is_signed_for_its_own_subject_only(nats):
    """A consumer of another event gets the bytes of an order, signed by intake: the
    signature is over the subject too, so it is no fact there.
    """
    async with bus(nats) as connected:
        await connected.publish([letter_of(build.ordered())])
        async with consuming(connected, topology.SIGNING_ORDERED, Reader()):
            (dead,) = await parked(connected, 1)
        elsewhere = replace(dead, consumer=topology.STORAGE_VOIDED.durable)
        reader = Reader(mended=True)
        async with consuming(connected, topology.STORAGE_VOIDED, reader):
            await connected.dead_letters.replay(elsewhere, "8")
            _, again = await parked(connected, 2)
    assert again.consumer == "storage-voided"
    assert "signature of intake is wrong" in again.reason
    assert reader.handled == []


async def test_what_is_no_event_can_be_read_by_a_person(nats):
    """Bytes that are no text and no JSON: size and start are shown, no entry."""
    async with bus(nats) as connected:
        await connected._js.publish(ORDERED, b"\x00\xffhello\nthere", stream="ECOPY")
        async with consuming(connected, topology.SIGNING_ORDERED, Reader()):
            (dead,) = await parked(connected, 1)
    assert (dead.size, dead.entry, dead.publisher) == (13, "", "")
    assert dead.start == "\ufffd\ufffdhello\ufffdthere"
    assert "may not come from nobody" in dead.reason


async def test_a_letter_as_long_as_the_bus_takes_is_parked_too(nats):
    """What we note of it finds room: its end is cut, so no signature holds for it."""
    async with bus(nats) as connected:
        most = connected._client.max_payload - 100
        await connected._js.publish(ORDERED, b"x" * most, stream="ECOPY")
        async with consuming(connected, topology.SIGNING_ORDERED, Reader()):
            (dead,) = await parked(connected, 1)
    assert 0 < most - dead.size <= 4096
    assert dead.publisher == ""


async def test_a_letter_of_an_earlier_version_is_shown(nats):
    """It had only its reason: the subject is its consumer's, and nobody vouches."""
    async with bus(nats) as connected:
        await connected._js.publish(
            f"{topology.DEAD}.signing-ordered",
            b"{}",
            stream=topology.DEAD_STREAM,
            headers={"Reason": "old"},
        )
        (dead,) = await connected.dead_letters.all()
    assert dead == DeadLetter(
        number=1,
        consumer="signing-ordered",
        reason="old",
        parked_at=dead.parked_at,
        body=b"{}",
        subject=ORDERED,
    )


async def test_a_delivery_that_is_parked_twice_is_one_letter(nats):
    """As after a crash between parking and ending it."""
    async with bus(nats, fetch_seconds=FETCH_SECONDS) as connected:
        await connected.publish([letter_of(build.ordered())])
        fetch = await connected.fetch_from(topology.SIGNING_ORDERED)
        (message,) = await taken(fetch, 1)
        for _ in range(2):
            await connected.park("signing-ordered", message, "crashed")
        assert len(await connected.dead_letters.all()) == 1


async def test_a_consumer_of_an_earlier_version_hears_replays_after_provision(nats):
    """It goes on where it was: nothing that it has done comes again."""
    event, reader = build.ordered(), Reader(mended=True)
    consumer = topology.SIGNING_ORDERED
    old = consumer_config(consumer).evolve(
        filter_subjects=None, filter_subject=consumer.event.subject
    )
    async with bus(nats) as connected:
        await connected._js.add_consumer(topology.STREAM, old)
        await connected.publish([letter_of(event)])
        async with consuming(connected, consumer, reader):
            await until(lambda: reader.handled)
        await provision(ProvisionSettings(nats_url=nats.url, nats_monitor=nats.monitor))
        again = build.ordered(entry="H99/E/2026/2")
        letter = DeadLetter(
            number=9,
            consumer=consumer.durable,
            reason="x",
            parked_at=again.at,
            body=again.encode("intake"),
            subject=ORDERED,
            signature=SIGNER.header(ORDERED, again.encode("intake")),
        )
        await connected.dead_letters.replay(letter, "7")
        async with consuming(connected, consumer, reader):
            await until(lambda: len(reader.handled) > 1)
    assert [e.id for e in reader.handled] == [event.id, again.id]


async def test_a_bus_that_is_away_says_so(nats):
    """At once, instead of a timeout; and so does a bus without the stream."""
    async with bus(nats) as connected:
        await connected.publish([letter_of(build.ordered())])
        async with consuming(connected, topology.SIGNING_ORDERED, Reader()):
            (dead,) = await parked(connected, 1)
        await connected._js.delete_stream(topology.DEAD_STREAM)
        with pytest.raises(BusAway):
            await connected.dead_letters.all()
        nats.kill()
        await until(lambda: not connected.connected)
        for asked in (
            connected.dead_letters.all(),
            connected.dead_letters.find(1),
            connected.dead_letters.replay(dead, "7"),
        ):
            with pytest.raises(BusAway, match="not connected"):
                await asked
        nats.start()
