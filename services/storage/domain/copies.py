"""What the archive keeps of a copy, and what it may tell to whom.

How it is stored is in ``storage.adapters.catalogue``. Start at ``archived``.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo

from ecopy.events import CertificationOrdered
from ecopy.identifiers import EntryId, Sha256
from storage.domain.factors import Factor
from storage.domain.gate import Passed


@dataclass(frozen=True, slots=True)
class PublicFacts:
    """What the code page, and anybody who holds the digest, may read .

    No name of a person, no title of the paper, no image.
    """

    agency_code: str
    agency_lines: tuple[str, ...]
    """The agency's name in lines, as displayed on the day of the approval."""
    number: str
    book: str
    date: date
    kind: str
    kind_name: str
    officer_title_lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The decision by which a copy lost its value."""

    at: datetime
    decision: str
    reason: str
    successor: str = ""


@dataclass(frozen=True, slots=True)
class ArchivedCopy:
    """A line of the catalogue: the gate passed these bytes, and the archive holds them
    for their time.
    """

    entry: EntryId
    sha256: Sha256
    size: int
    """Bytes of the file."""
    pages: int
    """All pages of the copy, the clause page among them."""
    code: str
    """Verification code, 12 characters."""
    facts: PublicFacts
    title: str
    """The paper's title, shown to the holder of the link only."""
    officer_at: datetime
    """genTime of the token on the officer's signature, as the gate has proven it."""
    seal_at: datetime
    tsa_name: str
    """Who stamped the seal, as the gate has read it in the token's certificate."""
    demo: bool
    archived_at: datetime
    withdrawal: Withdrawal | None = None
    given_up_at: datetime | None = None
    """When the file had had its time; None while the archive keeps it. The line itself
    is for ever."""


@dataclass(frozen=True, slots=True)
class Link:
    """A capability to download one copy; known here by its digest only."""

    token_sha256: Sha256
    entry: EntryId
    generation: int
    expires_at: datetime
    revoked_at: datetime | None = None

    def opens(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A link that somebody brought, the newest one of its copy, and the copy."""

    link: Link
    newest: Link
    copy: ArchivedCopy
    factor: Factor | None = None
    """What is asked before the link opens, if anything is."""
    rated: bool = False


def archived(
    passed: Passed, order: CertificationOrdered, now: datetime
) -> ArchivedCopy:
    """The catalogue's line: facts from intake's order, proof from the gate, and nothing
    that signing says of its own copy.
    """
    return ArchivedCopy(
        entry=order.entry,
        sha256=passed.sha256,
        size=passed.size,
        pages=passed.pages,
        code=order.code,
        facts=facts_of(order),
        title=order.document.title,
        officer_at=passed.officer_at,
        seal_at=passed.seal_at,
        tsa_name=passed.tsa_name,
        demo=order.demo,
        archived_at=now,
    )


def facts_of(order: CertificationOrdered) -> PublicFacts:
    return PublicFacts(
        agency_code=order.agency.code,
        agency_lines=order.agency.name_lines,
        number=order.clause.number,
        book=order.clause.book,
        date=order.clause.date,
        kind=order.document.kind,
        kind_name=order.document.kind_name,
        officer_title_lines=order.officer.title_lines,
    )


def first_link(
    order: CertificationOrdered, now: datetime, *, days: int, zone: tzinfo
) -> Link:
    """Good to the end of the ``days``-th day after today, as desks count days."""
    # Midnight in the office's zone: whoever is told "until the 23rd" has all of the
    # 23rd, whatever the hour at which the copy came out.
    last_day = now.astimezone(zone).date() + timedelta(days=days)
    midnight = datetime.combine(last_day + timedelta(days=1), time(), tzinfo=zone)
    return Link(order.link_token_sha256, order.entry, 1, midnight)


def archive_key(entry: EntryId) -> str:
    """One key per number: the conditional put leaves one winner."""
    return f"{entry}/copy.pdf"


def withdrawn(copy: ArchivedCopy, withdrawal: Withdrawal) -> ArchivedCopy:
    """The bytes stay; the value goes."""
    return replace(copy, withdrawal=withdrawal)
