"""A delegation in writing: who may certify in whose place, what, and from when to when.

What may be entered and who acts under it is decided in ``delegating``.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Standing = Literal["later", "in-force", "ended", "revoked"]


@dataclass(frozen=True, slots=True)
class Revocation:
    """The end of a delegation before its last day."""

    delegation: int
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Delegation:
    """One document. Nobody changes or removes it."""

    agency: str
    number: str
    """The number that the document has: ``12/UQ-UBND``."""
    signed_on: date
    delegator: str
    """Id of the office that delegates."""
    delegator_name: str
    delegate: str
    """Id of the office that acts."""
    delegate_name: str
    kinds: tuple[str, ...]
    """Kinds of paper; empty for all of them."""
    title_line: str
    """First line of the title under the clause, such as ``TUQ. CHỦ TỊCH``."""
    valid_from: date
    valid_until: date
    """The last day, included."""
    by: str
    at: datetime
    revoked: Revocation | None = field(default=None)
    seq: int = 0
    """Its place in the table; 0 before it is stored."""

    def standing(self, day: date) -> Standing:
        if self.revoked is not None:
            return "revoked"
        if day < self.valid_from:
            return "later"
        return "in-force" if day <= self.valid_until else "ended"

    def covers(self, kind: str | None) -> bool:
        """None asks for any paper at all."""
        return not self.kinds or kind is None or kind in self.kinds
