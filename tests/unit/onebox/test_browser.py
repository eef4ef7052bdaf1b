"""A service that is killed and started again does not end the story."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from chassis.starting import CannotStart
from onebox.browser import Browser, HtmlPage, PagePatience
from support.servers import free_port
from support.waiting import LONG_SECONDS

FORM = HtmlPage(
    "/", '<form action="/act" method="post"><input name="a" value="1">', 200
)
DROPPED = None
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\n"
SEE_OTHER = (
    b"HTTP/1.1 303 See Other\r\nLocation: /next\r\nContent-Length: 0\r\n"
    b"Connection: close\r\n\r\n"
)


@dataclass
class Face:
    """Answers one connection after the other with *answers*, then with a page."""

    answers: list[bytes | None]
    port: int = field(default_factory=free_port)
    asked: list[str] = field(default_factory=list)

    async def serve(self, reader, writer) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"(?i)content-length: (\d+)", head)
        await reader.readexactly(int(length[1]) if length else 0)
        self.asked.append(head.rsplit(" HTTP/", 1)[0])
        answer = self.answers.pop(0) if self.answers else PAGE + b'"ok"'
        if answer is not DROPPED:
            writer.write(answer)
        writer.close()
        await writer.wait_closed()

    @contextlib.asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        async with await asyncio.start_server(self.serve, "127.0.0.1", self.port):
            yield

    @contextlib.asynccontextmanager
    async def visited(self, seconds: float = LONG_SECONDS) -> AsyncIterator[Browser]:
        patience = PagePatience(seconds, pause_seconds=0.02)
        browser = Browser(f"http://127.0.0.1:{self.port}", patience=patience)
        try:
            yield browser
        finally:
            await browser.close()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF")
    return path


async def test_page_is_asked_for_again():
    """A page or a download that breaks off is asked for until it comes."""
    face = Face([DROPPED, DROPPED])
    async with face.up(), face.visited() as browser:
        assert (await browser.look("/board")).text == '"ok"'
    assert face.asked == ["GET /board"] * 3


async def test_download_begins_anew(tmp_path):
    """What broke off in the middle is not left in the file."""
    face = Face([PAGE + b"xx"])
    async with face.up(), face.visited() as browser:
        await browser.save("/c/1", tmp_path / "c")
    assert (tmp_path / "c").read_bytes() == b'"ok"'


@pytest.mark.parametrize("with_file", [False, True])
async def test_form_is_not_sent_twice(file, with_file):
    """It may have been received: the story ends with one sentence."""
    face = Face([DROPPED])
    async with face.up(), face.visited() as browser:
        sent = (
            browser.send_file(FORM, "/act", "files", file)
            if with_file
            else browser.send(FORM, "/act", {})
        )
        with pytest.raises(CannotStart, match=r"/act .*not sent again"):
            await sent
    assert face.asked == ["POST /act"]


async def test_form_that_nobody_took_is_sent():
    """While nobody listens nothing is sent; it goes when the service is back."""
    face = Face([])
    async with face.visited() as browser:
        sending = asyncio.create_task(browser.send(FORM, "/act", {}))
        await asyncio.sleep(0.2)
        async with face.up():
            assert (await sending).status == 200
    assert face.asked == ["POST /act"]


async def test_page_after_a_form_is_asked_for_again():
    """The answer's redirect breaks off: only that page is asked for again."""
    face = Face([SEE_OTHER, DROPPED])
    async with face.up(), face.visited() as browser:
        assert (await browser.send(FORM, "/act", {})).path == "/next"
    assert face.asked == ["POST /act", "GET /next", "GET /next"]


async def test_question_is_asked_again(file):
    """Verifying changes nothing: the file is sent again, whole."""
    face = Face([DROPPED])
    async with face.up(), face.visited() as browser:
        assert await browser.ask_of_file(FORM, "/act", "file", file) == "ok"
    assert face.asked == ["POST /act"] * 2


async def test_silence_is_said():
    """Nobody comes back: one sentence with the page, no traceback of the client's."""
    async with Face([]).visited(seconds=0.1) as browser:
        with pytest.raises(CannotStart, match=r"Page /board did not answer for 0\.1 s"):
            await browser.look("/board")
