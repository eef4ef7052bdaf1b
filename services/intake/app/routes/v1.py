"""The interface for programs, with the scope that each row asks of one. People with
their own session may use it, too, by their roles.

No row approves, and none is for administrators: docs/decisions/0146. What is done with
the papers of a case is in ``v1_papers``.
"""

from typing import Final

from intake.app import extending, handouts
from intake.app.route import (
    APOLOGISERS,
    CLERKS,
    DESK,
    OVERVIEW,
    READERS,
    UPLOADERS,
    Route,
    Terms,
    reading_json,
    scoped,
)
from intake.app.routes import v1_papers
from intake.app.v1 import agreements, arranging, cases, changing, office
from intake.app.v1.answers import (
    AgreementResponse,
    CaseResponse,
    CasesResponse,
    PdfResponse,
)
from intake.app.v1.asked import (
    AgreementRequest,
    BroughtRequest,
    CaseRequest,
    CasesRequest,
    ChangesRequest,
    CorrectionRequest,
    EndRequest,
    ExtensionRequest,
    FiguresRequest,
    HandOverRequest,
    PaperRequest,
    RegisterRequest,
    SupplementRequested,
)
from intake.app.v1.office_answers import (
    ChangesResponse,
    FiguresResponse,
    RegisterResponse,
)
from intake.app.v1.steps_asked import (
    AtPaperRequest,
    InsertRequest,
    MergeRequest,
    ReplaceRequest,
    SendRequest,
    SplitRequest,
)
from intake.domain.programs import Scope

_CASE: Final = "/v1/cases/{code}"
_READS: Final = scoped(READERS, Scope.READ_CASES)
_FILES: Final = scoped(CLERKS, Scope.FILE_CASES)
_SENDS: Final = scoped(CLERKS, Scope.SEND_SCANS)
_HANDS: Final = scoped(CLERKS, Scope.HAND_OVER)
_PRINTS: Final = scoped(DESK, Scope.PRINT_PAPERS)
_TAGGED: Final = Terms(tagged=True)
_OF_CASE: Final = Terms(keyed=cases.AT_CASE, matched=True, tagged=True)


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
            # Between papers a step is made from the versions of all of them, which the
            # case's tag has.
            ("pages/insert", arranging.insert, InsertRequest, _SENDS),
            ("pages/replace", arranging.replace, ReplaceRequest, _SENDS),
            ("pages/send", arranging.send, SendRequest, _SENDS),
            ("pages/split", arranging.split, SplitRequest, _SENDS),
            ("pages/merge", arranging.merge, MergeRequest, _SENDS),
            ("pages/undo", arranging.undo, AtPaperRequest, _SENDS),
            ("pages/redo", arranging.redo, AtPaperRequest, _SENDS),
        )
    ),
    Route(
        "POST",
        f"{_CASE}/agreements",
        agreements.attach,
        scoped(UPLOADERS, Scope.FILE_CASES),
        answer=AgreementResponse,
        takes=AgreementRequest,
        terms=Terms(created=True),
    ),
    Route(
        "GET",
        f"{_CASE}/agreements/{{agreement}}",
        extending.agreement,
        _READS,
        answer=PdfResponse,
        terms=Terms(media="application/pdf"),
    ),
    *(
        Route(
            "GET",
            f"{_CASE}/handouts/{name}",
            made,
            rule,
            answer=PdfResponse,
            terms=v1_papers.PRINTED,
        )
        for name, made, rule in (
            ("receipt", handouts.receipt, _PRINTS),
            ("supplement", handouts.supplement, _PRINTS),
            ("extension", handouts.extension, _PRINTS),
            ("apology", handouts.apology, scoped(APOLOGISERS, Scope.PRINT_PAPERS)),
        )
    ),
    *v1_papers.ROUTES,
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
