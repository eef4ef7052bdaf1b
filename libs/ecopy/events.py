"""Every event the services exchange: the only thing they know of each other.

An event is a fact in the past tense, in a CloudEvents 1.0 envelope (JSON,
structured mode). It carries references and digests: never document bytes, never
citizens' data, never a link token; the stream outlives the case.

A reader ignores fields it does not know, so adding an optional field is a compatible
change. Anything else is a new class with a new type; ``tests/contract`` holds the line
against the committed schemas. Start at ``CertificationOrdered``.
"""

from typing import Literal, get_args

from pydantic import AwareDatetime, Field

from ecopy.envelopes import AgencyEvent, EntryEvent, Envelope, Event
from ecopy.figure_events import (
    CaseFigures,
    CitizensWords,
    FiguresReported,
    RatingsReported,
)
from ecopy.identifiers import ObjectRef, Sha256, VerificationCode
from ecopy.link_events import (
    LinkFactor,
    LinkGranted,
    LinkReported,
    LinkRevoked,
    LinkVisits,
)
from ecopy.ordered import (
    Agency,
    Clause,
    Document,
    Level,
    ManifestPage,
    Model,
    Officer,
    PageImage,
)
from ecopy.refusals import Hindrance, Reason

__all__ = [
    "EVENTS",
    "Agency",
    "AgencyEvent",
    "AnyEvent",
    "CaseFigures",
    "CertificationClosed",
    "CertificationDelayed",
    "CertificationHalted",
    "CertificationOrdered",
    "CertificationVoided",
    "CitizensWords",
    "Clause",
    "CopyArchived",
    "CopyRejected",
    "CopySealed",
    "Document",
    "EntryEvent",
    "Envelope",
    "Event",
    "FiguresReported",
    "Level",
    "LinkFactor",
    "LinkGranted",
    "LinkReported",
    "LinkRevoked",
    "LinkVisits",
    "ManifestPage",
    "Model",
    "Officer",
    "PageImage",
    "RatingsReported",
    "SignatureSummary",
]
"""What an order carries stands in ``ecopy.ordered``, and links in ``link_events``;
readers of events find them here."""


class CertificationOrdered(EntryEvent):
    """Intake has taken a number in the register; a copy is to be made.

    After mending, the same entry is ordered again with ``revision + 1``; the
    highest revision holds, and a copy that exists already wins.
    """

    subject = "ecopy.certification.ordered.v1"

    revision: int = 1
    approved_at: AwareDatetime
    original: ObjectRef
    """The normalised original."""
    manifest: tuple[ManifestPage, ...]
    document: Document
    clause: Clause
    officer: Officer
    agency: Agency
    code: VerificationCode
    public_host: str
    """Origin of the public face, frozen into the copy: ``https://hoaban.example``."""
    link_token_sha256: Sha256
    demo: bool = False
    level: Level = "B-LT"
    """Both signatures have it; a copy of another level is not the ordered one."""
    dialect: Literal[1, 2, 3] = 1
    """How the copy is written, and by which rules it is judged (docs/dialect.md 10
    and 11). Intake orders 3; an order without it was given before there was a second.
    """
    replaces: Sha256 | None = None
    """The digest of a sealed copy that storage has refused, which this order asks to
    replace under the same number; None for every other order."""
    release: Literal["automatic", "manual"] = "automatic"
    """Whether a person releases the agency's seal; frozen at the approval."""
    released_at: AwareDatetime | None = None
    """When the seal keeper released it; None for an automatic one, and while it waits.
    """

    @property
    def held(self) -> bool:
        """It waits for the seal keeper: no key MUST be used for it, and no copy of it
        MUST be archived. The release is an order under the next revision.
        """
        return self.release == "manual" and self.released_at is None


class SignatureSummary(Model):
    role: Literal["officer", "seal"]
    subject_name: str
    issuer_name: str
    serial: str
    """The certificate's serial number, hex."""
    certificate_sha256: Sha256
    signed_at: AwareDatetime
    """genTime of the timestamp token."""
    tsa_name: str
    level: Level


class CopySealed(EntryEvent):
    """Both signatures stand; the sealed copy lies in signing's bucket."""

    subject = "ecopy.copy.sealed.v1"

    revision: int
    copy_ref: ObjectRef
    signatures: tuple[SignatureSummary, SignatureSummary]


class CopyArchived(EntryEvent):
    """The gate has passed the copy; the archive has re-read it bit by bit."""

    subject = "ecopy.copy.archived.v1"

    copy_ref: ObjectRef
    pages: int
    link_expires_at: AwareDatetime | None = None
    """When the first link of the copy ends; None where it is announced once more."""


class CertificationDelayed(EntryEvent):
    """A retry is under way; nobody has to act."""

    subject = "ecopy.certification.delayed.v1"

    stage: Literal["signing", "storage"]
    hindrance: Hindrance | str = Field(union_mode="left_to_right")
    """A text that this version has no name for comes from a newer one, and stays what
    it is: a rolling upgrade must not make dead letters."""
    since: AwareDatetime
    tries: int
    next_try_at: AwareDatetime


class CertificationHalted(EntryEvent):
    """A lawful dead end: a person acts, then intake orders again."""

    subject = "ecopy.certification.halted.v1"

    stage: Literal["signing", "storage"]
    revision: int
    reason: Reason | str = Field(union_mode="left_to_right")
    """A text where a newer version has a reason that this one does not know."""
    detail: str = ""
    copy_sha256: Sha256 | None = None
    """The digest of the sealed copy that storage has refused; None where no copy was
    refused."""


class CopyRejected(EntryEvent):
    """Storage will never archive these bytes under this number: they may be withdrawn.

    Only storage can say so, because only it knows what it has archived
    (docs/decisions/0082).
    """

    subject = "ecopy.copy.rejected.v1"

    copy_sha256: Sha256
    reason: str
    """Why, as a slug: the gate's, ``copy-missing`` or ``replaced``."""


class CertificationVoided(EntryEvent):
    """A person has declared that the number ends without a copy."""

    subject = "ecopy.certification.voided.v1"

    revision: int
    """One more than that of the last order: no order that came before it holds."""


class CertificationClosed(EntryEvent):
    """No copy is archived under this number, and none ever will be."""

    subject = "ecopy.certification.closed.v1"

    revision: int
    """The revision of the ``certification.voided`` that it answers."""


AnyEvent = (
    CertificationOrdered
    | CopySealed
    | CopyArchived
    | CertificationDelayed
    | CertificationHalted
    | CopyRejected
    | CertificationVoided
    | CertificationClosed
    | LinkGranted
    | LinkRevoked
    | LinkReported
    | FiguresReported
    | RatingsReported
)
EVENTS: tuple[type[Event], ...] = get_args(AnyEvent)
