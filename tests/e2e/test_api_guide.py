"""``docs/api.md`` is true: the text of both its examples is run, word for word, against
a real house. The certifier in between is a person, whom this test plays in a browser
without script.
"""

import asyncio
import contextlib
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.clock import utc_now
from corpus import sample_scan
from onebox import story
from onebox.browser import Browser
from onebox.people import Person
from support.settings import found

GUIDE = Path(__file__).parents[2] / "docs" / "api.md"
SCOPES = ["read-cases", "file-cases", "send-scans", "submit-papers", "fetch-copies"]
SCOPES += ["print-papers"]
SECONDS = 90


def block(language):
    blocks = re.findall(rf"(?ms)^```{language}\n(.*?)^```$", GUIDE.read_text("utf-8"))
    assert len(blocks) == 1, f"one example in {language}"
    return blocks[0]


@contextlib.asynccontextmanager
async def signed_in(house, role):
    known = house.people[role]
    browser = Browser(house.desk)
    try:
        await story.sign_in(browser, Person(known.user, role, role, known.password))
        yield browser
    finally:
        await browser.close()


async def token_for(house, name):
    """As the administrator makes it in the browser."""
    async with signed_in(house, "administrator") as browser:
        page = await browser.look("/programs")
        day = (utc_now() + timedelta(days=30)).date().isoformat()
        typed = {"name": name, "last_day": day, "scopes": SCOPES}
        page = await browser.send(page, "/programs", typed)
        token = page.found(r'id="given">(ecopy_[\w-]+)<')
        assert token is not None, page.text
        return token


async def certify(house, before, ended):
    """Approve what the program has submitted, and nothing that was there before."""
    async with signed_in(house, "certifier") as browser:
        while not ended.done():
            new = await waiting(browser) - before
            for document in new:
                filed = story.Filed("", f"/documents/{document}")
                await story.approve(browser, filed)
            if new:
                return
            await asyncio.sleep(1)


async def waiting(browser):
    page = await browser.look("/wall")
    return set(re.findall(r'href="/wall/([^"/?#]+)"', page.text)) | set(
        re.findall(r'action="/documents/([^"/]+)/approve"', page.text)
    )


@pytest.mark.parametrize("language", ["bash", "python"])
def test_the_example_of_the_guide_ends_with_a_genuine_copy(house, tmp_path, language):
    """In a thread: the browser of the other tests has a loop of its own in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, example(house, tmp_path, language)).result()


async def example(house, tmp_path, language):
    for program in ("bash", "curl", "jq"):
        found(program)
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(sample_scan.w3())
    token = await token_for(house, f"Ví dụ {language}")
    async with signed_in(house, "certifier") as browser:
        before = await waiting(browser)
    command = {"bash": ["bash", "-c"], "python": [sys.executable, "-c"]}[language]
    process = await asyncio.create_subprocess_exec(
        *command,
        block(language),
        cwd=tmp_path,
        env={
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "DESK": house.desk,
            "TOKEN": token,
            "SCAN": str(scan),
            "PAGES": "3",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    run = asyncio.ensure_future(process.communicate())
    try:
        async with asyncio.timeout(SECONDS):
            await certify(house, before, run)
            said, _ = await run
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    words = said.decode("utf-8", "replace")
    assert process.returncode == 0, words
    assert words.rstrip().endswith("genuine"), words
    for made in ("receipt.pdf", "copy.pdf"):
        assert (tmp_path / made).read_bytes().startswith(b"%PDF"), made
