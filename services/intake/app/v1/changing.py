"""What a program changes of a case that is filed: what was typed, the hour it is due,
how it went out, and the citizen's link. Start at ``correct``.
"""

from starlette.responses import Response

from intake.app.case_forms import REQUESTER
from intake.app.v1 import tags
from intake.app.v1.asked import (
    CloseLinkRequest,
    CorrectionRequest,
    RenewLinkRequest,
)
from intake.app.v1.bodies import read
from intake.app.v1.cases import misfit_of, paper_fields, requester_fields, shown_case
from intake.app.v1.misfits import Misfit, MistakeAt, Stale
from intake.app.v1.papers import shown_paper
from intake.app.visit import Visit, whole
from intake.domain.correcting import (
    CorrectedPaper,
    CorrectedRequester,
    CorrectionForm,
)
from intake.domain.intake_form import CorrectedCase, Mistaken, TypedCase
from intake.domain.views.casework import CorrectionView


async def correct(visit: Visit) -> Response:
    """Put right what was typed, until the approval. A part that is left out stays as it
    is; each field that differs is a line of the case's history.
    """
    asked, code = read(visit, CorrectionRequest), visit.path("code")
    # The stamps are of now, so the versions that the change was made from are compared
    # first; what comes between the two is met by the stamps, in the transaction.
    case = await visit.desk.pages.case(code, visit.by)
    if tags.matched(visit) != (case.version, *(d.version for d in case.documents)):
        raise Stale
    view = await visit.desk.casework.correction(code, visit.by)
    form = _form(visit, asked, view)
    await visit.desk.casework.correct(code, form, visit.by)
    return await shown_case(visit, code)


async def mistaken(visit: Visit) -> Response:
    """Note that a line of `handed`, counted from 1, was a mistake; the line stays."""
    document, nth = visit.path("document"), whole(visit.path("nth"), "nth")
    await visit.desk.handing.mistaken(document, nth, tags.version(visit), visit.by)
    return await shown_paper(visit, document)


async def renew_link(visit: Visit) -> Response:
    """Give the copy another link; the one of before opens nothing any more."""
    asked, document = read(visit, RenewLinkRequest), visit.path("document")
    await visit.desk.handing.renew_link(
        document,
        asked.ground,
        asked.days,
        tags.version(visit),
        visit.by,
        asked=asked.factor,
    )
    return await shown_paper(visit, document)


async def close_link(visit: Visit) -> Response:
    """Close the link of the copy, with none in its place."""
    asked, document = read(visit, CloseLinkRequest), visit.path("document")
    await visit.desk.handing.close_link(
        document, asked.ground, tags.version(visit), visit.by
    )
    return await shown_paper(visit, document)


def _form(
    visit: Visit, asked: CorrectionRequest, view: CorrectionView
) -> CorrectionForm:
    """Raises Misfit, also for a paper that cannot be corrected any more."""
    stamps = {paper.id: paper.stamp for paper in view.papers}
    late = [n for n, paper in enumerate(asked.papers) if paper.id not in stamps]
    if late:
        raise Misfit(
            *(MistakeAt(f"/papers/{n}/id", "no paper to correct") for n in late)
        )
    parsed = _parsed(visit, asked, view)
    requester = parsed.requester
    return CorrectionForm(
        requester=requester
        and CorrectedRequester(*requester, stamp=view.requester_stamp),
        papers={
            sent.id: CorrectedPaper(paper, stamps[sent.id])
            for sent, paper in zip(asked.papers, parsed.papers, strict=True)
        },
    )


def _parsed(
    visit: Visit, asked: CorrectionRequest, view: CorrectionView
) -> CorrectedCase:
    fields: dict[str, str] = {}
    if asked.applicant is not None:
        before = {name: view.requester[key] for key, name in REQUESTER.items()}
        who = asked.applicant.requester
        fields = requester_fields(asked.applicant.channel, who, before)
    copies = {paper.id: paper.fields["paper.copies"] for paper in view.papers}
    rows = [paper_fields(paper, copies[paper.id]) for paper in asked.papers]
    try:
        return visit.desk.casework.read_correction(
            TypedCase(fields, rows), visit.by, requester=asked.applicant is not None
        )
    except Mistaken as mistaken:
        raise misfit_of(visit, mistaken, "/applicant") from mistaken
