"""Whose turn it is: what may be struck while something else is.

Start at ``Places.reserved``.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from storm.plan import Fault


class Places:
    """What is struck just now. Faults wait in the order in which they came, so that
    one of the whole house is not put off for ever by small ones.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._free = asyncio.Condition()
        self._struck: list[Fault] = []

    @contextlib.asynccontextmanager
    async def reserved(self, fault: Fault) -> AsyncIterator[None]:
        async with self._turn, self._free:
            await self._free.wait_for(lambda: not self._is_taken(fault))
            self._struck.append(fault)
        try:
            yield
        finally:
            async with self._free:
                self._struck.remove(fault)
                self._free.notify_all()

    def _is_taken(self, fault: Fault) -> bool:
        if fault.places is None:
            return bool(self._struck)
        return any(
            each.places is None or each.places & fault.places for each in self._struck
        )
