"""What a case remembers of itself beside its audit: which typed words were corrected,
what its requester was asked to bring, and how its due hour was put off.

Frozen values that ``records.Case`` holds. The audit names the fields alone and is kept
for ever; the words are a citizen's and stay with the case.
"""

from dataclasses import dataclass
from datetime import date, datetime

from ecopy.identifiers import ObjectRef


@dataclass(frozen=True, slots=True)
class Correction:
    """One field of what was typed, as it was and as it is from then on."""

    at: datetime
    by: str
    """The name of whoever corrected it."""
    document: int | None
    """Ordinal of the paper; None for the requester and the channel."""
    field: str
    """The key of its label in the catalogues, ``paper.pages``."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Lack:
    """What one paper is short of."""

    document: int
    """Ordinal of the paper."""
    title: str
    ground: str
    """A key of the table ``lacks``."""
    words: str


@dataclass(frozen=True, slots=True)
class SupplementRequest:
    """What the requester was asked to bring, and when everything was there."""

    number: int
    """From 1 on in its case."""
    lacks: tuple[Lack, ...]
    words: str
    until: date
    by: str
    at: datetime
    """From then on the clock stood."""
    due_before: datetime
    """What had been promised until then."""
    ended_at: datetime | None = None
    """When nothing was missing any more: the clock started anew, or the papers had all
    ended. None while it is awaited."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The requester's agreement in writing, rebuilt as every scan is."""

    id: str
    name: str
    """The file's name as sent, made safe to show."""
    raw: ObjectRef
    rebuilt: ObjectRef
    """Page images only: what is shown of it."""
    pages: int
    pictures: tuple[str, ...]
    """Object keys of what was drawn of it."""
    by: str
    at: datetime

    @property
    def object_keys(self) -> frozenset[str]:
        return frozenset((self.raw.key, self.rebuilt.key, *self.pictures))


@dataclass(frozen=True, slots=True)
class Extension:
    """The due hour was put off once."""

    days: int
    """Working days."""
    ground: str
    """A slug under ``extension.`` in the catalogues."""
    agreement: str
    """The id of the agreement on which it rests; empty without one."""
    by: str
    at: datetime
    due_before: datetime
    due_at: datetime
