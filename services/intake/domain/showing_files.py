"""Files and their pages into views, with the addresses of their pictures.

Start at ``file_view``.
"""

from datetime import datetime

from pydantic import ValidationError

from intake.domain import adjusting
from intake.domain.desk_pages import DeskPage
from intake.domain.files import StoredFile
from intake.domain.records import CaseDocument
from intake.domain.scan import ScanFault
from intake.domain.views.case import FileView
from intake.domain.views.desk import ComingView, PageView, ScannedView
from strangers.facts import Findings


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


def page_views(document: CaseDocument) -> tuple[PageView, ...]:
    """None where the pictures are no longer there: no page shows a broken one."""
    return () if document.scans_removed_at else _pages(document, document.pages)


def dropped_views(document: CaseDocument) -> tuple[PageView, ...]:
    """Numbered among themselves; none where the pictures are no longer there. What
    stands beside the page that was made of it is not among them.
    """
    scanned = [adjusting.scanned_page(document, page) for page in document.pages]
    beside = {page.id for page in scanned if page is not None}
    aside = tuple(p for p in document.dropped_pages if p.id not in beside)
    return () if document.scans_removed_at else _pages(document, aside)


def coming_views(document: CaseDocument) -> tuple[ComingView, ...]:
    """Pages of files that are still being rebuilt, in the order of the files."""
    return tuple(
        ComingView(number, document.shown_names[file.id], _coming_url(file, number))
        for file in document.files
        if file.state == "busy"
        for number in range(1, len(file.coming) + 1)
    )


def picture_url(document: str, page: str) -> str:
    """Where a page's picture stands: the address says which page it is, so that no
    browser can show an older one under it.
    """
    return f"/documents/{document}/pictures/{page}"


def _coming_url(file: StoredFile, number: int) -> str:
    return f"/documents/{file.document}/files/{file.id}/thumbs/{number}"


def _pages(document: CaseDocument, pages: tuple[DeskPage, ...]) -> tuple[PageView, ...]:
    return tuple(
        _page(document, number, page) for number, page in enumerate(pages, start=1)
    )


def _page(document: CaseDocument, number: int, page: DeskPage) -> PageView:
    address = picture_url(document.id, page.digest)
    width, height = _upright(page)
    return PageView(
        number=number,
        digest=page.digest,
        thumb_url=f"{address}/thumb",
        large_url=f"{address}/large",
        file_name=page.file_name,
        dpi=page.facts.dpi,
        width=width,
        height=height,
        flags=page.facts.flags,
        name=str(page.id),
        drawn=page.full_size,
        scanned=_scanned(document, page),
        lean=page.facts.lean,
    )


def _scanned(document: CaseDocument, page: DeskPage) -> ScannedView | None:
    source = adjusting.scanned_page(document, page)
    if source is None or page.adjustment is None:
        return None
    width, height = _upright(source)
    return ScannedView(
        large_url=f"{picture_url(document.id, source.digest)}/large",
        width=width,
        height=height,
        degrees=page.adjustment.degrees,
        trim=adjusting.as_seen(page.adjustment.trim, page.rotation),
    )


def _upright(page: DeskPage) -> tuple[int, int]:
    """Pixels across and down, as seen."""
    width, height = page.facts.width, page.facts.height
    return (height, width) if page.rotation in {90, 270} else (width, height)


def _signatures(file: StoredFile) -> Findings | None:
    """Who signed a file that was refused as signed; None where nobody was asked yet."""
    if file.fault != ScanFault.ALREADY_SIGNED:
        return None
    try:
        return Findings.model_validate_json(file.detail)
    except ValidationError:
        return None
