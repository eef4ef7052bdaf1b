"""The certifier's moves on one document: pure, guarded, each with its audit.

The clerk's moves are in ``desk``, and what comes back by event in ``following``. Start
at ``approve``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ecopy import events
from ecopy.composing import OrderTooLarge, PageOutOfBounds, obstacles
from ecopy.events import CertificationOrdered
from ecopy.identifiers import entry_id
from ecopy.words import Unfit, Why
from intake.domain import expecting, numbers, pictures, states
from intake.domain.agencies import AgencyEntry, Identities
from intake.domain.calendar import local_day
from intake.domain.certifications import Certification
from intake.domain.desk import check_version, note, touched
from intake.domain.expecting import USUAL, Patience
from intake.domain.people import Actor
from intake.domain.records import Case, CaseDocument, Conflict, Note, Outcome
from intake.domain.register import RegisterEntry
from intake.domain.releasing import waits_for_seal
from intake.domain.states import Move, NotAllowed

UNFIT: Final = {
    Why.LAYOUT: "error.words-layout",
    Why.EMPTY: "error.words-empty",
    Why.LETTER: "error.words-letter",
    Why.LONG: "error.words-long",
}
"""The sentence for words of the agencies' file that no clause page can hold."""
DIALECT: Final = 3
"""How copies of new orders are written: the gate reads every word of them, and nothing
in /ID is left to choose (docs/dialect.md 10 and 11)."""


@dataclass(frozen=True, slots=True)
class Approval:
    """What a certifier states by approving: these pages of this version were seen."""

    by: Actor
    at: datetime
    version: int
    seen: tuple[str, ...]
    """Digests of the pages that the form names as seen, in its order."""
    served: frozenset[str]
    """Digests of the pages whose pictures this desk gave to this person."""
    identities: Identities
    code: str
    """Verification code, drawn at the approval."""
    link_key: bytes
    public_host: str
    demo: bool
    patience: Patience = USUAL


def check_may_certify(document: CaseDocument, agency: AgencyEntry, by: Actor) -> None:
    """Raises NotAllowed: who received or compared the paper, put a file of its scan in
    or submitted it does not approve, unless the agency lets them
    (docs/decisions/0064).
    """
    if agency.same_person_may_certify:
        return
    if by.user == document.received_by:
        raise NotAllowed("error.own-case")
    if by.user == document.compared_by:
        raise NotAllowed("error.own-comparison")
    if by.user in document.brought_by:
        raise NotAllowed("error.own-scan")


def approve(
    document: CaseDocument,
    case: Case,
    *,
    agency: AgencyEntry,
    kind_name: str,
    approval: Approval,
    ordinal: int,
) -> Outcome:
    """Number, register line, order and audit of one approval.

    Safe to repeat: a second approval by the same person returns what the first brought.

    Raises Conflict (somebody was first), NotAllowed (own case, not compared, not all
    seen, something else was seen than would be signed, or a copy that cannot be
    composed). *ordinal* MUST be taken in the transaction that stores the outcome.
    """
    if document.certification is not None:
        return _approved_before(document, approval.by)
    check_version(document, approval.version)
    after = states.moved(document.state, Move.APPROVE)
    check_may_certify(document, agency, approval.by)
    _check_all_seen(document, approval)
    _check_scope(document, approval.identities)
    order = _order(document, agency, kind_name, approval, ordinal)
    check_composable(order)
    certification = Certification(
        entry=order.entry,
        approved_by=approval.by.user,
        approved_by_name=approval.by.name,
        order=order,
    )
    awaited = expecting.expected(certification, approval.at, approval.patience)
    approved = waits_for_seal(replace(document, state=after, certification=awaited))
    return Outcome(
        document=touched(approved, approval.by, approval.at),
        notes=(_approval_note(document, approval, order),),
        entry=_register_entry(document, case, agency, order, ordinal),
        event=order,
        under=approval.identities.under.seq if approval.identities.under else None,
    )


def check_composable(order: CertificationOrdered) -> None:
    """Raises NotAllowed, naming the page or the words: what signing could not compose
    must not take a number, because it would stay stuck under it.
    """
    for obstacle in obstacles(order):
        match obstacle:
            case PageOutOfBounds():
                raise NotAllowed("error.page-out-of-bounds", page=obstacle.number)
            case OrderTooLarge():
                raise NotAllowed("error.too-many-images", n=obstacle.images)
            case Unfit():
                raise NotAllowed(
                    UNFIT[obstacle.why], entry=obstacle.entry, text=obstacle.text
                )


def _approved_before(document: CaseDocument, by: Actor) -> Outcome:
    approved = document.certification
    if approved is None or approved.approved_by != by.user:
        raise Conflict(document.changed_by, document.changed_at)
    return Outcome(document)


def with_seen(
    approval: Approval, document: CaseDocument, noted: frozenset[str]
) -> Approval:
    """The approval of those pages of the document that were *noted* as seen."""
    manifest = document.original.manifest if document.original else ()
    seen = tuple(page for page in pictures.digests(manifest) if page in noted)
    return replace(approval, seen=seen)


def _check_all_seen(document: CaseDocument, approval: Approval) -> None:
    """Every page that will be signed was named, in order, and its picture was asked
    for: a list of digests alone could be read from the page's source.
    """
    if document.compared_by is None or document.original is None:
        raise NotAllowed("error.not-compared")
    signed = pictures.digests(document.original.manifest)
    unseen = pictures.missing(approval.seen, signed)
    if unseen is None:
        raise NotAllowed("error.pages-changed")
    if unseen:
        raise NotAllowed("error.unseen", pages=_listed(unseen))
    unserved = [n for n, p in enumerate(signed, start=1) if p not in approval.served]
    if unserved:
        raise NotAllowed("error.not-shown", pages=_listed(unserved))


def _check_scope(document: CaseDocument, identities: Identities) -> None:
    """The kind as the transaction has it: it may have been corrected just now."""
    under = identities.under
    if under is not None and not under.covers(document.paper.kind):
        raise NotAllowed("error.out-of-scope", number=under.number)


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))


def _order(
    document: CaseDocument,
    agency: AgencyEntry,
    kind_name: str,
    approval: Approval,
    ordinal: int,
) -> CertificationOrdered:
    original = document.original
    if original is None:
        raise NotAllowed("error.not-compared")
    day = local_day(approval.at)
    entry = entry_id(document.agency, day.year, ordinal)
    token = numbers.link_token(approval.link_key, entry, 1)
    return CertificationOrdered(
        at=approval.at,
        entry=entry,
        approved_at=approval.at,
        original=original.ref,
        manifest=original.manifest,
        document=events.Document(
            kind=document.paper.kind,
            kind_name=kind_name,
            title=document.paper.title,
            pages=len(original.manifest),
        ),
        clause=events.Clause(
            template=agency.layout(day),
            statement=agency.clause,
            number=agency.book.number(ordinal, day.year),
            book=agency.book.name(day.year),
            date=day,
        ),
        officer=approval.identities.officer,
        agency=approval.identities.agency,
        code=approval.code,
        public_host=approval.public_host,
        link_token_sha256=numbers.token_sha256(token),
        demo=approval.demo,
        level=agency.level,
        dialect=DIALECT,
        release=agency.release,
    )


def _register_entry(
    document: CaseDocument,
    case: Case,
    agency: AgencyEntry,
    order: CertificationOrdered,
    ordinal: int,
) -> RegisterEntry:
    return RegisterEntry(
        entry=order.entry,
        agency=agency.code,
        series=numbers.ELECTRONIC,
        year=order.clause.date.year,
        ordinal=ordinal,
        number=order.clause.number,
        book=order.clause.book,
        date=order.clause.date,
        requester=case.requester.name,
        title=document.paper.title,
        officer=order.officer.name,
        officer_title=" / ".join(order.officer.title_lines),
        copies=document.paper.copies,
        fee=document.fee,
        document=document.id,
    )


def _approval_note(
    document: CaseDocument, approval: Approval, order: CertificationOrdered
) -> Note:
    under = approval.identities.under
    return note(
        document,
        "approved",
        approval.by,
        approval.at,
        **({"delegation": under.number} if under else {}),
        entry=order.entry,
        number=order.clause.number,
        officer=order.officer.id,
        pages=len(approval.seen),
        seen=pictures.together(approval.seen),
        original=order.original.sha256,
    )
