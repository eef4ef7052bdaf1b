"""What the stream has lost comes out all the same: emptied, its folder deleted, or its
events older than it keeps them. Nobody acts; the desk asks again.
"""

import contextlib
import os
import shutil
import signal

import httpx
import pytest
import pytest_asyncio

from chassis import bus_client
from chassis.monitor import STREAMS_PATH, missing
from ecopy.topology import SIGNING_ORDERED, STORAGE_ORDERED, STREAM
from onebox import tending
from onebox.places import url
from support.waiting import LONG_SECONDS, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

LATE = "INTAKE__PATIENCE__LATE_SECONDS"
WAITED = "late_orders_wait"
READERS = ("signing", "storage")
ORDER_CONSUMERS = (SIGNING_ORDERED.durable, STORAGE_ORDERED.durable)
SHORT_SECONDS = 0.5
"""How old an event may become; JetStream takes no less than a tenth of a second."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def impatient(struck):
    """The house, with a desk that asks again after a second."""
    os.environ[LATE] = "1"  # what the house passes on
    try:
        await struck.restart("intake")
        yield struck
    finally:
        del os.environ[LATE]


@contextlib.asynccontextmanager
async def stopped(struck):
    """Signing and storage hear nothing meanwhile."""
    # Shorter than the three looks after which the house starts them anew.
    running = [struck.supervisor.pid(name) for name in READERS]
    for pid in running:
        os.kill(pid, signal.SIGSTOP)
    try:
        # A question that is still open would be answered into a stopped program's
        # socket, where the order is found afterwards: late, and not lost.
        await unasked(struck)
        yield
    finally:
        for pid in running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@contextlib.asynccontextmanager
async def bus(struck):
    seed = struck.house.places.bus_keys / "provision.seed"
    address = f"nats://127.0.0.1:{struck.house.ports.nats}"
    client = await bus_client.connect(address, seed, "provision")
    try:
        yield client.jetstream(timeout=LONG_SECONDS)
    finally:
        await client.close()


async def unasked(struck):
    """Every question that the two had put to the stream has run out."""
    monitor = url(struck.house.ports.nats_monitor)

    async def no_question_is_open():
        async with httpx.AsyncClient(base_url=monitor) as client:
            answer = (await client.get(STREAMS_PATH)).json()
        return not any(c["num_waiting"] for c in order_consumers(answer))

    await until(no_question_is_open)


def order_consumers(answer):
    """The consumers of the two in what the bus's monitor says."""
    streams = [s for a in answer["account_details"] for s in a["stream_detail"]]
    (events,) = [stream for stream in streams if stream["name"] == STREAM]
    found = [c for c in events["consumer_detail"] if c["name"] in ORDER_CONSUMERS]
    assert len(found) == len(ORDER_CONSUMERS)
    return found


async def emptied(struck):
    """A disk lost the stream's messages; stream and consumers are still there."""
    (messages,) = (struck.house.places / "nats").glob(f"**/streams/{STREAM}/msgs")
    await without(struck, messages)


async def deleted(struck):
    """The bus is killed, and its folder is gone."""
    await without(struck, struck.house.places / "nats")


async def without(struck, folder):
    """The bus killed and started again, *folder* gone meanwhile."""
    first = struck.supervisor.pid("nats")
    # Stopped first: it would write into the folder while that is taken away.
    os.kill(first, signal.SIGSTOP)
    shutil.rmtree(folder)
    struck.kill("nats")
    await until(lambda: struck.supervisor.pid("nats") != first)
    await struck.ready("nats")


async def outlived(struck):
    """The order becomes older than the stream keeps anything."""
    async with bus(struck) as js:
        config = (await js.stream_info(STREAM)).config
        short = {"max_age": SHORT_SECONDS, "duplicate_window": SHORT_SECONDS}
        await js.update_stream(config.evolve(**short))

        async def empty():
            return (await js.stream_info(STREAM)).state.messages == 0

        await until(empty)
        await js.update_stream(config)


async def whole(struck):
    """The house has made again what is missing on the bus."""
    monitor = url(struck.house.ports.nats_monitor)
    await tending.provision(struck.house.places, struck.house.ports)
    assert missing(monitor) == []


@pytest.mark.parametrize("lose", [emptied, deleted, outlived])
async def test_a_lost_order_comes_out_by_itself(impatient, lose):
    """Published, and gone before signing or storage could hear it: the copy is issued
    under its number, and the desk has asked for it again.
    """
    struck = impatient
    filed = await struck.file_case()
    async with stopped(struck):
        await struck.approve(filed)
        await until(lambda: not struck.rows("intake", WAITING))
        await lose(struck)
        await whole(struck)

    await struck.issued(filed)

    ((asked,),) = struck.rows("intake", ASKED_LAST)
    assert asked is not None
    copies = struck.rows("storage", "SELECT entry FROM copies")
    numbers = struck.rows("intake", "SELECT entry FROM register")
    assert sorted(copies) == sorted(numbers)


WAITING = "SELECT 1 FROM outbox WHERE published_at IS NULL"
ASKED_LAST = (
    "SELECT announced_at FROM certifications"
    " JOIN register USING (entry) ORDER BY ordinal DESC LIMIT 1"
)


async def test_a_service_that_was_away_finds_each_order_once_or_twice(impatient):
    """However long nobody takes what lies there: the desk asks again only when the
    others have taken it, or a whole night of repetitions would begin at once.
    """
    struck = impatient
    filed = await struck.file_case()
    ((before,),) = struck.rows("intake", ORDERS)
    turns = waited(struck)
    async with stopped(struck):
        await struck.approve(filed)
        # Twelve seconds of turns: without a look at the bus the order would have gone
        # out five times, after pauses of 1, 2, 4 and 5 seconds.
        await until(lambda: waited(struck) >= turns + 24)
    await struck.issued(filed)
    ((after,),) = struck.rows("intake", ORDERS)
    assert after - before <= 3


ORDERS = "SELECT count(*) FROM outbox WHERE subject = 'ecopy.certification.ordered.v1'"


def waited(struck):
    """Turns in which the desk left late orders alone."""
    return struck.house.places.log("intake").read_text("utf-8").count(WAITED)
