"""Which connections are open, and who gives up a place when all are taken.

The deadlines of a connection are ``doors``' business: docs/decisions/0063. Start at
``Door``.
"""

import asyncio
import contextlib
import ipaddress
import resource
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

MOST_GOODBYES: Final = 64
"""Beyond, nothing is said: words must not cost more descriptors than guests do."""
DESCRIPTORS_FOR_OTHERS: Final = 2
"""One half of this process's descriptors is for files, database and bus."""


class ConnectionLimits(Protocol):
    @property
    def at_once(self) -> int: ...
    @property
    def at_once_per_address(self) -> int: ...
    @property
    def header_seconds(self) -> float: ...
    @property
    def idle_seconds(self) -> int: ...
    @property
    def least_bytes_per_second(self) -> int: ...
    @property
    def patience_seconds(self) -> float: ...
    @property
    def unread_seconds(self) -> float: ...


class Guest(Protocol):
    """An open connection, as the door sees it."""

    network: str
    """The IPv4 address or the IPv6 /64 that it comes from."""
    from_proxy: bool
    transport: asyncio.Transport

    @property
    def gives_way(self) -> bool:
        """No request of it is in hand."""


class Door:
    """Which connections are open. When all places are taken, whoever has the most gives
    one up to whoever has fewer, if one of theirs is not being answered.
    """

    def __init__(
        self,
        limits: ConnectionLimits,
        answers: Mapping[int, bytes],
        *,
        trusted_proxies: Sequence[str] = (),
    ) -> None:
        """*answers* has the whole response for each status said here. A proxy of ours
        may have any number of connections: behind it stand many clients.
        """
        self.limits = limits
        self.answers = answers
        self._proxies = [ipaddress.ip_network(network) for network in trusted_proxies]
        self._open: dict[str, OrderedDict[Guest, None]] = {}
        self._places = min(limits.at_once, _descriptors() // DESCRIPTORS_FOR_OTHERS)
        self._goodbyes = 0

    def admits(self, guest: Guest) -> bool:
        """Whether there is room for it; then it is counted."""
        mine = len(self._open.get(guest.network, ()))
        if mine >= self.limits.at_once_per_address and not guest.from_proxy:
            return False
        # The limit of one address comes first: whoever is over it must not take a place
        # from somebody else.
        if self._total() >= self._places and not self._made_room(mine):
            return False
        self._open.setdefault(guest.network, OrderedDict())[guest] = None
        return True

    def forget(self, guest: Guest) -> None:
        mine = self._open.get(guest.network, OrderedDict())
        mine.pop(guest, None)
        if not mine:
            self._open.pop(guest.network, None)

    def is_proxy(self, address: str) -> bool:
        with contextlib.suppress(ValueError):
            parsed = ipaddress.ip_address(address)
            return any(parsed in network for network in self._proxies)
        return False

    def may_speak(self) -> bool:
        """Whether one more refused connection may stay for its goodbye."""
        if self._goodbyes >= MOST_GOODBYES:
            return False
        self._goodbyes += 1
        return True

    def has_spoken(self) -> None:
        self._goodbyes -= 1

    def _total(self) -> int:
        return sum(map(len, self._open.values()))

    def _made_room(self, mine: int) -> bool:
        largest = max(self._open.values(), key=len, default=OrderedDict())
        if len(largest) <= mine + 1:
            return False
        # Only a connection without a request in hand: an answer that is under way would
        # be cut off, and its work done for nothing.
        silent = next((guest for guest in largest if guest.gives_way), None)
        if silent is None:
            return False
        # Counted out now, not when the transport says so in the next turn of the loop:
        # whoever comes in between would find no room.
        self.forget(silent)
        silent.transport.abort()
        return True


def _descriptors() -> int:
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft if soft != resource.RLIM_INFINITY else 1 << 20
