"""How often and how much at once one address may ask (spec 4.3).

An address is an IPv4 address or an IPv6 /64. It is charged before everybody together
are: who must wait costs nobody anything. Of what everybody has together one address
gets a share, and a part is left to those that ask seldom (docs/decisions/0063).
"""

import contextlib
from collections import Counter as Multiset
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from starlette.requests import Request

from chassis.addresses import network_of
from chassis.clients import ClientAddresses
from chassis.clock import Clock
from storage.domain.throttle import Rate, Throttle
from storage.ports import BusyError

EVERYBODY = "*"
SHARES: Final = 4
"""One address gets a quarter of what everybody has together; a quarter of it is for
quiet addresses alone."""
QUIET: Final = 0.1
"""An address that used no more of its share than this may draw on that quarter."""


class Limits(Protocol):
    @property
    def file_bytes(self) -> int: ...
    @property
    def files_in_hand(self) -> int: ...
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
        second, rate = timedelta(seconds=1), limits.requests_per_second
        part = max(1, rate // SHARES)
        self._all = Throttle(Rate(max(1, rate - part), second))
        self._for_quiet = Throttle(Rate(part, second))
        self._shares = Throttle(Rate(part, second))
        self._clock = clock
        self._in_hand: Multiset[str] = Multiset()
        self._most_in_hand = limits.files_at_once_per_address
        self._most_of_all = limits.files_in_hand
        self._addresses = ClientAddresses(trusted_proxies)

    def code(self, request: Request) -> None:
        """Count a look-up by code. Raises TooOftenError."""
        self._count(self._codes, self.sender(request))

    def file(self, request: Request) -> None:
        """Count a file or digest to be checked. Raises TooOftenError."""
        self._count(self._files, self.sender(request))

    def link(self, request: Request) -> None:
        """Count a link as a wrong one, until it opens something: as many as ask at once
        are counted before the first is looked up. Raises TooOftenError.
        """
        self._count(self._links, self.sender(request))

    def right_link(self, request: Request) -> None:
        """It was no guess."""
        self._links.give_back(self.sender(request))

    @contextlib.contextmanager
    def in_hand(self, request: Request) -> Iterator[None]:
        """One file of this address is on its way or being judged. From the half of all
        on, only an address that has none gets one more. Raises BusyError.
        """
        key = self.sender(request)
        mine, total = self._in_hand[key], self._in_hand.total()
        greedy = mine and total >= self._most_of_all // 2
        if greedy or total >= self._most_of_all or mine >= self._most_in_hand:
            raise BusyError
        self._in_hand[key] += 1
        try:
            yield
        finally:
            self._in_hand[key] -= 1
            self._in_hand += Multiset()  # forget who has none

    def sender(self, request: Request) -> str:
        """As what it is counted."""
        return network_of(self.address(request))

    def address(self, request: Request) -> str:
        return self._addresses.of(request)

    def _count(self, throttle: Throttle, key: str) -> None:
        now = self._clock()
        self._check(throttle, key, now)
        self._check(self._shares, key, now)
        self._charge_everybody(key, now)
        self._shares.charge(key, now)
        throttle.charge(key, now)

    def _charge_everybody(self, key: str, now: datetime) -> None:
        quiet = self._shares.used(key, now) <= QUIET
        if quiet and self._all.wait(EVERYBODY, now):
            self._check(self._for_quiet, EVERYBODY, now)
            self._for_quiet.charge(EVERYBODY, now)
            return
        self._check(self._all, EVERYBODY, now)
        self._all.charge(EVERYBODY, now)

    def _check(self, throttle: Throttle, key: str, now: datetime) -> None:
        wait = throttle.wait(key, now)
        if wait:
            raise TooOftenError(now + wait)
