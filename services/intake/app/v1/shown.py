"""The desk's views as what programs get. Nothing is decided here. Start at ``case``."""

from datetime import datetime

from ecopy.events import LinkVisits
from intake.app.v1.answers import (
    AgreementResponse,
    AwaitedResponse,
    CaseLineResponse,
    CaseResponse,
    DocumentResponse,
    HandedResponse,
    LackResponse,
    LinkResponse,
    PageResponse,
    PaperResponse,
    PictureResponse,
    RefusalResponse,
    RemedyResponse,
    SentFileResponse,
    StuckResponse,
    VisitsResponse,
    WaitsResponse,
)
from intake.app.visit import Visit
from intake.domain import waiting
from intake.domain.case_history import Agreement, SupplementRequest
from intake.domain.certifications import Standstill
from intake.domain.views.board import BoardRow
from intake.domain.views.case import CaseView, DocumentView, FileView
from intake.domain.views.desk import PageDeskView, PageView
from intake.domain.views.handing import LinkFateView
from intake.domain.waiting import Waits


def case(visit: Visit, view: CaseView) -> CaseResponse:
    since = max((_since(d) for d in view.documents), default=view.received_at)
    acts = waiting.foremost([document.waits for document in view.documents])
    tries = [at for d in view.documents if (at := _next_try(d)) is not None]
    return CaseResponse(
        code=view.code,
        version=view.version,
        state=view.state,
        national_status=view.national.code if view.national else None,
        moving=view.moving,
        received_at=view.received_at,
        due_at=view.due_at,
        late=view.late,
        fee=view.fee,
        waits=_waits(acts, since, min(tries, default=None)),
        may=sorted(view.may),
        supplement=_awaited(view.supplement),
        agreements=[agreement(view.code, each) for each in view.agreements],
        documents=[document(visit, each) for each in view.documents],
    )


def document(visit: Visit, view: DocumentView) -> DocumentResponse:
    by_program = visit.me is None
    return DocumentResponse(
        id=view.id,
        version=view.version,
        state=view.state,
        ordinal=view.ordinal,
        title=view.title,
        kind=view.kind,
        issuing_body=view.issuing_body,
        declared_pages=view.declared_pages,
        pages=view.pages,
        fee=view.fee,
        pictures=_pictures(view),
        compared_by=view.compared_by,
        blockers=list(view.blockers),
        waits=_waits(view.waits, _since(view), _next_try(view)),
        may=sorted(view.may),
        entry=view.entry,
        number=view.number,
        book=view.book,
        code=view.verification_code,
        link=view.link.url if view.link and not by_program else None,
        refusal=_refusal(view),
        stuck=_stuck(view.stuck.why) if view.stuck else None,
        handed=_handed(view),
        fate=_fate(view.fate) if view.fate else None,
    )


def paper(visit: Visit, view: PageDeskView) -> PaperResponse:
    return PaperResponse(
        document=document(visit, view.document),
        files=[file(visit, each) for each in view.document.files],
        page_list=[_page(view.document.id, page) for page in view.pages],
        put_aside=[_page(view.document.id, page) for page in view.dropped],
    )


def agreement(code: str, known: Agreement) -> AgreementResponse:
    return AgreementResponse(
        id=known.id,
        pages=known.pages,
        at=known.at,
        url=f"/v1/cases/{code}/agreements/{known.id}",
    )


def file(visit: Visit, view: FileView) -> SentFileResponse:
    return SentFileResponse(
        id=view.id,
        name=view.name,
        size=view.size,
        state=view.state,
        pages=view.pages,
        refusal=_remedy(visit, view) if view.reason else None,
        signatures=view.signatures,
    )


def line(row: BoardRow) -> CaseLineResponse:
    next_try = row.stuck.why.next_try_at if row.stuck else None
    return CaseLineResponse(
        code=row.code,
        state=row.state,
        documents=row.documents,
        received_minutes_ago=row.age_minutes,
        due_at=row.due_at,
        late=row.late,
        waits=_waits(row.waits, row.waits_since, next_try),
        numbers=list(row.numbers),
    )


def _page(document: str, page: PageView) -> PageResponse:
    return PageResponse(
        number=page.number,
        name=page.name,
        digest=page.digest,
        file=page.file_name,
        dpi=page.dpi,
        width=page.width,
        height=page.height,
        flags=list(page.flags),
        picture=_picture(document, page.digest),
    )


def _pictures(view: DocumentView) -> list[PictureResponse]:
    """None once its scans were given up."""
    there = view.page_digests if view.scans_removed_at is None else ()
    return [PictureResponse(page=page, url=_picture(view.id, page)) for page in there]


def _handed(view: DocumentView) -> list[HandedResponse]:
    return [
        HandedResponse(
            way=line.way, by=line.by, at=line.at, mistaken=bool(line.mistaken_by)
        )
        for line in view.handed
    ]


def _picture(document_id: str, page: str) -> str:
    return f"/v1/documents/{document_id}/pages/{page}/picture"


def _waits(acts: Waits, since: datetime, next_try: datetime | None) -> WaitsResponse:
    return WaitsResponse(act=acts.act, who=acts.who, since=since, next_try_at=next_try)


def _since(view: DocumentView) -> datetime:
    if view.changed_at is None:
        raise AssertionError("a paper of a case that is stored has a moment")
    return view.changed_at


def _next_try(view: DocumentView) -> datetime | None:
    if view.stuck is not None:
        return view.stuck.why.next_try_at
    return view.asked.following if view.asked else None


def _refusal(view: DocumentView) -> RefusalResponse | None:
    if view.refused_by is None:
        return None
    return RefusalResponse(
        code=view.refusal_code, text=view.refusal_text or "", by=view.refused_by
    )


def _stuck(why: Standstill) -> StuckResponse:
    return StuckResponse(
        reason=why.reason,
        stage=why.stage,
        since=why.since,
        tries=why.tries,
        next_try_at=why.next_try_at,
    )


def _fate(fate: LinkFateView) -> LinkResponse:
    return LinkResponse(
        last_day=fate.last_day,
        over=fate.over,
        closed=fate.closed is not None,
        opened=_visits(fate.opened),
        fetched=_visits(fate.fetched),
    )


def _visits(visits: LinkVisits | None) -> VisitsResponse | None:
    if visits is None:
        return None
    return VisitsResponse(
        count=visits.count, first_at=visits.first_at, last_at=visits.last_at
    )


def _awaited(asked: SupplementRequest | None) -> AwaitedResponse | None:
    if asked is None:
        return None
    return AwaitedResponse(
        lacks=[
            LackResponse(paper=lack.document, ground=lack.ground, words=lack.words)
            for lack in asked.lacks
        ],
        words=asked.words,
        until=asked.until,
        asked_at=asked.at,
    )


def _remedy(visit: Visit, view: FileView) -> RemedyResponse:
    words = visit.desk.render.pages.words["en"]
    says = (words(f"file.{view.reason}.{part}") for part in ("what", "next"))
    what, then = says
    return RemedyResponse(reason=view.reason or "", what=what, next=then)
