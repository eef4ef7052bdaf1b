"""High-water marks over a real nats-server: raised, never lowered, and missed by tables
that were put back.
"""

import asyncio
import contextlib

import pytest
import pytest_asyncio

from chassis.bus import connect
from chassis.clock import utc_now
from chassis.consumer import Subscription
from chassis.mark_announcer import Announcer, Shortfall
from chassis.marks import MarkStream, subject_of
from chassis.monitor import missing
from chassis.provision import ProvisionSettings, provision
from chassis.retained import BusSilent
from chassis.settings import NatsSettings
from chassis.signatures import Signer, Verifier
from ecopy import topology
from ecopy.events import CertificationOrdered
from ecopy.marks import Mark, Marks, YearBook
from support import build, servers
from support.waiting import until

SIGNERS = {
    name: Signer(name, bytes([n]) * 32) for n, name in enumerate(topology.MARKERS)
}
VERIFIER = Verifier(
    {name: s._key.public_key().public_bytes_raw() for name, s in SIGNERS.items()}
)
BOOK = YearBook("H99.42.05.13", "E", 2026)
OTHER = BOOK._replace(year=2025)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory):
    with servers.nats_server(tmp_path_factory.mktemp("nats")) as server:
        await provision(
            ProvisionSettings(nats_url=server.url, nats_monitor=server.monitor)
        )
        yield server


@contextlib.asynccontextmanager
async def connected(server, signer):
    settings = NatsSettings(
        url=server.url, signing_key_file="unused", public_keys_file="unused"
    )
    async with connect(settings, signer, VERIFIER, fetch_seconds=0.3) as bus:
        yield MarkStream(bus.retained)


def mark(highest, archived=0, book=BOOK):
    return Mark(
        agency=book.agency,
        series=book.series,
        year=book.year,
        highest=highest,
        archived=archived,
    )


def said(*books):
    return Marks(at=build.NOON, books=books)


async def test_a_mark_is_raised_and_never_lowered(server):
    """Also by a service whose tables are new; a book that it lost stays."""
    async with connected(server, SIGNERS["signing"]) as signing:
        assert (await signing.read_each())["signing"] is None
        await signing.publish("signing", said())
        assert (await signing.read("signing")).books == ()
        await signing.publish("signing", said(mark(7, 3), mark(400, 400, OTHER)))
        await signing.publish("signing", said(mark(2, 5)))
        await signing.publish("signing", said())
        kept = await signing.read("signing")
    assert kept.books == (mark(400, 400, OTHER), mark(7, 5))


async def test_processes_that_raise_at_once_lose_nothing(server):
    """What each of them knows stands in the mark, whoever wrote last."""
    async with contextlib.AsyncExitStack() as stack:
        hands = [
            await stack.enter_async_context(connected(server, SIGNERS["storage"]))
            for _ in range(4)
        ]
        books = [BOOK._replace(year=2000 + n) for n in range(4)]
        await asyncio.gather(
            *(
                hand.publish("storage", said(mark(1, book=book)))
                for hand, book in zip(hands, books, strict=True)
            )
        )
        marks = await hands[0].read("storage")
    assert {m.book for m in marks.books} >= set(books)


async def test_a_forged_mark_is_not_believed_and_is_written_over(server):
    """Nobody can make the desk stand still with a number that was never given, nor can
    a key that was replaced make it stand still for ever.
    """
    stranger = Signer("signing", bytes(range(32)))
    async with connected(server, stranger) as forging:
        bus = forging._bus
        last = await bus.last(topology.MARKS_STREAM, subject_of("signing"))
        body = said(mark(999_999)).encode()
        assert await bus.replace(
            topology.MARKS_STREAM, subject_of("signing"), body, after=last.position
        )
        assert await forging.read("signing") is None
    async with connected(server, SIGNERS["signing"]) as signing:
        await signing.publish("signing", said(mark(8)))
        assert (await signing.read("signing")).books == (mark(8),)


async def test_the_stream_is_one_that_provision_misses(tmp_path):
    """Where it is gone, provision makes it again; until then nothing is known."""
    with servers.nats_server(tmp_path) as bare:
        assert topology.MARKS_STREAM in missing(bare.monitor)
        async with connected(bare, SIGNERS["signing"]) as signing:
            with pytest.raises(BusSilent):
                await signing.read("signing")
            with pytest.raises(BusSilent):
                await signing.publish("signing", said(mark(1)))


async def test_marks_outlive_a_killed_server(server):
    """They are on disk when they are acknowledged."""
    async with connected(server, SIGNERS["storage"]) as storage:
        await storage.publish("storage", said(mark(41, 40)))
        server.kill()
        server.start()

        async def heard():
            with contextlib.suppress(BusSilent):
                return mark(41, 40) in (await storage.read("storage")).books

        await until(heard)


@contextlib.asynccontextmanager
async def announcing(stream, count, service="signing", cross="highest"):
    stop = asyncio.Event()
    announcer = Announcer(service, stream, count, utc_now, cross=cross)
    running = asyncio.create_task(announcer.run(stop, every=0.05))
    try:
        yield announcer
    finally:
        stop.set()
        await running


async def test_what_the_tables_know_and_each_new_number_are_published(server):
    """At the start what the tables have; then each number whose event was handled."""
    handled = []

    async def handle(order):
        handled.append(order.entry)

    async def count():
        return (mark(10),)

    entry = f"{BOOK}/12"
    async with (
        connected(server, SIGNERS["signing"]) as stream,
        announcing(stream, count) as announcer,
    ):

        async def published(number):
            marks = await stream.read("signing")
            return max(m.highest for m in marks.books) == number

        await until(lambda: published(10))
        noted = announcer.noting(
            Subscription(topology.SIGNING_ORDERED, CertificationOrdered, handle)
        )
        await noted.handle(build.ordered(entry=entry))
        await until(lambda: published(12))
    assert handled == [entry]


async def highest_told(stream, number):
    """Whether signing has published this one: it does so after it has caught up."""
    return (await stream.read("signing")).books[-1].highest == number


async def test_tables_that_were_put_back_are_said_until_they_catch_up(server):
    """They know less than the service had published, or than the other has archived."""
    tables = [mark(12)]

    async def count():
        return tuple(tables)

    async with connected(server, SIGNERS["storage"]) as storage:
        await storage.publish("storage", said(mark(50, 45)))
    async with (
        connected(server, SIGNERS["signing"]) as stream,
        announcing(stream, count) as announcer,
    ):
        await until(lambda: announcer.behind)
        assert announcer.behind == (Shortfall(BOOK, "highest", 12, 45, "storage"),)
        tables[:] = [mark(46)]
        await until(lambda: not announcer.behind)
        # Numbers 47 to 50 are on their way to signing: nothing is wrong.
        await until(lambda: highest_told(stream, 46))
        tables[:] = []
        await until(lambda: announcer.behind)
        shorts = {(s.figure, s.own, s.known, s.by) for s in announcer.behind}
    assert shorts == {("highest", 0, 46, "signing"), ("highest", 0, 45, "storage")}
