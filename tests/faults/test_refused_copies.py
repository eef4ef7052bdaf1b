"""A sealed copy is spoilt before the archive takes it, and nobody acts: another one is
made under the same number. A number that stands still is declared void, and the archive
takes nothing under it any more.
"""

import contextlib
import os
import signal

import pytest
import pytest_asyncio

from onebox import story
from onebox.browser import Browser
from support.waiting import LONG_SECONDS, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

PERSON = "INTAKE__PATIENCE__PERSON_SECONDS"
COPIES = "SELECT count(*) FROM copies WHERE entry = '{}'"
STATE = (
    "SELECT state FROM documents JOIN certifications ON document = id"
    " WHERE entry = '{}'"
)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def impatient(struck):
    """The house, with a desk where a person may act after a second."""
    os.environ[PERSON] = "1"  # what the house passes on
    try:
        await struck.restart("intake")
        yield struck
    finally:
        del os.environ[PERSON]


@contextlib.contextmanager
def stopped(struck, name):
    pid = struck.supervisor.pid(name)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def newest(struck):
    ((entry,),) = struck.rows(
        "intake", "SELECT entry FROM register ORDER BY ordinal DESC LIMIT 1"
    )
    return entry


def sealed_files(struck, entry):
    folder = struck.house.places / "objects" / "copies" / entry
    return sorted(folder.glob("*.pdf"))


def flipped(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)


def cut(path):
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize("spoil", [flipped, cut, os.unlink])
async def test_a_copy_that_was_spoilt_is_made_again(struck, spoil):
    """Under its number, by the machine: the citizen gets a copy, and nobody acted."""
    filed = await struck.file_case()
    with stopped(struck, "storage"):
        await struck.approve(filed)
        entry = newest(struck)
        await until(lambda: sealed_files(struck, entry))
        (first,) = sealed_files(struck, entry)
        spoil(first)

    # A file that is gone may come back: storage tries for a minute and a half first.
    renewals = f"SELECT renewals FROM certifications WHERE entry = '{entry}'"
    await until(
        lambda: struck.rows("intake", renewals) == [(1,)], seconds=2 * LONG_SECONDS
    )
    await struck.issued(filed)

    assert struck.rows("storage", COPIES.format(entry)) == [(1,)]
    assert first.name != sealed_files(struck, entry)[0].name


async def test_a_void_number_stays_without_a_copy(impatient):
    """Declared by age while signing hears nothing; what signing makes of the order
    later is never archived.
    """
    struck = impatient
    filed = await struck.file_case()
    with stopped(struck, "signing"):
        await struck.approve(filed)
        entry = newest(struck)
        browser = Browser(struck.house.desk)
        try:
            await story.sign_in(browser, struck.house.person("certifier"))

            async def offered():
                page = await browser.look(filed.case)
                return page if "/void" in page.text else None

            await until(offered)
            page = await offered()
            await browser.send(page, "/void", {"text": "người yêu cầu thôi"})
        finally:
            await browser.close()
        state = STATE.format(entry)
        await until(
            lambda: struck.rows("intake", state) == [("void",)], seconds=LONG_SECONDS
        )
    await until(
        lambda: (
            not struck.rows(
                "signing", "SELECT 1 FROM outbox WHERE published_at IS NULL"
            )
        ),
        seconds=LONG_SECONDS,
    )
    assert struck.rows("storage", COPIES.format(entry)) == [(0,)]
    assert struck.rows("intake", state) == [("void",)]
