"""Who gets in: passwords, sessions, forged requests, roles by route."""

import itertools
import re
from dataclasses import replace

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from chassis.clients import ClientAddresses
from intake import wiring
from intake.adapters.sql.tables import audit
from intake.app import tus
from intake.app.application import create_app
from intake.app.routes import ROUTES
from intake.domain.people import Role
from intake.ports import Busy
from support import intake
from support.intake import AGENCY, PASSWORD, Browser, app_of, browsing, open_desk

PATHS = {
    "{code}": f"{AGENCY}-261123-0001",
    "{document}": f"{AGENCY}-261123-0001-1",
    "{file}": "f",
    "{number:int}": "1",
}
PEOPLE = {"ha": "clerk", "vinh": "certifier", "long": "administrator"}


@pytest.fixture
async def house(tmp_path):
    async with open_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
def app(house):
    return app_of(house)


def path_to(route):
    path = route.path
    for name, value in PATHS.items():
        path = path.replace(name, value)
    return path


def spoken(route):
    """What a client of the protocol tus sends: all else hears 412 before the guard."""
    return {"Tus-Resumable": tus.VERSION} if route.tus else {}


def csrf_of(page):
    return re.search(r'name="csrf" value="([^"]+)"', page.text)[1]


async def test_every_route_admits_exactly_whom_its_rule_names(app):
    """Role by route, complete by construction: the table itself is walked."""
    seen = set()
    async with browsing(app, *PEOPLE) as browsers:
        for browser, user in zip(browsers, PEOPLE, strict=True):
            token = csrf_of(await browser.look("/account"))
            for route in ROUTES:
                if route.path == "/sign-out":
                    continue  # it would end the walk
                answer = await browser.http.request(
                    route.method,
                    path_to(route),
                    headers={"X-CSRF-Token": token, **spoken(route)},
                    follow_redirects=False,
                )
                admitted = route.rule.admits(frozenset({Role(PEOPLE[user])}))
                forbidden = answer.status_code == 403
                assert forbidden is not admitted, (user, route.path)
                seen.add((route.method, route.path))
    assert len(seen) == len(ROUTES) - 1


async def test_nobody_gets_past_a_route_for_staff(app):
    """Without a session each one leads to the sign-in, a program gets 401."""
    stranger = Browser(app)
    for route in ROUTES:
        if not route.rule.signed_in:
            continue
        answer = await stranger.http.request(
            route.method,
            path_to(route),
            headers=spoken(route),
            follow_redirects=False,
        )
        if path_to(route).startswith("/v1/"):
            assert answer.status_code == 401
            continue
        assert answer.status_code == 303, route.path
        assert answer.headers["location"].startswith("/sign-in?next=")


async def test_form_without_its_token_changes_nothing(app):
    """403 in words, for a missing token, another session's and a guess."""
    async with browsing(app, "ha", "man") as (ha, man):
        theirs = csrf_of(await man.look("/cases/new"))
        for token in ({}, {"csrf": theirs}, {"csrf": "x"}):
            answer = await ha.http.post("/cases", data=intake.CASE | token)
            assert answer.status_code == 403
        board = await ha.look("/")
        assert "261123-0001" not in board.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
    ],
)
async def test_form_sent_from_another_site_is_refused(app, headers):
    """Even with a good token; signing somebody in from elsewhere, too."""
    async with browsing(app, "ha") as (ha,):
        token = csrf_of(await ha.look("/cases/new"))
        if "Origin" in headers:
            del ha.http.headers["Sec-Fetch-Site"]
        data = intake.CASE | {"csrf": token}
        answer = await ha.http.post("/cases", data=data, headers=headers)
        assert answer.status_code == 403
        signing_in = {"user": "ha", "password": PASSWORD}
        answer = await ha.http.post("/sign-in", data=signing_in, headers=headers)
        assert answer.status_code == 403


async def test_wrong_passwords_lock_the_pair_of_account_and_address(house, app):
    """Five tries, counted down in words; then 429 even for the right one."""
    browser, other = Browser(app), Browser(app, "198.51.100.9")
    for _ in range(4):
        assert (await browser.sign_in("ha", "wrong")).status_code == 401
    assert (await browser.sign_in("ha", "wrong")).status_code == 429
    assert (await browser.sign_in("ha")).status_code == 429
    assert (await other.sign_in("ha")).url.path == "/"
    house.clock.on(minutes=15, seconds=1)
    assert (await browser.sign_in("ha")).url.path == "/"


async def test_behind_the_proxy_each_client_is_its_own_address(house):
    """Where passwords are counted, and in the audit; a client's own word never."""
    proxied = replace(house, clients=ClientAddresses(("172.30.251.0/28",)))
    app = app_of(proxied)
    guesser, honest = (Browser(app, "172.30.251.2") for _ in range(2))
    honest.http.headers["X-Forwarded-For"] = "198.51.100.9"
    for n in range(6):
        claimed = f"198.51.100.9, 203.0.113.{n}, 192.0.2.66"
        guesser.http.headers["X-Forwarded-For"] = claimed
        answer = await guesser.sign_in("ha", "wrong")
        assert answer.status_code == (401 if n < 4 else 429)
    assert (await honest.sign_in("ha")).url.path == "/"
    addresses = await house.store.read(
        lambda tx: tx.scalars(
            select(audit.c.address).where(audit.c.action == "signed-in")
        ).all()
    )
    assert addresses == ["198.51.100.9"]
    for browser in (guesser, honest):
        await browser.http.aclose()


@pytest.mark.parametrize("route", ["/sign-in", "/v1/sign-in"])
async def test_too_many_passwords_at_once_answer_503_in_words(house, route):
    """With when to come again, and the word that it was no wrong try."""

    class Crowded:
        async def matches(self, *_credentials) -> bool:
            raise Busy

    desk = wiring.desk(house)
    desk = replace(desk, staff=replace(desk.staff, passwords=Crowded()))
    browser = Browser(create_app(desk))
    answer = await browser.http.post(route, data={"user": "ha", "password": PASSWORD})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    sentence = "không tính là thử sai" if route == "/sign-in" else "does not count"
    assert sentence in answer.text
    await browser.http.aclose()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/sign-in"])
async def test_head_is_answered_like_get(app, path):
    """A probe that asks HEAD gets the status and the headers of GET."""
    browser = Browser(app)
    get, head = await browser.http.get(path), await browser.http.head(path)
    assert head.status_code == get.status_code == 200
    assert [*head.headers] == [*get.headers]
    await browser.http.aclose()


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/sign-in", "/sign-in"),
        ("/cases/H99.42.05.13-261123-0001", "/cases/{code}"),
        ("/v1/cases/H99.42.05.13-261123-0001", "/v1/cases/{code}"),
        ("/static/0/no-such-file", "/static"),
        ("/no-such-page", None),
    ],
)
async def test_the_request_log_names_the_route_and_never_the_path(app, path, route):
    """A framework that does not put the route into the scope would leave a None."""
    browser = Browser(app)
    with capture_logs() as lines:
        await browser.http.get(path, follow_redirects=False)
    assert [line["route"] for line in lines if line["event"] == "request"] == [route]
    await browser.http.aclose()


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
async def test_the_framework_has_no_page_of_its_own(app, path):
    """Nothing but the route table is served: docs/decisions/0074."""
    browser = Browser(app)
    assert (await browser.http.get(path)).status_code == 404
    await browser.http.aclose()


async def test_a_name_that_does_not_exist_answers_the_same(app):
    """No word, no status and no countdown tells that the account is not there."""
    one, two = Browser(app), Browser(app)
    for _ in range(6):
        known = await one.sign_in("ha", "wrong")
        unknown = await two.sign_in("no-such-name", "wrong")
        assert known.status_code == unknown.status_code
        assert known.text == unknown.text.replace("no-such-name", "ha")


async def test_session_is_new_at_each_sign_in_and_ends_at_sign_out(app):
    """A token from before opens nothing afterwards."""
    async with browsing(app, "ha") as (ha,):
        first = ha.http.cookies["ecopy"]
        page = await ha.look("/account")
        await ha.http.post("/sign-out", data={"csrf": csrf_of(page)})
        assert "ecopy" not in ha.http.cookies
        ha.http.cookies.set("ecopy", first, domain="desk.example")
        assert (await ha.look("/")).url.path == "/sign-in"
        ha.http.cookies.clear()
        await ha.sign_in("ha")
        assert ha.http.cookies["ecopy"] != first


async def test_session_ends_idle_and_at_the_end_of_the_day(house, app):
    """15 minutes without a request; 8 hours whatever happens."""
    async with browsing(app, "ha") as (ha,):
        house.clock.on(minutes=14, seconds=59)
        assert (await ha.look("/")).url.path == "/"
        house.clock.on(minutes=15)
        page = await ha.look("/")
        assert (page.url.path, page.url.params["notice"]) == ("/sign-in", "idle")
        await ha.sign_in("ha")
        for _ in range(8 * 6 - 1):
            house.clock.on(minutes=10)
            assert (await ha.look("/account")).url.path == "/account"
        house.clock.on(minutes=10)
        assert (await ha.look("/account")).url.path == "/sign-in"


async def test_cookie_is_out_of_reach(house):
    """HttpOnly, SameSite=Strict; behind TLS also Secure and bound to the host."""
    for secure, name in ((False, "ecopy"), (True, "__Host-ecopy")):
        opened = intake.replaced(house, secure=secure)
        answer = await Browser(app_of(opened)).http.post(
            "/sign-in",
            data={"user": "ha", "password": PASSWORD},
            follow_redirects=False,
        )
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"{name}=")
        assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
        assert ("Secure" in cookie) is secure


@pytest.mark.parametrize("there", ["//evil.example/", "https://evil.example", "/\\x"])
async def test_sign_in_never_leads_to_another_origin(app, there):
    """``next`` is a path of this desk or the board."""
    answer = await Browser(app).http.post(
        "/sign-in",
        data={"user": "ha", "password": PASSWORD, "next": there},
        follow_redirects=False,
    )
    assert answer.headers["location"] == "/"


async def test_password_is_changed_and_the_old_one_is_dead(app):
    """Every session ends; mistakes are said beside the field."""
    async with browsing(app, "ha") as (ha,):
        page = await ha.look("/account")
        for new, again in (("short", "short"), ("a-long-new-one", "another-one")):
            typed = {"current": PASSWORD, "new": new, "again": again}
            answer = await ha.send(page, "/account/password", **typed)
            assert answer.status_code == 422
            assert PASSWORD not in answer.text
        typed = {"current": "wrong", "new": "a-long-new-one", "again": "a-long-new-one"}
        assert (await ha.send(page, "/account/password", **typed)).status_code == 422
        typed["current"] = PASSWORD
        done = await ha.send(page, "/account/password", **typed)
        assert done.url.params["notice"] == "password-changed"
        assert (await ha.sign_in("ha")).status_code == 401
        assert (await ha.sign_in("ha", "a-long-new-one")).url.path == "/"


async def test_program_signs_in_and_needs_no_token(app):
    """A bearer session is never sent by a browser by itself."""
    http = Browser(app).http
    del http.headers["Sec-Fetch-Site"]
    credentials = {"user": "ha", "password": PASSWORD}
    answer = await http.post("/v1/sign-in", json=credentials)
    assert "set-cookie" not in answer.headers
    bearer = {"Authorization": f"Bearer {answer.json()['session']}"}
    quote = await http.get("/v1/quote?pages=3&pages=1", headers=bearer)
    assert quote.json()["fees"] == [5000, 2000]
    assert quote.json()["due_at"].startswith("2026-11-23T17:00:00+07:00")
    made = await http.post("/cases", data=intake.CASE, headers=bearer)
    assert made.status_code == 200
    denied = await http.post("/v1/sign-in", json=credentials | {"password": "x"})
    assert denied.headers["content-type"] == "application/problem+json"
    assert denied.status_code == 401


async def test_every_answer_carries_the_security_headers(app):
    """Pages, errors and JSON alike; nothing is kept by a cache."""
    stranger = Browser(app)
    for path in ("/sign-in", "/nowhere", "/healthz", "/v1/cases/x"):
        headers = (await stranger.look(path)).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("/nowhere", "text/html", "text/html"),
        ("/nowhere", "application/json", "application/problem+json"),
        ("/v1/nowhere", "text/html", "application/problem+json"),
    ],
)
async def test_unknown_address_is_said_in_the_readers_form(app, path, accept, kind):
    """A page for people, problem+json for programs."""
    answer = await Browser(app).http.get(path, headers={"Accept": accept})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith(kind)


async def test_oversized_or_broken_form_is_refused_in_words(app):
    """Not a 500 and not an endless read."""
    async with browsing(app, "ha") as (ha,):
        huge = b"x" * (2 << 20)
        assert (await ha.http.post("/cases", content=huge)).status_code == 413
        for body, kind in (
            (b"\xff\xfe=1", "application/x-www-form-urlencoded"),
            (b"[1]", "application/json"),
            (b"{", "application/json"),
        ):
            answer = await ha.http.post(
                "/cases", content=body, headers={"Content-Type": kind}
            )
            assert answer.status_code in {400, 403}, body


def test_every_route_is_named_once():
    """No two entries of the table answer the same request."""
    named = [(route.method, route.path) for route in ROUTES]
    for one, two in itertools.combinations(named, 2):
        assert one != two


@pytest.mark.parametrize(
    ("body", "status"),
    [("[" * 100_000, 400), ('{"user":"\\ud800","password":"x"}', 401)],
    ids=["deep", "half"],
)
async def test_json_that_nothing_can_hold_is_refused(app, body, status):
    """Brackets in brackets are no JSON of ours; half a character is taken out at the
    door, and nobody has the name that is left.
    """
    kind = {"Content-Type": "application/json"}
    answer = await Browser(app).http.post("/v1/sign-in", content=body, headers=kind)
    assert answer.status_code == status
