"""Two processes of one desk at the same moment, on SQLite and on PostgreSQL: one after
the other, whoever asks, and a death leaves no hole.
"""

import asyncio

import pytest
import pytest_asyncio
from sqlalchemy import select

from intake.adapters.sql import audit
from intake.adapters.sql.tables import audit as audit_table
from intake.domain.records import Conflict
from support import another_desk
from support.intake import AGENCY
from support.papers import open_papers

A_WRONG_START_SECONDS = 0.3
"""Given to what must not happen; that it does not is no matter of time."""


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def where(request, tmp_path_factory):
    """An empty database, and a folder for scans."""
    folder = tmp_path_factory.mktemp("register")
    if request.param == "sqlite":
        return f"sqlite:///{folder}/intake.db", folder
    postgres = request.getfixturevalue("postgres")
    return postgres.place(), folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def papers(where):
    """One desk for all tests: starting one takes longer than they do."""
    url, folder = where
    async with open_papers(folder, url) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def other(papers, where):  # noqa: ARG001 - who makes the tables
    url, folder = where
    async with another_desk.another_desk(url, folder / "scans") as desk:
        yield desk


async def waits(task):
    await asyncio.sleep(A_WRONG_START_SECONDS)
    assert not task.done(), task


async def to_approve(papers, *certifiers):
    document = await papers.awaiting()
    for certifier in certifiers:
        await papers.look(document, certifier)
    return document


def ordinal(entry):
    assert entry.startswith(f"{AGENCY}/E/2026/")
    return int(entry.rsplit("/", 1)[1])


async def test_a_number_is_held_until_its_transaction_ends(papers, other):
    """Of two processes the second waits, and has the next number."""
    theirs, mine = [await to_approve(papers, "vinh") for _ in range(2)]
    async with other.in_the_middle("approve", theirs, "vinh") as first:
        approving = asyncio.create_task(another_desk.approve(papers, mine, "vinh"))
        await waits(approving)
        number = ordinal(await first.go_on())
    assert ordinal(await approving) == number + 1


async def test_a_process_that_dies_with_a_number_gives_it_back(papers, where):
    """Killed before its commit: the book has no hole."""
    url, folder = where
    before, theirs, mine = [await to_approve(papers, "vinh") for _ in range(3)]
    number = ordinal(await another_desk.approve(papers, before, "vinh"))
    async with (
        another_desk.another_desk(url, folder / "scans") as dying,
        dying.in_the_middle("approve", theirs, "vinh"),
    ):
        approving = asyncio.create_task(another_desk.approve(papers, mine, "vinh"))
        await waits(approving)
        await dying.killed()
    assert ordinal(await approving) == number + 1


async def test_of_two_certifiers_in_two_processes_one_approves(papers, other):
    """The second reads the paper anew, once the first has committed."""
    document = await to_approve(papers, "vinh", "loc")
    async with other.in_the_middle("approve", document, "vinh") as first:
        approving = asyncio.create_task(another_desk.approve(papers, document, "loc"))
        await waits(approving)
        await first.go_on()
    with pytest.raises(Conflict):
        await approving


async def test_a_case_code_is_held_until_its_transaction_ends(papers, other):
    """Two counters receive at the same moment, each through a process of its own."""
    async with other.in_the_middle("open", "ha") as first:
        opening = asyncio.create_task(another_desk.open_case(papers, "man"))
        await waits(opening)
        theirs = await first.go_on()
    assert int((await opening)[-4:]) == int(theirs[-4:]) + 1


async def test_the_audit_has_one_head_for_two_processes(papers, other):
    """A line is chained to the one before it, not beside it."""
    async with other.in_the_middle("note", "theirs") as first:
        mine = asyncio.create_task(another_desk.note(papers, "mine"))
        await waits(mine)
        await first.go_on()
    await mine
    store = papers.opened.store
    assert (await store.read(audit.verified)).head.rows > 2
    newest = select(audit_table.c.action).order_by(audit_table.c.seq.desc()).limit(2)
    actions = await store.read(lambda tx: tx.scalars(newest).all())
    assert actions == ["mine", "theirs"]
