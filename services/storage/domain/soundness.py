"""What an archived object is found to be when its bytes are compared with the
catalogue's row.
"""

from dataclasses import dataclass
from enum import StrEnum

from ecopy.identifiers import EntryId, Sha256


class Condition(StrEnum):
    """The state of the object under an archived copy's key."""

    SOUND = "sound"
    ROTTEN = "rotten"
    """Its length is right, its digest is another."""
    CUT = "cut"
    """It is shorter or longer than the copy that was archived."""
    MISSING = "missing"
    UNREADABLE = "unreadable"
    """The store answers, and cannot read these bytes."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """One reading of an archived object."""

    condition: Condition
    part: Sha256 = ""
    """The digest of the part that was asked for; empty unless it is sound."""

    @property
    def sound(self) -> bool:
        return self.condition is Condition.SOUND


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found of one archived copy, and what became of it."""

    entry: EntryId
    number: str
    condition: Condition
    """The condition in which it was found, before anything was mended."""
    healed: bool = False

    @property
    def whole(self) -> bool:
        """Whether the archive has the copy's own bytes now."""
        return self.healed or self.condition is Condition.SOUND
