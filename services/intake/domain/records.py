"""What intake keeps: people, cases, documents, files, certifications, the register.

Frozen values; a change returns a new one. Adapters store them, nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from ecopy.events import CertificationOrdered, ManifestPage
from ecopy.identifiers import ObjectRef
from intake.domain import pictures, text
from intake.domain.scan import PageFacts, with_mixed_sizes
from intake.domain.states import State


class Role(StrEnum):
    CLERK = "clerk"
    CERTIFIER = "certifier"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class User:
    id: str
    """Sign-in name."""
    name: str
    agency: str
    roles: frozenset[Role]
    officer: str | None
    """Id in the agencies file, for a certifier."""
    password: str
    """Argon2id, PHC string."""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Session:
    """Server-side; only the SHA-256 of its token is stored."""

    user: str
    csrf: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where: goes into the audit. The machine has no user."""

    user: str
    name: str
    agency: str
    roles: frozenset[Role] = frozenset()
    officer: str | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """One line of the audit; those of a case are its timeline. No citizen's data."""

    at: datetime
    actor: str
    actor_name: str
    agency: str
    action: str
    case: str | None = None
    document: int | None = None
    address: str = ""
    values: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Requester:
    kind: Literal["person", "organisation"]
    name: str
    id_kind: str
    id_number: str
    birth_date: date | None
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as declared at the desk."""

    title: str
    kind: str
    issuing_body: str
    pages: int
    """Of the original: basis of the fee."""


@dataclass(frozen=True, slots=True)
class Case:
    code: str
    agency: str
    requester: Requester
    channel: str
    privacy_at: datetime
    received_by: str
    received_by_name: str
    received_at: datetime
    complete_at: datetime
    due_at: datetime
    rule_set: str
    version: int
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """An accepted file, rebuilt alone; parts joined are the normalised original."""

    ref: ObjectRef
    manifest: tuple[ManifestPage, ...]
    pages: tuple[PageFacts, ...]
    thumbs: tuple[str, ...]
    """Object keys, one a page."""
    previews: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredFile:
    id: str
    document: str
    position: int
    """In the clerk's order; 0 before it has one."""
    name: str
    """As sent, made safe to show."""
    raw: ObjectRef
    uploaded_by: str
    uploaded_at: datetime
    state: Literal["busy", "good", "refused", "removed"]
    fault: str | None = None
    detail: str = ""
    part: Part | None = None
    in_hand_until: datetime | None = None
    """Of a busy one: who checks it renews this; past it nobody does."""

    def waits(self, now: datetime) -> bool:
        """It is to be checked, and nobody is at it."""
        until = self.in_hand_until
        return self.state == "busy" and (until is None or until <= now)


@dataclass(frozen=True, slots=True)
class DeskPage:
    """One page as it lies on the desk, with the object keys of its pictures."""

    file_name: str
    facts: PageFacts
    rotation: int
    """Of the page, clockwise degrees."""
    digest: str
    """Of the page as it will be signed (``pictures.digest``)."""
    thumb: str
    preview: str


@dataclass(frozen=True, slots=True)
class Original:
    """The normalised original, joined at submission: what will be certified."""

    ref: ObjectRef
    manifest: tuple[ManifestPage, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    code: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Setback:
    """The machine's or the law's "not yet": delayed (with a next try) or halted."""

    reason: str
    stage: str
    since: datetime
    tries: int = 0
    next_try_at: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Certification:
    """What an approval brought about; grows with the facts that come back."""

    entry: str
    approved_by: str
    approved_by_name: str
    order: CertificationOrdered
    """The latest revision."""
    link_generation: int = 1
    setback: Setback | None = None
    sealed_at: datetime | None = None
    issued_at: datetime | None = None
    copy_pages: int | None = None
    copy_size: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    id: str
    case: str
    agency: str
    ordinal: int
    paper: Paper
    fee: int
    received_by: str
    """Of the case: who must not approve it."""
    state: State
    version: int
    changed_by: str
    changed_at: datetime
    compared_by: str | None = None
    compared_by_name: str | None = None
    compared_at: datetime | None = None
    compared_pages: tuple[str, ...] = ()
    """Digests of the pages that were compared, in order."""
    brought_by: tuple[str, ...] = ()
    """Users who put a file into it or submitted it, in the order of their names. One of
    them stays, also when the file was removed or the scan was sent back.
    """
    places: int = 0
    """The highest place in the clerk's order that was given away, used or not."""
    original: Original | None = None
    refused: Refused | None = None
    certification: Certification | None = None
    files: tuple[StoredFile, ...] = ()

    @property
    def good_files(self) -> tuple[StoredFile, ...]:
        return tuple(f for f in self.files if f.state == "good")

    @property
    def pages(self) -> tuple[DeskPage, ...]:
        """In the clerk's order, across files."""
        return _laid_out(self.good_files, self.shown_names)

    @property
    def shown_names(self) -> dict[str, str]:
        """Id → name of each file that was not removed; equal names are told apart."""
        return self.names_with("")

    def names_with(self, file: str) -> dict[str, str]:
        """As they were shown while *file* was still among them."""
        files = [f for f in self.files if f.state != "removed" or f.id == file]
        names = text.told_apart(f.name for f in files)
        return {f.id: name for f, name in zip(files, names, strict=True)}

    @property
    def page_digests(self) -> tuple[str, ...]:
        """Of the pages as they lie on the desk now, in order."""
        return tuple(
            pictures.digest(page)
            for file in self.good_files
            if file.part is not None
            for page in file.part.manifest
        )


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """A line of the book, as of its day; never changed, corrections are notes."""

    entry: str
    agency: str
    series: str
    year: int
    ordinal: int
    number: str
    book: str
    date: date
    requester: str
    title: str
    officer: str
    officer_title: str
    copies: int
    fee: int
    document: str


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A line with what was noted beside it since."""

    entry: RegisterEntry
    notes: tuple[str, ...]
    case: str
    state: State


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision about one document changes, all in one transaction."""

    document: Document
    notes: tuple[Note, ...] = ()
    entry: RegisterEntry | None = None
    event: CertificationOrdered | None = None


class Conflict(Exception):  # noqa: N818 - said at the desk
    """Somebody was first; nothing was saved."""

    def __init__(self, who: str, when: datetime) -> None:
        super().__init__(f"changed by {who} at {when.isoformat()}")
        self.who = who
        self.when = when


class NotFound(LookupError):  # noqa: N818 - said at the desk
    """No such thing, or not of this agency: the same answer."""


def _laid_out(
    files: tuple[StoredFile, ...], names: Mapping[str, str]
) -> tuple[DeskPage, ...]:
    parts = [(names[f.id], f.part) for f in files if f.part is not None]
    manifest = [page for _, part in parts for page in part.manifest]
    facts = with_mixed_sizes([p for _, part in parts for p in part.pages], manifest)
    images = [
        (name, thumb, preview)
        for name, part in parts
        for thumb, preview in zip(part.thumbs, part.previews, strict=True)
    ]
    return tuple(
        DeskPage(name, seen, page.rotation, pictures.digest(page), thumb, preview)
        for (name, thumb, preview), seen, page in zip(
            images, facts, manifest, strict=True
        )
    )
