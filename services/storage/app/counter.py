"""How often and how much at once one address may ask (spec 4.3)."""

import contextlib
from collections import Counter as Multiset
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from starlette.requests import Request

from chassis.addresses import network_of
from chassis.clients import ClientAddresses
from chassis.clock import Clock
from storage.domain.throttle import Rate, Throttle
from storage.ports import BusyError

EVERYBODY = "*"


class Limits(Protocol):
    @property
    def file_bytes(self) -> int: ...
    @property
    def files_at_once_per_address(self) -> int: ...
    @property
    def window_minutes(self) -> int: ...
    @property
    def codes_per_window(self) -> int: ...
    @property
    def wrong_links_per_window(self) -> int: ...
    @property
    def files_per_window(self) -> int: ...
    @property
    def requests_per_second(self) -> int: ...


class TooOftenError(Exception):
    """An address, or everybody together, must wait until ``again_at``."""

    def __init__(self, again_at: datetime) -> None:
        super().__init__(f"again at {again_at:%H:%M:%S}")
        self.again_at = again_at


class Counter:
    """Counts look-ups per address, and files in hand."""

    def __init__(
        self, limits: Limits, clock: Clock, *, trusted_proxies: Sequence[str]
    ) -> None:
        window = timedelta(minutes=limits.window_minutes)
        self._codes = Throttle(Rate(limits.codes_per_window, window))
        self._links = Throttle(Rate(limits.wrong_links_per_window, window))
        self._files = Throttle(Rate(limits.files_per_window, window))
        self._all = Throttle(Rate(limits.requests_per_second, timedelta(seconds=1)))
        self._clock = clock
        self._in_hand: Multiset[str] = Multiset()
        self._most_in_hand = limits.files_at_once_per_address
        self._addresses = ClientAddresses(trusted_proxies)

    def code(self, request: Request) -> None:
        """Count a look-up by code. Raises TooOftenError."""
        self._count(self._codes, network_of(self.address(request)))

    def file(self, request: Request) -> None:
        """Count a file or digest to be checked. Raises TooOftenError."""
        self._count(self._files, network_of(self.address(request)))

    def link(self, request: Request) -> None:
        """May this address try a link? Raises TooOftenError; counts nothing."""
        self._count(self._all, EVERYBODY)
        self._check(self._links, network_of(self.address(request)), self._clock())

    def wrong_link(self, request: Request) -> None:
        self._links.charge(network_of(self.address(request)), self._clock())

    @contextlib.contextmanager
    def in_hand(self, request: Request) -> Iterator[None]:
        """One file of this address is on its way. Raises BusyError."""
        key = network_of(self.address(request))
        if self._in_hand[key] >= self._most_in_hand:
            raise BusyError
        self._in_hand[key] += 1
        try:
            yield
        finally:
            self._in_hand[key] -= 1
            self._in_hand += Multiset()  # forget who has none

    def address(self, request: Request) -> str:
        return self._addresses.of(request)

    def _count(self, throttle: Throttle, key: str) -> None:
        now = self._clock()
        if throttle is not self._all:
            self._check(self._all, EVERYBODY, now)
            self._all.charge(EVERYBODY, now)
        self._check(throttle, key, now)
        throttle.charge(key, now)

    def _check(self, throttle: Throttle, key: str, now: datetime) -> None:
        wait = throttle.wait(key, now)
        if wait:
            raise TooOftenError(now + wait)
