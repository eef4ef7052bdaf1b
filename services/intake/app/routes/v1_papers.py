"""The interface for programs, in the papers of a case: files, pages, what is printed of
them, and the copy. The cases themselves are in ``v1``.
"""

from typing import Final

from intake.app import handouts, pages, tus
from intake.app.responses import FilesRequest
from intake.app.route import (
    ANYBODY,
    CLERKS,
    DESK,
    READERS,
    SENDERS,
    UPLOADERS,
    Route,
    Terms,
    reading_json,
    scoped,
)
from intake.app.v1 import arranging, changing, papers
from intake.app.v1.answers import (
    FetchedCopyResponse,
    JpegResponse,
    PaperResponse,
    PdfResponse,
    SentFilesResponse,
)
from intake.app.v1.asked import CloseLinkRequest, CompareRequest, RenewLinkRequest
from intake.app.v1.steps_asked import AdjustRequest, DetailsRequest, PagesRequest
from intake.domain.programs import Scope

_PAPER: Final = "/v1/documents/{document}"
_READS: Final = scoped(READERS, Scope.READ_CASES)
_FILES: Final = scoped(CLERKS, Scope.FILE_CASES)
_SENDS: Final = scoped(CLERKS, Scope.SEND_SCANS)
_SUBMITS: Final = scoped(CLERKS, Scope.SUBMIT_PAPERS)
_HANDS: Final = scoped(CLERKS, Scope.HAND_OVER)
_PRINTS: Final = scoped(DESK, Scope.PRINT_PAPERS)
_TUS: Final = scoped(SENDERS, Scope.SEND_SCANS)
_OF_PAPER: Final = Terms(keyed=papers.AT_PAPER, matched=True, tagged=True)
PRINTED: Final = Terms(media="application/pdf", forbidden_by_state=True)


ROUTES: Final = (
    Route(
        "GET",
        _PAPER,
        papers.paper,
        _READS,
        answer=PaperResponse,
        terms=Terms(tagged=True),
    ),
    Route(
        "GET",
        f"{_PAPER}/pages/{{page}}/picture",
        pages.large,
        _READS,
        answer=JpegResponse,
        terms=Terms(media="image/jpeg"),
    ),
    Route(
        "POST",
        f"{_PAPER}/files",
        papers.send,
        scoped(UPLOADERS, Scope.SEND_SCANS),
        answer=SentFilesResponse,
        takes=FilesRequest,
        terms=Terms(created=True),
    ),
    Route("OPTIONS", f"{_PAPER}/uploads", tus.offer, ANYBODY, tus=True),
    Route("POST", f"{_PAPER}/uploads", tus.begin, _TUS, tus=True),
    Route("OPTIONS", "/v1/uploads/{upload}", tus.offer, ANYBODY, tus=True),
    Route("HEAD", "/v1/uploads/{upload}", tus.state, _TUS, tus=True),
    Route("PATCH", "/v1/uploads/{upload}", tus.append, _TUS, tus=True),
    Route("DELETE", "/v1/uploads/{upload}", tus.end, _TUS, tus=True),
    *(
        Route(
            "POST",
            f"{_PAPER}/{name}",
            act,
            reading_json(rule),
            answer=PaperResponse,
            takes=takes,
            terms=_OF_PAPER,
        )
        for name, act, takes, rule in (
            ("pages", arranging.arrange, PagesRequest, _SENDS),
            ("pages/adjust", arranging.adjust, AdjustRequest, _SENDS),
            ("details", arranging.describe, DetailsRequest, _FILES),
            ("compare", papers.compare, CompareRequest, _SUBMITS),
            ("link/renew", changing.renew_link, RenewLinkRequest, _HANDS),
            ("link/close", changing.close_link, CloseLinkRequest, _HANDS),
        )
    ),
    *(
        Route(
            "POST",
            f"{_PAPER}/{name}",
            act,
            rule,
            answer=PaperResponse,
            terms=_OF_PAPER,
        )
        for name, act, rule in (
            ("files/{file}/remove", papers.remove, _SENDS),
            ("submit", papers.submit, _SUBMITS),
            ("hand-over/{nth}/mistake", changing.mistaken, _HANDS),
        )
    ),
    *(
        Route(
            "GET",
            f"{_PAPER}/handouts/{name}",
            made,
            rule,
            answer=PdfResponse,
            terms=PRINTED,
        )
        for name, made, rule in (
            ("refusal", handouts.refusal, _PRINTS),
            ("not-accepted", handouts.not_accepted, _PRINTS),
            ("link", handouts.link, scoped(CLERKS, Scope.FETCH_COPIES)),
        )
    ),
    Route(
        "GET",
        f"{_PAPER}/copy",
        papers.copy,
        scoped(DESK, Scope.FETCH_COPIES),
        answer=FetchedCopyResponse,
    ),
)
