"""Records into views: what a person sees of a document, decided in one place.

What each page gathers is in ``intake.usecases.reading``, and how a view looks is in the
templates. Files and their pages are in ``showing_files``, the lines of a case's history
in ``showing_steps``, links and hand-overs in ``showing_links``. Start at
``document_view``.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from ecopy.identifiers import format_code
from ecopy.refusals import cause_of
from intake.domain import (
    desk_ends,
    duties,
    objecting,
    ordering,
    showing_links,
    states,
    waiting,
)
from intake.domain.agency_tables import AgencyTables
from intake.domain.calendar import local_day
from intake.domain.case_history import Agreement
from intake.domain.certifications import Certification, Standstill, Voiding
from intake.domain.people import Actor
from intake.domain.permissions import acts_open_to, blockers_of
from intake.domain.records import Case, CaseDocument, RefusedPaper
from intake.domain.rules import Rules
from intake.domain.showing_files import file_view
from intake.domain.states import State
from intake.domain.views.case import (
    Asked,
    DocumentView,
    Stuck,
    VoidView,
)
from intake.domain.views.certifier import ClauseView
from intake.domain.waiting import Certifiers

UNSIGNED: Final = "unsigned"
"""Shown for a registered paper that the machine could not sign yet."""


def shown_state(state: State, setback: Standstill | None) -> str:
    return UNSIGNED if state is State.REGISTERED and setback else state


def stuck_view(setback: Standstill | None, now: datetime) -> Stuck | None:
    if setback is None:
        return None
    next_try = setback.next_try_at
    cause, values = cause_of(setback.detail)
    return Stuck(
        setback,
        cause=cause,
        values=values,
        pace=waiting.pace(setback.since, now),
        missed=next_try is not None and now - next_try > waiting.USUAL,
    )


def document_view(
    document: CaseDocument,
    case: Case,
    rules: Rules,
    viewer: Actor,
    now: datetime,
    *,
    certifiers: Certifiers,
) -> DocumentView:
    """One paper with everything known of it, and what *viewer* may do to it now."""
    names = document.shown_names
    since = waiting.moving_since(document)
    opened = ordering.stands_open_from(document, rules.patience)
    view = DocumentView(
        id=document.id,
        ordinal=document.ordinal,
        title=document.paper.title,
        kind=document.paper.kind,
        issuing_body=document.paper.issuing_body,
        declared_pages=document.paper.pages,
        copies=document.paper.copies,
        fee=due_fee(document),
        state=document.state,
        version=document.version,
        files=tuple(
            file_view(file, names.get(file.id), now) for file in document.sent_files
        ),
        pages=len(document.pages),
        scans_removed_at=document.scans_removed_at if document.pages else None,
        page_digests=document.page_digests,
        compared_by=document.compared_by_name,
        compared_at=document.compared_at,
        may=acts_open_to(document, rules, viewer, now),
        blockers=blockers_of(document),
        waits=waiting.waits(waiting.standing(document), case, viewer, certifiers),
        moving_since=since,
        pace=waiting.pace(since, now) if since else "usual",
        acts_from=opened if opened and opened > now else None,
        changed_at=document.changed_at,
        has_notice=desk_ends.has_notice(document),
        handed=showing_links.handed_view(document),
        given=frozenset(map(str, document.given)),
    )
    if document.refused is not None:
        view = _with_refusal(view, document.refused, rules.tables(document.agency))
    if document.certification is not None:
        view = _with_entry(view, document.certification, document, rules, now)
    # The link opens the copy for whoever has it: it is for those who hand it over.
    return view if duties.hands_over(viewer.roles) else replace(view, link=None)


def _with_refusal(
    view: DocumentView, refused: RefusedPaper, tables: AgencyTables
) -> DocumentView:
    return replace(
        view,
        refusal_code=refused.code or None,
        refusal_words=tables.ground(refused.code, local_day(refused.at)),
        refusal_text=refused.text,
        refused_by=refused.by,
        objections=tuple(map(objecting.view_of, refused.objections)),
    )


def _with_entry(
    view: DocumentView,
    certified: Certification,
    document: CaseDocument,
    rules: Rules,
    now: datetime,
) -> DocumentView:
    """A paper's view with its line in the register and what became of the order."""
    order = certified.order
    return replace(
        view,
        state=shown_state(document.state, certified.setback),
        entry=order.entry,
        number=order.clause.number,
        book=order.clause.book,
        verification_code=format_code(order.code),
        officer=order.officer.name,
        stuck=stuck_view(certified.setback, now),
        link=showing_links.link_view(document, rules),
        fate=showing_links.fate_view(document, now),
        copy_pages=certified.copy_pages,
        copy_size=certified.copy_size,
        copy_sha256=certified.copy_sha256,
        asked=asked_view(
            certified.announcements, certified.announced_at, certified.announce_at, now
        ),
        renewals=certified.renewals,
        void=_void_view(certified.voiding),
    )


def asked_view(
    times: int, last: datetime | None, following: datetime | None, now: datetime
) -> Asked | None:
    """None where no news is expected."""
    if following is None:
        return None
    return Asked(times, last if times else None, following if following > now else None)


def _void_view(voiding: Voiding | None) -> VoidView | None:
    if voiding is None:
        return None
    return VoidView(voiding.by_name, voiding.at, voiding.reason)


def clause_view(
    rules: Rules, viewer: Actor, now: datetime, kind: str | None = None
) -> ClauseView:
    """The clause as it would be signed now. Raises NotAllowed, NoOffice."""
    identities = rules.identities(viewer, now, kind)
    day = local_day(now)
    agency = rules.agency_on(viewer.agency, now)
    return ClauseView(
        statement=agency.clause,
        number=None,
        book=agency.book.name(day.year),
        date=day,
        title_lines=identities.officer.title_lines,
        officer=identities.officer.name,
        agency=agency.on(day).name,
        place=identities.agency.place,
    )


def fee_of(documents: tuple[CaseDocument, ...]) -> int:
    return sum(due_fee(document) for document in documents)


def due_fee(document: CaseDocument) -> int:
    """What is paid for a paper: nothing where it ends without a copy."""
    return 0 if document.state in states.WITHOUT_COPY else document.fee


def case_shown(documents: tuple[CaseDocument, ...]) -> str:
    """The case's state as shown: of its least advanced paper."""
    state = states.case_state(document.state for document in documents)
    setbacks = [
        d.certification.setback
        for d in documents
        if d.state is state and d.certification is not None
    ]
    return shown_state(state, next((s for s in setbacks if s), None))


def late(case: Case, documents: tuple[CaseDocument, ...], now: datetime) -> bool:
    return case.overdue(now) and any(d.state in states.OPEN for d in documents)


def agreements(
    case: Case, documents: tuple[CaseDocument, ...]
) -> tuple[Agreement, ...]:
    """What was agreed in writing; none once it was given up with the case's scans."""
    gone = any(document.scans_removed_at for document in documents)
    return () if gone else case.agreements
