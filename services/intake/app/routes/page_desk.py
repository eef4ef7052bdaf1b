"""One paper's desk: its pages seen, arranged, compared and handed in."""

from typing import Final

from intake.app import acts, arranging, describing, pages
from intake.app.route import AT_CASE, AT_DESK, CLERKS, READERS, Route

AT_READING: Final = f"{AT_DESK}#live-reading"
ROUTES: Final = (
    Route("GET", "/documents/{document}/desk", pages.page_desk, READERS),
    Route("GET", "/documents/{document}/pictures/{page}/thumb", pages.thumb, READERS),
    Route("GET", "/documents/{document}/pictures/{page}/large", pages.large, READERS),
    Route(
        "GET",
        "/documents/{document}/files/{file}/thumbs/{number}",
        pages.coming,
        READERS,
    ),
    Route(
        "GET", "/documents/{document}/pictures/{page}/tiles/{tile}", pages.tile, READERS
    ),
    Route("POST", "/documents/{document}/pages", arranging.step, CLERKS, AT_DESK),
    *(
        Route("POST", f"/documents/{{document}}/pages/{name}", act, CLERKS, AT_DESK)
        for name, act in (
            ("insert", arranging.insert),
            ("replace", arranging.replace),
            ("adjust", arranging.adjust),
            ("send", arranging.send),
            ("split", arranging.split),
            ("merge", arranging.merge),
        )
    ),
    Route(
        "POST", "/documents/{document}/details", describing.describe, CLERKS, AT_READING
    ),
    Route(
        "POST",
        "/documents/{document}/read-again",
        describing.read_again,
        CLERKS,
        AT_READING,
    ),
    Route("POST", "/documents/{document}/compare", acts.compare, CLERKS, AT_DESK),
    Route("POST", "/documents/{document}/submit", acts.submit, CLERKS, AT_CASE),
)
