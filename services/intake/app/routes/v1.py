"""The interface for programs, with the scope that each row asks of one. People with
their own session may use it, too, by their roles.

No row approves, and none is for administrators: docs/decisions/0146.
"""

from typing import Final

from intake.app import pages, tus
from intake.app.responses import FilesRequest
from intake.app.route import (
    ANYBODY,
    CLERKS,
    DESK,
    OVERVIEW,
    READERS,
    SENDERS,
    UPLOADERS,
    Route,
    Terms,
    reading_json,
    scoped,
)
from intake.app.v1 import cases, changing, office, papers
from intake.app.v1.answers import (
    CaseResponse,
    CasesResponse,
    FetchedCopyResponse,
    JpegResponse,
    PaperResponse,
    SentFilesResponse,
)
from intake.app.v1.asked import (
    BroughtRequest,
    CaseRequest,
    CasesRequest,
    ChangesRequest,
    CloseLinkRequest,
    CompareRequest,
    CorrectionRequest,
    EndRequest,
    ExtensionRequest,
    FiguresRequest,
    HandOverRequest,
    PagesRequest,
    PaperRequest,
    RegisterRequest,
    RenewLinkRequest,
    SupplementRequested,
)
from intake.app.v1.office_answers import (
    ChangesResponse,
    FiguresResponse,
    RegisterResponse,
)
from intake.domain.programs import Scope

_CASE: Final = "/v1/cases/{code}"
_PAPER: Final = "/v1/documents/{document}"
_READS: Final = scoped(READERS, Scope.READ_CASES)
_FILES: Final = scoped(CLERKS, Scope.FILE_CASES)
_SENDS: Final = scoped(CLERKS, Scope.SEND_SCANS)
_SUBMITS: Final = scoped(CLERKS, Scope.SUBMIT_PAPERS)
_TUS: Final = scoped(SENDERS, Scope.SEND_SCANS)
_TAGGED: Final = Terms(tagged=True)
_OF_CASE: Final = Terms(keyed=cases.AT_CASE, matched=True, tagged=True)
_OF_PAPER: Final = Terms(keyed=papers.AT_PAPER, matched=True, tagged=True)
_HANDS: Final = scoped(CLERKS, Scope.HAND_OVER)


ROUTES: Final = (
    Route(
        "GET",
        "/v1/cases",
        cases.cases,
        _READS,
        answer=CasesResponse,
        takes=CasesRequest,
    ),
    Route(
        "POST",
        "/v1/cases",
        cases.open_case,
        reading_json(_FILES),
        answer=CaseResponse,
        takes=CaseRequest,
        terms=Terms(created=True, keyed=cases.AT_CASE, tagged=True),
    ),
    Route("GET", _CASE, cases.case, _READS, answer=CaseResponse, terms=_TAGGED),
    *(
        Route(
            "POST",
            f"{_CASE}/{name}",
            act,
            reading_json(rule),
            answer=CaseResponse,
            takes=takes,
            terms=_OF_CASE,
        )
        for name, act, takes, rule in (
            ("documents", cases.add_paper, PaperRequest, _FILES),
            ("correct", changing.correct, CorrectionRequest, _FILES),
            ("end", cases.end, EndRequest, _FILES),
            ("extend", cases.extend, ExtensionRequest, _FILES),
            ("supplement", cases.ask, SupplementRequested, _FILES),
            ("supplement/brought", cases.bring, BroughtRequest, _FILES),
            ("hand-over", cases.hand_over, HandOverRequest, _HANDS),
        )
    ),
    Route("GET", _PAPER, papers.paper, _READS, answer=PaperResponse, terms=_TAGGED),
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
    Route(
        "POST",
        f"{_PAPER}/files/{{file}}/remove",
        papers.remove,
        _SENDS,
        answer=PaperResponse,
        terms=_OF_PAPER,
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
            ("pages", changing.arrange, PagesRequest, _SENDS),
            ("compare", papers.compare, CompareRequest, _SUBMITS),
            ("link/renew", changing.renew_link, RenewLinkRequest, _HANDS),
            ("link/close", changing.close_link, CloseLinkRequest, _HANDS),
        )
    ),
    Route(
        "POST",
        f"{_PAPER}/submit",
        papers.submit,
        _SUBMITS,
        answer=PaperResponse,
        terms=_OF_PAPER,
    ),
    Route(
        "GET",
        f"{_PAPER}/copy",
        papers.copy,
        scoped(DESK, Scope.FETCH_COPIES),
        answer=FetchedCopyResponse,
    ),
    Route(
        "GET",
        "/v1/changes",
        office.changes,
        _READS,
        answer=ChangesResponse,
        takes=ChangesRequest,
    ),
    Route(
        "GET",
        "/v1/register",
        office.register,
        scoped(READERS, Scope.READ_REGISTER),
        answer=RegisterResponse,
        takes=RegisterRequest,
    ),
    Route(
        "GET",
        "/v1/figures",
        office.figures,
        scoped(OVERVIEW, Scope.READ_FIGURES),
        answer=FiguresResponse,
        takes=FiguresRequest,
    ),
)
