"""What people's own programs ask with their session, and the state of the service. The
interface for the programs of others is in ``v1``.
"""

from typing import Final

from intake.app import api, system
from intake.app.responses import (
    ApprovedResponse,
    ApproveRequest,
    LettersResponse,
    QuoteRequest,
    QuoteResponse,
    ReadyResponse,
    SessionResponse,
    SignInRequest,
    StatusResponse,
)
from intake.app.route import (
    ADMINISTRATORS,
    ANYBODY,
    CERTIFIERS,
    CLERKS,
    Route,
    scoped,
)
from intake.domain.programs import Scope

ROUTES: Final = (
    Route("GET", "/healthz", api.healthz, ANYBODY, answer=StatusResponse),
    Route("GET", "/readyz", api.readyz, ANYBODY, answer=ReadyResponse),
    Route("GET", "/metrics", api.metrics, ANYBODY),
    Route(
        "POST",
        "/v1/sign-in",
        api.sign_in,
        ANYBODY,
        answer=SessionResponse,
        takes=SignInRequest,
    ),
    Route(
        "GET",
        "/v1/quote",
        api.quote,
        scoped(CLERKS, Scope.FILE_CASES),
        answer=QuoteResponse,
        takes=QuoteRequest,
    ),
    Route(
        "POST",
        "/v1/documents/{document}/approve",
        api.approve,
        CERTIFIERS,
        answer=ApprovedResponse,
        takes=ApproveRequest,
    ),
    Route(
        "GET",
        "/v1/system/letters",
        system.letters,
        ADMINISTRATORS,
        answer=LettersResponse,
    ),
)
