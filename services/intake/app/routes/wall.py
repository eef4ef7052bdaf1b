"""What a certifier does: see, approve, refuse, order again, declare void."""

from typing import Final

from intake.app import acts, batching, pages
from intake.app.route import AT_CASE, AT_WALL, CERTIFIERS, EXAMINERS, Route

ROUTES: Final = (
    Route("GET", "/wall", pages.wall, EXAMINERS),
    Route("POST", "/wall/batches", batching.approve, CERTIFIERS),
    Route("GET", "/wall/batches/{batch}", batching.results, CERTIFIERS),
    Route("GET", "/wall/{document}", pages.wall, EXAMINERS),
    Route("POST", "/documents/{document}/seen", batching.note_seen, CERTIFIERS),
    Route("POST", "/documents/{document}/approve", acts.approve, CERTIFIERS, AT_WALL),
    Route("POST", "/documents/{document}/refuse", acts.refuse, CERTIFIERS, AT_WALL),
    Route(
        "POST", "/documents/{document}/send-back", acts.send_back, EXAMINERS, AT_WALL
    ),
    Route(
        "POST",
        "/documents/{document}/order-again",
        acts.order_again,
        CERTIFIERS,
        AT_CASE,
    ),
    Route("POST", "/documents/{document}/void", acts.void, CERTIFIERS, AT_CASE),
)
