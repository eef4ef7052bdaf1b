"""A sealed copy is spoilt or lost between seal and archive: another is made under the
same number, and nobody acts.
"""

import contextlib
import os
import signal

import pytest

from onebox import story
from onebox.browser import Browser
from support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

ISSUES = (
    "SELECT entry, copy_sha256 FROM seal_journal WHERE kind = 'issue' ORDER BY position"
)
KINDS = "SELECT kind, copy_sha256 FROM seal_journal WHERE entry = '{}'"


def cut(path):
    """Half of it is missing."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def bent(path):
    """One bit differs; its length is right."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def removed(path):
    """It is not there any more."""
    path.unlink()


@pytest.fixture(scope="module", autouse=True)
def impatient():
    """Storage counts a copy as lost after a second look, not after a minute."""
    own = {
        "STORAGE__MISSING_COPY__TRIES": "2",
        "STORAGE__MISSING_COPY__SECONDS": "0.5",
    }
    os.environ.update(own)  # what the house passes on
    yield
    for name in own:
        del os.environ[name]


@pytest.mark.parametrize("spoilt", [cut, bent, removed])
async def test_another_copy_is_made_under_the_same_number(struck, spoilt):
    """Truncated, one bit flipped, or deleted: issued all the same."""
    await replaced(struck, spoilt)


@pytest.mark.parametrize(
    ("service", "point"),
    [
        ("storage", "storage-rejected"),
        ("storage", "storage-order-recorded"),
        ("signing", "signing-withdrawn"),
    ],
    ids=lambda value: value,
)
async def test_dies_while_a_copy_is_replaced(struck, service, point):
    """kill −9 at each durable step between the refusal and the next order."""
    pid = await struck.arm(service, point)
    await replaced(struck, bent)
    assert struck.supervisor.pid(service) != pid


async def replaced(struck, spoilt):
    filed = await struck.file_case()
    before = len(struck.rows("signing", ISSUES))
    with frozen(struck.supervisor.pid("storage")):
        await struck.approve(filed)
        await until(lambda: len(struck.rows("signing", ISSUES)) > before)
        entry, first = struck.rows("signing", ISSUES)[-1]
        copies = struck.house.places.var / "objects" / "copies"
        spoilt(copies / entry / f"{first}.pdf")

    issued = await struck.issued(filed)

    kinds = struck.rows("signing", KINDS.format(entry))
    made = [digest for kind, digest in kinds if kind == "issue"]
    assert [digest for kind, digest in kinds if kind == "withdrawal"] == [first]
    assert len(made) == 2
    archived = f"SELECT sha256 FROM copies WHERE entry = '{entry}'"
    assert struck.rows("storage", archived) == [(made[1],)]
    await until(lambda: [p.stem for p in (copies / entry).glob("*")] == [made[1]])
    numbers = struck.rows("intake", "SELECT ordinal FROM register ORDER BY ordinal")
    assert [n for (n,) in numbers] == list(range(1, len(struck.cases) + 1))
    await genuine(struck, issued)


@contextlib.contextmanager
def frozen(pid):
    """The process stands still meanwhile."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):  # its keeper lost patience
            os.kill(pid, signal.SIGCONT)


async def genuine(struck, issued):
    browser = Browser(struck.house.public)
    try:
        path = await story.fetch(browser, issued, struck.house.places.demo)
        assert await story.verify(browser, path) == "genuine"
    finally:
        await browser.close()
