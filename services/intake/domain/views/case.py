"""A case with its papers. The form of a new one is in ``case_new``.

Values only, filled in by ``intake.domain.showing`` and read by the templates. Start at
``CaseView``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from intake.domain.case_history import (
    Agreement,
    Correction,
    Extension,
    SupplementRequest,
)
from intake.domain.certifications import Standstill
from intake.domain.national import NationalStatus
from intake.domain.views.handing import HandOverView, LinkFateView, LinkView
from intake.domain.views.names import Bilingual
from intake.domain.waiting import Pace, Waits
from strangers.facts import Findings


@dataclass(frozen=True, slots=True)
class Stuck:
    """A paper that stands still, for a page that never just says "processing"."""

    why: Standstill
    cause: str = ""
    """The slug under ``cause.`` in the catalogues that says what the service met. What
    has no words there is shown as ``why.detail``, for whoever mends it."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What the sentence of ``cause`` is filled in with."""
    pace: Pace = "usual"
    """How long it has lasted, for what is advised."""
    missed: bool = False
    """The hour of the next try is over and no news of it came."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the desk does about news that is late: it publishes the order again."""

    times: int
    last: datetime | None
    """None before the first time."""
    following: datetime | None
    """When it asks next, if nothing is heard until then. None where it was due already:
    the others have not taken what lies on the bus for them."""


@dataclass(frozen=True, slots=True)
class VoidView:
    """Who has declared a number void, when and why."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class FileView:
    id: str
    name: str
    """The name as sent, made safe to show; text, never a path."""
    size: int
    state: Literal["busy", "good", "refused", "removed"]
    pages: int
    reason: str | None
    """Slug of the refusal: ``password``, ``signed``, ``born-digital`` …"""
    detail: str
    uploaded_at: datetime
    uploaded_by: str
    signatures: Findings | None = None
    """Who signed a file that was refused for being signed, as the file states."""
    waits: bool = False
    """Its check was cut short; it is done again by itself."""


@dataclass(frozen=True, slots=True)
class ObjectionView:
    """A page that was sent back, with its reason."""

    page: str
    """Its name, wherever it lies (``arranging.PageId``)."""
    number: int
    """Its number when it was sent back."""
    wrong: str
    """Slug under ``wrong.``."""
    words: str
    mended: bool = False
    """That page lies nowhere now, or was turned as asked."""
    now: int | None = None
    """Its number in the paper that is shown; None where it is not there."""
    paper: int | None = None
    """The ordinal of the other paper in which it lies now."""


@dataclass(frozen=True, slots=True)
class DocumentView:
    id: str
    ordinal: int
    title: str
    kind: str
    issuing_body: str
    declared_pages: int
    fee: int
    state: str
    version: int
    """Hidden field ``version`` of each form about this document; stale → 409."""
    files: tuple[FileView, ...]
    pages: int
    compared_by: str | None
    compared_at: datetime | None
    may: frozenset[str]
    """What the viewer may do now: ``upload``, ``remove``, ``arrange``, ``compare``,
    ``submit``, ``approve``, ``refuse``, ``send-back``, ``order-again``, ``void``,
    ``hand-over``, ``give-back``."""
    blockers: tuple[str, ...]
    """Why submit is not possible yet: ``no-file``, ``file-busy``, ``not-compared``,
    ``page-count``."""
    waits: Waits
    moving_since: datetime | None
    """Since when the machine has been at it."""
    pace: Pace
    page_digests: tuple[str, ...] = ()
    """The digests of its pages in order: what an approval names."""
    acts_from: datetime | None = None
    """When a certifier may order again or declare the number void: an hour to come;
    None where they may now, or nothing is on its way."""
    refusal_code: str | None = None
    refusal_words: Bilingual | None = None
    """The ground, as the table said it on the day of the refusal."""
    refusal_text: str | None = None
    refused_by: str | None = None
    objections: tuple[ObjectionView, ...] = ()
    """The pages that were sent back, as they lay then."""
    changed_at: datetime | None = None
    """Since when it stands as it does."""
    # From here on: what a paper has once it is entered in the register.
    entry: str | None = None
    number: str | None = None
    book: str | None = None
    verification_code: str | None = None
    """The code in groups, as shown: ``7K2F-9MQX-4TBD``."""
    officer: str | None = None
    stuck: Stuck | None = None
    link: LinkView | None = None
    """Where the citizen fetches the copy, once it is issued."""
    fate: LinkFateView | None = None
    handed: tuple[HandOverView, ...] = ()
    given: frozenset[str] = frozenset()
    """The ways in which it went out and that count now: ``screen``, ``slip``,
    ``original``."""
    copy_pages: int | None = None
    copy_size: int | None = None
    copy_sha256: str | None = None
    asked: Asked | None = None
    """When the order was published last and when it will be, while news is expected."""
    renewals: int = 0
    """How often the machine ordered it anew because the archive refused a copy."""
    void: VoidView | None = None
    scans_removed_at: datetime | None = None
    """When its scans and pictures were given up; None while they are there."""
    copies: int = 1
    """How many are asked for; the fee is for all of them."""
    has_notice: bool = False
    """It was not accepted, and its requester gets that in writing."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline; ``action`` is a catalogue key ``step.<action>``."""

    at: datetime
    action: str
    actor: str
    """Empty: the machine."""
    document: int | None
    """Ordinal of the document, None for the whole case."""
    values: dict[str, str | int]
    correction: Correction | None = None
    """The words of a field that was corrected, as they were and as they are."""
    due: datetime | None = None
    """What is promised from then on."""
    ground: Bilingual | None = None
    """Why no copy is made, where the line has a code, in the words of its day."""


@dataclass(frozen=True, slots=True)
class CaseView:
    code: str
    short_code: str
    version: int
    state: str
    requester: str
    requester_kind: Literal["person", "organisation"]
    id_kind: str
    id_number: str
    birth_date: date | None
    phone: str
    email: str
    channel: str
    received_by: str
    received_at: datetime
    due_at: datetime
    late: bool
    fee: int
    now: datetime
    documents: tuple[DocumentView, ...]
    steps: tuple[Step, ...]
    moving: bool
    """A machine is at work: the page may look again by itself (GET /v1/cases/…)."""
    may: frozenset[str]
    """``add-document``, ``correct``, ``extend``, ``supplement``, ``end``."""
    national: NationalStatus | None = None
    """The status by which the national portal knows the case."""
    lack_words: Mapping[str, Bilingual] = field(default_factory=dict)
    """What is missing, in the words of the day on which it was asked for."""
    supplement: SupplementRequest | None = None
    """What is awaited from the requester; while it is, the clock stands."""
    extension: Extension | None = None
    """How the due hour was put off last, by the clock that runs now."""
    agreements: tuple[Agreement, ...] = ()
    """What the requester agreed to in writing, while it is there."""
    complete_at: datetime | None = None
    """When everything was there, where that was later than the receipt."""
    closed: bool = False
    """Every paper has ended, so none can be added."""
    address: str = ""
    proxy: str = ""
    originals_back: str = "with-result"
    """How the requester has the paper originals back, under ``originals-back.``."""
    on_vneid: Mapping[str, date] = field(default_factory=dict)
    """Kinds that the citizen may have on VNeID, for one more paper."""
