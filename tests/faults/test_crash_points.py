"""kill −9 at every named durable step, then nobody acts: the copy comes out once, its
number once. The supervisor's restart is the only hand."""

import contextlib
import hashlib

import httpx
import pytest

from chassis.starting import CannotStart
from onebox import story
from onebox.browser import Browser
from support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

POINTS = [
    ("intake", "intake-upload-stored"),
    ("intake", "intake-approval-before-commit"),
    ("intake", "intake-approval-committed"),
    ("intake", "relay-published"),
    ("intake", "intake-issued-committed"),
    ("signing", "signing-received"),
    ("signing", "signing-intent-written"),
    ("signing", "signing-officer-signed"),
    ("signing", "signing-sealed"),
    ("signing", "signing-stored"),
    ("signing", "signing-outcome-committed"),
    ("signing", "signing-archived-noted"),
    ("signing", "relay-published"),
    ("storage", "storage-order-recorded"),
    ("storage", "storage-received"),
    ("storage", "storage-gated"),
    ("storage", "storage-archived-object"),
    ("storage", "storage-catalogued"),
    ("storage", "relay-published"),
]


@pytest.mark.parametrize(("service", "point"), POINTS, ids=lambda value: value)
async def test_dies_at_a_durable_point(struck, service, point):
    """The process ends at the point; after its restart the copy comes out."""
    pid = await struck.arm(service, point)
    filed = await struck.file_case()
    await struck.approve(filed)
    await struck.died(service, pid)

    issued = await struck.issued(filed)

    await once_each(struck)
    await genuine(struck, issued)


ROT = ["storage-rot-aside", "storage-rot-removed", "storage-rot-healed"]


@pytest.mark.parametrize("point", ROT)
async def test_dies_while_a_rotten_copy_is_mended(struck, point):
    """A bit of the archived file has flipped, and storage dies at each durable step of
    mending it, while a citizen downloads: after its restart they get their copy, whole,
    and what was rotten is kept aside.
    """
    filed = await struck.file_case()
    await struck.approve(filed)
    issued = await struck.issued(filed)
    archive = struck.house.places.var / "objects" / "archive"
    entry, good = rot(struck, archive)
    pid = await struck.arm("storage", point)
    with contextlib.suppress(CannotStart, httpx.HTTPError):
        await genuine(struck, issued)
    await struck.died("storage", pid)

    await genuine(struck, issued)

    assert (archive / entry / "copy.pdf").read_bytes() == good
    assert list((archive / "set-aside" / entry).iterdir())
    await once_each(struck)


def rot(struck, archive):
    """Flip one bit of the copy that was archived last; its entry and its bytes."""
    query = "SELECT entry FROM copies ORDER BY archived_at DESC LIMIT 1"
    ((entry,),) = struck.rows("storage", query)
    path = archive / entry / "copy.pdf"
    good = path.read_bytes()
    bent = bytearray(good)
    bent[len(bent) // 2] ^= 1
    path.write_bytes(bent)
    return entry, good


async def test_bus_killed_in_the_middle(struck):
    """kill −9 of nats-server between approval and seal loses nothing."""
    filed = await struck.file_case()
    struck.kill("nats")
    await struck.approve(filed)
    await struck.ready("nats")

    issued = await struck.issued(filed)

    await once_each(struck)
    await genuine(struck, issued)


async def test_everything_killed_at_once(struck):
    """kill −9 of the bus and all three services right after the approval."""
    filed = await struck.file_case()
    await struck.approve(filed)
    for name in ("nats", "storage", "signing", "intake"):
        struck.kill(name)
    await struck.ready("nats", "intake", "signing", "storage")

    issued = await struck.issued(filed)

    await once_each(struck)
    await genuine(struck, issued)


async def once_each(struck):
    """Numbers 1..n without a hole or a double, one archived file for each."""
    entries = struck.rows("intake", "SELECT ordinal FROM register ORDER BY ordinal")
    numbers = [n for (n,) in entries]
    assert numbers == list(range(1, len(struck.cases) + 1))
    copies = struck.rows("storage", "SELECT entry, sha256 FROM copies")
    assert len({entry for entry, _ in copies}) == len(copies) == len(numbers)
    for entry, digest in copies:
        path = struck.house.places.var / "objects" / "archive" / entry / "copy.pdf"
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
    await until(lambda: not struck.rows("intake", UNPUBLISHED))


UNPUBLISHED = "SELECT 1 FROM outbox WHERE published_at IS NULL"


async def genuine(struck, issued):
    """What the citizen downloads is what the archive holds and vouches for."""
    browser = Browser(struck.house.public)
    try:
        path = await story.fetch(browser, issued, struck.house.places.demo)
        assert await story.verify(browser, path) == "genuine"
    finally:
        await browser.close()
