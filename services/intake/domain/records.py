"""What intake keeps of a case: who asks for it, its papers, and its audit.

Frozen values; a change returns a new one. Adapters store them, nothing else. Start at
``Case``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from ecopy.events import (
    CertificationOrdered,
    CertificationVoided,
    LinkGranted,
    LinkRevoked,
    ManifestPage,
)
from ecopy.identifiers import ObjectRef
from intake.domain import arranging, text
from intake.domain.arranging import NO_STEPS, History, LaidPage, PageId
from intake.domain.case_history import (
    Agreement,
    Correction,
    Extension,
    SupplementRequest,
)
from intake.domain.certifications import LINK_WAYS, Certification, HandOver, Way
from intake.domain.desk_pages import DeskPage, desk_pages
from intake.domain.files import StoredFile
from intake.domain.objections import Objection
from intake.domain.register import RegisterEntry, RegisterNote
from intake.domain.states import State


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
class CaseEvent:
    """A line of the audit that is about a case, without its values."""

    seq: int
    at: datetime
    action: str
    case: str
    document: str | None


@dataclass(frozen=True, slots=True)
class Requester:
    kind: Literal["person", "organisation"]
    name: str
    id_kind: str
    id_number: str
    birth_date: date | None
    phone: str
    email: str
    address: str = ""
    proxy: str = ""
    """Who came in the requester's place; empty where they came themselves."""
    originals_back: str = "with-result"
    """How they have their paper originals back: one of ``intake_form.ORIGINALS_BACK``.
    """


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as declared at the desk."""

    title: str
    kind: str
    issuing_body: str
    pages: int
    """How many pages the original has; the fee is reckoned from it."""
    number: str = ""
    """The paper's own number, as printed; empty where nobody put it down."""
    issued_on: date | None = None
    holder: str = ""
    """Whom it was made out to."""
    copies: int = 1
    """How many certified copies are asked for: one number, and the fee for each."""


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
    corrections: tuple[Correction, ...] = ()
    """What was typed and is corrected since, oldest first."""
    supplements: tuple[SupplementRequest, ...] = ()
    """What its requester was asked to bring, oldest first."""
    extensions: tuple[Extension, ...] = ()
    """How its due hour was put off, oldest first."""
    agreements: tuple[Agreement, ...] = ()
    """What the requester agreed to in writing."""

    @property
    def supplement(self) -> SupplementRequest | None:
        """What is awaited from the requester now; while it is, the clock stands."""
        last = self.supplements[-1] if self.supplements else None
        return last if last is not None and last.ended_at is None else None

    def overdue(self, now: datetime) -> bool:
        """Past its due hour. MUST be asked only of a case with an open paper."""
        return self.supplement is None and now > self.due_at


@dataclass(frozen=True, slots=True)
class Original:
    """The normalised original, joined at submission: what will be certified."""

    ref: ObjectRef
    manifest: tuple[ManifestPage, ...]


@dataclass(frozen=True, slots=True)
class RefusedPaper:
    code: str
    text: str
    by: str
    at: datetime
    objections: tuple[Objection, ...] = ()
    """The pages that a certifier sent back; none for a paper that was refused."""


@dataclass(frozen=True, slots=True)
class CaseDocument:
    id: str
    case: str
    agency: str
    ordinal: int
    paper: Paper
    fee: int
    received_by: str
    """The user who received the case, and so must not approve it."""
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
    scans_removed_at: datetime | None = None
    """When its scans and pictures were given up, long after its case had ended; None
    while they are there."""
    original: Original | None = None
    refused: RefusedPaper | None = None
    certification: Certification | None = None
    handed: tuple[HandOver, ...] = ()
    """How its result and its original went out, oldest first; a mistake among them
    stays."""
    files: tuple[StoredFile, ...] = ()
    """Those that were sent to it."""
    history: History = NO_STEPS
    """The steps of its case."""
    others: tuple[StoredFile, ...] = ()
    """The files of the case's other papers, whose pages may lie in this one; none where
    no step says so."""

    @property
    def given(self) -> frozenset[Way]:
        """The ways that count now: a link of an earlier generation opens nothing."""
        now = self.certification.link_generation if self.certification else 0
        return frozenset(
            line.way
            for line in self.handed
            if line.mistake is None
            and (line.way is Way.ORIGINAL or line.generation == now)
        )

    @property
    def link_given(self) -> bool:
        """Somebody was given the link that opens the copy now."""
        return bool(self.given & LINK_WAYS)

    @property
    def laid(self) -> tuple[LaidPage, ...]:
        """Its pages as the steps have laid them, dropped ones among them."""
        files = (*self.files, *self.others)
        return arranging.laid(files, self.history).get(self.id, ())

    @property
    def pages(self) -> tuple[DeskPage, ...]:
        """In the clerk's order, across files and papers."""
        return self._seen(page for page in self.laid if not page.dropped)

    @property
    def dropped_pages(self) -> tuple[DeskPage, ...]:
        """What a clerk has put aside, and may bring back."""
        return self._seen(page for page in self.laid if page.dropped)

    def as_laid(self, page: PageId, turn: int) -> DeskPage | None:
        """A page of the case's files wherever it lies, turned by so much; None for one
        that is not there any more.
        """
        return next(iter(self._seen((LaidPage(page, turn),))), None)

    @property
    def sent_files(self) -> tuple[StoredFile, ...]:
        """Without the pages that were made at the desk."""
        return tuple(f for f in self.files if f.made_of is None)

    def _seen(self, laid: Iterable[LaidPage]) -> tuple[DeskPage, ...]:
        return desk_pages(laid, (*self.files, *self.others), self.shown_names)

    @property
    def shown_names(self) -> dict[str, str]:
        """Id → name of each file that was not removed; equal names are told apart."""
        return self.names_with("")

    def names_with(self, file: str) -> dict[str, str]:
        """The names by file id, as they were shown while *file* was still there."""
        sent = self.sent_files
        files = [f for f in sent if f.state != "removed" or f.id == file]
        names = text.told_apart(f.name for f in files)
        return {f.id: name for f, name in zip(files, names, strict=True)}

    @property
    def page_digests(self) -> tuple[str, ...]:
        """The digests of the pages as they lie on the desk now, in order."""
        return tuple(page.digest for page in self.pages)


Announcement = CertificationOrdered | CertificationVoided | LinkGranted | LinkRevoked


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision about one document changes, all in one transaction."""

    document: CaseDocument
    notes: tuple[Note, ...] = ()
    entry: RegisterEntry | None = None
    remark: RegisterNote | None = None
    """What is noted beside the line in the register; the line itself never changes."""
    event: Announcement | None = None
    under: int | None = None
    """The delegation under which it is ordered: it MUST stand at the commit."""


class Conflict(Exception):
    """Somebody was first; nothing was saved."""

    def __init__(self, who: str, when: datetime) -> None:
        super().__init__(f"changed by {who} at {when.isoformat()}")
        self.who = who
        self.when = when


class NotFound(LookupError):
    """No such thing, or not of this agency: the same answer."""
