"""JetStream behind three verbs: connect, publish, fetch.

Traps that were measured, with nats-py and a real server (docs/decisions/0003 is about
the first): a cancelled ``fetch`` strands messages; the client gives up reconnecting
after 60 tries; the first publish after a server restart times out; ``drain()`` hangs
after an empty fetch; a pull subscriber can fall silent after a restart of the server.
Start at ``connect``.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js import JetStreamContext

from chassis import bus_client, consumer, dead_letters
from chassis.consumer import Fetch, Message, Subscription
from chassis.dead_letters import DeadLetters
from chassis.delivery import Delivery
from chassis.outbox import Letter
from chassis.retained import RetainedMessages
from chassis.settings import NatsSettings
from chassis.signatures import HEADER, Signer, Verifier
from ecopy.topology import DEAD, DEAD_STREAM, STREAM, Consumer

log = structlog.get_logger()

PUBLISH_TIMEOUT_SECONDS: Final = 5.0
FETCH_SECONDS: Final = 2.0
"""Short: the loop looks at the stop event between two fetches."""
TOP_UP_SECONDS: Final = 0.005
"""What lies ready is taken along. A batch asked for at once would be waited for
until it is full or its time is over (nats-py 2.16, server 2.15)."""
SILENCE_SECONDS: Final = 30.0
"""Nothing came for so long: ask the server whether something should have."""
FLUSH_SECONDS: Final = 2


class Bus:
    """One connection of one service."""

    def __init__(
        self,
        client: Client,
        signer: Signer,
        verifier: Verifier,
        *,
        fetch_seconds: float = FETCH_SECONDS,
    ) -> None:
        self._client = client
        self._fetch_seconds = fetch_seconds
        self._js: JetStreamContext = client.jetstream(timeout=PUBLISH_TIMEOUT_SECONDS)
        self._signer = signer
        self._verifier = verifier
        self._lost: set[str] = set()
        self.retained = RetainedMessages(self._js, signer, verifier)

    @property
    def connected(self) -> bool:
        return self._client.is_connected

    @property
    def lost(self) -> frozenset[str]:
        """Consumers that could not be fetched from the last time: the server does not
        have them, or not their stream. Nothing comes from them, however well the
        connection is, until ``provision`` makes them again.
        """
        return frozenset(self._lost)

    @property
    def provided(self) -> bool:
        return self.connected and not self._lost

    async def publish(self, letters: Sequence[Letter]) -> int:
        """Publish a window in order; return how many were stored, from the first on.

        The event's id is the message id, so a repeat is dropped by the stream.
        """
        # All at once, in order: one round trip for the window instead of 64.
        acks = [asyncio.create_task(self._publish(letter)) for letter in letters]
        answers = await asyncio.gather(*acks, return_exceptions=True)
        for stored, answer in enumerate(answers):
            if isinstance(answer, BaseException):
                log.warning("publish_failed", error=repr(answer))
                return stored
        return len(letters)

    async def _publish(self, letter: Letter) -> None:
        await self._js.publish(
            letter.subject,
            letter.body,
            stream=STREAM,
            timeout=PUBLISH_TIMEOUT_SECONDS,
            headers={
                "Nats-Msg-Id": str(letter.event_id),
                HEADER: self._signer.header(letter.subject, letter.body),
            },
        )

    async def park(self, durable: str, message: Message, why: str) -> None:
        """Keep bytes that nobody can read for a person, with the reason."""
        await self._js.publish(
            f"{DEAD}.{durable}",
            # A body as long as the bus takes has no room left for what we note of it.
            message.body[: self._client.max_payload - dead_letters.HEAD_BYTES],
            stream=DEAD_STREAM,
            timeout=PUBLISH_TIMEOUT_SECONDS,
            headers=message.letterhead | dead_letters.reason(why),
        )

    async def untaken(self, consumers: Iterable[Consumer]) -> int:
        """How many messages lie ready for these consumers that nobody has fetched yet.

        Raises NatsError where the server does not answer or has no such consumer.
        """
        found = [
            await self._js.consumer_info(STREAM, consumer.durable)
            for consumer in consumers
        ]
        return sum(each.num_pending or 0 for each in found)

    async def queue(self, consumer: Consumer) -> tuple[int, int]:
        """How many messages of *consumer* wait, and how many are in hand. NatsError."""
        found = await self._js.consumer_info(STREAM, consumer.durable)
        return found.num_pending or 0, found.num_ack_pending or 0

    @property
    def dead_letters(self) -> DeadLetters:
        return DeadLetters(self._client, self._js, self._verifier)

    async def consume(
        self, subscription: Subscription[Any], stop: asyncio.Event, *, at_once: int
    ) -> None:
        """Give every delivery of the subscription's consumer its answer, until *stop*.

        Where the server has no such consumer, ``provided`` is False and it is asked
        again and again, until ``provision`` has made one.
        """
        fetch = await self.fetch_from(subscription.consumer)
        park = partial(self.park, subscription.consumer.durable)
        await consumer.consume(subscription, fetch, park, stop, at_once=at_once)

    async def fetch_from(
        self,
        source: Consumer,
        *,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> Fetch:
        """Bind to a consumer that ``provision`` has made; never make one here."""
        name, subject = source.durable, source.event.subject
        subscription = await self._bind(name)
        last_message_at = time.monotonic()

        async def fetch(most: int) -> Sequence[Message]:
            nonlocal last_message_at, subscription
            with self._noting(name):
                messages = await _fetch(subscription, 1, self._fetch_seconds)
            if messages and most > 1:
                messages += await _fetch(subscription, most - 1, TOP_UP_SECONDS)
            if messages:
                last_message_at = time.monotonic()
            elif time.monotonic() - last_message_at > silence_seconds:
                if await self._deaf(name):
                    log.warning("subscription_deaf", consumer=name)
                    # nats-py keeps asking on a subscription that the restarted server
                    # has forgotten: only a new one hears again.
                    await subscription.unsubscribe()
                    subscription = await self._bind(name)
                last_message_at = time.monotonic()
            return [Delivery(each, self._verifier, subject) for each in messages]

        return fetch

    @contextlib.contextmanager
    def _noting(self, durable: str) -> Iterator[None]:
        """Said once when it is lost and once when it is back, not at each fetch."""
        try:
            yield
        except NatsError:
            if durable not in self._lost:
                log.error("consumer_lost", consumer=durable)  # noqa: TRY400 - the loop's
            self._lost.add(durable)
            raise
        if durable in self._lost:
            log.info("consumer_back", consumer=durable)
            self._lost.remove(durable)

    async def _bind(self, durable: str) -> JetStreamContext.PullSubscription:
        return await self._js.pull_subscribe_bind(consumer=durable, stream=STREAM)

    async def _deaf(self, durable: str) -> bool:
        """Messages wait, there is room for them, and none comes."""
        found = await self._js.consumer_info(STREAM, durable)
        waiting, in_hand = found.num_pending or 0, found.num_ack_pending or 0
        return waiting > 0 and in_hand < (found.config.max_ack_pending or 1)


async def _fetch(
    subscription: JetStreamContext.PullSubscription, most: int, seconds: float
) -> list[Msg]:
    try:
        return await subscription.fetch(most, timeout=seconds)
    except (NatsTimeoutError, TimeoutError):
        return []


@contextlib.asynccontextmanager
async def connect(
    settings: NatsSettings,
    signer: Signer,
    verifier: Verifier,
    *,
    fetch_seconds: float = FETCH_SECONDS,
) -> AsyncIterator[Bus]:
    """A connection that never gives up; closed without ``drain``. A fetch that finds
    nothing ends after *fetch_seconds*, and a consumer that is told to stop with it.
    """

    async def on_error(error: Exception) -> None:
        log.warning("bus_error", error=repr(error))

    client = await bus_client.connect(
        settings.url,
        settings.user_file,
        signer.service,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.5,
        error_cb=on_error,
    )
    try:
        yield Bus(client, signer, verifier, fetch_seconds=fetch_seconds)
    finally:
        # Not drain(): after one empty fetch it waits out its 30 s timeout. Nothing
        # is left to drain; the loops have finished the messages in hand.
        with contextlib.suppress(Exception):
            await client.flush(FLUSH_SECONDS)
        await client.close()
