import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from chassis.consumer import Subscription, consume, deliver
from ecopy.events import CertificationDelayed, CertificationOrdered
from ecopy.refusals import Hindrance, Poison, Reason, Refusal, Setback, Trouble
from ecopy.topology import Consumer
from support import build
from support.waiting import until

CONSUMER = Consumer("test", CertificationOrdered, ack_wait_seconds=0.03)


@dataclass
class FakeMessage:
    """A delivery that notes its answers."""

    body: bytes = field(default_factory=lambda: build.ordered().encode("intake"))
    deliveries: int = 1
    answers: list[str] = field(default_factory=list)
    signed: bool = True
    deaf: bool = False

    def verify(self) -> None:
        if not self.signed:
            raise Poison("unsigned")

    async def ack(self) -> None:
        if self.deaf:
            raise TimeoutError
        self.answers.append("ack")

    async def nak(self, delay_seconds: float) -> None:
        self.answers.append(f"nak {delay_seconds:g}")

    async def term(self) -> None:
        self.answers.append("term")

    async def in_progress(self) -> None:
        self.answers.append("in_progress")


class World:
    """What the use cases and the parking lot were told."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.handled = self.refused = None
        self.setbacks, self.parked = [], []

    async def handle(self, event):
        self.handled = event
        if self.failure:
            raise self.failure

    async def on_refusal(self, _event, refusal):
        self.refused = refusal.reason

    async def on_trouble(self, _event, setback):
        self.setbacks.append(setback)

    async def park(self, message, why):
        self.parked.append((message, why))

    async def deliver(self, message):
        subscription = Subscription(
            CONSUMER,
            CertificationOrdered,
            self.handle,
            self.on_refusal,
            self.on_trouble,
        )
        await deliver(subscription, message, self.park, lambda: build.NOON)


async def test_done_is_acknowledged():
    """A handler that returns has its message acknowledged, once."""
    message, world = FakeMessage(), World()
    await world.deliver(message)
    assert message.answers == ["ack"]
    assert world.handled.entry == build.ENTRY


async def test_refusal_is_announced_then_acknowledged():
    """A refusal is a lawful outcome: it is announced and never redelivered."""
    message, world = FakeMessage(), World(Refusal(Reason.KEY_MISSING))
    await world.deliver(message)
    assert world.refused == Reason.KEY_MISSING
    assert message.answers == ["ack"]


@pytest.mark.parametrize(
    ("deliveries", "seconds"), [(1, 1), (2, 5), (3, 30), (4, 60), (5, 60), (99, 60)]
)
async def test_trouble_is_told_and_retried_for_ever(deliveries, seconds):
    """Trouble comes back later, later still each time, and the desk hears why."""
    message = FakeMessage(deliveries=deliveries)
    world = World(Trouble(Hindrance.TSA))
    await world.deliver(message)
    assert message.answers == [f"nak {seconds}"]
    [setback] = world.setbacks
    assert setback == Setback(
        Hindrance.TSA,
        since=world.handled.at,
        tries=deliveries,
        next_try_at=build.NOON + timedelta(seconds=seconds),
    )


@pytest.mark.parametrize(
    ("deliveries", "asked", "seconds"),
    [(1, 120, 120), (5, 10, 10), (1, 86400, 3600), (1, 0.2, 1), (5, 0, 60)],
)
async def test_a_try_is_made_when_the_world_has_asked(deliveries, asked, seconds):
    """Where it is known when: neither before nor after, an hour at most. A rest that is
    over says nothing about this failure: the back-off holds.
    """
    message = FakeMessage(deliveries=deliveries)
    world = World(Trouble(Hindrance.TSA, "busy", timedelta(seconds=asked)))
    await world.deliver(message)
    assert message.answers == [f"nak {seconds}"]
    assert world.setbacks[0].next_try_at == build.NOON + timedelta(seconds=seconds)


async def test_unknown_failure_is_trouble():
    """Whatever else is raised is retried, named unexpected."""
    message, world = FakeMessage(), World(ZeroDivisionError())
    await world.deliver(message)
    assert message.answers == ["nak 1"]
    assert world.setbacks[0].hindrance == Hindrance.UNEXPECTED


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (FakeMessage(b"{}"), "not a ecopy.certification.ordered.v1"),
        (FakeMessage(b"\xff"), "not a ecopy.certification.ordered.v1"),
        (
            FakeMessage(build.delayed().encode("signing")),
            "not a ecopy.certification.ordered.v1",
        ),
        (FakeMessage(signed=False), "unsigned"),
    ],
)
async def test_poison_is_parked_then_terminated(message, why):
    """Bytes nobody can read or nobody signed are kept for a person, with the reason."""
    world = World()
    await world.deliver(message)
    assert message.answers == ["term"]
    ((parked, reason),) = world.parked
    assert parked is message
    assert why in reason
    assert world.handled is None


async def test_what_a_use_case_cannot_understand_is_parked_as_well():
    """Read and signed, and yet no message that anybody could ever handle."""
    message, world = FakeMessage(), World(Poison("no such copy"))
    await world.deliver(message)
    assert message.answers == ["term"]
    assert world.parked == [(message, "no such copy")]


@pytest.mark.parametrize(
    ("message", "failure"),
    [(FakeMessage(b"{}"), None), (FakeMessage(), Poison("no such copy"))],
)
async def test_what_cannot_be_parked_is_not_terminated(message, failure):
    """A letter that the stream did not take would be gone: it is delivered again."""
    world = World(failure)

    async def park(_message, _why):
        raise ConnectionError

    world.park = park
    await world.deliver(message)
    assert "term" not in message.answers


async def test_a_delay_that_cannot_be_announced_is_one_all_the_same():
    """The desk hears nothing this time; the try comes at its time."""
    message, world = FakeMessage(deliveries=3), World(Trouble(Hindrance.TSA))

    async def on_trouble(_event, _setback):
        raise ConnectionError

    world.on_trouble = on_trouble
    await world.deliver(message)
    assert message.answers == ["nak 30"]


async def test_a_fetch_that_fails_ends_nothing():
    """The bus was away, three times: what comes after it is handled as before."""
    message, stop, failures = FakeMessage(), asyncio.Event(), [1, 2, 3]

    async def fetch(_most):
        if failures:
            raise ConnectionError(failures.pop())
        await asyncio.sleep(0)
        return [message] if not message.answers and not world.handled else []

    world = World()
    subscription = Subscription(CONSUMER, CertificationOrdered, world.handle)
    loop = asyncio.create_task(
        consume(subscription, fetch, world.park, stop, at_once=1, pause_seconds=0.001)
    )
    await until(lambda: message.answers == ["ack"])
    stop.set()
    await loop


async def test_slow_handler_keeps_its_message_alive():
    """A handler slower than a third of the ack wait says that it is at work."""
    message, world = FakeMessage(), World()
    released = asyncio.Event()

    async def handle(_event):
        await released.wait()

    world.handle = handle
    delivering = asyncio.create_task(world.deliver(message))
    await until(lambda: message.answers.count("in_progress") >= 2)
    released.set()
    await delivering
    assert message.answers[-1] == "ack"


async def test_refusal_that_cannot_be_announced_is_retried():
    """If the desk cannot be told of a refusal, the message is not lost."""
    message, world = FakeMessage(), World(Refusal(Reason.KEY_MISSING))

    async def on_refusal(_event, _refusal):
        raise ConnectionError

    world.on_refusal = on_refusal
    await world.deliver(message)
    assert message.answers == ["nak 1"]


async def test_unheard_ack_is_retried():
    """An ack the server never confirmed counts as trouble: the work bears repeats."""
    message, world = FakeMessage(deaf=True), World()
    await world.deliver(message)
    assert message.answers == ["nak 1"]


async def test_several_at_once_and_those_in_hand_are_finished():
    """Deliveries overlap up to the limit; a stop lets those in hand end."""
    messages = [FakeMessage() for _ in range(5)]
    waiting, stop, release, most = list(messages), asyncio.Event(), asyncio.Event(), 0
    in_hand = 0

    async def fetch(count):
        await asyncio.sleep(0)
        taken = waiting[:count]
        del waiting[:count]
        return taken

    async def handle(_event):
        nonlocal in_hand, most
        in_hand += 1
        most = max(most, in_hand)
        await release.wait()
        in_hand -= 1

    world = World()
    subscription = Subscription(
        Consumer("test", CertificationOrdered), CertificationOrdered, handle
    )
    loop = asyncio.create_task(
        consume(subscription, fetch, world.park, stop, at_once=3)
    )
    await until(lambda: in_hand == 3)
    release.set()
    await until(lambda: not waiting)
    stop.set()
    await loop
    assert most == 3
    assert [m.answers for m in messages] == [["ack"]] * 5


def test_delayed_carries_its_stage():
    """Events keep their types through the envelope."""
    event = build.delayed()
    assert CertificationDelayed.decode(event.encode("signing")) == event


@pytest.fixture
async def fast(monkeypatch):
    """The loop's clock goes a thousand times faster; the waits that were asked for."""
    loop, asked = asyncio.get_running_loop(), []
    original = loop.call_later

    def call_later(delay, *rest, **more):
        asked.append(delay)
        return original(delay / 1000, *rest, **more)

    monkeypatch.setattr(loop, "call_later", call_later)
    return asked


async def test_a_heartbeat_comes_well_before_the_server_gives_up(fast):
    """The first and each that follows after a third: two may be lost on the way."""
    message, world, released = FakeMessage(), World(), asyncio.Event()
    subscription = Subscription(
        Consumer("test", CertificationOrdered, ack_wait_seconds=30.0),
        CertificationOrdered,
        lambda _event: released.wait(),
    )
    delivering = asyncio.create_task(deliver(subscription, message, world.park))
    while message.answers.count("in_progress") < 3:
        await asyncio.sleep(0)
    released.set()
    await delivering
    beats = [delay for delay in fast if delay > 1]
    assert len(beats) >= 3
    assert set(beats) == {10.0}


async def test_a_heartbeat_that_is_not_heard_changes_nothing():
    """The work matters: done is done."""
    message, world, released = FakeMessage(), World(), asyncio.Event()
    tries = []

    async def in_progress():
        tries.append(1)
        raise ConnectionError

    async def handle(_event):
        await released.wait()

    message.in_progress, world.handle = in_progress, handle
    delivering = asyncio.create_task(world.deliver(message))
    await until(lambda: len(tries) >= 2)
    released.set()
    await delivering
    assert message.answers == ["ack"]


async def test_no_heartbeat_outlives_its_message():
    """It would tell the server of work that nobody does."""
    message, world = FakeMessage(), World()

    async def handle(_event):
        await until(lambda: "in_progress" in message.answers)

    world.handle = handle
    await world.deliver(message)
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize(("deliveries", "level"), [(5, "warning"), (6, "error")])
async def test_an_operator_hears_of_what_fails_again_and_again(deliveries, level):
    """An alert reads the level of the log: five tries are the world's, six are not."""
    message = FakeMessage(deliveries=deliveries)
    with capture_logs() as logs:
        await World(Trouble(Hindrance.TSA)).deliver(message)
    (failure,) = [line for line in logs if line["event"] == "delivery_failed"]
    assert failure["log_level"] == level


async def test_a_fetch_that_fails_is_not_tried_again_at_once(fast):
    """A bus that is away must not take a core."""
    stop, failures = asyncio.Event(), []

    async def fetch(_most):
        failures.append(1)
        if len(failures) == 3:
            stop.set()
        raise ConnectionError

    world = World()
    subscription = Subscription(CONSUMER, CertificationOrdered, world.handle)
    await consume(subscription, fetch, world.park, stop, at_once=1)
    assert [delay for delay in fast if delay >= 1] == [1, 1, 1]


async def test_a_fetch_is_asked_for_no_more_than_there_is_room():
    """What is fetched and not begun waits for somebody, and its time runs."""
    asked, stop, release = [], asyncio.Event(), asyncio.Event()

    async def fetch(most):
        asked.append(most)
        await asyncio.sleep(0)
        return [FakeMessage()] if len(asked) <= 2 else []

    async def handle(_event):
        await release.wait()

    world = World()
    subscription = Subscription(
        Consumer("test", CertificationOrdered), CertificationOrdered, handle
    )
    loop = asyncio.create_task(
        consume(subscription, fetch, world.park, stop, at_once=3)
    )
    await until(lambda: len(asked) >= 5)
    assert asked[:5] == [3, 2, 1, 1, 1]
    release.set()
    await until(lambda: asked[-1] == 3)
    stop.set()
    await loop
