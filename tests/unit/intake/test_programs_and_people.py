"""What a clerk does by form a program does under /v1; where it may not, it says why.

The table is by hand, a row for each act of people: whatever is no GET, and each GET
that gives a file. A route that is in neither half fails, so a form that is new tomorrow
has its address for programs, or a reason, on the same day.
"""

import pytest

from intake.app.routes import ROUTES

PEOPLE = "a session of a person, who has a password; a program has a token"
CERTIFIES = "certifying is a person's act in law (docs/decisions/0146)"
KEEPS_SEAL = "whoever releases a seal answers for it by name (0144, 0146)"
GOVERNS = "rules of the office are its administrator's word (0128, 0146)"
MENDS = "whoever hands a letter back says what they have mended (0093)"
AT_SCANNER = "who assigns it has seen whose paper lay in the scanner (0111)"
REGISTER = "the lines come by GET /v1/register; a bound print is signed by a person"
AT_BOARD = "a filter with a name is a person's; a program says its own each time"
FIGURES = "the figures themselves come by GET /v1/figures"

BETWEEN_PAPERS = ("insert", "replace", "send", "split", "merge")
SAME = """
POST   /cases
POST   /cases/{code}/documents
POST   /cases/{code}/correct
POST   /cases/{code}/supplement
POST   /cases/{code}/supplement/brought
POST   /cases/{code}/extend
POST   /cases/{code}/agreements
GET    /cases/{code}/agreements/{agreement}
POST   /cases/{code}/end
POST   /cases/{code}/hand-over
GET    /cases/{code}/handouts/receipt
GET    /cases/{code}/handouts/supplement
GET    /cases/{code}/handouts/extension
GET    /cases/{code}/handouts/apology
POST   /documents/{document}/hand-over/{nth}/mistake
POST   /documents/{document}/link/renew
POST   /documents/{document}/link/close
GET    /documents/{document}/handouts/refusal
GET    /documents/{document}/handouts/not-accepted
GET    /documents/{document}/handouts/link
POST   /documents/{document}/files
POST   /documents/{document}/files/{file}/remove
POST   /documents/{document}/uploads
PATCH  /uploads/{upload}
DELETE /uploads/{upload}
POST   /documents/{document}/pages
POST   /documents/{document}/pages/adjust
POST   /documents/{document}/details
POST   /documents/{document}/compare
POST   /documents/{document}/submit
"""
"""Acts whose address for programs is that of the form under /v1."""
ELSEWHERE = {
    **{
        ("POST", f"/documents/{{document}}/pages/{step}"): (
            f"/v1/cases/{{code}}/pages/{step}"
        )
        for step in BETWEEN_PAPERS
    },
    ("GET", "/documents/{document}/link.svg"): "/v1/documents/{document}/copy",
}
REASONS = {
    ("POST", "/sign-in"): PEOPLE,
    ("POST", "/sign-out"): PEOPLE,
    ("POST", "/account/password"): PEOPLE,
    ("POST", "/cases/earlier"): "it names a requester; a program brings its own",
    ("POST", "/documents/{document}/places"): "a program counts its files itself:"
    " each is sent under its `place`",
    ("POST", "/uploads/{upload}"): "for scripts that may not send PATCH; programs may",
    ("POST", "/documents/{document}/read-again"): "what was read is offered to a"
    " person beside the form, and to nobody else (0112)",
    **dict.fromkeys(
        (
            ("POST", "/inbox/assign"),
            ("POST", "/inbox/new-case"),
            ("POST", "/inbox/{arrival}/give-back"),
            ("POST", "/inbox/{arrival}/set-aside"),
        ),
        AT_SCANNER,
    ),
    **dict.fromkeys(
        (
            ("POST", "/wall/batches"),
            ("POST", "/documents/{document}/seen"),
            ("POST", "/documents/{document}/approve"),
            ("POST", "/documents/{document}/refuse"),
            ("POST", "/documents/{document}/send-back"),
            ("POST", "/documents/{document}/order-again"),
            ("POST", "/documents/{document}/void"),
            ("POST", "/register/close"),
            ("POST", "/register/notes"),
        ),
        CERTIFIES,
    ),
    ("POST", "/seal/release"): KEEPS_SEAL,
    ("POST", "/views"): AT_BOARD,
    ("POST", "/views/remove"): AT_BOARD,
    ("POST", "/documents/{document}/withhold"): KEEPS_SEAL,
    ("GET", "/register/print.pdf"): REGISTER,
    ("GET", "/register/export.xlsx"): REGISTER,
    ("GET", "/register/export.csv"): REGISTER,
    ("GET", "/overview/{plot}.csv"): FIGURES,
    ("POST", "/system/letters/{number}/replay"): MENDS,
    ("POST", "/system/letters/{number}/dismiss"): MENDS,
}
OF_THE_ADMINISTRATOR = ("/accounts", "/delegations", "/programs", "/fees", "/switches")
OF_THE_ADMINISTRATOR += ("/calendar", "/tables", "/templates")
FILES = ("/handouts/", "/agreements/", ".")
"""In the addresses of what is a file of its own and no part of a page."""
SERVED = {(route.method, route.path): route for route in ROUTES}
HAS = {
    **{
        (method, path): f"/v1{path}"
        for method, path in map(str.split, SAME.strip().splitlines())
    },
    **ELSEWHERE,
}


def acts():
    """Each act of people, by its method and its address."""
    return [
        (route.method, route.path)
        for route in ROUTES
        if not route.path.startswith("/v1/")
        and (
            route.method not in {"GET", "HEAD", "OPTIONS"}
            or any(mark in route.path for mark in FILES)
        )
    ]


def reason(method, path):
    """Why no program does this; empty where one does."""
    if path.startswith(OF_THE_ADMINISTRATOR):
        return GOVERNS
    return REASONS.get((method, path), "")


@pytest.mark.parametrize(("method", "path"), acts())
def test_an_act_of_people_has_its_address_for_programs_or_a_reason(method, path):
    """One of both: a reason beside an address would be a lie."""
    assert bool(reason(method, path)) is not ((method, path) in HAS)


def test_the_table_names_nothing_that_is_not_served():
    """A row whose form is gone would promise an act that nobody has."""
    known = set(acts())
    assert {*HAS, *REASONS} <= known
    assert set(HAS.values()) <= {path for _, path in SERVED}


@pytest.mark.parametrize(("act", "programs"), HAS.items(), ids=str)
def test_whoever_may_by_form_may_by_program(act, programs):
    """The roles are the form's, and a program needs a scope."""
    route = SERVED[act[0], programs]
    assert route.rule.roles == SERVED[act].rule.roles
    assert route.rule.scope is not None


@pytest.mark.parametrize("act", [each for each in acts() if each not in HAS], ids=str)
def test_what_is_a_persons_alone_has_no_scope(act):
    """The reason holds in the route table, too."""
    assert SERVED[act].rule.scope is None
