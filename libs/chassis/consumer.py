"""The consumer loop. Four outcomes per message, and only four.

=============  ===========================  =================================
handler        meaning                      message
=============  ===========================  =================================
returns        done (or already done)       acknowledged, and the ack confirmed
Refusal        lawful dead end              ``on_refusal``, then acknowledged
Poison         cannot ever be understood    parked on the dead subject, then terminated
anything else  the world may recover        ``on_trouble``, nak with back-off, for ever
=============  ===========================  =================================
"""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Generic, Protocol, TypeVar

import structlog

from chassis.clock import Clock, utc_now
from chassis.measures import DELIVERIES
from ecopy.events import Event
from ecopy.refusals import Hindrance, Poison, Refusal, Setback, Trouble
from ecopy.topology import Consumer

E = TypeVar("E", bound=Event)
log = structlog.get_logger()

BACKOFF_SECONDS: Final = (1, 5, 30, 60)
"""The last one is for ever. A delivery that waits cannot be called back, so this is how
long a delay may outlive its cause (docs/decisions/0066).
"""
NOW: Final = timedelta(0)
LONGEST_HOLD_SECONDS: Final = 3600
"""However long the world asks for: a person may have mended it meanwhile."""
ALERT_AFTER: Final = 5
"""Deliveries; past it the log says error, which is what an operator's alert reads."""


class Message(Protocol):
    """What the loop needs of a delivery; ``chassis.delivery`` has the real one."""

    @property
    def body(self) -> bytes: ...
    @property
    def deliveries(self) -> int: ...
    @property
    def letterhead(self) -> dict[str, str]:
        """Headers that a dead letter has of it, so that it can be replayed."""

    def verify(self) -> None:
        """MUST raise Poison unless the publisher's signature holds."""

    async def ack(self) -> None:
        """MUST return only when the server has heard."""

    async def nak(self, delay_seconds: float) -> None: ...
    async def term(self) -> None: ...
    async def in_progress(self) -> None: ...


Fetch = Callable[[int], Awaitable[Sequence[Message]]]
"""Up to n messages; an empty list after a short wait."""
Park = Callable[[Message, str], Awaitable[None]]


async def _unannounced(_event: Event, _setback: Setback) -> None:
    """The default ``on_trouble``: nobody waits on this consumer's delays."""


async def _impossible(event: Event, refusal: Refusal) -> None:
    raise AssertionError(f"{event.subject} was refused: {refusal}")


@dataclass(frozen=True, slots=True)
class Subscription(Generic[E]):
    """One durable consumer, and the use cases its events start."""

    consumer: Consumer
    event: type[E]
    handle: Callable[[E], Awaitable[None]]
    on_refusal: Callable[[E, Refusal], Awaitable[None]] = _impossible
    on_trouble: Callable[[E, Setback], Awaitable[None]] = _unannounced


async def consume(
    subscription: Subscription[E],
    fetch: Fetch,
    park: Park,
    stop: asyncio.Event,
    *,
    at_once: int,
    pause_seconds: float = BACKOFF_SECONDS[0],
) -> None:
    """Keep up to *at_once* deliveries in hand until *stop*; finish those in hand.

    Waiting for a timestamp or a disk must not idle a core, hence several at once.
    """
    room = asyncio.Semaphore(at_once)
    async with asyncio.TaskGroup() as group:
        while not stop.is_set():
            taken = await _take(room, at_once)
            try:
                messages = await fetch(taken)
            except Exception:
                log.exception("fetch_failed", consumer=subscription.consumer.durable)
                messages = []
                # A bus that is away answers at once: without a pause this loop would
                # take a core.
                await asyncio.sleep(pause_seconds)
            for _ in range(taken - len(messages)):
                room.release()
            for message in messages:
                task = group.create_task(deliver(subscription, message, park))
                task.add_done_callback(lambda _task: room.release())


async def _take(room: asyncio.Semaphore, most: int) -> int:
    """Wait for one place, then take what else is free: batches cost the bus less."""
    await room.acquire()
    taken = 1
    while taken < most and not room.locked():
        await room.acquire()
        taken += 1
    return taken


async def deliver(
    subscription: Subscription[E], message: Message, park: Park, clock: Clock = utc_now
) -> None:
    """Give one message its answer. Raises nothing: the loop must go on."""
    started, consumer = clock(), subscription.consumer.durable
    try:
        outcome = await _answer(subscription, message, park, clock)
    except Exception:
        # Not even the answer could be given: the server delivers again.
        log.exception("answer_failed", consumer=consumer)
        outcome = "unanswered"
    took = (clock() - started).total_seconds()
    DELIVERIES.add(consumer, outcome, took)
    log.debug("message_done", consumer=consumer, outcome=outcome, seconds=took)


async def _answer(
    subscription: Subscription[E], message: Message, park: Park, clock: Clock
) -> str:
    """What became of it: an outcome of ``chassis.measures.DeliveryCounts``."""
    try:
        message.verify()
        event = subscription.event.decode(message.body)
    except Poison as poison:
        log.error("message_parked", reason=str(poison))  # noqa: TRY400 - no traceback
        await park(message, str(poison))
        await message.term()
        return "parked"
    with structlog.contextvars.bound_contextvars(
        **{event.speaks_of: event.about},
        event_id=str(event.id),
        delivery=message.deliveries,
    ):
        return await _settle(subscription, event, message, park, clock)


async def _settle(
    subscription: Subscription[E],
    event: E,
    message: Message,
    park: Park,
    clock: Clock,
) -> str:
    consumer = subscription.consumer
    try:
        async with _kept_alive(message, consumer.ack_wait_seconds / 3):
            outcome = await _handle(subscription, event)
        await message.ack()
    except Poison as poison:
        log.error("message_parked", reason=str(poison))  # noqa: TRY400 - no traceback
        await park(message, str(poison))
        await message.term()
        return "parked"
    except Exception as error:  # noqa: BLE001 - the fourth answer
        await _hold(subscription, event, message, error, clock)
        return "retried"
    log.info("event_handled", consumer=consumer.durable, type=event.subject)
    return outcome


async def _handle(subscription: Subscription[E], event: E) -> str:
    try:
        await subscription.handle(event)
    except Refusal as refusal:
        log.warning("halted", reason=refusal.reason, detail=refusal.detail)
        await subscription.on_refusal(event, refusal)
        return "refused"
    return "handled"


async def _hold(
    subscription: Subscription[E],
    event: E,
    message: Message,
    error: Exception,
    clock: Clock,
) -> None:
    """Say what hinders, then ask for the message again after the back-off."""
    hindrance = error.hindrance if isinstance(error, Trouble) else Hindrance.UNEXPECTED
    tries = message.deliveries
    delay = _delay(tries, error)
    say = log.error if tries > ALERT_AFTER else log.warning
    say(
        "delivery_failed",
        hindrance=hindrance,
        retry_in=delay,
        exc_info=None if isinstance(error, Trouble) else error,
        detail=str(error),
    )
    try:
        next_try_at = clock() + timedelta(seconds=delay)
        await subscription.on_trouble(
            event, Setback(hindrance, event.at, tries, next_try_at)
        )
    except Exception:
        log.exception("delay_not_announced")  # the retry matters, not the news
    await message.nak(delay)


def _delay(tries: int, error: Exception) -> int:
    """Seconds until the next try: when the world has said, else the back-off's step.

    Not the later of the two: whoever comes while an authority rests would sleep on
    through the end of its rest.
    """
    asked = error.again_in if isinstance(error, Trouble) else None
    if asked is not None and asked > NOW:
        return min(math.ceil(asked.total_seconds()), LONGEST_HOLD_SECONDS)
    return BACKOFF_SECONDS[min(tries, len(BACKOFF_SECONDS)) - 1]


@contextlib.asynccontextmanager
async def _kept_alive(message: Message, every_seconds: float) -> AsyncIterator[None]:
    """Tell the server we are still working, so a slow TSA is not a redelivery."""

    async def beat() -> None:
        while True:
            with contextlib.suppress(Exception):  # the work matters, not the beat
                await message.in_progress()
            await asyncio.sleep(every_seconds)

    beating: list[asyncio.Task[None]] = []  # most work is done before the first beat
    loop = asyncio.get_running_loop()
    first = loop.call_later(
        every_seconds, lambda: beating.append(loop.create_task(beat()))
    )
    try:
        yield
    finally:
        first.cancel()
        for heartbeat in beating:
            heartbeat.cancel()
            # Not ``await heartbeat``: to suppress its cancellation would lose our own.
            await asyncio.wait([heartbeat])
