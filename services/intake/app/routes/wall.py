"""What a certifier does: see, approve, refuse, order again, declare void; and whoever
keeps the seal: release, withhold.
"""

from typing import Final

from intake.app import acts, batching, pages, sealing
from intake.app.route import (
    AT_CASE,
    AT_WALL,
    CERTIFIERS,
    EXAMINERS,
    SEAL_KEEPERS,
    Route,
)
from intake.app.sealing import AT_SEAL

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
    Route("GET", "/seal", sealing.queue, SEAL_KEEPERS),
    Route("POST", "/seal/release", sealing.release, SEAL_KEEPERS, AT_SEAL),
    Route(
        "POST",
        "/documents/{document}/withhold",
        sealing.withhold,
        SEAL_KEEPERS,
        AT_SEAL,
    ),
)
