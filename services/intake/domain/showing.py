"""Records into views: what a person sees of a document, decided in one place.

What each page gathers is in ``intake.usecases.reading``, and how a view looks is in the
templates. Start at ``document_view``.
"""

from datetime import datetime
from typing import Final

from pydantic import ValidationError

from ecopy.identifiers import format_code
from ecopy.refusals import cause_of
from intake.domain import ordering, states, waiting
from intake.domain.calendar import local_day
from intake.domain.files import DeskPage, StoredFile
from intake.domain.people import Actor
from intake.domain.permissions import acts_open_to, blockers_of
from intake.domain.records import (
    Case,
    CaseDocument,
    Certification,
    Note,
    Standstill,
)
from intake.domain.rules import Rules
from intake.domain.scan import ScanFault
from intake.domain.states import State
from intake.domain.views.case import (
    Asked,
    DocumentView,
    FileView,
    LinkView,
    Step,
    Stuck,
    VoidView,
)
from intake.domain.views.certifier import ClauseView
from intake.domain.views.desk import PageView
from intake.domain.waiting import Certifiers
from strangers.facts import Findings

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
    certified, refused = document.certification, document.refused
    names = document.shown_names
    setback = certified.setback if certified else None
    order = certified.order if certified else None
    since = waiting.moving_since(document)
    opened = ordering.stands_open_from(document, rules.patience)
    return DocumentView(
        id=document.id,
        ordinal=document.ordinal,
        title=document.paper.title,
        kind=document.paper.kind,
        issuing_body=document.paper.issuing_body,
        declared_pages=document.paper.pages,
        fee=due_fee(document),
        state=shown_state(document.state, setback),
        version=document.version,
        files=tuple(
            file_view(file, names.get(file.id), now) for file in document.files
        ),
        pages=len(document.pages),
        scans_removed_at=document.scans_removed_at if document.pages else None,
        page_digests=document.page_digests,
        compared_by=document.compared_by_name,
        compared_at=document.compared_at,
        entry=order.entry if order else None,
        number=order.clause.number if order else None,
        book=order.clause.book if order else None,
        verification_code=format_code(order.code) if order else None,
        officer=order.officer.name if order else None,
        refusal_code=(refused.code or None) if refused else None,
        refusal_text=refused.text if refused else None,
        refused_by=refused.by if refused else None,
        stuck=stuck_view(setback, now),
        link=link_view(document, rules),
        copy_pages=certified.copy_pages if certified else None,
        copy_size=certified.copy_size if certified else None,
        may=acts_open_to(document, rules, viewer, now),
        blockers=blockers_of(document),
        waits=waiting.waits(waiting.standing(document), case, viewer, certifiers),
        moving_since=since,
        pace=waiting.pace(since, now) if since else "usual",
        asked=asked_view(
            certified.announcements, certified.announced_at, certified.announce_at, now
        )
        if certified
        else None,
        acts_from=opened if opened and opened > now else None,
        renewals=certified.renewals if certified else 0,
        void=_void_view(certified),
    )


def asked_view(
    times: int, last: datetime | None, following: datetime | None, now: datetime
) -> Asked | None:
    """None where no news is expected."""
    if following is None:
        return None
    return Asked(times, last if times else None, following if following > now else None)


def _void_view(certified: Certification | None) -> VoidView | None:
    if certified is None or certified.voiding is None:
        return None
    word = certified.voiding
    return VoidView(word.by_name, word.at, word.reason)


def file_view(
    file: StoredFile, name: str | None = None, now: datetime | None = None
) -> FileView:
    """One file, under *name* where its own is another file's, too."""
    signatures = _signatures(file)
    return FileView(
        id=file.id,
        name=name or file.name,
        size=file.raw.size,
        state=file.state,
        pages=len(file.part.pages) if file.part else 0,
        reason=file.fault,
        detail="" if signatures else file.detail,
        uploaded_at=file.uploaded_at,
        uploaded_by=file.uploaded_by,
        signatures=signatures,
        waits=now is not None and file.waits(now),
    )


def picture_url(document: str, page: str) -> str:
    """Where a page's picture stands: the address says which page it is, so that no
    browser can show an older one under it.
    """
    return f"/documents/{document}/pictures/{page}"


def _signatures(file: StoredFile) -> Findings | None:
    """Who signed a file that was refused as signed; None where nobody was asked yet."""
    if file.fault != ScanFault.ALREADY_SIGNED:
        return None
    try:
        return Findings.model_validate_json(file.detail)
    except ValidationError:
        return None


def page_views(document: CaseDocument) -> tuple[PageView, ...]:
    """None where the pictures are no longer there: no page shows a broken one."""
    if document.scans_removed_at is not None:
        return ()
    return tuple(
        _page(document.id, number, page)
        for number, page in enumerate(document.pages, start=1)
    )


def clause_view(rules: Rules, viewer: Actor, now: datetime) -> ClauseView:
    """The clause as it would be signed now. Raises NotAllowed, NoOffice."""
    identities = rules.identities(viewer, now)
    agency, day = rules.agency(viewer.agency), local_day(now)
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


def step(note: Note) -> Step:
    return Step(note.at, note.action, note.actor_name, note.document, note.values)


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
    return now > case.due_at and any(d.state in states.OPEN for d in documents)


def link_view(document: CaseDocument, rules: Rules) -> LinkView | None:
    """The citizen's link, once the copy is issued."""
    certified = document.certification
    if certified is None or document.state is not State.ISSUED:
        return None
    return LinkView(
        url=rules.link(certified.entry, certified.link_generation),
        qr_url=f"/documents/{document.id}/link.svg",
    )


def _page(document: str, number: int, page: DeskPage) -> PageView:
    turned = page.rotation in {90, 270}
    width, height = page.facts.width, page.facts.height
    address = picture_url(document, page.digest)
    return PageView(
        number=number,
        digest=page.digest,
        thumb_url=f"{address}/thumb",
        large_url=f"{address}/large",
        file_name=page.file_name,
        dpi=page.facts.dpi,
        width=height if turned else width,
        height=width if turned else height,
        flags=page.facts.flags,
    )
