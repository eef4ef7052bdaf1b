"""Hostile values to every parameter of every route of the desk: no answer of 500.

Routes, their rules and the parts of their paths are read from ``ROUTES``; the names of
fields and of queries from the desk's own code. A new route is tried without a line
here. Requests go into the app as uvicorn hands them over, so that bytes can be sent
which no client library would send.
"""

import contextlib
import inspect
import json
import random
import re
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode

from pydantic import BaseModel

from chassis import logs
from chassis.http import HEADERS
from chassis.settings import LogSettings
from intake import app, wiring
from intake.app import acts, again, api, guard, pages, sessions, uploads
from intake.app.application import create_app
from intake.app.desk import Desk
from intake.app.route import Route
from intake.app.routes import ROUTES
from intake.domain import intake_form
from intake.domain.adjusting import Remake
from intake.domain.calendar import local_day
from intake.domain.files import Part
from intake.domain.records import Original
from intake.domain.scan import PageFacts
from support import build, intake
from support.intake import CASE, PASSWORD, Hands

REQUESTS: Final = 10_000
CLIENT: Final = ("192.0.2.66", 5)
"""One address: its thirtieth wrong password is the last that costs a hash."""
PEOPLE: Final = ("", "ha", "vinh", "long")
"""Nobody, clerk, certifier, administrator."""
HOSTILE: Final = (
    *("", " ", "\0", "a\0b", "\x1b[31m", "\x7f\x85", "\r\nSet-Cookie: a=b", "\n"),
    *("\u202eabc", "\u200b", "\u2028", "\ufeff", "\U000e0041", "\ufdd0", "\U0010ffff"),
    *("\ud800", "a\udfffb", "e\u0301" * 300, "\u1e9e", "\u0130", "\U0001f469\u200d"),
    *(
        "0",
        "-1",
        "-0",
        "1.5",
        "1e9",
        "NaN",
        "Infinity",
        "0x10",
        "\u0663",
        "\u00b2",
        "1_0",
    ),
    *("9" * 9, "9" * 10, "2147483648", "9223372036854775808", "+1", " 1 "),
    *("a" * 300, "a" * 2001, "/" * 300, "[" * 500, "%", "%00", "%zz"),
    *(
        "..",
        "../../etc/passwd",
        "..%2f..",
        "\\\\host\\share",
        "C:\\con",
        "/",
        "//x",
        "?",
    ),
    *(
        "http://[",
        "http://[::1",
        "//evil.example",
        "javascript:alert(1)",
        "https://x:y",
    ),
    *("'", '"', "';--", "' OR 1=1", "{{7*7}}", "${7*7}", "<script>", "&#0;", "%s%n"),
    *("a@b.c", "31/02/2026", "99/99/9999", "0000-00-00", "9999-12-31", "2026-W01-1"),
    *("1.a.b", ".", "a.b", "\u1d2cbc", "null", "true", "[]", "{}", "=", "&", ";", "#"),
)
LONG: Final = ("9" * 5000, "a" * 5000, "a" * 70_000, "[" * 5000)
"""Seldom: one of them in a form is refused before anything else in it is tried."""
HEADER_NAMES: Final = (
    *("accept", "accept-language", "authorization", "content-type", "cookie", "host"),
    *("origin", "referer", "sec-fetch-dest", "sec-fetch-site", "sec-purpose"),
    *("if-match", "if-none-match", "idempotency-key", "prefer"),
    *("x-csrf-token", "x-forwarded-for", "x-forwarded-proto", "content-length"),
)
KINDS: Final = (
    *("application/x-www-form-urlencoded", "application/json", "application/json;a"),
    *("multipart/form-data; boundary=b", "multipart/form-data", "text/plain", ""),
    f"multipart/form-data; boundary={'b' * 10_000}",
    *("multipart/form-data; boundary=", 'multipart/form-data; boundary="b;x*=y'),
)
_ASKED: Final = re.compile(r'(?:one|all|number|query|get|getlist|_\w+)\(\s*"([a-z_]+)"')
_ASKED_SECOND: Final = re.compile(r'\w+\(\s*(?:\w+\.)*\w+,\s*"([a-z_]+)"')
_PART: Final = re.compile(r"\{(\w+)\}")


def names() -> tuple[str, ...]:
    """Every field and query name that the desk's code asks for, and one of nobody's."""
    modules = (acts, again, api, app, guard, pages, sessions, uploads, intake_form)
    source = "\n".join(map(inspect.getsource, modules))
    asked = {*_ASKED.findall(source), *_ASKED_SECOND.findall(source)}
    asked |= set(pages.ASKED)
    asked |= {name for route in ROUTES for name in _fields(route.takes)}
    return tuple(sorted(asked | set(CASE) | {"lang", "files", "no_such_field"}))


def _fields(model: type[BaseModel] | None) -> set[str]:
    """The members of a body and of the bodies in it."""
    if model is None:
        return set()
    schema = model.model_json_schema()
    inner = schema.get("$defs", {}).values()
    return {name for part in (schema, *inner) for name in part.get("properties", ())}


def example(schema: dict[str, Any], parts: dict[str, Any]) -> Any:
    """Something of the type that the schema names; what it means is left to chance."""
    if "$ref" in schema:
        return example(parts[schema["$ref"].rpartition("/")[2]], parts)
    if "anyOf" in schema:
        return example(schema["anyOf"][0], parts)
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {name: example(each, parts) for name, each in fields.items()}
        case "array":
            return [example(schema["items"], parts)]
    dated = "2026-12-07" if schema.get("format") == "date" else "diploma"
    plain = {"boolean": True, "string": dated}
    plain |= dict.fromkeys(("integer", "number"), schema.get("minimum", 1))
    return schema.get("enum", [plain[schema["type"]]])[0]


@dataclass(frozen=True)
class Answer:
    """What came back for one request, and enough to send it again."""

    route: Route
    person: str
    status: int
    headers: dict[str, str]
    request: dict[str, Any]

    @property
    def fault(self) -> str:
        """Why it may not be; empty for a good one. A 503 that says when to come again
        is an answer.
        """
        busy = self.status == HTTPStatus.SERVICE_UNAVAILABLE
        if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not (
            busy and "retry-after" in self.headers
        ):
            return f"{self.status}: {self._asked}"
        missing = [name for name in HEADERS if name.lower() not in self.headers]
        return f"no {missing}: {self.status} {self._asked}" if missing else ""

    @property
    def _asked(self) -> str:
        return f"{self.route.method} {self.person or 'nobody'} {self.request!r:.600}"


class Paperless:
    """``ports.Rebuilder`` that answers at once: each file is one A4 page."""

    reserve_room = staticmethod(contextlib.nullcontext)

    async def rebuild(self, _name: str, raw: Any, **_: Any) -> Part:
        facts = PageFacts(0, 1, (raw.sha256,), 2480, 3508, 300, "lifted")
        return Part(build.ref(), (build.page(),), (facts,), ("t/1",), ("p/1",))

    async def adjust(self, wanted: Remake) -> Part:
        return await self.rebuild("", wanted.ref)

    async def join(self, parts: Sequence[Part]) -> Original:
        return Original(build.ref(), tuple(p for part in parts for p in part.manifest))


@dataclass
class House:
    """A desk with a paper being scanned and one that awaits approval."""

    desk: Desk
    app: Any
    known: dict[str, tuple[str, ...]]
    """Names that exist, by the part of a path that they fill."""

    async def signed_in(self, person: str) -> tuple[str, str]:
        """The session's token and its token against forged requests."""
        if not person:
            return "", ""
        signed_in = await self.desk.staff.sign_in(person, PASSWORD, "192.0.2.7")
        return signed_in.token, signed_in.session.csrf


@contextlib.asynccontextmanager
async def furnished(url: str, folder: Path) -> AsyncIterator[House]:
    """On an empty database."""
    clock = Hands()
    opened = intake.house(url, folder / "scans", clock, Paperless())
    await intake.hire(opened.store, clock)
    desk = wiring.desk(opened)
    by = await intake.actor(opened.store, "ha")
    form = intake_form.parse(
        intake_form.TypedCase(CASE, [CASE, CASE]), intake.KINDS, local_day(clock())
    )
    opening = await desk.receiving.open_case(form, by)
    scanning, awaiting = (document.id for document in opening.documents)
    for document in (scanning, awaiting):
        await desk.files.receive_file(document, "scan.png", _chunk(), by, place=0)
    view = await desk.pages.page_desk(awaiting, by)
    digests = tuple(page.digest for page in view.pages)
    await desk.receiving.compare(awaiting, view.document.version, digests, by)
    version = (await desk.pages.page_desk(awaiting, by)).document.version
    await desk.receiving.submit(awaiting, version, by)
    shown = (await desk.pages.page_desk(scanning, by)).document.files
    files = tuple(file.id for file in shown)
    for picture in ("t/1", "p/1"):
        await opened.objects.put(picture, b"a picture")
    known = {
        "code": (opening.case.code,),
        "document": (scanning, awaiting),
        "file": files,
        "page": digests,
    }
    try:
        yield House(desk, create_app(desk), known)
    finally:
        await opened.store.close()


async def _chunk() -> AsyncIterator[bytes]:
    yield b"a page"


async def answers(
    house: House, count: int, seed: int, *, people: Sequence[str] = PEOPLE
) -> AsyncIterator[Answer]:
    """Every route in turn, by every person in turn."""
    chance = random.Random(seed)
    fields = names()
    signed_in = {person: await house.signed_in(person) for person in people}
    for number in range(count):
        route = ROUTES[number % len(ROUTES)]
        person = people[number // len(ROUTES) % len(people)]
        request = _Request(house, route, fields, signed_in[person], chance)
        yield await _sent(house.app, route, person, request.scope(), request.body)
        if route.path in {"/sign-out", "/account/password"} and person:
            signed_in[person] = await house.signed_in(person)


class _Request:
    """One request with some hostile values in it, the rest as a browser sends it."""

    def __init__(
        self,
        house: House,
        route: Route,
        fields: Sequence[str],
        session: tuple[str, str],
        chance: random.Random,
    ) -> None:
        self._house, self._route, self._fields = house, route, fields
        self._token, self._csrf = session
        self._chance = chance
        usual = KINDS[1] if route.rule.json else KINDS[chance.randrange(2)]
        self.kind = self._mostly(usual, chance.choice(KINDS))
        self.body = self._body() if route.method == "POST" else b""

    def scope(self) -> dict[str, Any]:
        raw_path = _PART.sub(self._part, self._route.path)
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self._route.method,
            "scheme": "http",
            "server": ("127.0.0.1", 8080),
            "client": CLIENT,
            "root_path": "",
            "path": unquote(raw_path),
            "raw_path": raw_path.encode(),
            "query_string": self._query().encode(),
            "headers": self._headers(),
        }

    def _mostly(self, usual: Any, hostile: Any) -> Any:
        return usual if self._chance.random() < 0.75 else hostile

    def _part(self, match: re.Match[str]) -> str:
        known = self._chance.choice(self._house.known.get(match[1], ("x",)))
        return quote(self._mostly(known, _bytes(self._hostile())), safe="")

    def _hostile(self) -> str:
        return self._chance.choice(LONG if self._chance.random() < 0.01 else HOSTILE)

    def _some(self, most: int) -> list[tuple[str, str]]:
        picked = self._chance.choices(self._fields, k=self._chance.randrange(most))
        return [(name, self._value(name)) for name in picked]

    def _value(self, name: str) -> str:
        honest = {"seen": self._house.known["page"][0], "code": "D22.1"}
        usual = CASE.get(name, honest.get(name, str(self._chance.randrange(6))))
        return usual if self._chance.random() < 0.4 else self._hostile()

    def _query(self) -> str:
        return urlencode([(_bytes(n), _bytes(v)) for n, v in self._some(4)])

    def _body(self) -> bytes:
        if self._route.rule.json and "json" in self.kind and self._route.takes:
            return self._model(self._route.takes)
        every = [(name, self._value(name)) for name in self._fields]
        fields = self._mostly(every, self._some(20)) + self._some(3)
        fields = [("csrf", self._mostly(self._csrf, self._hostile())), *fields]
        fields = [(name, value) for name, value in fields if name != "key"]
        if self._chance.random() < 0.05:
            fields.append(("key", self._hostile()))
        if "json" in self.kind:
            return self._json(fields)
        if "multipart" in self.kind or self._route.rule.streams:
            return self._multipart(fields)
        return urlencode([(_bytes(n), _bytes(v)) for n, v in fields]).encode()

    def _model(self, takes: type[BaseModel]) -> bytes:
        """A body of the route's model; mostly with hostile text in one of its members,
        or with something of another type.
        """
        schema = takes.model_json_schema()
        body = example(schema, schema.get("$defs", {}))
        known = self._house.known["document"][0]
        written = json.dumps(body).replace('"diploma"', json.dumps(known), 1)
        body = json.loads(written)
        name = self._chance.choice(tuple(body))
        wrong = (None, 9**3000, -1, [], {}, [[]], True, "\0")
        hostile = self._mostly(self._hostile(), self._chance.choice(wrong))
        return json.dumps(self._mostly(body | {name: hostile}, body)).encode()

    def _json(self, fields: list[tuple[str, str]]) -> bytes:
        nested: Any = [{"a": ["\ud800"]}, 9**3000, 1e308, None, True, "\0", {}, []]
        members: dict[str, Any] = dict(fields)
        if self._chance.random() < 0.2:
            members[self._chance.choice(self._fields)] = self._chance.choice(nested)
        whole = json.dumps(members).encode()
        deep = b'{"user":' + b"[" * 100_000
        broken = self._chance.choice(
            (deep, b"[" * 500_000, b"\xff", b"null", b'{"user":' + b"9" * 5000 + b"}")
        )
        return self._mostly(whole, broken)

    def _multipart(self, fields: list[tuple[str, str]]) -> bytes:
        self.kind = self._mostly("multipart/form-data; boundary=b", self.kind)
        head = b'--b\r\nContent-Disposition: form-data; name="'
        parts = [
            head + _bytes(name) + b'"\r\n\r\n' + _bytes(value) + b"\r\n"
            for name, value in fields
            if name != "files"
        ]
        name = _bytes(self._hostile())
        parts.append(head + b'files"; filename="' + name + b'"\r\n\r\nx\r\n')
        return b"".join(parts) + self._mostly(b"--b--\r\n", b"--b\r\nX\r\n")

    def _headers(self) -> list[tuple[bytes, bytes]]:
        cookies = f"ecopy={self._token}; ecopy-said={self._token}.x; lang=vi"
        sent = {
            "host": "desk.example",
            "accept": self._mostly("text/html", "application/json"),
            "sec-fetch-site": "same-origin",
            "cookie": cookies,
            "content-type": self.kind,
        }
        if self._route.terms.keyed:
            sent["idempotency-key"] = str(self._chance.random())
        if self._route.terms.matched:
            sent["if-match"] = f'"1.2.3-{16 * "0"}"'
        if self._chance.random() < 0.2:
            sent["x-csrf-token"] = self._csrf
        if self._chance.random() < 0.3:
            del sent["sec-fetch-site"]
        if self._chance.random() < 0.4:
            sent[self._chance.choice(HEADER_NAMES)] = self._hostile()
        return [(name.encode(), _line(value)) for name, value in sent.items()]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _line(value: str) -> bytes:
    """As h11 lets a header through: no NUL, no end of line, and not endless."""
    return re.sub(rb"[\0\r\n]", b"", _bytes(value))[:16_000].strip()


async def _sent(
    app: Any, route: Route, person: str, scope: dict[str, Any], body: bytes
) -> Answer:
    incoming = iter([{"type": "http.request", "body": body, "more_body": False}])
    started: dict[str, Any] = {"status": 599, "headers": []}

    async def receive() -> dict[str, Any]:
        return next(incoming, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            started.update(message)

    await app(scope, receive, send)
    headers = {n.decode().lower(): v.decode("latin-1") for n, v in started["headers"]}
    asked = {
        "path": scope["raw_path"][:200],
        "query": scope["query_string"][:200],
        "headers": scope["headers"],
        "body": body[:200],
    }
    return Answer(route, person, started["status"], headers, asked)


async def tallied() -> tuple[int, list[str]]:
    """How many requests the desk answered, and what was wrong with which.

    On SQLite; the test sends fewer, to both databases.
    """
    logs.configure("bench", LogSettings(level="critical"))
    with tempfile.TemporaryDirectory(prefix="ecopy-fuzz-") as folder:
        url = f"sqlite:///{folder}/intake.db"
        async with furnished(url, Path(folder)) as house:
            faults = [each.fault async for each in answers(house, REQUESTS, 8)]
    return len(faults), [fault for fault in faults if fault]
