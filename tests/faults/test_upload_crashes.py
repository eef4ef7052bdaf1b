"""kill -9 of intake at every durable step of an upload: the sender asks where it is and
goes on there, and one file comes of it."""

import asyncio
import hashlib
import json

import httpx
import pytest

from onebox import story
from onebox.browser import Browser
from support.tus import Sender, metadata

pytestmark = pytest.mark.asyncio(loop_scope="module")

POINTS = [
    "intake-piece-stored",
    "intake-piece-committed",
    "intake-upload-stored",
    "intake-upload-received",
    "intake-upload-closed",
]
REQUEST_BYTES = 1 << 20
PASSING = {409, 423, 502, 503, 504}


@pytest.mark.parametrize("point", POINTS)
async def test_an_upload_survives_a_death_at(struck, point):
    """The process ends at the point; whatever the sender heard, the file is the one
    that was sent, once, and only a piece in hand was sent twice.
    """
    document = await a_document(struck)
    content = struck.scan.file.read_bytes()
    pid = await struck.arm("intake", point)
    async with httpx.AsyncClient(base_url=struck.house.desk, timeout=60) as http:
        sender = Sender(http, await session(http, struck))
        sent = await sent_through(struck, sender, document, content)
    await struck.died("intake", pid)
    rows = struck.rows("intake", f"SELECT raw FROM files WHERE document = '{document}'")
    (raw,) = [json.loads(raw) for (raw,) in rows]
    assert raw["sha256"] == hashlib.sha256(content).hexdigest()
    assert sent <= len(content) + REQUEST_BYTES


async def a_document(struck):
    browser = Browser(struck.house.desk)
    try:
        await story.sign_in(browser, struck.house.person("clerk"))
        page = await browser.look("/cases/new")
        paper = {
            "title": "Bằng cử nhân",
            "kind": "diploma",
            "issuing_body": "ĐH Minh Họa Sông Trà",
            "pages": "3",
        }
        page = await browser.send(page, "/cases", {**story.REQUESTER, **paper})
        return page.path.split("/")[2]
    finally:
        await browser.close()


async def session(http, struck):
    person = struck.house.person("clerk")
    sent = {"user": person.user, "password": person.password}
    answer = await http.post("/v1/sign-in", json=sent)
    return {"Authorization": f"Bearer {answer.json()['session']}"}


async def sent_through(struck, sender, document, content):
    """As the page's script does, until the server has all; bytes that were sent."""
    url, offset, sent = None, None, 0
    named = metadata(filename="bằng.pdf")
    while offset != len(content):
        try:
            if url is None:
                begun = await sender.begin(document, len(content), metadata=named)
                url = begun.headers["Location"]
            if offset is None:
                offset = await sender.offset(url)
                continue
            piece = content[offset : offset + REQUEST_BYTES]
            sent += len(piece)
            answer = await sender.patch(url, offset, piece)
            assert answer.status_code == 204 or answer.status_code in PASSING
            offset = None if answer.status_code in PASSING else offset + len(piece)
        except httpx.TransportError:
            offset = None
            await asyncio.sleep(0.2)
            await struck.ready("intake")
    return sent
