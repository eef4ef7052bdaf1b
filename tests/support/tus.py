"""A program that speaks tus 1.0.0 to the desk, one request at a time."""

import base64
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from bench.fuzz_desk import Paperless
from chassis.database import Database
from chassis.objects import Objects
from intake import wiring
from intake.adapters.sql.cases import SqlCases
from intake.app.application import create_app
from intake.domain.records import CaseDocument
from support import intake
from support.papers import Papers, papers_of

PIECES = "application/offset+octet-stream"
RESUMABLE = {"Tus-Resumable": "1.0.0"}


def metadata(**values: str) -> str:
    coded = {k: base64.b64encode(v.encode()).decode() for k, v in values.items()}
    return ",".join(f"{key} {value}" for key, value in coded.items())


@dataclass(frozen=True)
class Sender:
    """One person's program at one replica."""

    http: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)

    async def begin(self, document: str, length: int, **options) -> httpx.Response:
        named = options.pop("metadata", metadata(filename="a.png"))
        return await self.http.post(
            f"/documents/{document}/uploads",
            headers=self._with(
                {"Upload-Length": str(length), "Upload-Metadata": named},
                options.pop("headers", {}),
            ),
            **options,
        )

    async def head(self, url: str) -> httpx.Response:
        return await self.http.head(url, headers=self._with())

    async def offset(self, url: str) -> int:
        answer = await self.head(url)
        assert answer.status_code == 200, answer
        return int(answer.headers["Upload-Offset"])

    async def patch(self, url: str, at: int, content, **headers) -> httpx.Response:
        said = {"Content-Type": PIECES, "Upload-Offset": str(at)}
        return await self.http.patch(
            url, content=content, headers=self._with(said, headers)
        )

    async def end(self, url: str) -> httpx.Response:
        return await self.http.delete(url, headers=self._with())

    def _with(self, *more: dict[str, str]) -> dict[str, str]:
        said = {"Accept": "application/json", **RESUMABLE, **self.headers}
        for headers in more:
            said |= {name.replace("_", "-"): value for name, value in headers.items()}
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True)
class Replicas:
    """Two desks on one database and one store, and people's programs at each."""

    papers: Papers
    replicas: tuple[wiring.Adapters, wiring.Adapters]
    apps: tuple[object, object]

    @contextlib.asynccontextmanager
    async def sender(self, replica: int = 0, user: str = "ha") -> AsyncIterator[Sender]:
        transport = httpx.ASGITransport(self.apps[replica], client=("192.0.2.7", 5))
        desk = self.papers.desk
        signed_in = await desk.staff.sign_in(user, intake.PASSWORD, "192.0.2.7")
        async with httpx.AsyncClient(
            transport=transport, base_url="http://desk.example"
        ) as http:
            yield Sender(http, {"Authorization": f"Bearer {signed_in.token}"})

    async def known(self, document: str) -> CaseDocument:
        return await SqlCases(self.papers.opened.store).document(document)

    async def pieces(self) -> list[str]:
        """Keys of what lies in the store of uploads."""
        listed = self.papers.opened.objects.listing("arriving/")
        return [key async for key, _ in listed]


async def cut_off(app, method: str, url: str, headers, *chunks: bytes) -> None:
    """A request whose sender is gone behind *chunks*: nobody hears its answer."""
    messages = iter(
        [
            *({"type": "http.request", "body": c, "more_body": True} for c in chunks),
            {"type": "http.disconnect"},
        ]
    )

    async def receive():
        return next(messages)

    async def send(_message):
        pass

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": url,
        "raw_path": url.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "client": ("192.0.2.7", 5),
        "server": ("desk.example", 80),
        "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
    }
    await app(scope, receive, send)


@contextlib.asynccontextmanager
async def two_replicas(
    url: str, objects: Objects, folder: Path, **limits: object
) -> AsyncIterator[Replicas]:
    """On an empty database, with the staff hired; *limits* are fields of the rules."""
    clock = intake.Hands()
    await intake.make_staffed(url)
    opened = intake.house(url, folder / "unused", clock, Paperless(), made=True)
    rules = replace(opened.rules, **limits)
    first = replace(opened, objects=objects, rules=rules)
    second = replace(first, store=Database(url))
    try:
        yield Replicas(
            await papers_of(first),
            (first, second),
            (
                create_app(wiring.desk(first)),
                create_app(wiring.desk(second)),
            ),
        )
    finally:
        await first.store.close()
        await second.store.close()
