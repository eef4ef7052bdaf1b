"""A program, how it is asked whether it lives, and when it has been silent too long."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx

READY_SECONDS: Final = 90.0
UNWELL_LIMIT: Final = 3


@dataclass(frozen=True, slots=True)
class WatchedProgram:
    name: str
    command: tuple[str, ...]
    ready: str
    """Answers 200 when it serves."""
    environment: Mapping[str, str] = field(default_factory=dict)
    alive: str = ""
    """Answers 200 as long as a restart would mend nothing; the same where empty."""
    orphaned: signal.Signals = signal.SIGTERM
    """What the kernel sends it when the supervisor itself has been killed."""

    @property
    def pulse(self) -> str:
        return self.alive or self.ready


@dataclass(slots=True)
class Strikes:
    """Silences in a row of one process: after three it is to be ended. One that has not
    served yet has the time of a start: a slow start must not be ended for being slow.
    """

    pid: int | None = None
    since: float = 0.0
    served: bool = False
    missed: int = 0

    def out(self, pid: int, *, well: bool, now: float) -> bool:
        # A new process starts with a clean sheet: the silences were its predecessor's.
        if pid != self.pid:
            self.pid, self.since, self.served, self.missed = pid, now, False, 0
        self.served = self.served or well
        if well or not (self.served or now - self.since > READY_SECONDS):
            self.missed = 0
            return False
        self.missed += 1
        return self.missed >= UNWELL_LIMIT


async def answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
