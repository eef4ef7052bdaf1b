"""Who may do what, written out here by hand and nowhere derived from the desk's table.

Each row sends the request that a browser or a program would send: first of everybody
who may not, which must change nothing, then of whoever may. A route without a row fails
the test.
"""

import json
import re
import secrets
from dataclasses import dataclass, replace
from datetime import date

import httpx
import pytest
import pytest_asyncio

from intake.adapters.sql.arrivals import SqlArrivals
from intake.adapters.sql.cases import SqlCases
from intake.app.application import create_app
from intake.app.routes import ROUTES
from intake.domain.accounts import AccountForm
from intake.domain.arrivals import Arrival
from intake.domain.certifications import Way
from intake.domain.correcting import CorrectedPaper, CorrectionForm, paper_stamp
from intake.domain.describing import Details
from intake.domain.desk_ends import DeskEnd
from intake.domain.link_records import ClosingGround, RenewalGround
from intake.domain.paper_steps import Merge, Split
from intake.domain.people import Role
from intake.domain.programs import Scope
from intake.domain.records import CaseDocument, Conflict, Note, NotFound
from intake.domain.refusing import Ground
from intake.domain.states import NotAllowed
from intake.domain.uploading import Announced
from support import build
from support.intake import AGENCY, CASE, PASSWORD
from support.papers import Papers, missing_of, one_page, open_papers

PEOPLE = ("nobody", "administrator", "elsewhere", "clerk", "certifier")
"""``elsewhere`` is clerk and certifier of another agency; the clerk did not receive
the case."""
NAMES = {
    "administrator": "long",
    "elsewhere": "elsewhere",
    "clerk": "man",
    "certifier": "vinh",
}
SIGN_IN = "sign-in"
"""Led to the sign-in, or 401 for a program."""
REFUSALS = frozenset({SIGN_IN, "403", "404"})
STRANGERS_MUST_NOT_READ = (CASE["requester"], CASE["title"])
OWN_CASE = CASE | {"requester": "Người Khác", "title": "Giấy khác"}

TABLE = """
GET  /healthz                                  200     200 200 200 200
GET  /readyz                                   200     200 200 200 200
GET  /metrics                                  200     200 200 200 200
GET  /sign-in                                  200     303 303 303 303
POST /sign-in                                  303     303 303 303 303
POST /v1/sign-in                               200     200 200 200 200
GET  /account                                  sign-in 200 200 200 200
POST /account/password                         sign-in 422 422 422 422
GET  /                                         sign-in 200 200 200 200
POST /views                                    sign-in 303 303 303 303
POST /views/remove                             sign-in 303 303 303 303
GET  /cases/new                                sign-in 403 200 200 403
POST /cases                                    sign-in 403 303 303 403
POST /cases/earlier                            sign-in 403 200 200 403
GET  /v1/quote                                 sign-in 403 200 200 403
GET  /cases/{code}                             sign-in 403 404 200 200
GET  /v1/cases                                 sign-in 403 200 200 200
POST /v1/cases                                 sign-in 403 201 201 403
GET  /v1/cases/{code}                          sign-in 403 404 200 200
POST /v1/cases/{code}/documents                sign-in 403 404 200 403
POST /v1/cases/{code}/correct                  sign-in 403 404 200 403
POST /v1/cases/{code}/end                      sign-in 403 404 200 403
POST /v1/cases/{code}/extend                   sign-in 403 404 200 403
POST /v1/cases/{code}/supplement               sign-in 403 404 200 403
POST /v1/cases/{code}/supplement/brought       sign-in 403 404 200 403
POST /v1/cases/{code}/hand-over                sign-in 403 404 200 403
POST /v1/cases/{code}/pages/insert             sign-in 403 404 200 403
POST /v1/cases/{code}/pages/replace            sign-in 403 404 200 403
POST /v1/cases/{code}/pages/send               sign-in 403 404 200 403
POST /v1/cases/{code}/pages/split              sign-in 403 404 200 403
POST /v1/cases/{code}/pages/merge              sign-in 403 404 200 403
POST /v1/cases/{code}/pages/undo               sign-in 403 404 200 403
POST /v1/cases/{code}/pages/redo               sign-in 403 404 200 403
POST /v1/cases/{code}/agreements               sign-in 403 404 201 403
GET  /v1/cases/{code}/agreements/{agreement}   sign-in 403 404 200 200
GET  /v1/cases/{code}/handouts/receipt         sign-in 403 404 200 200
GET  /v1/cases/{code}/handouts/supplement      sign-in 403 404 200 200
GET  /v1/cases/{code}/handouts/extension       sign-in 403 404 422 422
GET  /v1/cases/{code}/handouts/apology         sign-in 403 404 422 422
GET  /v1/documents/{document}                  sign-in 403 404 200 200
GET  /v1/documents/{document}/pages/{page}/picture sign-in 403 404 200 200
POST /v1/documents/{document}/files            sign-in 403 404 201 403
POST /v1/documents/{document}/files/{file}/remove sign-in 403 404 200 403
OPTIONS /v1/documents/{document}/uploads       204     204 204 204 204
POST /v1/documents/{document}/uploads          sign-in 403 404 201 403
OPTIONS /v1/uploads/{upload}                   204     204 204 204 204
HEAD /v1/uploads/{upload}                      sign-in 403 404 200 403
PATCH /v1/uploads/{upload}                     sign-in 403 404 204 403
DELETE /v1/uploads/{upload}                    sign-in 403 404 204 403
POST /v1/documents/{document}/pages            sign-in 403 404 200 403
POST /v1/documents/{document}/pages/adjust     sign-in 403 404 200 403
POST /v1/documents/{document}/details          sign-in 403 404 200 403
POST /v1/documents/{document}/hand-over/{nth}/mistake sign-in 403 404 200 403
GET  /v1/documents/{document}/handouts/refusal sign-in 403 404 200 200
GET  /v1/documents/{document}/handouts/not-accepted sign-in 403 404 200 200
GET  /v1/documents/{document}/handouts/link    sign-in 403 404 200 403
POST /v1/documents/{document}/link/renew       sign-in 403 404 200 403
POST /v1/documents/{document}/link/close       sign-in 403 404 200 403
POST /v1/documents/{document}/compare          sign-in 403 404 200 403
POST /v1/documents/{document}/submit           sign-in 403 404 200 403
GET  /v1/documents/{document}/copy             sign-in 403 404 200 200
GET  /v1/changes                               sign-in 403 200 200 200
GET  /v1/register                              sign-in 403 200 200 200
GET  /v1/figures                               sign-in 200 200 403 200
POST /cases/{code}/documents                   sign-in 403 404 303 403
GET  /cases/{code}/correct                     sign-in 403 404 200 403
POST /cases/{code}/correct                     sign-in 403 404 303 403
GET  /cases/{code}/supplement                  sign-in 403 404 200 403
POST /cases/{code}/supplement                  sign-in 403 404 303 403
POST /cases/{code}/supplement/brought          sign-in 403 404 303 403
GET  /cases/{code}/extend                      sign-in 403 404 200 403
POST /cases/{code}/extend                      sign-in 403 404 303 403
POST /cases/{code}/agreements                  sign-in 403 404 303 403
GET  /cases/{code}/agreements/{agreement}      sign-in 403 404 200 200
GET  /cases/{code}/end                         sign-in 403 404 200 403
POST /cases/{code}/end                         sign-in 403 404 303 403
GET  /documents/{document}/desk                sign-in 403 404 200 200
GET  /documents/{document}/pictures/{page}/thumb sign-in 403 404 200 200
GET  /documents/{document}/files/{file}/thumbs/{number} sign-in 403 404 200 200
GET  /documents/{document}/pictures/{page}/large sign-in 403 404 200 200
GET  /documents/{document}/pictures/{page}/tiles/{tile} sign-in 403 404 200 200
POST /documents/{document}/places              sign-in 403 404 200 403
POST /documents/{document}/files               sign-in 403 404 303 403
OPTIONS /documents/{document}/uploads          204     204 204 204 204
POST /documents/{document}/uploads             sign-in 403 404 201 403
OPTIONS /uploads/{upload}                      204     204 204 204 204
HEAD /uploads/{upload}                         sign-in 403 404 200 403
PATCH /uploads/{upload}                        sign-in 403 404 204 403
DELETE /uploads/{upload}                       sign-in 403 404 204 403
POST /uploads/{upload}                         sign-in 403 404 204 403
POST /documents/{document}/files/{file}/remove sign-in 403 404 303 403
POST /documents/{document}/pages               sign-in 403 404 303 403
POST /documents/{document}/pages/insert        sign-in 403 404 303 403
POST /documents/{document}/pages/replace       sign-in 403 404 303 403
POST /documents/{document}/pages/adjust        sign-in 403 404 303 403
POST /documents/{document}/pages/send          sign-in 403 404 303 403
POST /documents/{document}/pages/split         sign-in 403 404 303 403
POST /documents/{document}/pages/merge         sign-in 403 404 303 403
POST /documents/{document}/details             sign-in 403 404 303 403
POST /documents/{document}/read-again          sign-in 403 404 303 403
POST /documents/{document}/compare             sign-in 403 404 303 403
POST /documents/{document}/submit              sign-in 403 404 303 403
GET  /documents/{document}/link.svg            sign-in 403 404 200 200
GET  /inbox                                    sign-in 403 200 200 403
GET  /inbox/{arrival}/pages/{page}/thumb       sign-in 403 404 200 403
GET  /inbox/{arrival}/pages/{page}/large       sign-in 403 404 200 403
POST /inbox/assign                             sign-in 403 404 303 403
POST /inbox/new-case                           sign-in 403 303 303 403
POST /inbox/{arrival}/give-back                sign-in 403 404 303 403
POST /inbox/{arrival}/set-aside                sign-in 403 404 303 403
GET  /wall                                     sign-in 403 200 403 200
GET  /wall/{document}                          sign-in 403 404 403 200
POST /wall/batches                             sign-in 403 303 403 303
GET  /wall/batches/{batch}                     sign-in 403 404 403 404
POST /documents/{document}/seen                sign-in 403 404 403 303
POST /documents/{document}/approve             sign-in 403 404 403 303
POST /v1/documents/{document}/approve          sign-in 403 404 403 200
POST /documents/{document}/refuse              sign-in 403 404 403 303
POST /documents/{document}/send-back           sign-in 403 404 403 303
POST /documents/{document}/order-again         sign-in 403 404 403 303
POST /documents/{document}/void                sign-in 403 404 403 303
GET  /news                                     sign-in 204 204 204 204
GET  /register                                 sign-in 200 200 200 200
POST /cases/{code}/hand-over                   sign-in 403 404 303 403
POST /documents/{document}/link/renew          sign-in 403 404 303 403
POST /documents/{document}/link/close          sign-in 403 404 303 403
POST /documents/{document}/hand-over/{nth}/mistake sign-in 403 404 303 403
GET  /documents/{document}/handouts/link       sign-in 403 404 200 403
GET  /cases/{code}/handouts/receipt            sign-in 403 404 200 200
GET  /cases/{code}/handouts/apology            sign-in 403 404 422 422
GET  /cases/{code}/handouts/extension          sign-in 403 404 422 422
GET  /cases/{code}/handouts/supplement         sign-in 403 404 200 200
GET  /documents/{document}/handouts/refusal    sign-in 403 404 200 200
GET  /documents/{document}/handouts/not-accepted sign-in 403 404 200 200
GET  /register/print.pdf                       sign-in 200 200 200 200
GET  /register/export.xlsx                     sign-in 200 200 200 200
GET  /register/export.csv                      sign-in 200 200 200 200
POST /register/close                           sign-in 403 303 403 303
GET  /overview                                 sign-in 200 200 403 200
GET  /overview/{plot}.csv                      sign-in 200 200 403 200
POST /register/notes                           sign-in 403 422 403 303
GET  /templates                                sign-in 200 403 403 403
GET  /templates/{handout}                      sign-in 200 403 403 403
GET  /templates/{handout}/sample.png           sign-in 200 403 403 403
POST /templates/{handout}/preview              sign-in 200 403 403 403
POST /templates/{handout}                      sign-in 303 403 403 403
POST /templates/{handout}/{row}/take-back      sign-in 404 403 403 403
GET  /accounts                                 sign-in 200 403 403 403
POST /accounts                                 sign-in 200 403 403 403
GET  /accounts/{user}                          sign-in 200 403 403 403
POST /accounts/{user}                          sign-in 303 403 403 403
POST /accounts/{user}/lock                     sign-in 303 403 403 403
POST /accounts/{user}/unlock                   sign-in 303 403 403 403
POST /accounts/{user}/password                 sign-in 200 403 403 403
POST /accounts/{user}/sign-out                 sign-in 303 403 403 403
GET  /delegations                              sign-in 200 403 403 403
POST /delegations                              sign-in 422 403 403 403
POST /delegations/{delegation}/revoke          sign-in 404 403 403 403
GET  /programs                                 sign-in 200 403 403 403
POST /programs                                 sign-in 200 403 403 403
POST /programs/{program}/revoke                sign-in 303 403 403 403
GET  /switches                                 sign-in 200 403 403 403
POST /switches                                 sign-in 303 403 403 403
GET  /seal                                     sign-in 403 403 403 403
POST /seal/release                             sign-in 403 403 403 403
POST /documents/{document}/withhold            sign-in 403 403 403 403
GET  /fees                                     sign-in 200 403 403 403
POST /fees                                     sign-in 303 403 403 403
GET  /tables/{table}                           sign-in 200 403 403 403
POST /tables/{table}                           sign-in 303 403 403 403
POST /tables/{table}/preview                   sign-in 200 403 403 403
POST /tables/{table}/{row}/take-back           sign-in 404 403 403 403
GET  /calendar                                 sign-in 200 403 403 403
POST /calendar                                 sign-in 303 403 403 403
POST /calendar/hours                           sign-in 303 403 403 403
POST /calendar/{row}/take-back                  sign-in 404 403 403 403
POST /calendar/hours/{row}/take-back            sign-in 404 403 403 403
POST /fees/{row}/take-back                      sign-in 404 403 403 403
POST /switches/{row}/take-back                  sign-in 404 403 403 403
GET  /system                                   sign-in 200 403 403 403
GET  /system/letters/{number}                  sign-in 200 403 403 403
POST /system/letters/{number}/replay           sign-in 303 403 403 403
POST /system/letters/{number}/dismiss          sign-in 303 403 403 403
GET  /v1/system/letters                        sign-in 200 403 403 403
POST /sign-out                                 sign-in 303 303 303 303
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]


async def turned_over(papers):
    """A paper of which a step can be taken back."""
    document = await papers.pair()
    await _stepped(papers, document, "turn-over")
    return document


async def turned_back(papers):
    """A paper of which a step can be done again."""
    document = await turned_over(papers)
    await _stepped(papers, document, "undo")
    return document


async def _stepped(papers, document, act):
    known = await papers.known(document)
    pages = tuple(page.id for page in known.pages) if act == "turn-over" else ()
    versions = {document: known.version}
    await papers.desk.arranging.plain(
        document, act, pages, versions, papers.people["man"]
    )


BROUGHT = {
    "/documents/{document}/details": Papers.scanned,
    "/documents/{document}/read-again": Papers.scanned,
    "/documents/{document}/compare": Papers.scanned,
    "/documents/{document}/submit": Papers.compared,
    "/documents/{document}/places": Papers.scanned,
    "/documents/{document}/files": Papers.scanned,
    "/documents/{document}/uploads": Papers.scanned,
    "/uploads/{upload}": Papers.scanned,
    "/documents/{document}/files/{file}/remove": Papers.scanned,
    "/cases/{code}/documents": Papers.scanned,
    "/documents/{document}/order-again": Papers.halted,
    "/documents/{document}/void": Papers.halted,
    "/documents/{document}/link.svg": Papers.issued,
    "/documents/{document}/handouts/link": Papers.issued,
    "/cases/{code}/hand-over": Papers.issued,
    "/documents/{document}/link/renew": Papers.issued,
    "/documents/{document}/link/close": Papers.issued,
    "/documents/{document}/hand-over/{nth}/mistake": Papers.handed,
    "/inbox/assign": Papers.scanned,
    "/inbox/{arrival}/give-back": Papers.scanned,
    "/register": Papers.registered,
    "/register/print.pdf": Papers.registered,
    "/register/export.xlsx": Papers.registered,
    "/register/export.csv": Papers.registered,
    "/register/notes": Papers.registered,
    "/documents/{document}/handouts/refusal": Papers.refused,
    "/cases/{code}/supplement": Papers.scanned,
    "/cases/{code}/supplement/brought": Papers.supplement,
    "/cases/{code}/handouts/supplement": Papers.supplement,
    "/documents/{document}/handouts/not-accepted": Papers.not_accepted,
    "/v1/cases/{code}/documents": Papers.scanned,
    "/v1/cases/{code}/supplement": Papers.scanned,
    "/v1/cases/{code}/supplement/brought": Papers.supplement,
    "/v1/cases/{code}/hand-over": Papers.issued,
    "/v1/documents/{document}/files": Papers.scanned,
    "/v1/documents/{document}/files/{file}/remove": Papers.scanned,
    "/v1/documents/{document}/uploads": Papers.scanned,
    "/v1/uploads/{upload}": Papers.scanned,
    "/v1/documents/{document}/compare": Papers.scanned,
    "/v1/documents/{document}/pages": Papers.scanned,
    "/v1/documents/{document}/pages/adjust": Papers.scanned,
    "/v1/documents/{document}/details": Papers.scanned,
    "/v1/documents/{document}/hand-over/{nth}/mistake": Papers.handed,
    "/v1/documents/{document}/handouts/refusal": Papers.refused,
    "/v1/documents/{document}/handouts/not-accepted": Papers.not_accepted,
    "/v1/documents/{document}/handouts/link": Papers.issued,
    "/v1/cases/{code}/handouts/supplement": Papers.supplement,
    "/v1/cases/{code}/pages/undo": turned_over,
    "/v1/cases/{code}/pages/redo": turned_back,
    "/v1/documents/{document}/link/renew": Papers.issued,
    "/v1/documents/{document}/link/close": Papers.issued,
    "/v1/documents/{document}/submit": Papers.compared,
    "/v1/documents/{document}/copy": Papers.issued,
    **dict.fromkeys(
        (
            "/documents/{document}/pages",
            *(
                f"/documents/{{document}}/pages/{act}"
                for act in ("insert", "replace", "adjust", "send", "split", "merge")
            ),
            *(
                f"/v1/cases/{{code}}/pages/{act}"
                for act in ("insert", "replace", "send", "split", "merge")
            ),
        ),
        Papers.pair,
    ),
}
"""The paper that the act of a route needs; for the others it awaits approval."""
TEMPLATE = {"text": "#kho: A5\n= A\n#bang-giay-to", "valid_from": "2999-01-01"}
KIND = {
    "row_key": "diploma",
    "valid_from": "24/11/2026",
    "vi": "Bằng cấp",
    "en": "",
    "used": "yes",
}
TYPED = {
    "/sign-in": {"user": "ha", "password": PASSWORD},
    "/v1/sign-in": {"user": "ha", "password": PASSWORD},
    "/account/password": {"current": "x", "new": "a-long-new-one", "again": "other"},
    "/cases": OWN_CASE,
    "/cases/earlier": {"id_number": CASE["id_number"]},
    "/cases/{code}/documents": {
        name: CASE[name] for name in ("title", "kind", "issuing_body", "pages")
    },
    "/documents/{document}/details": {"title": "x", "number": "1/QĐ"},
    "/documents/{document}/compare": {"all_present": "1"},
    "/documents/{document}/places": {"count": "1"},
    "/documents/{document}/refuse": {"code": "D22.1", "text": "x"},
    "/documents/{document}/send-back": {"text": "x"},
    "/documents/{document}/void": {"text": "x"},
    "/cases/{code}/hand-over": {"way": "slip"},
    "/cases/{code}/extend": {"ground": "pages", "days": "1"},
    "/documents/{document}/link/renew": {"ground": "lost", "days": "30"},
    "/documents/{document}/link/close": {"ground": "leaked"},
    "/register/close": {"year": "2025", "month": "12", "confirmed": "1"},
    "/register/notes": {"number": "1", "year": "2026", "text": "x"},
    "/templates/{handout}": TEMPLATE,
    "/templates/{handout}/preview": TEMPLATE,
    "/delegations": {
        **dict.fromkeys(("signed_on", "valid_from", "valid_until"), "23/11/2026"),
        "number": "1/UQ",
        "delegator": "x",
        "delegate": "y",
        "title_line": "TUQ.",
    },
    "/delegations/{delegation}/revoke": {"reason": "x"},
    "/programs": {
        "name": "Một cửa tỉnh",
        "scopes": ["read-cases"],
        "last_day": "2027-01-31",
    },
    "/views": {"name": "Của tôi", "whose": "mine"},
    "/views/remove": {"name": "Của tôi"},
    "/switches": {"switch": "same-person", "on": "1", "valid_from": "31/12/2026"},
    "/fees": {
        "basis": "NQ 1/2026",
        "valid_from": "01/12/2026",
        "first_rate": "1.000",
        "further_rate": "500",
        "ceiling": "100000",
    },
    "/tables/{table}": KIND,
    # Another day than the row that the test before it may have planned.
    "/tables/{table}/preview": KIND | {"valid_from": "25/11/2026"},
    "/calendar": {"kind": "holiday", "first": "24/11/2026", "name": "Lễ"},
    "/calendar/hours": {"closes": "16:30", "valid_from": "24/11/2026"},
    "/accounts": {"user": "moi", "name": "Người Mới", "roles": "clerk"},
    "/accounts/{user}": {"name": "Lò Thị Minh Hạ", "roles": "clerk"},
}
QUERIES = {
    "/v1/quote": {"pages": "1"},
    "/v1/register": {"year": "2026", "month": "11"},
    "/register/print.pdf": {"year": "2026", "month": "11"},
    "/register/export.xlsx": {"year": "2026", "month": "11"},
    "/register/export.csv": {"year": "2026", "month": "11"},
}
TUS = {
    "Tus-Resumable": "1.0.0",
    "Upload-Length": "9",
    "Upload-Offset": "0",
    "Content-Type": "application/offset+octet-stream",
    "X-HTTP-Method-Override": "PATCH",
}
TUS_BODY = {"POST": b"x", "PATCH": b"x", "HEAD": b"", "DELETE": b"", "OPTIONS": b""}
PAPER = {"title": "Giấy khác", "kind": "diploma", "pages": 1}
HERE = {"paper": "{document}"}
BODIES = {
    "/v1/cases": {
        "channel": "portal",
        "privacy_shown": True,
        "requester": {
            "kind": "person",
            "name": "Người Khác",
            "id_kind": "can-cuoc",
            "id_number": "000203004417",
            "phone": "0900 000 417",
        },
        "papers": [PAPER],
    },
    "/v1/cases/{code}/documents": PAPER,
    "/v1/cases/{code}/correct": {"papers": [PAPER | {"id": "{document}"}]},
    "/v1/documents/{document}/pages": {"act": "turn-over", "pages": ["{name}"]},
    "/v1/cases/{code}/pages/insert": HERE | {"pages": ["{second}"]},
    "/v1/cases/{code}/pages/replace": HERE | {"old": "{name}", "pages": ["{second}"]},
    "/v1/cases/{code}/pages/send": HERE | {"pages": ["{second}"], "to": "{other}"},
    "/v1/cases/{code}/pages/split": HERE
    | {"at": "{second}", "title": "a", "pages": 1, "new": PAPER},
    "/v1/cases/{code}/pages/merge": HERE | {"other": "{other}", "title": "a"},
    "/v1/cases/{code}/pages/undo": HERE,
    "/v1/cases/{code}/pages/redo": HERE,
    "/v1/documents/{document}/pages/adjust": {"page": "{name}", "degrees": 1.5},
    "/v1/documents/{document}/details": {"number": "1/QĐ", "issued_on": "2026-11-03"},
    "/v1/documents/{document}/hand-over/{nth}/mistake": None,
    "/v1/documents/{document}/link/renew": {"ground": "lost", "days": 30},
    "/v1/documents/{document}/link/close": {"ground": "leaked"},
    "/v1/cases/{code}/end": {"way": "take-back", "papers": ["{document}"]},
    "/v1/cases/{code}/extend": {"ground": "pages", "days": 1},
    "/v1/cases/{code}/supplement": {
        "lacks": [{"paper": "{document}", "ground": "pages", "words": "x"}],
        "until": "2026-12-07",
    },
    "/v1/cases/{code}/supplement/brought": {"papers": ["{document}"]},
    "/v1/cases/{code}/hand-over": {"papers": ["{document}"], "ways": ["slip"]},
    "/v1/documents/{document}/files/{file}/remove": None,
    "/v1/documents/{document}/compare": {"pages": ["{page}"], "person": "Cao Xuân Mẫn"},
    "/v1/documents/{document}/submit": None,
}
"""What programs send, with the names that it is about."""
ENDS_SESSIONS = frozenset({"/sign-out", "/account/password"})
PAGES = {
    "/documents/{document}/compare": "page",
    "/documents/{document}/approve": "seen",
    "/v1/documents/{document}/approve": "seen",
}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def sessions():
    """The key of each person's session, by the person."""
    return {}


@pytest.fixture(scope="module")
def looked_at():
    """The paper that every GET of its kind is about, by how it is brought."""
    return {}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def papers(tmp_path_factory):
    """One desk for all rows: each act brings a paper of its own."""
    async with open_papers(tmp_path_factory.mktemp("desk")) as opened:
        guest = AccountForm("Lò Văn Khách", frozenset({Role.CLERK}), None)
        await opened.desk.staffing.add("guest", guest, opened.people["long"])
        form = opened.desk.programs.admitting.form(
            "Cổng", list(Scope), date(2027, 1, 31)
        )
        await opened.desk.programs.admitting.issue(form, opened.people["long"])
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(papers):
    return create_app(papers.desk)


async def test_every_route_has_its_row():
    """Whoever adds a route says here who may use it; whoever takes one away, too."""
    written = [(method, path) for method, path, *_ in ROWS]
    assert sorted(written) == sorted((route.method, route.path) for route in ROUTES)


@dataclass(frozen=True, slots=True)
class Knocking:
    """Requests about one paper, as anybody may send them."""

    http: httpx.AsyncClient
    papers: Papers
    document: str
    sessions: dict[str, str]
    arrival: str = ""

    async def send(
        self, method: str, path: str, person: str, known: CaseDocument
    ) -> httpx.Response:
        """Of *person*, about the paper as *known*."""
        file = known.files[0]
        values = {
            "{code}": known.case,
            "{document}": known.id,
            "{page}": known.page_digests[0],
            "{file}": file.id,
            "{number}": "1",
            "{nth}": "1",
            "{upload}": "upload-of-man",
            "{tile}": "0-0",
            "{arrival}": self.arrival,
            "{handout}": "receipt",
            "{plot}": "kinds",
            "{batch}": "none",
            "{user}": "guest",
            "{delegation}": "1",
            "{table}": "kinds",
            "{row}": "77",
            "{agreement}": await self._agreement(path, known),
            "{program}": await self._program() if "{program}" in path else "",
        }
        if path.startswith("/inbox"):
            values["{page}"] = "1"
        address = re.sub(r"{\w+}", lambda found: values[found[0]], path)
        headers = {"Accept": "text/html"}
        if person != "nobody":
            headers["Authorization"] = f"Bearer {await self._session(NAMES[person])}"
        sent = {"headers": headers, "follow_redirects": False}
        if "upload" in path:
            address = address.replace("upload-of-man", await self._upload())
            return await self.http.request(
                method, address, content=TUS_BODY[method], headers=headers | TUS
            )
        if method == "GET":
            return await self.http.get(address, params=QUERIES.get(path), **sent)
        if path.endswith(("/files", "/agreements")):
            # Else the place of the file that is there, whoever asks first.
            field = "files" if path.endswith("/files") else "file"
            files = {field: (f"{person}.png", f"page of {person}".encode())}
            return await self.http.post(address, files=files, **sent)
        if path in BODIES:
            told = json.dumps(BODIES[path]).replace("{document}", known.id)
            told = told.replace("{name}", str(known.pages[0].id))
            told = told.replace("{second}", str(known.pages[-1].id))
            told = told.replace("{other}", f"{known.case}-2")
            sent["headers"] |= await self._terms(known, path)
            body = json.loads(told.replace("{page}", known.page_digests[0]))
            sent |= {} if body is None else {"json": body}
            return await self.http.post(address, **sent)
        version = await self._version(path, known)
        typed = {
            "version": str(version),
            "paper": f"{known.id}:{version}",
            "item": f"{known.id}:{version}",
            **TYPED.get(path, {}),
            **await self._of_case(path, known),
        }
        if path.startswith("/inbox"):
            typed |= {"arrival": self.arrival, "document": known.id, "reason": "x"}
        elif "/pages" in path:
            typed |= await self._step(known)
        if path in PAGES:
            typed[PAGES[path]] = list(known.page_digests)
        return await self.http.post(address, data=typed, **sent)

    async def _of_case(self, path: str, known: CaseDocument) -> dict[str, str]:
        """What the pages of a form about a whole case name."""
        if path == "/cases/{code}/end":
            return {"way": "take-back", "paper": f"{known.id}:{known.version}"}
        if path.startswith("/cases/{code}/supplement"):
            lack = {"ground-1": "pages", "words-1": "x", "until": "07/12/2026"}
            return lack | {"paper": f"{known.id}:{known.version}"}
        if path != "/cases/{code}/correct":
            return {}
        clerk = self.papers.people["man"]
        view = await self.papers.desk.casework.correction(known.case, clerk)
        paper, *_ = view.papers
        own = {"requester_was": view.requester_stamp, "paper": paper.id}
        return CASE | own | {"was": paper.stamp, "title": "Bằng mới", "copies": "1"}

    async def _version(self, path: str, known: CaseDocument) -> int:
        if path.startswith(("/calendar", "/fees", "/switches", "/tables")):
            return 0
        if path.startswith("/accounts/"):
            long = self.papers.people["long"]
            return (await self.papers.desk.staffing.view("guest", long)).row.version
        if path in {"/cases/{code}/documents", "/cases/{code}/extend"}:
            return 1
        return known.version

    async def _agreement(self, path: str, known: CaseDocument) -> str:
        if "{agreement}" not in path:
            return ""
        clerk = self.papers.people["man"]
        await self.papers.desk.extending.attach(known.case, "a.png", one_page(), clerk)
        case = await SqlCases(self.papers.opened.store).case(known.case)
        return case.agreements[0].id

    async def _terms(self, known: CaseDocument, path: str) -> dict[str, str]:
        """A key of its own, and the version that the act was made from."""
        clerk = self.papers.people["man"]
        case = await self.papers.desk.pages.case(known.case, clerk)
        of_case = ".".join(str(each.version) for each in (case, *case.documents))
        versions = of_case if "/cases" in path else known.version
        tag = f'"{versions}-{16 * "0"}"'
        return {"Idempotency-Key": secrets.token_hex(8), "If-Match": tag}

    async def _program(self) -> str:
        long = self.papers.people["long"]
        return (await self.papers.desk.programs.admitting.view(long)).rows[0].prefix

    async def _upload(self) -> str:
        """Of the clerk: an upload is its own clerk's."""
        begun = await self.papers.desk.uploading.begin(
            self.document, Announced(9, "b.png"), self.papers.people["man"]
        )
        return begun.id

    async def _step(self, known: CaseDocument) -> dict[str, str | list[str]]:
        """What the page desk's forms name: pages, and papers with their versions."""
        other = await self.papers.known(f"{known.case}-2")
        first, second = (str(page.id) for page in known.pages)
        words = {"title": "a", "kind": "diploma", "pages": "1", "issuing_body": ""}
        return {
            "paper": [f"{each.id}:{each.version}" for each in (known, other)],
            "act": "turn-right",
            "page": [second],
            "old": first,
            "at": second,
            "to": other.id,
            "other": other.id,
            "degrees": "1.5",
            **words,
            **{f"new_{name}": value for name, value in words.items()},
        }

    async def _session(self, user: str) -> str:
        if user not in self.sessions:
            staff = self.papers.desk.staff
            signed_in = await staff.sign_in(user, PASSWORD, "192.0.2.7")
            self.sessions[user] = signed_in.token
        return self.sessions[user]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}")
async def test_each_person_gets_the_answer_of_the_table(
    papers, app, sessions, looked_at, row
):
    """And whoever is refused has changed nothing and read nothing."""
    method, path, *answers = row
    if path in ENDS_SESSIONS:
        sessions = {}
    document = await brought(papers, method, path, looked_at)
    if method == "POST" and path.endswith("/approve"):
        for person in NAMES.values():
            if person != "elsewhere":
                await papers.look(document, person)
        await papers.look(document, "vinh")
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 5))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://desk.example"
    ) as http:
        arrival = await arrived(papers, path, document)
        knocking = Knocking(http, papers, document, sessions, arrival)
        before = await papers.known(document)
        for person, expected in _refused_first(answers):
            answer = await knocking.send(method, path, person, before)
            assert _outcome(answer) == expected, (person, answer.text[:300])
            after = await papers.known(document)
            if expected in REFUSALS:
                assert after == before, person
            before = after
            if person in {"nobody", "elsewhere"} or expected == "403":
                _reads_nothing(answer)


async def brought(papers, method, path, looked_at):
    """A paper for the act; who only looks is shown the same one as the others."""
    bring = BROUGHT.get(path, Papers.awaiting)
    if method != "GET":
        return await bring(papers)
    if bring not in looked_at:
        looked_at[bring] = await bring(papers)
    return looked_at[bring]


async def arrived(papers, path, document):
    """A file that came through a hot folder, as the act of the route needs it."""
    if not path.startswith("/inbox"):
        return ""
    name = f"arrival-{document}-{path.rsplit('/', 1)[1]}"
    raw = build.ref(b"scan", "scans")
    part = await papers.opened.rebuilder.rebuild("a.png", raw)
    at = papers.opened.clock()
    arrival = Arrival(
        *(name, AGENCY, "Quầy 2", "", "a.png", name, 4, at, raw),
        checked="good",
        part=part,
    )
    store = SqlArrivals(papers.opened.store, papers.opened.clock)
    await store.add(arrival, Note(at, "", "", AGENCY, "arrival-taken"))
    if path.endswith("/give-back"):
        await papers.desk.inbox.assign((name,), document, papers.people["man"])
    return name


def _refused_first(answers):
    row = list(zip(PEOPLE, answers, strict=True))
    return sorted(row, key=lambda each: each[1] not in REFUSALS)


def _outcome(answer):
    location = answer.headers.get("location", "")
    if answer.status_code == 401 or location.startswith("/sign-in?next="):
        return SIGN_IN
    return str(answer.status_code)


def _reads_nothing(answer):
    assert answer.headers.get("content-type") != "image/jpeg"
    leaked = [word for word in STRANGERS_MUST_NOT_READ if word in answer.text]
    assert leaked == []


ACTS = (
    "scan",
    "arrange",
    "describe",
    "compare",
    "submit",
    "approve",
    "refuse",
    "send-back",
    "again",
    "void",
    "link",
    "correct",
    "take-back",
    "not-accept",
    "ask",
    "bring",
    "hand-over",
    "give",
)
STATES = """
received     scan describe correct take-back not-accept ask
scanned      scan arrange describe compare correct take-back not-accept ask
compared     scan arrange describe compare submit correct take-back not-accept ask give
supplement   correct take-back not-accept bring
awaiting     approve refuse send-back correct take-back give
returned     scan arrange describe compare correct take-back not-accept ask
registered   give
halted       again void give
signed       give
voiding      give
void         give
issued       link hand-over give
refused      give
held         -
not_accepted give
taken_back   give
"""
"""What the person whose act it is may do to a paper, by how far it has come; whatever
is not named is refused and changes nothing. *give*: the paper original, back."""
MAY = {line.split()[0]: line.split()[1:] for line in STATES.strip().splitlines()}


async def act(papers, name, document):
    """By the person whose act it is, with the newest version and all pages."""
    own = {"arrange": _arrange, "describe": _describe, "hand-over": _hand_over}
    own |= {"correct": _correct, "take-back": _end, "not-accept": _end}
    own |= {"ask": _ask, "bring": _bring, "give": _give}
    await own.get(name, _act)(papers, name, document)


async def _arrange(papers, _name, document):
    known = await papers.known(document)
    pages = tuple(page.id for page in known.pages)
    await papers.desk.arranging.plain(
        document, "turn-over", pages, {document: known.version}, papers.people["man"]
    )


async def _describe(papers, _name, document):
    known = await papers.known(document)
    await papers.desk.transcribing.describe(
        document, Details({"holder": "Lò Ban"}), known.version, papers.people["man"]
    )


async def _correct(papers, _name, document):
    known, clerk = await papers.known(document), papers.people["man"]
    given = CorrectedPaper(
        replace(known.paper, title="Bằng mới"), paper_stamp(known.paper)
    )
    form = CorrectionForm(None, {document: given})
    await papers.desk.casework.correct(known.case, form, clerk)


async def _end(papers, way, document):
    known, clerk = await papers.known(document), papers.people["man"]
    ended = DeskEnd(way, {document: known.version}, Ground.NOT_PRESENTED, "x")
    await papers.desk.casework.end(known.case, ended, clerk)


async def _ask(papers, _name, document):
    known, clerk = await papers.known(document), papers.people["man"]
    await papers.desk.casework.ask(known.case, missing_of(known), clerk)


async def _bring(papers, _name, document):
    known, clerk = await papers.known(document), papers.people["man"]
    await papers.desk.casework.bring(known.case, {document: known.version}, clerk)


async def _hand_over(papers, _name, document):
    await _handed(papers, document, Way.SCREEN)


async def _give(papers, _name, document):
    await _handed(papers, document, Way.ORIGINAL)


async def _handed(papers, document, way):
    known, clerk = await papers.known(document), papers.people["man"]
    await papers.desk.handing.hand_over(
        known.case, (way,), {document: known.version}, clerk
    )


async def _act(papers, name, document):
    known, desk, people = await papers.known(document), papers.desk, papers.people
    version = known.version
    match name:
        case "scan":
            await papers.scan(document, "man")
        case "compare":
            await papers.compare(document, "man")
        case "submit":
            await papers.submit(document, "man")
        case "approve":
            await papers.look(document, "loc")
            await papers.approve(document, "loc")
        case "refuse":
            await desk.certifying.refuse(
                document, Ground.ALTERED, "x", version=version, by=people["loc"]
            )
        case "send-back":
            await desk.certifying.send_back(document, "x", version, people["loc"])
        case "again":
            await desk.standing_still.order_again(document, version, people["loc"])
        case "void":
            await desk.standing_still.void(document, "x", version, people["loc"])
        case "link":
            await desk.registering.link(document, people["man"])


@pytest.mark.parametrize("state", MAY)
async def test_in_each_state_only_the_named_acts_are_done(papers, state):
    """One paper refuses all the others; a named one is done to a paper of its own."""
    bring = getattr(Papers, state)
    document = await bring(papers)
    before = await papers.known(document)
    for name in ACTS:
        if name not in MAY[state]:
            with pytest.raises((NotAllowed, NotFound, Conflict)):
                await act(papers, name, document)
    assert await papers.known(document) == before
    for name in MAY[state]:
        if name != "-":
            await act(papers, name, await bring(papers))


async def _approved(papers, document, by):
    await papers.look(document, by)
    try:
        await papers.approve(document, by)
    except NotAllowed:
        return False
    return True


@pytest.mark.parametrize(
    ("hands", "may"),
    [
        ({"by": "both", "uploader": "ha", "comparer": "ha", "submitter": "ha"}, False),
        ({"uploader": "both"}, False),
        ({"comparer": "both"}, False),
        ({"submitter": "both"}, False),
        ({"by": "both"}, False),
        ({}, True),
        ({"by": "man"}, True),
    ],
    ids=str,
)
async def test_whoever_had_the_paper_in_hand_does_not_certify_it(papers, hands, may):
    """Received, scanned, compared or submitted: one of them is enough."""
    document = await papers.awaiting(**hands)
    assert await _approved(papers, document, "both") is may
    assert ((await papers.known(document)).certification is not None) is may


async def test_where_the_agency_says_so_one_person_does_it_all(papers):
    """Its file names it; the other agency of the same file does not."""
    document = await papers.awaiting("elsewhere")
    assert await _approved(papers, document, "elsewhere")


async def test_another_certifiers_look_is_not_ones_own(papers):
    """Nor a look at another paper: who approves has asked for these pictures."""
    document, other = await papers.awaiting(), await papers.awaiting()
    await papers.look(document, "loc")
    await papers.look(other, "vinh")
    with pytest.raises(NotAllowed, match="not-shown"):
        await papers.approve(document, "vinh")
    await papers.look(document, "vinh")
    await papers.approve(document, "vinh")


def _steps(desk, known, stranger):
    document, here = known.id, {known.id: known.version}
    page = known.pages[0].id
    split = Split(page, "a", 1, known.paper)
    arranging = desk.arranging
    return [
        arranging.plain(document, "turn-over", (page,), here, stranger),
        arranging.place(document, (page,), None, here, stranger),
        arranging.insert(document, (page,), None, here, stranger),
        arranging.replace(document, page, (page,), here, stranger),
        arranging.send(document, (page,), document, here, stranger),
        arranging.split(document, split, here, stranger),
        arranging.merge(document, Merge(document, "a", False), here, stranger),
    ]


async def test_no_act_of_another_agency_finds_the_paper(papers):
    """Below the routes too: every use case looks for itself, in whatever state."""
    stranger, desk = papers.people["elsewhere"], papers.desk
    for bring in (Papers.compared, Papers.awaiting, Papers.halted, Papers.issued):
        document = await bring(papers)
        before = await papers.known(document)
        version, pages = before.version, before.page_digests
        tries = [
            desk.files.receive_file(document, "a", one_page(), stranger, place=0),
            desk.files.reserve_places(document, 1, stranger),
            desk.files.remove_file(document, before.files[0].id, version, stranger),
            *_steps(desk, before, stranger),
            desk.transcribing.describe(
                document, Details({"title": "x"}), version, stranger
            ),
            desk.transcribing.ask_again(document, stranger),
            desk.receiving.compare(document, version, pages, stranger),
            desk.receiving.submit(document, version, stranger),
            desk.certifying.approve(document, version, pages, stranger),
            desk.certifying.refuse(
                document, Ground.ALTERED, "x", version=version, by=stranger
            ),
            desk.certifying.send_back(document, "x", version, stranger),
            desk.standing_still.order_again(document, version, stranger),
            desk.standing_still.void(document, "x", version, stranger),
            desk.handing.hand_over(
                before.case, (Way.SLIP,), {document: version}, stranger
            ),
            desk.handing.mistaken(document, 1, version, stranger),
            desk.handing.renew_link(
                document, RenewalGround.LOST, 30, version, stranger
            ),
            desk.handing.close_link(document, ClosingGround.ASKED, version, stranger),
            desk.receiving.add_document(before.case, before.paper, 1, stranger),
            desk.casework.correct(before.case, CorrectionForm(None, {}), stranger),
            desk.casework.end(
                before.case, DeskEnd("take-back", {document: version}), stranger
            ),
            desk.casework.ask(before.case, missing_of(before), stranger),
            desk.casework.bring(before.case, {document: version}, stranger),
            desk.casework.asking(before.case, stranger),
            desk.casework.correction(before.case, stranger),
            desk.casework.ending(before.case, stranger),
            desk.pictures.thumb(document, pages[0], stranger),
            desk.pictures.large(document, pages[0], stranger, shown=True),
            desk.pictures.tile(document, pages[0], "0-0", stranger),
            desk.registering.link(document, stranger),
            desk.pages.case(before.case, stranger),
            desk.pages.page_desk(document, stranger),
            desk.wall.view(document, stranger),
        ]
        for each in tries:
            with pytest.raises(NotFound):
                await each
        assert await papers.known(document) == before


async def test_lists_hold_ones_own_agency_alone(papers):
    """Board, queue and register: nothing of the neighbour's."""
    await papers.awaiting()
    await papers.registered()
    stranger, desk = papers.people["elsewhere"], papers.desk
    board = await desk.board.view(stranger, {})
    codes = {row.code for group in board.groups for row in group.rows}
    wall = await desk.wall.view(None, stranger)
    book = await desk.registering.register(stranger, year=2026, month=11)
    assert [code for code in codes if code.startswith(f"{AGENCY}-")] == []
    assert [row for row in wall.queue if row.document.startswith(f"{AGENCY}-")] == []
    assert [row for row in book.rows if row.case_code.startswith(f"{AGENCY}-")] == []
