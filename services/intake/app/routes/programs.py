"""What programs ask: the interface under /v1, and the state of the service."""

from typing import Final

from intake.app import api, system
from intake.app.responses import (
    ApprovedResponse,
    ApproveRequest,
    CaseResponse,
    LettersResponse,
    QuoteRequest,
    QuoteResponse,
    ReadyResponse,
    SessionResponse,
    SignInRequest,
    StatusResponse,
)
from intake.app.route import ADMINISTRATORS, ANYBODY, CERTIFIERS, CLERKS, READERS, Route

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
        "GET", "/v1/quote", api.quote, CLERKS, answer=QuoteResponse, takes=QuoteRequest
    ),
    Route("GET", "/v1/cases/{code}", api.case, READERS, answer=CaseResponse),
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
