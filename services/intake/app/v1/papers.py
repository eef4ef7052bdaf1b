"""Papers of a case: their files and pages, until they lie before a certifier.

A program never approves: no route here does, and no scope opens the one that does.
Start at ``send``.
"""

from dataclasses import replace
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from intake.app import uploads
from intake.app.responses import json_response
from intake.app.v1 import shown, tags
from intake.app.v1.answers import FetchedCopyResponse, SentFilesResponse
from intake.app.v1.asked import CompareRequest
from intake.app.v1.bodies import read
from intake.app.v1.misfits import Misfit, MistakeAt
from intake.app.visit import Visit
from intake.domain import showing_files
from intake.domain.records import NotFound

AT_PAPER: Final = "/v1/documents/{document}"


async def paper(visit: Visit) -> Response:
    """A paper with its files and its pages: what counts, what does not and why, and
    what somebody should look at.
    """
    return await shown_paper(visit, visit.path("document"))


async def send(visit: Visit) -> Response:
    """Files of a paper, each by itself: a refused one says why and what to do, the
    others count. Named with a `place`, a file that is sent again is the same file.
    """
    try:
        received = await uploads.received(visit)
    except PermissionError:
        return uploads.forged(visit)
    if not received:
        raise Misfit(MistakeAt("/files", "send at least one file"))
    return json_response(
        SentFilesResponse(
            files=[
                shown.file(visit, showing_files.file_view(file)) for file in received
            ]
        ),
        HTTPStatus.CREATED,
    )


async def remove(visit: Visit) -> Response:
    """Take a file out of a paper again; what was sent stays as evidence."""
    document, version = visit.path("document"), tags.version(visit)
    await visit.desk.files.remove_file(document, visit.path("file"), version, visit.by)
    return await shown_paper(visit, document)


async def compare(visit: Visit) -> Response:
    """Put down who has held these pages against the paper original."""
    asked, document = read(visit, CompareRequest), visit.path("document")
    by = visit.by
    if visit.me is None:
        # The program carries a person's word: both stand in the audit.
        by = replace(by, name=f"{asked.person} · {by.name}")
    await visit.desk.receiving.compare(
        document, tags.version(visit), tuple(asked.pages), by
    )
    return await shown_paper(visit, document)


async def submit(visit: Visit) -> Response:
    """Hand a paper that was compared to the certifier, who is a person."""
    document = visit.path("document")
    await visit.desk.receiving.submit(document, tags.version(visit), visit.by)
    return await shown_paper(visit, document)


async def copy(visit: Visit) -> Response:
    """Where the copy is fetched, once it is issued and while its link is open."""
    document = visit.path("document")
    view = (await visit.desk.pages.page_desk(document, visit.by)).document
    if view.link is None or view.number is None:
        raise NotFound(document)
    return json_response(
        FetchedCopyResponse(
            document=document,
            number=view.number,
            code=view.verification_code or "",
            sha256=view.copy_sha256 or "",
            link=view.link.url,
            download=f"{view.link.url}/download",
        )
    )


async def shown_paper(visit: Visit, document: str) -> Response:
    """The paper as it is now, with its tag."""
    view = await visit.desk.pages.page_desk(document, visit.by)
    return tags.tagged(visit, shown.paper(visit, view), (view.document.version,))
