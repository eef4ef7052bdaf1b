"""How often and how much at once one address may ask.

An address is an IPv4 address or an IPv6 /64. It is charged before everybody together
are: who must wait costs nobody anything. Of what everybody has together one address
gets a share, and a part is left to those that ask seldom (docs/decisions/0063). Start
at ``Admission.admit``; ``routes`` says which rule is whose.

Not a library such as slowapi: those count in one limiter per route, by address or for
everybody. Here one request is charged to several counters in an order that matters,
and a refusal in the middle must have charged none of them.
"""

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, Protocol

from starlette.requests import Request

from chassis.addresses import network_of
from chassis.clients import ClientAddresses
from chassis.clock import Clock
from storage.domain.throttle import Rate, Throttle
from storage.ports import BusyError

EVERYBODY: Final = "*"
"""The one key of the counters that all addresses share."""
SHARES: Final = 4
"""One address gets a quarter of what everybody has together; a quarter of it is for
quiet addresses alone."""
QUIET: Final = 0.1
"""An address that used no more of its share than this may draw on that quarter."""


class PublicRule(Enum):
    """What a request of a route is counted as."""

    FREE = "free"
    """It looks nothing up, or only what is read once a minute for everybody."""
    CODES = "codes"
    """It looks a code up."""
    LINKS = "links"
    """It looks a link up; ``count_wrong_link`` counts those that open nothing."""
    FILES = "files"
    """It checks a digest."""
    UPLOADS = "uploads"
    """It brings a file, and holds one of the places for files on their way."""


class AdmissionLimits(Protocol):
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


class Admission:
    """Counts what each address asks for, and files on their way."""

    def __init__(
        self, limits: AdmissionLimits, clock: Clock, *, trusted_proxies: Sequence[str]
    ) -> None:
        window = timedelta(minutes=limits.window_minutes)
        files = Throttle(Rate(limits.files_per_window, window))
        self._wrong_links = Throttle(Rate(limits.wrong_links_per_window, window))
        self._throttles = {
            PublicRule.CODES: Throttle(Rate(limits.codes_per_window, window)),
            PublicRule.FILES: files,
            PublicRule.UPLOADS: files,
        }
        second, rate = timedelta(seconds=1), limits.requests_per_second
        part = max(1, rate // SHARES)
        self._all = Throttle(Rate(max(1, rate - part), second))
        self._for_quiet = Throttle(Rate(part, second))
        self._for_guessers = Throttle(Rate(part, second))
        self._shares = Throttle(Rate(part, second))
        self._clock = clock
        self._on_their_way: Counter[str] = Counter()
        self._most_per_address = limits.files_at_once_per_address
        self._most_of_all = limits.files_in_hand
        self._addresses = ClientAddresses(trusted_proxies)

    @contextlib.contextmanager
    def admit(self, rule: PublicRule, request: Request) -> Iterator[None]:
        """Count the request by its route's rule, while it is answered.

        Raises TooOftenError, and BusyError where too many files are on their way.
        """
        sender = self.sender(request)
        if rule is PublicRule.LINKS:
            self._charge_link(sender)
        elif rule in self._throttles:
            self._charge(self._throttles[rule], sender)
        if rule is not PublicRule.UPLOADS:
            yield
            return
        with self._reserve_upload(sender):
            yield

    def count_wrong_link(self, request: Request) -> None:
        """Count a link that opened nothing. Raises TooOftenError for an address that
        has brought as many as a window allows.
        """
        # After the look-up, for only that tells a citizen's link from the guesses of
        # whoever shares their address. Nothing is awaited between the comparison and
        # the count, so of many wrong ones at once no more than allowed hear "unknown".
        sender, now = self.sender(request), self._clock()
        _check(self._wrong_links, sender, now)
        self._wrong_links.charge(sender, now)

    def sender(self, request: Request) -> str:
        """The network that a request is counted for."""
        return network_of(self.address(request))

    def address(self, request: Request) -> str:
        """The client's own address, behind proxies of ours."""
        return self._addresses.of(request)

    @contextlib.contextmanager
    def _reserve_upload(self, sender: str) -> Iterator[None]:
        """A place for one file, from its first byte to its verdict. From the half of
        all on, only an address that has none gets one more. Raises BusyError.
        """
        # No lock: this runs in the event loop, and nothing is awaited between the
        # comparison and the count.
        mine, total = self._on_their_way[sender], self._on_their_way.total()
        greedy = mine and total >= self._most_of_all // 2
        if greedy or total >= self._most_of_all or mine >= self._most_per_address:
            raise BusyError
        self._on_their_way[sender] += 1
        try:
            yield
        finally:
            self._on_their_way[sender] -= 1
            self._on_their_way += Counter()  # forget who has none

    def _charge(self, throttle: Throttle, sender: str) -> None:
        """Ask all three counters first, and charge each only when all have agreed."""
        now = self._clock()
        _check(throttle, sender, now)
        _check(self._shares, sender, now)
        self._charge_everybody(sender, now)
        self._shares.charge(sender, now)
        throttle.charge(sender, now)

    def _charge_link(self, sender: str) -> None:
        """Charge a link to what everybody has together, and to the sender's share of
        it. Addresses that have guessed too often have a part of their own instead: they
        go on being looked up, and spend nothing of what others have.
        """
        now = self._clock()
        _check(self._shares, sender, now)
        if self._wrong_links.wait(sender, now):
            _check(self._for_guessers, EVERYBODY, now)
            self._for_guessers.charge(EVERYBODY, now)
        else:
            self._charge_everybody(sender, now)
        self._shares.charge(sender, now)

    def _charge_everybody(self, sender: str, now: datetime) -> None:
        quiet = self._shares.used(sender, now) <= QUIET
        if quiet and self._all.wait(EVERYBODY, now):
            _check(self._for_quiet, EVERYBODY, now)
            self._for_quiet.charge(EVERYBODY, now)
            return
        _check(self._all, EVERYBODY, now)
        self._all.charge(EVERYBODY, now)


def _check(throttle: Throttle, key: str, now: datetime) -> None:
    """Raises TooOftenError while *key* must wait; counts nothing."""
    wait = throttle.wait(key, now)
    if wait:
        raise TooOftenError(now + wait)
