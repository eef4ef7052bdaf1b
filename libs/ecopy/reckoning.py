"""What each service says of its own books when they are compared (``ecopy reconcile``).

No service reads another's tables: each prints its reckoning as JSON, and whoever holds
all three compares them. A newer service may say more than this version knows. Start at
``Reckoning``.
"""

from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime

from ecopy.identifiers import EntryId, Sha256
from ecopy.ordered import Model


class Counter(StrEnum):
    """The three figures that must be 0."""

    GAP = "gap"
    """A number is missing, and nobody has explained it."""
    DOUBLE = "double"
    """A number was given, or a copy made, twice."""
    MISMATCH = "mismatch"
    """Two things that must say the same do not."""


class Discrepancy(Model):
    """One number or object that is not as it must be."""

    counter: Counter
    kind: str
    """Which rule is broken, as a slug; the sentence is the reader's."""
    entry: str
    """The register entry; of an object that belongs to none, its key."""
    detail: str = ""
    """Figures and digests that belong into the sentence."""


class LinkReckoning(Model):
    """The newest link of a copy, as one service has it."""

    generation: int
    closed: bool = False
    asks: bool = False
    """Something is asked before it opens."""
    since: AwareDatetime | None = None
    """When a person said so; None where it is of the issue itself, or not known."""


class RegisterReckoning(Model):
    """A number that intake has given."""

    entry: EntryId
    state: str
    """Where its paper stands: ``registered``, ``signed``, ``issued``, ``void`` …"""
    since: AwareDatetime
    """When it was approved; of an issued one, when it was issued."""
    reason: str = ""
    """Why it stands still, as a slug; empty while nothing hinders."""
    stage: str = ""
    next_try_at: AwareDatetime | None = None
    """When the machine tries again; None while it works, or while a person must act."""
    link: LinkReckoning | None = None
    """What the desk believes of an issued one's link."""


class LostRange(Model):
    """Numbers that an operator has declared lost."""

    book: str
    first: int
    last: int


class JournalLine(Model):
    """An entry as signing's journal has it."""

    entry: EntryId
    copy_sha256: Sha256 | None
    """The copy that stands; None while there is none, and once it was withdrawn."""
    made: tuple[Sha256, ...] = ()
    """Every copy that a key was ever used for, written off and withdrawn ones, too."""


class CatalogueLine(Model):
    """An entry as storage's catalogue has it."""

    entry: EntryId
    ordered: bool
    sha256: Sha256 | None = None
    archived_at: AwareDatetime | None = None
    link: LinkReckoning | None = None
    """The newest link that opens it, or would."""


class StoredObject(Model):
    """An object of the service's own bucket."""

    key: str
    size: int


class Reckoning(Model):
    """All that one service says; the lists of the others are empty."""

    service: Literal["intake", "signing", "storage"]
    at: AwareDatetime
    """When it began to read: what happened later may be missing."""
    register_lines: tuple[RegisterReckoning, ...] = ()
    lost: tuple[LostRange, ...] = ()
    journal: tuple[JournalLine, ...] = ()
    catalogue: tuple[CatalogueLine, ...] = ()
    objects: tuple[StoredObject, ...] = ()
    findings: tuple[Discrepancy, ...] = ()
    """What is wrong within the service's own tables and bucket."""
