"""What the desk's own books say of every number that was given, counted each minute.

A number is issued, in work or void, and nothing else; whatever fits nowhere is a
finding. The comparison with the journal and the archive is ``ecopy reconcile``'s: no
service reads another's tables. Start at ``Reconciliation``.
"""

from dataclasses import dataclass
from datetime import datetime

from ecopy.reckoning import Counter, Discrepancy

__all__ = ["Counter", "Discrepancy", "Reconciliation"]


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The last look at the desk's own books. Each finding's ``kind`` is a slug."""

    at: datetime | None = None
    """When it was made; None before the first one, seconds after a start."""
    issued: int = 0
    in_work: int = 0
    void: int = 0
    lost: int = 0
    """Numbers that an operator has declared lost (``ecopy register skip``)."""
    findings: tuple[Discrepancy, ...] = ()

    def count(self, counter: Counter) -> int:
        return sum(finding.counter is counter for finding in self.findings)

    @property
    def gap(self) -> int:
        return self.count(Counter.GAP)

    @property
    def double(self) -> int:
        return self.count(Counter.DOUBLE)

    @property
    def mismatch(self) -> int:
        return self.count(Counter.MISMATCH)
