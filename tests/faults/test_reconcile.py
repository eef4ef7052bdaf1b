"""``ecopy reconcile`` on a whole house that runs: a sound one has no finding; what is
planted is named; what can be proved is repaired, and the citizen's link opens again.
"""

import json
import os
import sqlite3
import subprocess

import pytest
import pytest_asyncio

from onebox import story
from onebox.browser import Browser
from support.houses import ecopy
from support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


PACE = "STORAGE__SCRUB__BYTES_PER_SECOND"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def unscrubbed(struck):
    """The house, whose scrub rests for weeks after its first copy: a minute after the
    start it would heal what is planted, before anybody has asked for it.
    """
    os.environ[PACE] = "1"  # what the house passes on
    try:
        await struck.restart("storage")
        yield struck
    finally:
        del os.environ[PACE]


async def test_what_was_planted_is_found_and_what_can_be_proved_repaired(unscrubbed):
    """One house: sound, then one thing after the other, each put right again."""
    struck = unscrubbed
    issued = [await issue(struck) for _ in range(2)]
    await until(lambda: not struck.rows("storage", UNPUBLISHED))
    first, second = (
        entry for (entry,) in struck.rows("storage", "SELECT entry FROM copies")
    )
    assert reconciled(struck, "--deep") == (0, set())

    archived = archive_file(struck, second)
    whole = archived.read_bytes()
    archived.unlink()
    assert reconciled(struck) == (1, {("row-without-object", second)})
    archived.write_bytes(whole[:-1])
    assert reconciled(struck) == (1, {("object-size", second)})
    archived.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert reconciled(struck) == (0, set())
    assert reconciled(struck, "--deep") == (1, {("object-digest", second)})
    archived.write_bytes(whole)

    strange = struck.house.places.var / "objects" / "copies" / first / "strange.pdf"
    strange.parent.mkdir(parents=True, exist_ok=True)
    strange.write_bytes(b"signed outside")
    assert reconciled(struck) == (1, {("copy-without-journal", first)})
    strange.unlink()

    forget_row(struck, first)
    lost = {("object-without-row", first), ("not-archived", first)}
    assert reconciled(struck) == (1, lost)
    assert reconciled(struck, "--repair") == (0, set())
    await opens(struck, issued[0])

    said = subprocess.run(
        [*command(struck), "reconcile"], check=False, capture_output=True, text=True
    )
    assert (said.returncode, said.stderr) == (0, "")
    assert "2 số: 2 đã cấp, 0 đang làm, 0 hủy; 0 dòng mất." in said.stdout
    assert "✗" not in said.stdout


UNPUBLISHED = "SELECT 1 FROM outbox WHERE published_at IS NULL"


async def issue(struck):
    filed = await struck.file_case()
    await struck.approve(filed)
    return await struck.issued(filed)


def command(struck):
    return ecopy(struck.house.places.var, struck.house.ports.intake)


def reconciled(struck, *options):
    """Exit status, and each finding's kind and entry."""
    done = subprocess.run(
        [*command(struck), "reconcile", "--json", *options],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode in {0, 1}, done.stderr
    figures = json.loads(done.stdout)
    found = {(f["kind"], f["entry"]) for f in figures["findings"]}
    assert len(found) == figures["gap"] + figures["double"] + figures["mismatch"]
    return done.returncode, found


def archive_file(struck, entry):
    return struck.house.places.var / "objects" / "archive" / entry / "copy.pdf"


def forget_row(struck, entry):
    """Behind the triggers' back, as a database that was put together by hand."""
    path = struck.house.places.database_file("storage")
    with sqlite3.connect(path) as catalogue:
        names = catalogue.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for (name,) in names:
            catalogue.execute(f"DROP TRIGGER {name}")
        for table in ("accesses", "links", "copies"):
            catalogue.execute(f"DELETE FROM {table} WHERE entry = ?", (entry,))
    catalogue.close()


async def opens(struck, issued):
    """The citizen's link of before, and the verdict on the file behind it."""
    browser = Browser(struck.house.public)
    try:
        path = await story.fetch(browser, issued, struck.house.places.demo)
        assert await story.verify(browser, path) == "genuine"
    finally:
        await browser.close()
