"""The page desk of one paper: its pages as they lie, and what can be taken back.

What is said of the paper itself is in ``showing``. Start at ``desk_view``.
"""

from datetime import datetime

from intake.domain import calendar, numbers, objecting, showing_files, states
from intake.domain.arranging import PageStep
from intake.domain.records import Case, CaseDocument
from intake.domain.rules import Rules
from intake.domain.states import State
from intake.domain.views.case import DocumentView
from intake.domain.views.desk import PageDeskView, PaperView, StepView


def desk_view(
    known: CaseDocument,
    of_case: Case,
    papers: tuple[CaseDocument, ...],
    *,
    document: DocumentView,
    rules: Rules,
    now: datetime,
) -> PageDeskView:
    """*papers* are all of the case; *document* is what is said of *known*."""
    pages = showing_files.page_views(known)
    return PageDeskView(
        case_code=of_case.code,
        short_code=numbers.short_code(of_case.code),
        requester=of_case.requester.name,
        due_at=of_case.due_at,
        now=now,
        document=document,
        siblings=tuple(
            (d.id, d.ordinal, d.paper.title)
            for d in papers
            if d.state is not State.MERGED or d.id == known.id
        ),
        pages=pages,
        coming=showing_files.coming_views(known),
        count_differs=len(pages) != known.paper.pages,
        limit_bytes=rules.file_bytes,
        limit_pages=rules.document_pages,
        dropped=showing_files.dropped_views(known),
        papers=tuple(map(_paper, papers)),
        kinds=rules.tables(known.agency).kinds(calendar.local_day(now)),
        last_step=_step(known.history.undoable(known.id)),
        undone_step=_step(known.history.redoable(known.id)),
        objections=objecting.shown(known, papers),
    )


def _paper(paper: CaseDocument) -> PaperView:
    return PaperView(
        id=paper.id,
        ordinal=paper.ordinal,
        title=paper.paper.title,
        version=paper.version,
        declared_pages=paper.paper.pages,
        compared=paper.compared_by is not None,
        open=paper.state in states.EDITABLE,
        pages=showing_files.page_views(paper),
    )


def _step(step: PageStep | None) -> StepView | None:
    if step is None:
        return None
    return StepView(step.kind, len(step.effect.named), step.by_name, step.at)
