# ruff: noqa: ARG002 - a fake has the port's arguments
"""Two signing processes on the same order, over both databases and a real store: one
copy in the world, the loser destroyed, whoever pauses where.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from chassis.database import Database
from chassis.objects.directory import DirectoryObjects
from chassis.outbox import outbox
from ecopy.events import SignatureSummary
from ecopy.refusals import Trouble
from signing import usecases
from signing.adapters.journal.journal import SqlSealJournal
from signing.adapters.objects import StoredCopies
from signing.console import MIGRATIONS
from signing.domain.copies import Draft, OrderedOriginal, SealedCopy
from signing.domain.rope import MemoryOctets, Rope
from signing.domain.signatories import Signatories, Signatory
from support import build
from support.databases import make_ready

BOTH = Signatories(
    Signatory("officer", "o", build.digest(b"officer")),
    Signatory("seal", "s", build.digest(b"seal")),
)
POINTS = ("seal", "record_outcome", "write", "conclude", "holds", "write_off")


@dataclass
class Gate:
    """Holds whoever comes to *point*, before it or after it, until it is opened."""

    point: str
    after: bool = False
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """A point that nobody comes to would be waited for without an end."""
        ports = (Maker, StoredCopies, SqlSealJournal)
        assert any(hasattr(port, self.point) for port in ports), self.point

    async def passed(self, point: str, *, after: bool) -> None:
        if (point, after) == (self.point, self.after):
            self.reached.set()
            await self.open.wait()


@dataclass
class Maker:
    """Composer and sealer: every seal makes other bytes, as real ones do."""

    @asynccontextmanager
    async def open(self, ref) -> AsyncIterator[OrderedOriginal]:
        yield OrderedOriginal(MemoryOctets(b"original"), ref.sha256)

    async def compose(self, original, order, at) -> Draft:
        return Draft(Rope([MemoryOctets(b"draft")]), 2)

    def signatories(self, order, at) -> Signatories:
        return BOTH

    async def prepare(self, signatories, level) -> None:
        """Nothing to prepare."""

    async def seal(self, draft, signatories) -> SealedCopy:
        content = b"sealed " + uuid4().bytes
        summaries = tuple(_summary(role) for role in ("officer", "seal"))
        digest = hashlib.sha256(content).hexdigest()
        return SealedCopy(Rope([MemoryOctets(content)]), digest, summaries, build.NOON)


class Gated:
    """A port whose calls pass the gate."""

    def __init__(self, port, gate: Gate | None) -> None:
        self._port, self._gate = port, gate

    def __getattr__(self, name: str):
        call = getattr(self._port, name)
        if self._gate is None or name not in POINTS:
            return call

        async def passing(*args):
            await self._gate.passed(name, after=False)
            result = await call(*args)
            await self._gate.passed(name, after=True)
            return result

        return passing


@dataclass
class Process:
    store: Database
    folder: Path
    gate: Gate | None = None

    async def certify(self, order) -> None:
        maker = Gated(Maker(), self.gate)
        await usecases.certify(
            order,
            originals=maker,
            composer=maker,
            sealer=maker,
            copies=Gated(StoredCopies(DirectoryObjects(self.folder)), self.gate),
            journal=Gated(SqlSealJournal(self.store, lambda: build.NOON), self.gate),
            clock=lambda: build.NOON,
            chance=uuid4,
        )


@pytest.fixture
async def stores(database_url):
    make_ready(database_url, MIGRATIONS)
    pair = Database(database_url), Database(database_url)
    yield pair
    for store in pair:
        await store.close()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("point", POINTS[:4])
async def test_a_slow_process_and_the_redelivery_of_its_order(
    stores, tmp_path, point, after
):
    """One stands still at a step, the other does the whole order, the slow one goes on
    and is asked again: one copy, one event, nothing loose.
    """
    gate, order = Gate(point, after), build.ordered()
    slow = Process(stores[0], tmp_path, gate)
    going = asyncio.create_task(slow.certify(order))
    await gate.reached.wait()
    await Process(stores[1], tmp_path).certify(order)
    await one_copy(stores[1], tmp_path)
    gate.open.set()
    await asyncio.gather(going, return_exceptions=True)
    assert isinstance(going.exception(), Trouble | None)
    await Process(stores[0], tmp_path).certify(order)
    await one_copy(stores[0], tmp_path, loose=0)


@pytest.mark.parametrize("point", ["holds", "write_off", "conclude"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_the_finder_is_slow_and_the_maker_goes_on(stores, tmp_path, point, after):
    """The second process found an outcome without bytes and stands still over it, while
    the maker stores and concludes: the copy is not destroyed.
    """
    order = build.ordered()
    recorded = Gate("record_outcome", after=True)
    making = asyncio.create_task(Process(stores[0], tmp_path, recorded).certify(order))
    await recorded.reached.wait()
    finder = Gate(point, after)
    finding = asyncio.create_task(Process(stores[1], tmp_path, finder).certify(order))
    await finder.reached.wait()
    recorded.open.set()
    await asyncio.gather(making, return_exceptions=True)
    finder.open.set()
    await asyncio.gather(finding, return_exceptions=True)
    for task in (making, finding):
        assert isinstance(task.exception(), Trouble | None)
    await Process(stores[0], tmp_path).certify(order)
    await one_copy(stores[0], tmp_path, loose=0)


async def test_many_at_once(stores, tmp_path):
    """Eight deliveries in two processes, all at the same time, until each is done."""
    order = build.ordered()

    async def delivered(store):
        for _ in range(20):
            try:
                await Process(store, tmp_path).certify(order)
            except Trouble:
                await asyncio.sleep(0)
                continue
            return
        raise AssertionError("never done")

    await asyncio.gather(*(delivered(stores[n % 2]) for n in range(8)))
    await Process(stores[0], tmp_path).certify(order)
    await one_copy(stores[0], tmp_path, loose=0)


async def one_copy(store, folder, loose=None):
    journal = SqlSealJournal(store, lambda: build.NOON)
    history = await journal.history(build.ENTRY)
    files = [p.stem for p in folder.rglob("*.pdf")]
    assert history.copy.copy_ref.sha256 in files
    assert not {o.copy_ref.sha256 for o in history.written_off} & {
        history.copy.copy_ref.sha256
    }
    events = select(func.count()).select_from(outbox)
    assert await store.read(lambda tx: tx.scalar(events)) == 1
    chain = await journal.verify()
    if loose is not None:
        assert files == [history.copy.copy_ref.sha256]
        assert (len(history.undecided), chain.loose) == (loose, ())


def _summary(role):
    return SignatureSummary(
        role=role,
        subject_name="a",
        issuer_name="b",
        serial="1",
        certificate_sha256=build.digest(),
        signed_at=build.NOON,
        tsa_name="t",
        level="B-LT",
    )
