"""Hostile values in every parameter, header and body of every route: no answer is a
500. ``storage`` is the public face; ``fuzz_desk`` has the desk; the figure counts both.

Requests go straight into the application, shaped as uvicorn shapes them, because no
client library would send them. What is random comes from one seed.
"""

import json
import random
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes, unquote

from structlog.testing import capture_logs

from bench import fuzz_desk
from bench.figures import Figure
from chassis.http import HEADERS
from support.storage import TOKEN, shelf

SEED = 8
REQUESTS = 10_000
"""To each face, in the figure."""
CLIENTS = 200
"""Addresses that they come from: the limits are tried, too, and do not end the run."""
PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
COPY = b"%PDF-1.7\n" + bytes(range(256)) * 20 + b"\nstartxref\n9\n%%EOF\n"

TEXTS = (
    b"",
    b" ",
    b"\x00",
    b"a\x00b",
    "\ud800".encode("utf-8", "surrogatepass"),
    "\udcff\ud83d".encode("utf-8", "surrogatepass"),
    "\u202egnp.exe\u2066\u200b".encode(),
    b"\xff\xfe\xc0\x80",
    b"9" * 5000,
    b"-" + b"9" * 5000,
    "٣٤٥".encode(),
    "²".encode(),
    b"1e999999",
    b"NaN",
    b"0x10",
    b"../../../etc/passwd",
    b"..%2f..%2f",
    b"a" * 8000,
    "ả".encode() * 3000,
    b"<script>alert(1)</script>",
    b"{{7*7}}${7*7}",
    b"'; drop table copies; --",
    b"\r\nX-Split: yes",
    b"\n",
    b"\x1b[31m",
    b"%",
    b"%zz",
    b"http://[",
    b"//evil.example",
    b"[" * 5000,
    b"7K2F-9MQX-4TBD",
    b"0" * 64,
    TOKEN.encode(),
)
HEADER_VALUES: dict[str, tuple[bytes, ...]] = {
    "host": (b"", b"[", b"http://[", b"evil.example:99999999", b"\xff", b"a" * 5000),
    "origin": (b"http://[", b"null", b"https://[::1", b"\xff\xff", b"http://:-1"),
    "referer": (b"http://[", b"\xff"),
    "range": (
        b"bytes=0-" + b"9" * 5000,
        b"bytes=-0",
        b"bytes=9-1",
        b"bytes=" + b"0-0," * 900,
        "bytes=٣-".encode(),
        b"bytes=-" + b"9" * 19,
        b"lines=1-2",
        b"bytes",
    ),
    "if-range": (b"*", b'"', b"W/" * 900, b"Wed, 99 Foo 0000"),
    "if-none-match": (b"*", b'W/"', b"," * 5000, b'"\xff"'),
    "if-match": (b"*", b'"x"'),
    "if-modified-since": (b"never", b"Wed, 99 Foo 99999", b"9" * 5000),
    "accept": (b"application/json", b"*/*;q=\xff", b"text/html", b"json" * 900),
    "accept-language": (b"vi", b"\xff", b"," * 900),
    "cookie": (b"ecopy=\xff", b"lang=\x00", b";" * 900, b"ecopy=" + b"a" * 5000),
    "authorization": (b"Bearer \xff", b"Bearer", b"bearer " + b"9" * 5000, b"Basic ="),
    "x-forwarded-for": (b"," * 900, b"::1%\xff", b"1.1.1.1, [", b"9" * 5000),
    "sec-fetch-site": (b"same-origin", b"cross-site", b"\xff"),
    "sec-purpose": (b"prefetch", b"\xff"),
    "user-agent": (b"", b"\xff\x00", b"bot" * 900),
    "content-length": (b"-1", b"9" * 5000, b"abc", b"0"),
    "transfer-encoding": (b"chunked", b"\xff"),
    "expect": (b"100-continue", b"\xff"),
    "x-csrf-token": (b"\xff", b"a" * 5000, b"\x00"),
    "content-encoding": (b"gzip", b"\xff"),
}
JSON_BODIES = (
    b"[" * 100_000,
    b'{"a":' * 20_000,
    b'{"user":"\\ud800","password":"\\ud800"}',
    b'{"user":"a\\u0000b","password":"\\u0000"}',
    b'{"version":' + b"9" * 5000 + b"}",
    b'{"version":1e999,"seen":[NaN,Infinity,{}]}',
    b'{"csrf":"\\ud800","key":["\\udfff"]}',
    b"[]",
    b"null",
    b"",
    b"\xff\xfe{}",
)


@dataclass(frozen=True)
class Sent:
    """One request, whole."""

    method: str
    target: bytes
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    client: str


@dataclass
class Tally:
    """What came of all requests."""

    requests: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    broken: list[tuple[int, Sent]] = field(default_factory=list)
    """Answers of 500 and above, except a 503 that says when to come again."""
    bare: list[tuple[int, Sent]] = field(default_factory=list)
    """Answers without the headers that all others have."""
    traces: list[Any] = field(default_factory=list)
    """Lines of the log that are errors: a stranger's input is none."""

    def count(self, sent: Sent, status: int, headers: dict[str, str]) -> None:
        self.requests += 1
        self.statuses[status] = self.statuses.get(status, 0) + 1
        busy = status == 503 and "retry-after" in headers
        if status >= 500 and not busy:
            self.broken.append((status, sent))
        if {name.lower() for name in HEADERS} - headers.keys():
            self.bare.append((status, sent))


class Fuzzer:
    """Makes requests to the given routes, one after another, from one seed."""

    def __init__(self, seed: int, routes: Iterable[tuple[str, str]]) -> None:
        """*routes*: method and path, with ``{parameters}``."""
        self._chance = random.Random(seed)
        self._routes = sorted(routes)
        self._at = 0

    def next(self) -> Sent:
        """Routes come in turn: none is left out by chance."""
        chance = self._chance
        method, path = self._routes[self._at % len(self._routes)]
        self._at += 1
        headers, body = self._headers(), b""
        if method == "POST" or chance.random() < 0.1:
            kind, body = self._body()
            headers.append((b"content-type", kind))
            if chance.random() < 0.9:
                headers.append((b"content-length", str(len(body)).encode()))
        if chance.random() < 0.05:
            method = chance.choice(("PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "X"))
        client = f"2001:db8:0:{chance.randrange(CLIENTS):x}::1"
        return Sent(method, self._target(path), headers, body, client)

    def _target(self, path: str) -> bytes:
        def filled(_match: re.Match[str]) -> str:
            return quote_from_bytes(self._text(), safe="" if self._coin() else "/%")

        target = PARAMETER.sub(filled, path)
        if self._coin():
            names = ("code", "lang", "next", "state", "q", "year", "month", "notice")
            pairs = (
                f"{self._chance.choice(names)}={quote_from_bytes(self._text())}"
                for _ in range(self._chance.randrange(4))
            )
            target += "?" + "&".join(pairs)
        return target.encode("ascii", "replace")

    def _headers(self) -> list[tuple[bytes, bytes]]:
        names = self._chance.sample(list(HEADER_VALUES), self._chance.randrange(6))
        found = [(b"host", b"hoaban.example")]
        for name in names:
            usual = HEADER_VALUES[name]
            value = self._chance.choice(usual) if self._coin() else self._text()
            found.append((name.encode(), value.replace(b"\r", b"").replace(b"\n", b"")))
        return found

    def _body(self) -> tuple[bytes, bytes]:
        shape = self._chance.choice(("json", "form", "multipart", "raw", "noise"))
        if shape == "json":
            return b"application/json", self._json()
        if shape == "form":
            names = ("csrf", "key", "version", "user", "text", "seen", "title", "pages")
            pairs = (
                f"{self._chance.choice(names)}={quote_from_bytes(self._text())}"
                for _ in range(self._chance.randrange(8))
            )
            return b"application/x-www-form-urlencoded", "&".join(pairs).encode()
        if shape == "multipart":
            return self._multipart()
        if shape == "raw":
            return b"application/pdf", self._chance.choice((COPY, COPY[:900], b""))
        return self._text(), self._chance.randbytes(self._chance.randrange(3000))

    def _json(self) -> bytes:
        if self._coin():
            return self._chance.choice(JSON_BODIES)
        names = ("user", "password", "version", "seen", "csrf", "key", "text", "count")
        members: dict[str, Any] = {
            name: self._text().decode("utf-8", "surrogateescape")
            for name in self._chance.sample(names, 3)
        }
        return json.dumps(members).encode()

    def _multipart(self) -> tuple[bytes, bytes]:
        length = self._chance.choice((1, 20, 70, 256, 257, 9000))
        boundary = self._chance.choice((b"b" * length, b"", b'"', b"\xff", b"b b"))
        parts = b""
        for _ in range(self._chance.randrange(4)):
            name = self._chance.choice((b"file", b"files", b"sha256", b"csrf", b"name"))
            file = b'; filename="%s"' % self._text() if self._coin() else b""
            parts += b"--%s\r\nContent-Disposition: form-data; " % boundary
            parts += b'name="%s"%s\r\n\r\n%s\r\n' % (name, file, self._text())
        end = b"--%s--\r\n" % boundary if self._coin() else b""
        kind = b"multipart/form-data; boundary=" + boundary
        return kind, parts + end

    def _text(self) -> bytes:
        return self._chance.choice(TEXTS)

    def _coin(self) -> bool:
        return self._chance.random() < 0.5


async def answer(app: Any, sent: Sent) -> tuple[int, dict[str, str]]:
    """Status and headers; 599 for an exception that came through."""
    raw, _, query = sent.target.partition(b"?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 80),
        "client": (sent.client, 40000),
        "scheme": "http",
        "method": sent.method,
        "root_path": "",
        "path": unquote(raw.decode("ascii")),
        "raw_path": raw,
        "query_string": query,
        "headers": list(sent.headers),
        "state": {},
    }
    pieces = [sent.body[:1000], sent.body[1000:]]
    status, headers = 599, dict[str, str]()

    async def receive() -> dict[str, Any]:
        if not pieces:
            return {"type": "http.disconnect"}
        body = pieces.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(pieces)}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in message["headers"]
            }

    try:
        await app(scope, receive, send)
    except Exception:  # noqa: BLE001 - counted, whatever it is
        status = 599
    return status, headers


def routes_of(app: Any) -> list[tuple[str, str]]:
    """Every route, whatever stands round the application."""
    while not hasattr(app, "routes"):
        app = app._app
    found = [("GET", "/"), ("GET", "/{anything}"), ("POST", "/{anything}")]
    for route in _flat(app.routes):
        methods = getattr(route, "methods", None) or {"GET"}
        path = route.path + ("/{file}" if route.path == "/static" else "")
        found += [(method, path) for method in methods]
    return found


def _flat(routes: Iterable[Any]) -> Iterator[Any]:
    """FastAPI keeps an included router whole; its routes have their prefix already."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from _flat(inner.routes)


async def run(app: Any, seed: int, requests: int) -> Tally:
    fuzzer, tally = Fuzzer(seed, routes_of(app)), Tally()
    with capture_logs() as lines:
        for _ in range(requests):
            sent = fuzzer.next()
            tally.count(sent, *await answer(app, sent))
    tally.traces = [
        line for line in lines if line["log_level"] in ("error", "critical")
    ]
    return tally


async def storage(seed: int, requests: int) -> Tally:
    """The public face, over a real catalogue and a real archive with one copy."""
    from storage.wiring.public_face import face

    limits = {"requests_per_second": 10**6, "files_per_window": 10**6}
    with tempfile.TemporaryDirectory(prefix="ecopy-fuzz-") as folder:
        url = f"sqlite:///{folder}/storage.db"
        async with shelf(Path(folder), url, limits=limits) as store:
            await store.archived(COPY)
            app = face(store.settings, store.storage, clock=store.hands)
            return await run(app, seed, requests)


async def measure() -> dict[str, Figure]:
    """``hard.answers_500``: of all requests to both faces."""
    public = await storage(SEED, REQUESTS)
    asked, faults = await fuzz_desk.tallied()
    for fault in faults[:20]:
        print(fault)
    return {
        "hard.answers_500": Figure(
            len(public.broken) + len(faults),
            "answers",
            "0",
            f"of {public.requests} hostile requests to the public face and {asked} to "
            f"the desk, seed {SEED}; {len(public.bare)} without the security headers",
        )
    }
