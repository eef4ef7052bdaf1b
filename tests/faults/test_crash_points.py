"""kill −9 at every named durable step, then nobody acts: the copy comes out once, its
number once. The supervisor's restart is the only hand."""

import hashlib

import pytest

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
