"""Processor time of the house's programs, with whatever workers they have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bench.processes import children, cpu_seconds
from onebox.supervisor import Supervisor

PROGRAMS: Final = ("nats", "pki", "intake", "signing", "storage")
DEVELOPMENT: Final = "pki"
"""The timestamping and OCSP of a development house: a real one has them elsewhere."""


@dataclass(frozen=True)
class Spent:
    """CPU seconds by program."""

    by_name: Mapping[str, float]

    @property
    def ours(self) -> float:
        """All but the development PKI."""
        return sum(s for name, s in self.by_name.items() if name != DEVELOPMENT)

    def since(self, before: "Spent") -> "Spent":
        return Spent({n: s - before.by_name[n] for n, s in self.by_name.items()})


class Watched:
    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    def spent(self) -> Spent:
        return Spent({name: self._of(name) for name in PROGRAMS})

    def _of(self, name: str) -> float:
        pid = self._supervisor.pid(name)
        if pid is None:
            raise AssertionError(f"{name} does not run")
        return sum(map(cpu_seconds, _family(pid)))


def _family(pid: int) -> list[int]:
    """Itself and all that it started and that still lives; those that ended are counted
    with their parents by ``cpu_seconds``.
    """
    return [pid, *(member for child in children(pid) for member in _family(child))]
