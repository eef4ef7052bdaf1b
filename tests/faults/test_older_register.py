"""An older intake.db is put back while signing and storage went on: no number is given
a second time, everybody is told, and there are two ways out.
"""

import contextlib
import os
import signal
import sqlite3
import subprocess

import httpx
import pytest

from chassis.clock import utc_now
from chassis.starting import CannotStart
from ecopy.marks import YearBook
from intake.domain.calendar import local_day
from onebox import story
from onebox.browser import Browser
from onebox.ward import AGENCY_CODE
from support.houses import ecopy
from support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_an_older_register_gives_no_number_again(struck):
    """Two issued, a backup, one more: with the backup the third press is refused; with
    a newer backup numbering goes on at 4; with the older one again and its line
    declared lost it goes on behind the highest number that anybody has met.
    """
    for ordinal in (1, 2):
        assert await issue(struck) == ordinal
    older = copy_of(struck, "older.db")
    assert await issue(struck) == 3
    newer = copy_of(struck, "newer.db")

    await put_back(struck, older)
    filed = await struck_file(struck)
    await refused(struck, filed, "mới đến số 2, mà số 3 đã cấp")
    assert numbers(struck) == [1, 2]

    await put_back(struck, newer)
    await struck.ready("intake")
    assert await issue(struck) == 4

    await put_back(struck, older)
    filed = await struck_file(struck)
    await refused(struck, filed, "mới đến số 2, mà số 4 đã cấp")
    skipped = skip(struck, through=4)
    assert "2 dòng" in skipped.stdout
    await struck.ready("intake")
    await struck.approve(filed)
    issued = await struck.issued(filed)
    assert int(issued.number.split("/")[0]) == 5
    assert numbers(struck) == [1, 2, 5]
    archived = struck.rows("storage", "SELECT number, entry FROM copies")
    assert len({number for number, _ in archived}) == len(archived) == 5
    assert "người khác" not in await board(struck)


async def issue(struck):
    filed = await struck_file(struck)
    await struck.approve(filed)
    issued = await struck.issued(filed)
    return int(issued.number.split("/")[0])


async def struck_file(struck):
    await until(lambda: alive(struck))
    return await struck.file_case()


async def alive(struck):
    with contextlib.suppress(httpx.TransportError):
        async with httpx.AsyncClient(timeout=2) as client:
            answer = await client.get(f"{struck.house.desk}/healthz")
            return answer.is_success
    return False


async def without_numbers(struck):
    async with httpx.AsyncClient(timeout=2) as client:
        answer = await client.get(f"{struck.house.desk}/readyz")
        return answer.json().get("numbering") == "register-older"


async def refused(struck, filed, sentence):
    """Said beside the paper before the certifier presses, and by the press itself."""
    await until(lambda: without_numbers(struck))
    browser = Browser(struck.house.desk)
    try:
        await story.sign_in(browser, struck.house.person("certifier"))
        document = filed.document.rsplit("/", 1)[-1]

        async def told():
            return sentence in (await browser.look(f"/wall/{document}")).text

        await until(told)
        with pytest.raises(CannotStart):
            await story.approve(browser, filed)
    finally:
        await browser.close()
    assert sentence in await board(struck)


async def board(struck):
    browser = Browser(struck.house.desk)
    try:
        await story.sign_in(browser, struck.house.person("clerk"))
        return (await browser.look("/")).text
    finally:
        await browser.close()


def copy_of(struck, name):
    """A backup of intake's database, made while it works."""
    place = struck.house.places.var / name
    with (
        contextlib.closing(sqlite3.connect(database(struck))) as here,
        contextlib.closing(sqlite3.connect(place)) as there,
    ):
        here.backup(there)
    return place


async def put_back(struck, backup):
    """The service stands still while its file is replaced, then begins anew with it."""
    pid = struck.supervisor.pid("intake")
    os.kill(pid, signal.SIGSTOP)
    for ending in ("", "-wal", "-shm"):
        database(struck).with_name(f"intake.db{ending}").unlink(missing_ok=True)
    database(struck).write_bytes(backup.read_bytes())
    os.kill(pid, signal.SIGKILL)
    await until(lambda: struck.supervisor.pid("intake") not in {pid, None})


def database(struck):
    return struck.house.places.database_file("intake")


def numbers(struck):
    rows = struck.rows("intake", "SELECT ordinal FROM register ORDER BY ordinal")
    return [ordinal for (ordinal,) in rows]


def skip(struck, through):
    places, ports = struck.house.places, struck.house.ports
    book = YearBook(AGENCY_CODE, "E", local_day(utc_now()).year)
    command = ecopy(places.var, ports.intake)
    return subprocess.run(
        [
            *(*command, "register", "skip", "--through", str(through)),
            *("--book", str(book), "--by", "Lê Văn Tám"),
            *("--reason", "phục hồi bản sao lưu hôm qua"),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
