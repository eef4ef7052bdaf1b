"""Argon2id on bounded threads (RFC 9106, second recommended option: 64 MiB)."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

T = TypeVar("T")
THREADS: Final = 2
"""More only makes each wait longer: a hash keeps a core and 64 MiB busy."""


class Argon2Passwords:
    """``ports.Passwords``. An account that does not exist costs the same time."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._threads = ThreadPoolExecutor(THREADS, "argon2")
        self._nobody = self._hasher.hash("nobody signs in with this")

    async def digest(self, password: str) -> str:
        return await self._call(lambda: self._hasher.hash(password))

    async def matches(self, digest: str | None, password: str) -> bool:
        found = await self._call(lambda: self._verify(digest or self._nobody, password))
        return found and digest is not None

    def _verify(self, digest: str, password: str) -> bool:
        try:
            return self._hasher.verify(digest, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _call(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
