"""A desk on real adapters: SQLite, a directory of objects, the sandbox, real forms."""

import asyncio
import contextlib
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import httpx
from argon2 import PasswordHasher
from sqlalchemy import Connection

from chassis.database import Database, open_database
from chassis.objects.directory import DirectoryObjects
from ecopy.marks import Marks
from ecopy.topology import MARKERS
from ecopy.trust import PinnedIdentity, TrustDocument
from intake import console, wiring
from intake.adapters.drawn import DrawnPages
from intake.adapters.marks import RememberedMarks
from intake.adapters.scans import StoredRebuilder, StoredScans
from intake.adapters.sql.own_tables import RememberedTables
from intake.adapters.sql.scan_objects import SqlScanClaims
from intake.adapters.sql.users import SqlUsers, find_user
from intake.app.application import create_app
from intake.domain import (
    agencies,
    calendar,
    extending,
    fee,
    national,
    people,
    records,
    rules,
)
from intake.settings import SessionSettings
from intake.usecases import signing_in
from intake.wiring import configuration
from support.databases import copy_filled, make_ready
from support.prepared import prepared_reader, prepared_typesetter, quick_rebuilder

AGENCY = "H99.42.05.13"
OTHER = "H99.42.05.14"
PASSWORD = "lua-nuoc-song-nui-1"
TABLES = configuration.HERE / "tables"
MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Monday 09:00 in Hà Nội."""
AGENCIES = """
[[agencies]]
code = "H99.42.05.13"
book = { ordinal = 2 }
[[agencies.versions]]
version = "1"
valid_from = 2025-07-01
name = "UBND phường Hoa Ban"
name_lines = ["UBND PHƯỜNG HOA BAN"]
place = "Hoa Ban"
key = "seal-hoa-ban"
[[agencies.officers]]
id = "pham-quoc-vinh"
version = "1"
name = "Phạm Quốc Vĩnh"
title_lines = ["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]
key = "officer-pham-quoc-vinh"
valid_from = 2026-07-01
valid_until = 2027-01-01

[[agencies]]
code = "H99.42.05.14"
same_person_may_certify = true
book = { ordinal = 1 }
[[agencies.versions]]
version = "1"
valid_from = 2025-07-01
name = "UBND xã Tả Vân Hạ"
name_lines = ["UBND XÃ TẢ VÂN HẠ"]
place = "Tả Vân Hạ"
key = "seal-ta-van-ha"
[[agencies.officers]]
id = "pham-quoc-vinh"
version = "1"
name = "Phạm Quốc Vĩnh"
title_lines = ["CHỦ TỊCH"]
key = "officer-pham-quoc-vinh"
valid_from = 2026-07-01
"""
STAFF = {
    "ha": ("Lò Thị Minh Hạ", AGENCY, {"clerk"}, None),
    "man": ("Cao Xuân Mẫn", AGENCY, {"clerk"}, None),
    "vinh": ("Phạm Quốc Vĩnh", AGENCY, {"certifier"}, "pham-quoc-vinh"),
    "loc": ("Trần Hữu Lộc", AGENCY, {"certifier"}, "pham-quoc-vinh"),
    "both": ("Kiều Ánh Nguyệt", AGENCY, {"clerk", "certifier"}, "pham-quoc-vinh"),
    "long": ("Hà Bảo Long", AGENCY, {"administrator"}, None),
    "elsewhere": ("Sầm Hậu", OTHER, {"clerk", "certifier"}, "pham-quoc-vinh"),
}
CASE = {
    "channel": "counter",
    "requester_kind": "person",
    "requester": "Nguyễn Thị Bích Đào",
    "id_kind": "can-cuoc",
    "id_number": "000203004417",
    "birth_date": "09/05/2003",
    "phone": "0900 000 417",
    "email": "",
    "privacy": "1",
    "title": "Bằng tốt nghiệp đại học",
    "kind": "diploma",
    "issuing_body": "ĐH Minh Họa Sông Trà",
    "pages": "1",
}


class Hands:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = MORNING) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def on(self, **by: float) -> None:
        self.at += timedelta(**by)


def pinned(role: str, who: str, key: str) -> PinnedIdentity:
    digest = hashlib.sha256(f"{role}{who}".encode()).hexdigest()
    return PinnedIdentity(
        role=role,
        id=who,
        version="1",
        key=key,
        certificate="",
        certificate_sha256=digest,
        appearance_sha256=digest,
    )


def trust(*, demo: bool = True) -> TrustDocument:
    return TrustDocument(
        demo=demo,
        signers=(),
        timestamps=(),
        identities=(
            pinned("officer", "pham-quoc-vinh", "officer-pham-quoc-vinh"),
            pinned("seal", AGENCY, "seal-hoa-ban"),
            pinned("seal", OTHER, "seal-ta-van-ha"),
        ),
    )


KINDS = ("diploma", "birth-certificate", "other")


@cache
def house_rules() -> rules.Rules:
    years = sorted(TABLES.glob("calendar-*.toml"))
    return rules.Rules(
        agencies=agencies.parse(AGENCIES),
        calendar=calendar.parse(year.read_text("utf-8") for year in years),
        fees=fee.parse((TABLES / "fees.toml").read_text("utf-8")),
        rows=configuration.committed_rows(TABLES),
        on_vneid={"birth-certificate": date(2024, 7, 1)},
        extensions=extending.parse((TABLES / "extensions.toml").read_text("utf-8")),
        national=national.parse((TABLES / "national-statuses.toml").read_text("utf-8")),
        trust=trust(),
        public_host="https://hoaban.example",
        link_key=bytes(range(32)),
        file_bytes=1 << 20,
        document_pages=200,
        demo=True,
    )


def house(
    url: str,
    directory: Path,
    clock: Hands,
    rebuilder=None,
    drawings=None,
    *,
    made=False,
) -> wiring.Adapters:
    """Over a new database, unless one was *made* there."""
    if not made:
        make_ready(url, console.MIGRATIONS)
    objects, store = DirectoryObjects(directory), Database(url)
    claims, sandbox = SqlScanClaims(store, clock), quick_rebuilder()
    tables = RememberedTables()
    return wiring.Adapters(
        store=store,
        objects=objects,
        rebuilder=rebuilder
        or StoredRebuilder(objects, sandbox, prepared_reader(), claims),
        drawings=drawings or DrawnPages(objects, sandbox),
        typesetter=prepared_typesetter(),
        rules=replace(house_rules(), own=tables.of),
        tables=tables,
        session=SessionSettings(),
        secure=False,
        clock=clock,
        marks=heard_marks(),
    )


def heard_marks(**said: Marks) -> RememberedMarks:
    """As when signing and the archive have published what they know: nothing yet, or
    what is given here.
    """
    marks = RememberedMarks()
    nothing = Marks(at=MORNING)
    marks.hear({service: said.get(service, nothing) for service in MARKERS})
    return marks


async def hire(store: Database, clock: Hands) -> None:
    """The staff, all with one password, hashed cheaply: a real hash is dear."""
    digest = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    users = SqlUsers(store)
    for name, (full, agency, roles, officer) in STAFF.items():
        user = people.User(
            id=name,
            name=full,
            agency=agency,
            roles=frozenset(map(people.Role, roles)),
            officer=officer,
            password=digest,
        )
        note = records.Note(clock(), "", "", agency, "user-added")
        assert await users.add(user, note)


async def make_staffed(url: str) -> None:
    """A new database with the staff in it: to hire them by seven transactions is a
    quarter of what it costs to open a desk.
    """
    await copy_filled(url, "staffed-intake", _staff)


async def _staff(url: str) -> None:
    make_ready(url, console.MIGRATIONS)
    async with open_database(url) as store:
        await hire(store, Hands())


def replaced(opened: wiring.Adapters, **changes) -> wiring.Adapters:
    return replace(opened, **changes)


def scans(opened: wiring.Adapters) -> StoredScans:
    return StoredScans(opened.objects, SqlScanClaims(opened.store, opened.clock))


async def actor(store: Database, name: str) -> people.Actor:
    return (await actors(store, name))[name]


async def actors(store: Database, *names: str) -> dict[str, people.Actor]:
    """As they are signed in."""

    def find(tx: Connection) -> dict[str, people.Actor]:
        found = {name: find_user(tx, name) for name in names}
        return {
            name: signing_in.actor_of(user, "192.0.2.7")
            for name, user in found.items()
            if user
        }

    return await store.read(find)


class Form(HTMLParser):
    """The form of a page whose action is given: what a browser would send."""

    def __init__(self, html: str, action: str) -> None:
        super().__init__()
        self.action = action
        self.fields: list[tuple[str, str]] = []
        self.boxes: dict[str, list[str]] = {}
        self.order: list[str] = []
        self.found = self._inside = False
        self._ids = {
            named[1]
            for tag in re.findall(r"<form[^>]*>", html)
            if f'action="{action}"' in tag
            for named in [re.search(r'\bid="([^"]*)"', tag)]
            if named
        }
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self.feed(html)
        assert self.found, f"no form to {action}"

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        if tag == "form" and given.get("action") == self.action:
            self.found = self._inside = True
        owned = self._inside or given.get("form") in self._ids - {""}
        name = given.get("name")
        if tag == "option" and self._select:
            self._options.append((given.get("value", ""), "selected" in given))
        if not owned or not name:
            return
        self.order.append(name)
        if tag == "select":
            self._select, self._options = name, []
        elif tag == "input" and given.get("type") in {"checkbox", "radio"}:
            self.boxes.setdefault(name, []).append(given.get("value", "on"))
        elif tag == "input" and given.get("type") != "file":
            self.fields.append((name, given.get("value", "")))

    def handle_endtag(self, tag) -> None:
        if tag == "form":
            self._inside = False
        if tag == "select" and self._select:
            first = [value for value, _ in self._options[:1]]
            chosen = [value for value, selected in self._options if selected]
            self.fields += [(self._select, value) for value in chosen or first]
            self._select = None

    def sent(self, **typed) -> dict[str, list[str]]:
        data: dict[str, list[str]] = {}
        for name, value in self.fields:
            data.setdefault(name, []).append(value)
        for name, value in typed.items():
            assert name in self.order, f"{self.action} has no field {name}"
            data[name] = value if isinstance(value, list) else [value]
        return data


class Browser:
    """One person's browser on the real app, without script."""

    def __init__(self, app, address: str = "192.0.2.7") -> None:
        transport = httpx.ASGITransport(
            app, raise_app_exceptions=False, client=(address, 5)
        )
        self.http = httpx.AsyncClient(
            transport=transport,
            base_url="http://desk.example",
            follow_redirects=True,
            headers={"Accept": "text/html", "Sec-Fetch-Site": "same-origin"},
            timeout=60,
        )

    async def look(self, path: str) -> httpx.Response:
        return await self.http.get(path)

    async def send(
        self, page: httpx.Response, action: str, /, **typed
    ) -> httpx.Response:
        return await self.http.post(action, data=Form(page.text, action).sent(**typed))

    async def approve(
        self, page: httpx.Response, document: str, pages: int | None = None
    ) -> httpx.Response:
        """Look at the first *pages* pictures of the wall, all of them by default, tick
        them, and press the button.
        """
        action = f"{document}/approve"
        boxes = Form(page.text, action).boxes["seen"]
        seen = boxes if pages is None else boxes[:pages]
        for picture in dict.fromkeys(seen):
            shown = await self.look(f"{document}/pictures/{picture}/large")
            assert shown.headers["content-type"] == "image/jpeg"
        return await self.send(page, action, seen=seen)

    async def upload(
        self,
        page: httpx.Response,
        action: str,
        *files: tuple[str, bytes],
        field: str = "files",
        **options,
    ) -> httpx.Response:
        form = Form(page.text, action).sent()
        assert Form(page.text, action).order[0] == "csrf", "csrf comes first"
        return await self.http.post(
            action,
            data={"csrf": form["csrf"][0], "key": form["key"][0]},
            files=[(field, file) for file in files],
            **options,
        )

    async def sign_in(self, user: str, password: str = PASSWORD) -> httpx.Response:
        page = await self.look("/sign-in")
        return await self.send(page, "/sign-in", user=user, password=password)


@contextlib.asynccontextmanager
async def browsing(app, *users: str) -> AsyncIterator[list[Browser]]:
    browsers = [Browser(app) for _ in users]
    for browser, user in zip(browsers, users, strict=True):
        # What the form would send; where it leads to is not looked at.
        typed = {"user": user, "password": PASSWORD}
        answer = await browser.http.post("/sign-in", data=typed, follow_redirects=False)
        assert answer.headers.get("location") == "/", answer.text
    try:
        yield browsers
    finally:
        await asyncio.gather(*(browser.http.aclose() for browser in browsers))


@contextlib.asynccontextmanager
async def open_desk(directory: Path, **options) -> AsyncIterator[wiring.Adapters]:
    url = f"sqlite:///{directory}/intake.db"
    await make_staffed(url)
    opened = house(url, directory / "scans", Hands(), made=True, **options)
    try:
        yield opened
    finally:
        await opened.store.close()


def app_of(opened: wiring.Adapters):
    return create_app(wiring.desk(opened))


def path_of(page: httpx.Response) -> str:
    return page.url.path
