"""A delay ends soon after its cause: orders that wait for an authority which is silent,
on a clock moved by hand, through the real consumer and the real governor.
"""

import heapq
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from chassis.clock import Clock, utc_now
from chassis.consumer import Subscription, deliver
from ecopy.events import CertificationOrdered
from ecopy.refusals import Hindrance, Trouble
from ecopy.topology import SIGNING_ORDERED
from signing.adapters.authorities.governor import (
    Authority,
    NoAnswerError,
    RequestLimits,
)
from support import build

MINUTE = timedelta(minutes=1)
PATIENCE_SECONDS = 5
"""A silent authority takes so long for each request."""
STATES = RequestLimits(requests=20, period=20 * MINUTE)
"""The state's authority blocks who asks more often."""


@dataclass(order=True)
class Message:
    """An order, and when it comes (again)."""

    due: datetime
    clock: Clock = field(compare=False)
    body: bytes = field(compare=False, repr=False)
    deliveries: int = field(compare=False, default=1)
    done: bool = field(compare=False, default=False)

    def verify(self) -> None: ...
    async def ack(self) -> None:
        self.done = True

    async def nak(self, delay_seconds: float) -> None:
        self.due = self.clock() + timedelta(seconds=delay_seconds)
        self.deliveries += 1

    async def term(self) -> None: ...
    async def in_progress(self) -> None: ...


class House:
    """Orders that each ask the authority once; it is silent until it answers."""

    def __init__(
        self, limits: RequestLimits, silent_for: timedelta, orders: int
    ) -> None:
        self.now = self.start = utc_now()
        self.answers_at = self.start + silent_for
        self.authority = Authority("tsa", limits, lambda: self.now)
        self.asked: list[datetime] = []
        self.issued: list[datetime] = []
        body = build.ordered().encode("intake")
        apart = min(silent_for, 4 * MINUTE) / orders
        self.queue = [
            Message(self.start + n * apart, lambda: self.now, body)
            for n in range(orders)
        ]

    async def work(self) -> None:
        while self.queue:
            message = heapq.heappop(self.queue)
            self.now = max(self.now, message.due)
            subscription = Subscription(
                SIGNING_ORDERED, CertificationOrdered, self.certify
            )
            await deliver(subscription, message, _never)
            if not message.done:
                heapq.heappush(self.queue, message)

    async def certify(self, _order: CertificationOrdered) -> None:
        try:
            self.authority.ask(self._request)
        except NoAnswerError as error:
            wait = self.authority.wait()
            raise Trouble(Hindrance.TSA, str(error), wait) from error
        self.issued.append(self.now)

    def _request(self) -> str:
        self.asked.append(self.now)
        if self.now < self.answers_at:
            self.now += timedelta(seconds=PATIENCE_SECONDS)
            raise NoAnswerError("silence")
        return "token"


async def _never(_message, why):
    raise AssertionError(why)


@pytest.mark.parametrize("silent_seconds", [7, 61, 240, 241, 299, 3600, 7200])
async def test_a_delay_ends_within_a_minute_of_its_cause(silent_seconds):
    """24 orders, whenever each of them came: all are issued within 60 s."""
    house = House(RequestLimits(), timedelta(seconds=silent_seconds), orders=24)
    await house.work()
    assert len(house.issued) == 24
    assert max(house.issued) - house.answers_at <= MINUTE


@pytest.mark.parametrize("silent_minutes", [4, 9, 15, 31, 59, 125])
async def test_a_silent_authority_is_asked_within_its_budget(silent_minutes):
    """20 requests in 20 minutes, and never so many that nothing is left for a copy: the
    first comes out within two tries of a dead authority, not when the budget is new.
    """
    house = House(STATES, silent_minutes * MINUTE, orders=12)
    await house.work()
    for at in house.asked:
        assert sum(at <= other < at + STATES.period for other in house.asked) <= 20
    assert len(house.issued) == 12
    assert min(house.issued) - house.answers_at <= 2 * STATES.slowest()


async def test_a_dead_authority_without_a_budget_is_left_in_peace():
    """However many orders wait: about one request in half a minute."""
    house = House(RequestLimits(), 30 * MINUTE, orders=40)
    await house.work()
    tries = sum(at < house.answers_at for at in house.asked)
    assert tries <= 30 * MINUTE / RequestLimits().longest_pause + 5
