"""The bus as the administrator's page sees it. The dead letters themselves are read by
``chassis.dead_letters``.
"""

from typing import NoReturn

from chassis.bus import Bus
from ecopy.dead_letter import BusAway, DeadLetter
from intake.domain.system import BusState


class ConnectedBus:
    """``ports.BusGauge`` of the service's own connection."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def state(self) -> BusState:
        return BusState(self._bus.connected, self._bus.lost)


class NoBus:
    """``ports.DeadLetters`` and ``ports.BusGauge`` of a desk that has no bus: every
    question is answered as while the bus is away.
    """

    def state(self) -> BusState:
        return BusState(connected=False)

    async def all(self) -> tuple[DeadLetter, ...]:
        _away()

    async def find(self, number: int) -> DeadLetter | None:
        _away(number)

    async def replay(self, letter: DeadLetter, act: str) -> None:
        _away(letter.number, act)


def _away(*asked: object) -> NoReturn:
    raise BusAway(f"this desk has no bus: {asked}")
