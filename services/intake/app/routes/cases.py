"""The board, the cases and the papers in them."""

from typing import Final

from intake.app import acts, board_views, casework, extending, handing, pages
from intake.app.route import AT_CASE, AT_DESK, CLERKS, DESK, READERS, STAFF, Route

ROUTES: Final = (
    Route("GET", "/", pages.board, STAFF),
    Route("GET", "/news", pages.news, STAFF),
    *board_views.ROUTES,
    Route("GET", "/cases/new", pages.new_case, CLERKS),
    Route("POST", "/cases", acts.open_case, CLERKS, AT_DESK),
    Route("POST", "/cases/earlier", acts.earlier, CLERKS),
    Route("GET", "/cases/{code}", pages.case, READERS),
    Route("POST", "/cases/{code}/documents", acts.add_document, CLERKS, AT_DESK),
    Route("GET", "/documents/{document}/link.svg", pages.link_qr, DESK),
    *casework.ROUTES,
    *extending.ROUTES,
    Route("POST", "/cases/{code}/hand-over", handing.hand_over, CLERKS, AT_CASE),
    Route(
        "POST", "/documents/{document}/link/renew", handing.renew_link, CLERKS, AT_CASE
    ),
    Route(
        "POST", "/documents/{document}/link/close", handing.close_link, CLERKS, AT_CASE
    ),
    Route(
        "POST",
        "/documents/{document}/hand-over/{nth}/mistake",
        handing.mistaken,
        CLERKS,
        AT_CASE,
    ),
)
