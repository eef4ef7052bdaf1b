"""Bodies on their way: how many, from whom, and how fast they must come.

Bytes from a stranger arrive as slowly as the stranger likes. Here each request's body
owes a least rate: time spent waiting for the sender adds to its debt, each byte pays
some of it back, and a debt larger than the patience ends the request. Bytes that came
fast give no credit for a pause later, so nobody can hold a place with a fast beginning.
Only waiting counts: a sender pays nothing while this process works on what it has.
Start at ``BoundedBodies``.
"""

import asyncio
import time
from collections import Counter
from typing import Final, Protocol

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.addresses import network_of
from chassis.clients import ClientAddresses

BODY_HEADERS: Final = ("content-length", "transfer-encoding")


class SlowBodyError(TimeoutError):
    """The sender is slower than the least rate, or took too long altogether."""


class CrowdedError(Exception):
    """More bodies are on their way than are taken at once: try again soon."""


class BodyLimits(Protocol):
    @property
    def least_bytes_per_second(self) -> int: ...
    @property
    def patience_seconds(self) -> float: ...
    @property
    def body_seconds(self) -> float: ...
    @property
    def bodies_at_once(self) -> int: ...
    @property
    def bodies_at_once_per_address(self) -> int: ...


class Debt:
    """What one sender owes, as seconds of waiting at the least rate."""

    def __init__(self, limits: BodyLimits) -> None:
        self._limits = limits
        self._owed = 0.0
        self._waited = 0.0

    @property
    def seconds_left(self) -> float:
        """How long the next piece may take."""
        patience = self._limits.patience_seconds - self._owed
        return min(patience, self._limits.body_seconds - self._waited)

    def pay(self, waited: float, size: int) -> None:
        """Count one piece of *size* bytes that was waited for. Raises SlowBodyError."""
        self._waited += waited
        paid = size / self._limits.least_bytes_per_second
        self._owed = max(0.0, self._owed + waited - paid)
        if self.seconds_left <= 0:
            raise SlowBodyError


class BoundedBodies:
    """Raises SlowBodyError and CrowdedError out of ``receive``, where the service can
    answer them in its own words.
    """

    def __init__(
        self, app: ASGIApp, limits: BodyLimits, clients: ClientAddresses
    ) -> None:
        self._app = app
        self._limits = limits
        self._clients = clients
        self._coming: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        body = _Body(receive, Debt(self._limits))
        whose = network_of(self._clients.of(Request(scope)))

        async def bounded() -> Message:
            # When the service first asks for the body, not when its headers came: a
            # request that is refused by them takes no place.
            if not body.asked:
                self._admit(whose)
            try:
                return await body.next()
            finally:
                if body.arrived:
                    self._forget(whose, body)

        try:
            await self._app(scope, bounded, send)
        finally:
            self._forget(whose, body)

    def _admit(self, whose: str) -> None:
        """Half of all places are for whoever has none yet: addresses that hold several
        meet the limit first.
        """
        mine, limits = self._coming[whose], self._limits
        total = self._coming.total()
        full = total >= limits.bodies_at_once
        greedy = mine and total >= limits.bodies_at_once // 2
        if full or greedy or mine >= limits.bodies_at_once_per_address:
            raise CrowdedError
        self._coming[whose] += 1

    def _forget(self, whose: str, body: "_Body") -> None:
        if not body.counted:
            return
        body.counted = False
        self._coming[whose] -= 1
        if not self._coming[whose]:
            del self._coming[whose]


class _Body:
    """One request's body, piece by piece."""

    def __init__(self, receive: Receive, debt: Debt) -> None:
        self._receive = receive
        self._debt = debt
        self.asked = False
        self.counted = False
        self.arrived = False

    async def next(self) -> Message:
        if self.arrived:  # what comes now is only the news that the client left
            return await self._receive()
        self.asked = self.counted = True
        started = time.monotonic()
        try:
            # The whole time that is left, not a time for each piece: drops within it
            # would keep a place for ever.
            async with asyncio.timeout(self._debt.seconds_left):
                message = await self._receive()
        except TimeoutError as error:
            raise SlowBodyError from error
        self.arrived = not message.get("more_body", False)
        if not self.arrived:
            waited = time.monotonic() - started
            self._debt.pay(waited, len(message.get("body", b"")))
        return message


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return any(headers.get(name, "0") != "0" for name in BODY_HEADERS)
