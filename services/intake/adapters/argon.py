"""Argon2id on bounded threads (RFC 9106, second recommended option: 64 MiB).

Each address waits in a line of its own and the lines take turns, one hash at a time
each: whoever sends forty passwords waits for themselves, and an honest person waits for
one hash of every other address (docs/decisions/0064). Start at ``Argon2Passwords``.
"""

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from intake.ports import Busy

T = TypeVar("T")
THREADS: Final = 2
"""More only makes each wait longer: a hash keeps a core and 64 MiB busy."""
CROWDED: Final = 64
"""So many wait: from here on only an address of which nothing waits is let in."""
FULL: Final = 96
"""So many wait that nobody is let in: at a tenth of a second a hash, five seconds."""


class Turns:
    """Who may hash next: the addresses in turn, each with one hash at a time.

    Runs on one event loop and never awaits between looking and changing, so it needs no
    lock.
    """

    def __init__(self, at_once: int = THREADS) -> None:
        self._free = at_once
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._hashing: set[str] = set()

    @property
    def waiting(self) -> int:
        return sum(map(len, self._lines.values()))

    async def take(self, address: str) -> None:
        """Wait for a turn; ``leave`` MUST follow. Raises Busy at once."""
        waiting = self.waiting
        if waiting >= FULL or (waiting >= CROWDED and address in self._lines):
            raise Busy
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(address, deque()).append(turn)
        self._next()
        try:
            await turn
        except asyncio.CancelledError:
            self._give_up(address, turn)
            raise

    def leave(self, address: str) -> None:
        self._hashing.discard(address)
        self._free += 1
        self._next()

    def _next(self) -> None:
        """Start the longest line that may hash, and put it behind the others."""
        while self._free and (address := self._first()) is not None:
            line = self._lines[address]
            turn = line.popleft()
            self._lines.move_to_end(address)
            if not line:
                del self._lines[address]
            if turn.cancelled():  # and its caller not yet there to take it out
                continue
            self._hashing.add(address)
            self._free -= 1
            turn.set_result(None)

    def _first(self) -> str | None:
        able = (address for address in self._lines if address not in self._hashing)
        return next(able, None)

    def _give_up(self, address: str, turn: asyncio.Future[None]) -> None:
        """The caller went away: before its turn, or with it just given."""
        if turn.done() and not turn.cancelled():
            self.leave(address)
            return
        line = self._lines.get(address)
        if line is not None and turn in line:
            line.remove(turn)
            if not line:
                del self._lines[address]


@cache
def _nobodys() -> str:
    """The digest that is looked into for an account that does not exist."""
    return PasswordHasher().hash("nobody signs in with this")


@contextlib.contextmanager
def open_passwords() -> "Iterator[Argon2Passwords]":
    """Threads that hash, ended again. What waits for its turn then is not hashed: its
    connection ends with the service.
    """
    passwords = Argon2Passwords()
    try:
        yield passwords
    finally:
        passwords.close()


class Argon2Passwords:
    """``ports.Passwords``. An account that does not exist costs the same time."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._threads = ThreadPoolExecutor(THREADS, "argon2")
        self._turns = Turns()
        _nobodys()  # now: the first unknown name must not cost two hashes

    def close(self) -> None:
        """End the threads, without waiting for the hashes in hand."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def digest(self, password: str, address: str) -> str:
        return await self._call(address, lambda: self._hasher.hash(password))

    async def matches(self, digest: str | None, password: str, address: str) -> bool:
        found = await self._call(
            address, lambda: self._verify(digest or _nobodys(), password)
        )
        return found and digest is not None

    def _verify(self, digest: str, password: str) -> bool:
        try:
            return self._hasher.verify(digest, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _call(self, address: str, work: Callable[[], T]) -> T:
        await self._turns.take(address)
        hashed = asyncio.get_running_loop().run_in_executor(self._threads, work)
        # The thread goes on when its caller is cancelled, and so does its turn: else
        # callers who hang up would have more hashes in hand than there are threads.
        hashed.add_done_callback(lambda _: self._turns.leave(address))
        return await asyncio.shield(hashed)
