"""Nothing of one agency is told to another: asked of every route that the desk serves.

The requests are made from the route table itself. One about another agency's row is
answered, for each role, as one about a row that is not there, word for word; and no
list has a word of it. A route whose address has a part that this file does not know
fails, and so does one that the application serves and the table does not have.
"""

import difflib
import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from starlette.routing import Mount

from intake.adapters.sql.arrivals import SqlArrivals
from intake.adapters.sql.users import SqlUsers
from intake.app.application import create_app
from intake.app.routes import ROUTES
from intake.domain.accounts import AccountForm
from intake.domain.arrivals import Arrival
from intake.domain.certifications import Way
from intake.domain.people import Role, User
from intake.domain.programs import Scope
from intake.domain.records import Note
from intake.domain.uploading import Announced
from storage.app.application import create_app as create_public_app
from storage.app.office import Office
from storage.app.routes import ROUTES as PUBLIC_ROUTES
from storage.settings import PublicLimitSettings
from support import build
from support.intake import AGENCY, CASE, OTHER, PASSWORD, STAFF
from support.papers import open_papers

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHATEVER = {
    "handout": "receipt",
    "plot": "kinds",
    "tile": "0-0",
    "number": "1",
    "nth": "1",
    "table": "kinds",
}
"""Parts of an address that name no row of an agency."""
OF_THE_HOUSE = frozenset(
    {
        "/system/letters/{number}",
        "/system/letters/{number}/replay",
        "/system/letters/{number}/dismiss",
    }
)
"""Letters are of the whole deployment and name no citizen."""
ABSENT = {
    "code": f"{AGENCY}-261123-9999",
    "document": f"{AGENCY}-261123-9999-1",
    "page": "0" * 64,
    "file": "khong-co",
    "upload": "khong-co",
    "arrival": "khong-co",
    "batch": "khong-co",
    "user": "khong-co",
    "delegation": "999",
    "program": "khongcoo",
    "agreement": "khong-co",
    "row": "999",
}
"""Rows that nobody has."""
BY_BODY = (
    ("GET", "/cases/new", {"arrival": "arrival"}),
    ("POST", "/inbox/assign", {"arrival": "arrival", "document": "document"}),
    ("POST", "/inbox/new-case", {"arrival": "arrival"}),
    ("POST", "/wall/batches", {"item": "document"}),
)
"""Routes whose form or query names rows."""
TYPED = {
    "version": "1",
    "text": "x",
    "reason": "x",
    "code": "D22.1",
    "title": "x",
    "kind": "diploma",
    "pages": "1",
    "issuing_body": "x",
    "count": "1",
    "way": "slip",
    "ground": "lost",
    "days": "30",
    "name": "x",
    "roles": "clerk",
    "act": "turn-right",
    "all_present": "1",
    "until": "07/12/2026",
}
CHANGES = re.compile(
    r'(?:value|data-key|nonce)="[^"]{16,}"|[0-9a-f]{32,}|href="[^"]*lang=(?:en|vi)"'
)
"""What differs from one page to the next whatever is asked: tokens, keys, and the
address of the page in the other language."""


@dataclass
class House:
    """A desk with an issued paper of one agency, and each role at another."""

    http: httpx.AsyncClient
    there: dict[str, str]
    """The rows of the first agency, by the part of an address that names them."""
    sessions: dict[str, str]
    """Of each role, and of a program with every scope."""
    words: tuple[str, ...]
    """What no page of the other agency may say."""

    async def ask(self, route, role, rows, named=()):
        """A request of *role* about *rows*; the answer without what names them."""
        method, path = route.method, route.path
        values = WHATEVER | rows
        if path.startswith("/inbox"):
            values["page"] = "1"
        address = re.sub(r"{(\w+)}", lambda part: values[part[1]], path)
        typed = TYPED | {field: rows[row] for field, row in named}
        if "item" in typed:
            typed["item"] += ":1"
        paper = {"paper": f"{rows['document']}:1"}
        sent = {"params": typed} if method == "GET" else {"data": typed | paper}
        if route.rule.json:
            sent = {"json": {"text": "x", "pages": [rows["page"]]}}
        headers = {"Authorization": f"Bearer {self.sessions[role]}"}
        headers |= {"If-Match": '"1"', "Idempotency-Key": f"{path} {role} {rows}"[:90]}
        if "/uploads" in path:
            headers |= {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
            headers |= {"Content-Type": "application/offset+octet-stream"}
            headers |= {"Upload-Length": "9", "X-HTTP-Method-Override": "PATCH"}
            sent = {"content": b"x" if method in {"POST", "PATCH"} else b""}
        answer = await self.http.request(
            method, address, headers=headers | {"Accept": "text/html"}, **sent
        )
        location = answer.headers.get("location", "")
        text = CHANGES.sub("", f"{location}\n{answer.text}")
        named = {*rows.values(), address, answer.request.url.path}
        for value in sorted(named, key=len, reverse=True):
            for shape in (value, quote(value), quote(value, safe="")):
                text = text.replace(shape, "") if len(value) > 3 else text
        return answer.status_code, text


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory):
    async with open_papers(tmp_path_factory.mktemp("desk")) as papers:
        document = await papers.handed(Way.SCREEN)
        there = await _rows(papers, document)
        sessions = {role: await _hired(papers, role) for role in Role}
        sessions["program"] = await _program(papers)
        app = create_app(papers.desk)
        transport = httpx.ASGITransport(app, client=("192.0.2.7", 5))
        base = "http://desk.example"
        async with httpx.AsyncClient(transport=transport, base_url=base) as http:
            own = [name for name, (_, agency, *_) in STAFF.items() if agency == AGENCY]
            names = tuple(STAFF[user][0] for user in own if user != "vinh")
            words = (CASE["requester"], there["code"], CASE["phone"], *names)
            yield House(http, there, sessions, (*words, "Lò Văn Khách", "19/UQ"))


async def _rows(papers, document):
    """A row of the agency for each part of an address that names one."""
    guest = AccountForm("Lò Văn Khách", frozenset({Role.CLERK}), None)
    await papers.desk.staffing.add("guest", guest, papers.people["long"])
    other = await papers.scanned()
    upload = await papers.desk.uploading.begin(
        other, Announced(9, "b.png"), papers.people["ha"]
    )
    at, raw = papers.opened.clock(), build.ref(b"scan", "scans")
    part = await papers.opened.rebuilder.rebuild("a.png", raw)
    arrival = Arrival(
        *("arrival-1", AGENCY, "Quầy 2", "", "a.png", "a", 4, at, raw),
        checked="good",
        part=part,
    )
    store = SqlArrivals(papers.opened.store, papers.opened.clock)
    await store.add(arrival, Note(at, "", "", AGENCY, "arrival-taken"))
    known = await papers.known(document)
    return {
        "code": known.case,
        "document": known.id,
        "page": known.page_digests[0],
        "file": known.files[0].id,
        "upload": upload.id,
        "arrival": "arrival-1",
        "batch": "khong-co",
        "user": "guest",
        "delegation": "1",
        "program": await _revocable(papers),
        "agreement": "khong-co",
        "row": await _planned(papers),
    }


async def _planned(papers):
    """The number of a row that the first agency has planned for tomorrow."""
    typed = {"vi": "Bằng cấp", "en": "", "used": "yes"}
    by, day = papers.people["long"], date(2026, 11, 24)
    row = await papers.desk.tabling.enter(
        "kinds", "diploma", day, typed, version=0, by=by
    )
    return str(row.seq)


async def _revocable(papers):
    """The prefix of a program of the first agency."""
    return (await _issued(papers, papers.people["long"]))[0].prefix


async def _program(papers):
    """The token of a program of the other agency that may do all that programs may."""
    like = papers.people["elsewhere"]
    return (await _issued(papers, like))[1]


async def _issued(papers, by):
    admitting = papers.desk.programs.admitting
    form = admitting.form("Cổng tỉnh", tuple(Scope), date(2026, 12, 31))
    return await admitting.issue(form, by)


async def _hired(papers, role):
    """The session of somebody who has just this role at the other agency."""
    users = SqlUsers(papers.opened.store)
    like = await users.find("elsewhere")
    officer = "pham-quoc-vinh" if role is Role.CERTIFIER else None
    user = User(
        f"x-{role}", f"Người {role}", OTHER, frozenset({role}), officer, like.password
    )
    at = papers.opened.clock()
    assert await users.add(user, Note(at, "", "", OTHER, "user-added"))
    return (await papers.desk.staff.sign_in(user.id, PASSWORD, "192.0.2.7")).token


def _served(app):
    """The routes that the application really serves, under its layers."""
    while not isinstance(app, FastAPI):
        app = next(getattr(app, name) for name in ("app", "_app") if hasattr(app, name))
    return {
        (method, route.path)
        for route in app.routes
        if not isinstance(route, Mount)
        for method in route.methods or ()
    }


def _public_app():
    return create_public_app(
        None,
        clock=lambda: build.NOON,
        office=Office("", "", "", "", ""),
        demo=False,
        limits=PublicLimitSettings(),
        trusted_proxies=(),
        public_host="https://hoaban.example",
    )


async def test_every_route_that_is_served_has_its_rule(house):
    """Of the desk and of the public face: nothing answers beside the two tables, each
    row of which has a rule.
    """
    tabled = {(route.method, route.path) for route in ROUTES}
    served = _served(house.http._transport.app)
    assert {each for each in served - tabled if each[0] != "HEAD"} == set()
    assert tabled <= served
    public = {(m, route.path) for route in PUBLIC_ROUTES for m in route.methods}
    own = {("GET", "/v1/openapi.json"), ("HEAD", "/v1/openapi.json")}
    assert _served(_public_app()) - own == public


def _naming():
    """Each route whose address or body names a row, with what its body names."""
    rows = {(route.method, route.path): route for route in ROUTES}
    for route in ROUTES:
        parts = set(re.findall(r"{(\w+)}", route.path))
        assert parts <= {*WHATEVER, *ABSENT}, f"{route.path}: whose rows are these?"
        if parts & ABSENT.keys() and route.path not in OF_THE_HOUSE:
            yield route, {}
    for method, path, named in BY_BODY:
        yield rows[method, path], named


async def test_another_agencys_row_is_as_one_that_is_not_there(house):
    """For each role the same status and the same words, whatever is asked with it; and
    never a success that the missing row would not have, too.
    """
    told = []
    for route, named in _naming():
        for role in (*Role, "program"):
            asked = (role, route.method, route.path)
            theirs = await house.ask(route, role, house.there, named.items())
            if not _admits(route.rule, role):
                assert theirs[0] == 403, asked
                continue
            missing = await house.ask(route, role, ABSENT, named.items())
            assert theirs[0] < 500, asked
            if theirs != missing:
                told.append((*asked, theirs[0], missing[0], _differs(theirs, missing)))
            assert not [w for w in house.words if w in theirs[1]], asked
            if theirs[0] < 300 and route.method != "OPTIONS" and not named:
                told.append((*asked, theirs[0]))
    assert told == [], "\n".join(map(str, told))


def _differs(theirs, missing):
    lines = difflib.ndiff(theirs[1].splitlines(), missing[1].splitlines())
    return [line for line in lines if line[0] in "+-"][:4]


def _admits(rule, role):
    if role == "program":
        return rule.admits_program(frozenset(Scope))
    return rule.admits(frozenset({role}))


async def test_no_list_of_an_agency_has_anothers_rows(house):
    """Boards, searches, register, exports, figures, inbox, accounts, tables: each page
    without an address of a row, as each role that may open it.
    """
    seen = set()
    for route in ROUTES:
        if route.method != "GET" or "{" in route.path or not route.rule.signed_in:
            continue
        for role in (*Role, "program"):
            if not _admits(route.rule, role):
                continue
            headers = {"Authorization": f"Bearer {house.sessions[role]}"}
            query = {"q": "nguyen", "year": "2026", "month": "11", "scope": "all"}
            answer = await house.http.get(route.path, params=query, headers=headers)
            found = [word for word in house.words if word in answer.text]
            assert found == [], (role, route.path)
            seen.add(answer.status_code)
    assert 200 in seen
