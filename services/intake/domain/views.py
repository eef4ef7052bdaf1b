"""Everything each page shows, decided before a template runs.

Slugs (``state``, ``reason``, ``action`` …) are catalogue keys of ``intake.web``;
texts here are facts that people typed or that were frozen. Instants are aware UTC;
the templates say them in Asia/Ho_Chi_Minh.
"""

from dataclasses import dataclass
from dataclasses import field as filled
from datetime import date, datetime
from typing import Literal

from intake.domain.waiting import Pace, Waits
from strangers.facts import Findings


@dataclass(frozen=True, slots=True)
class Said:
    """What the act before this page brought about: shown once."""

    slug: str
    """Of the sentence: ``said.<slug>``."""
    values: dict[str, str | int]
    link: str = ""
    """Code of the case that it is about, where this page is not that case's."""


@dataclass(frozen=True, slots=True)
class Me:
    """Who is signed in: in every page's context as ``me`` (None before sign-in)."""

    user: str
    name: str
    roles: frozenset[str]
    """Of ``clerk``, ``certifier``, ``administrator``."""
    agency: str
    agency_name: str
    csrf: str
    """Goes into each form as ``<input type=hidden name=csrf>``, FIRST in the form."""
    key: str = ""
    """One-time key of this page's forms, beside ``csrf`` (``domain.form_keys``)."""
    demo: bool = False
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class FieldError:
    """One line of the error summary: ``errors`` in the context, ``#field`` its link."""

    field: str
    key: str
    """Catalogue key of the sentence, e.g. ``error.pages``."""
    values: dict[str, str | int] = filled(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stuck:
    """Why it stands still: never just "processing"."""

    reason: str
    """Slug of ecopy.refusals.Hindrance (delayed) or Reason (halted)."""
    stage: str
    """``signing`` or ``storage``."""
    since: datetime
    tries: int = 0
    next_try_at: datetime | None = None
    """None: the machine does not try again; a person must act (halted)."""
    detail: str = ""
    pace: Pace = "usual"
    """How long it has lasted, for what is advised."""
    missed: bool = False
    """The hour of the next try is over and no news of it came."""


# --- board -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BoardRow:
    code: str
    short_code: str
    """``261123-0004``: the agency goes without saying on its own board."""
    requester: str
    documents: int
    pages: int
    state: str
    due_at: datetime
    late: bool
    age_minutes: int
    waits: Waits
    waits_since: datetime
    numbers: tuple[str, ...]
    """Displayed numbers taken so far."""
    stuck: Stuck | None


@dataclass(frozen=True, slots=True)
class BoardGroup:
    name: Literal["stuck", "today", "later", "done"]
    due_at: datetime | None
    rows: tuple[BoardRow, ...]


@dataclass(frozen=True, slots=True)
class BoardView:
    now: datetime
    groups: tuple[BoardGroup, ...]
    counts: dict[str, int]
    """State slug → cases, of the whole agency."""
    state: str | None
    """The filter chosen in the rail."""
    query: str
    next_due_at: datetime | None
    due_today: int
    stuck: int
    late: int
    issued_today: int
    may_open: bool = True
    """An administrator counts cases and opens none: no link where 403 would answer."""


# --- new case ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    key: str
    """Catalogue key."""


@dataclass(frozen=True, slots=True)
class CaseNewView:
    now: datetime
    due_at: datetime
    """If it is received now."""
    last_same_day: str
    """Until then what is received is due the same day: ``15:00``."""
    channels: tuple[Choice, ...]
    id_kinds: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    fee_table: tuple[tuple[int, int], ...]
    """Examples (pages, VND) to post beside the form, by the table in force."""


# --- case --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileView:
    id: str
    name: str
    """As sent, made safe to show; text, never a path."""
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
class PageView:
    number: int
    digest: str
    """Of the page as it will be signed: what a form names as seen or compared."""
    thumb_url: str
    large_url: str
    file_name: str
    dpi: int
    width: int
    height: int
    """Pixels, upright as seen."""
    flags: tuple[str, ...]
    """``rendered``, ``under-200-dpi``, ``blank``, ``mixed-sizes`` …"""


@dataclass(frozen=True, slots=True)
class LinkView:
    url: str
    """For the citizen; also the QR's text."""
    qr_url: str
    """SVG of it, our own origin."""


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
    entry: str | None
    number: str | None
    book: str | None
    verification_code: str | None
    """As shown, ``7K2F-9MQX-4TBD``."""
    officer: str | None
    refusal_code: str | None
    refusal_text: str | None
    refused_by: str | None
    stuck: Stuck | None
    link: LinkView | None
    """Once issued."""
    copy_pages: int | None
    copy_size: int | None
    may: frozenset[str]
    """What the viewer may do now: ``upload``, ``remove``, ``compare``, ``submit``,
    ``approve``, ``refuse``, ``send-back``, ``order-again``."""
    blockers: tuple[str, ...]
    """Why submit is not possible yet: ``no-file``, ``file-busy``, ``not-compared``,
    ``page-count``."""
    waits: Waits
    moving_since: datetime | None
    """Since when the machine has been at it."""
    pace: Pace
    page_digests: tuple[str, ...] = ()
    """Of its pages in order: what an approval names."""


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
    """``add-document``."""
    closed: bool = False
    """Every paper has ended, so none can be added."""


@dataclass(frozen=True, slots=True)
class PageDeskView:
    case_code: str
    short_code: str
    requester: str
    due_at: datetime
    now: datetime
    document: DocumentView
    siblings: tuple[tuple[str, int, str], ...]
    """(document id, ordinal, title) of the case, for the tabs."""
    pages: tuple[PageView, ...]
    count_differs: bool
    limit_bytes: int
    limit_pages: int


# --- certifier ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class QueueRow:
    document: str
    title: str
    kind: str
    requester: str
    short_code: str
    due_at: datetime
    late: bool
    pages: int
    flags: tuple[str, ...]
    here: bool


@dataclass(frozen=True, slots=True)
class ClauseView:
    """As it will be signed; the number is taken at the approval."""

    statement: str
    number: str | None
    book: str
    date: date
    title_lines: tuple[str, ...]
    officer: str
    agency: str
    place: str


@dataclass(frozen=True, slots=True)
class WallView:
    """``document`` is None when the queue is empty.

    Seen rule: each page is an ``<input type=checkbox name=seen value={number}>`` in
    the approve form, ticked by the script when its lower edge was in view, by hand
    without script. The server refuses an approval unless every page is in ``seen``.
    """

    now: datetime
    queue: tuple[QueueRow, ...]
    document: DocumentView | None
    case_code: str
    short_code: str
    requester: str
    received_by: str
    pages: tuple[PageView, ...]
    clause: ClauseView | None
    why_not: str | None
    """Slug why the viewer cannot approve: ``own-case``, ``no-office``."""
    refusals: tuple[Choice, ...]
    """Codes of spec/1.8 and their catalogue keys."""


# --- register, account, errors -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """The eight columns of the book."""

    number: str
    date: date
    requester: str
    title: str
    officer: str
    copies: int
    fee: int
    note: str
    case_code: str
    state: str


@dataclass(frozen=True, slots=True)
class RegisterView:
    agency_name: str
    agency_lines: tuple[str, ...]
    """The name in full, broken as it stands on papers."""
    place: str
    book: str
    year: int
    month: int
    months: tuple[tuple[int, int], ...]
    """(year, month) that have rows, newest first."""
    rows: tuple[RegisterRow, ...]
    copies: int
    fee: int
    may_open: bool = True
    """An administrator reads the book and opens no case."""


@dataclass(frozen=True, slots=True)
class SignInView:
    next: str
    """Path to go to afterwards; own origin only."""
    user: str
    """As typed."""
    notice: str | None
    """``signed-out``, ``idle``, ``password-changed``, ``kept``."""
    tries_left: int | None = None
    locked_until: datetime | None = None
    kept: str = ""
    """A form that stood open when the session ended, as it would have been sent."""
    kept_to: str = ""


@dataclass(frozen=True, slots=True)
class AccountView:
    user: str
    name: str
    roles: frozenset[str]
    agency_name: str
    min_length: int


@dataclass(frozen=True, slots=True)
class ConflictView:
    """409: somebody was first; nothing was saved."""

    who: str
    when: datetime
    back_url: str
    """The same page, fresh."""


@dataclass(frozen=True, slots=True)
class ErrorView:
    status: int
    key: str
    """``error.403``, ``error.404``, ``error.413``, ``error.csrf``, ``error.503`` …"""
    back_url: str = "/"
    values: dict[str, str | int] = filled(default_factory=dict)
    again_url: str | None = None
    """What was asked for, when asking again may do: the page does so by itself."""
