"""The demo's story, through the forms that a clerk, a certifier and a citizen use.

No service is imported and no database is read: what a person could not do, the story
does not do (docs/decisions/0023). Start at ``tell``.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chassis.starting import CannotStart
from onebox.browser import Browser, HtmlPage
from onebox.forms import form_to
from onebox.people import Person
from onebox.plain import say

ISSUED_SECONDS: Final = 60.0
CHECKED_SECONDS: Final = 120.0
POLL_SECONDS: Final = 0.1
HALTED: Final = '<div class="next-box">'
"""What the case's page holds when a person must act: no retry will help."""
GENUINE: Final = "genuine"
REQUESTER: Final = {
    "requester_kind": "person",
    "requester": "Nguyễn Thị Bích Đào",
    "id_kind": "can-cuoc",
    "id_number": "000203004417",
    "birth_date": "09/05/2003",
    "phone": "0900000417",
    "privacy": "1",
}
"""An invented requester: a number of this form is never given out."""


@dataclass(frozen=True, slots=True)
class Scan:
    file: Path
    pages: int
    title: str


@dataclass(frozen=True, slots=True)
class Filed:
    case: str
    """Path of the case's page."""
    document: str
    """Path of the document."""


@dataclass(frozen=True, slots=True)
class Issued:
    number: str
    link: str


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What the demo leaves: the copy, its link, where to check it, and the answer."""

    copy: Path
    link: str
    verify: str
    verdict: str


async def tell(
    scan: Scan,
    *,
    desk: str,
    public: str,
    clerk: Person,
    certifier: Person,
    keep_in: Path,
) -> DemoResult:
    """Raises CannotStart with the desk's own sentence where the story cannot go on."""
    async with _at(desk) as browser:
        await sign_in(browser, clerk)
        filed = await file_case(browser, scan)
        async with _at(desk) as other:
            await sign_in(other, certifier)
            await approve(other, filed)
        issued = await until_issued(browser, filed)
    async with _at(public) as citizen:
        certified = await fetch(citizen, issued, keep_in)
        verdict = await verify(citizen, certified)
    return DemoResult(certified, issued.link, f"{public}/kiem-tra", verdict)


async def sign_in(browser: Browser, person: Person) -> None:
    page = await browser.look("/sign-in")
    page = await browser.send(
        page, "/sign-in", {"user": person.user, "password": person.password}
    )
    if page.path == "/sign-in":
        raise CannotStart(
            f"Không đăng nhập được bằng tài khoản {person.user}.",
            f"Signing in as {person.user} did not work.",
        )
    say(f"  {person.name} đăng nhập · signs in")


async def file_case(browser: Browser, scan: Scan) -> Filed:
    """Make a case, upload its scan, compare it with the original, submit it."""
    page = await browser.look("/cases/new")
    paper = {
        "title": scan.title,
        "kind": "diploma",
        "issuing_body": "ĐH Minh Họa Sông Trà",
        "pages": str(scan.pages),
    }
    page = await browser.send(page, "/cases", {**REQUESTER, **paper})
    document = page.path.removesuffix("/desk")
    say(f"  Hồ sơ mới · new case: {scan.title}, {scan.pages} trang · pages")
    page = await browser.send_file(page, f"{document}/files", "files", scan.file)
    page = await _wait_until_checked(browser, page, scan)
    say(f"  Bản quét đã dựng lại · scan rebuilt: {scan.file.name}")
    page = await browser.send(page, f"{document}/compare", {"all_present": "1"})
    page = await browser.send(page, f"{document}/submit", {})
    say("  Đã đối chiếu bản chính, trình ký · compared and submitted")
    return Filed(page.path, document)


async def approve(browser: Browser, filed: Filed) -> None:
    name = filed.document.rsplit("/", 1)[-1]
    page = await browser.look(f"/wall/{name}")
    for image in _large_pages(page):
        await browser.look(image)
    seen = _pages_shown(page)
    await browser.send(page, f"{filed.document}/approve", {"seen": seen})
    say(f"  Người chứng thực xem {len(seen)} trang, duyệt · certifier approves")


async def until_issued(browser: Browser, filed: Filed) -> Issued:
    """Watch the case's page as the clerk does; say what it says if it stands still."""
    deadline = asyncio.get_running_loop().time() + ISSUED_SECONDS
    while True:
        page = await browser.look(filed.case)
        link = page.found(r'href="([^"]+)" data-link')
        number = page.found(r"<dd>(\d+/\d{4})</dd>")
        if link and number:
            say(f"  Đã cấp bản sao số · issued, number {number}")
            return Issued(number, link)
        halted = HALTED in page.text
        if halted or asyncio.get_running_loop().time() > deadline:
            raise _not_issued(page)
        await asyncio.sleep(POLL_SECONDS)


async def fetch(citizen: Browser, issued: Issued, folder: Path) -> Path:
    """Open the link, press its one button, keep the file under its number."""
    page = await citizen.look(issued.link)
    button = page.found(r'href="([^"]*/c/[^"]+)"[^>]*\bdownload\b')
    if button is None:
        raise CannotStart(
            "Trang của người dân không có nút tải về.",
            "The citizen's page has no download button.",
        )
    place = _place(folder, issued.number)
    await citizen.save(button, place)
    digest = hashlib.sha256(place.read_bytes()).hexdigest()
    say(f"  Người dân tải về · citizen downloads: SHA-256 {digest[:16]}…")
    return place


async def verify(citizen: Browser, certified: Path) -> str:
    page = await citizen.look("/kiem-tra")
    answer = await citizen.ask_of_file(page, "/kiem-tra", "file", certified)
    return str(answer["verdict"])


async def _wait_until_checked(browser: Browser, page: HtmlPage, scan: Scan) -> HtmlPage:
    """The desk once no file is being checked; CannotStart for a refused one."""
    deadline = asyncio.get_running_loop().time() + CHECKED_SECONDS
    while '<li class="is-busy">' in page.text:
        if asyncio.get_running_loop().time() > deadline:
            raise CannotStart(
                f"{scan.file.name}: kiểm tra chưa xong sau {CHECKED_SECONDS:g} giây.",
                f"{scan.file.name}: not checked within {CHECKED_SECONDS:g} seconds.",
            )
        await asyncio.sleep(POLL_SECONDS)
        page = await browser.look(page.path)
    refusal = page.words(r'<li class="is-bad">.*?(?=<form|</li>)')
    if refusal:
        raise CannotStart(
            f"Tệp không nhận được: {refusal}",
            f"The file was refused, the desk says why: {scan.file.name}",
        )
    return page


def _place(folder: Path, number: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{number.replace('/', '-')}.pdf"


def _large_pages(page: HtmlPage) -> list[str]:
    return [
        piece.split('"', 1)[0]
        for piece in page.text.split('src="')[1:]
        if "/pictures/" in piece.split('"', 1)[0]
    ]


def _pages_shown(page: HtmlPage) -> list[str]:
    """Digests of the pages that the wall shows, in its order."""
    return form_to(page.text, "/approve").values_of("seen")


def _not_issued(page: HtmlPage) -> CannotStart:
    why = (
        page.words(r'<div class="next-box.*?(?=<div[^>]*id="live-papers")') or page.path
    )
    return CannotStart(
        f"Bản sao chưa cấp; trang hồ sơ nói: {why}",
        "The copy is not issued; the case's page says why, above.",
    )


@contextlib.asynccontextmanager
async def _at(origin: str) -> AsyncIterator[Browser]:
    browser = Browser(origin)
    try:
        yield browser
    finally:
        await browser.close()
