# ruff: noqa: ARG002 - a fake has the port's arguments
"""Signing and storage with their real journal, catalogue and stores, under an intake
that orders, renews, repeats and declares void: whatever is delivered in which order,
how often, and wherever a process dies, a number comes to one end.
"""

import asyncio
import hashlib
import random
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import select

from chassis import outbox
from chassis.clock import LOCAL
from chassis.database import Database
from chassis.objects.directory import DirectoryObjects
from ecopy.events import (
    EVENTS,
    CertificationClosed,
    CertificationHalted,
    CertificationOrdered,
    CertificationVoided,
    CopyArchived,
    CopyRejected,
    CopySealed,
)
from ecopy.refusals import Reason, Refusal, Trouble
from signing import usecases as signing
from signing.adapters.journal.journal import SqlSealJournal
from signing.adapters.objects import StoredCopies
from signing.console import MIGRATIONS as SIGNING_MIGRATIONS
from signing.domain.copies import Draft, OrderedOriginal, SealedCopy
from signing.domain.rope import MemoryOctets, Rope
from signing.domain.signatories import Signatories, Signatory
from storage import usecases as storage
from storage.adapters.catalogue import SqlCatalogue
from storage.adapters.custody import ObjectCustody
from storage.console import MIGRATIONS as STORAGE_MIGRATIONS
from storage.domain.absences import Absences
from storage.domain.copies import archive_key
from storage.domain.gate import Passed
from support import build
from support.databases import make_ready
from support.settings import share
from support.storage import TRUST, ordered, summary

NUMBERS = 40
ROUNDS = 120
BOTH = Signatories(
    Signatory("officer", "o", build.digest(b"officer")),
    Signatory("seal", "s", build.digest(b"seal")),
)
BY_SUBJECT = {kind.subject: kind for kind in EVENTS}
LISTENERS = {
    CertificationOrdered: ("signing", "storage"),
    CopySealed: ("storage", "intake"),
    CopyArchived: ("signing", "intake"),
    CopyRejected: ("signing",),
    CertificationVoided: ("storage",),
    CertificationClosed: ("signing", "intake"),
    CertificationHalted: ("intake",),
}


class Died(Exception):
    """The process ended here, as by kill −9."""


class Mortal:
    """A port; the process that uses it dies before or after the call it was dealt."""

    def __init__(self, port, life) -> None:
        self._port, self._life = port, life

    def __getattr__(self, name):
        call = getattr(self._port, name)
        if not asyncio.iscoroutinefunction(call):
            return call

        async def dying(*args):
            moment = self._life.ends()
            if moment == "before":
                raise Died(name)
            result = await call(*args)
            if moment == "after":
                raise Died(name)
            return result

        return dying


class Maker:
    """Composer and sealer: every seal makes other bytes, as real ones do."""

    @asynccontextmanager
    async def open(self, ref):
        yield OrderedOriginal(MemoryOctets(b"original"), ref.sha256)

    async def compose(self, original, order, at):
        return Draft(Rope([MemoryOctets(b"draft")]), 2)

    def signatories(self, order, at):
        return BOTH

    async def prepare(self, signatories, level):
        """Nothing to prepare."""

    async def seal(self, draft, signatories):
        content = b"sealed " + uuid4().bytes
        digest = hashlib.sha256(content).hexdigest()
        both = (summary("officer"), summary("seal"))
        return SealedCopy(Rope([MemoryOctets(content)]), digest, both, build.NOON)


class Judge:
    """The real custody; its gate refuses as many copies of a number as it was dealt."""

    def __init__(self, custody, number) -> None:
        self._custody, self._number = custody, number
        self.open_sealed, self.store = custody.open_sealed, custody.store
        self.discard = custody.discard
        self.put_aside = custody.put_aside

    async def check_copy(self, sealed, order, digest):
        if order.held:
            raise Refusal(Reason.COPY_REFUSED, "seal-not-released")
        if hashlib.sha256(sealed.view).hexdigest() != digest:
            raise Refusal(Reason.COPY_REFUSED, "digest-differs")
        refused = self._number.refused
        if digest in refused or len(refused) < self._number.bad_copies:
            refused.add(digest)
            raise Refusal(Reason.COPY_REFUSED, "timestamp-time")
        return Passed(digest, sealed.size, 2, build.NOON, build.NOON, "TSA")


@dataclass
class Life:
    """A process's, as long as one delivery."""

    calls: int | None = None
    """After so many calls of its ports it ends; None: it lives."""
    moment: str = "before"
    """Whether it ends before or after that call."""

    def ends(self) -> str:
        if self.calls is None:
            return ""
        self.calls -= 1
        return self.moment if self.calls < 0 else ""


@dataclass
class Number:
    """One number, what is on its way for it, and an intake that wants it to end."""

    entry: str
    chance: random.Random
    bad_copies: int
    order: CertificationOrdered | None = None
    voided: CertificationVoided | None = None
    ends: set[type] = field(default_factory=set)
    waiting: list[tuple[str, object]] = field(default_factory=list)
    heard: list[object] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    last_sealed: str | None = None
    acts: int = 4
    """How often a person still meddles."""
    manual: bool = False
    """Its seal is released by hand: each order of a person waits for that."""
    released: set[int] = field(default_factory=set)
    """Revisions under which keys may be used."""

    def say(self, event) -> None:
        """On its way to all who listen; some of it twice."""
        for who in LISTENERS.get(type(event), ()):
            for _ in range(self.chance.choice((1, 1, 2))):
                self.waiting.append((who, event))

    def ask(self, *, replaces=None, revision=None, released=False) -> None:
        if self.voided is not None:
            return
        release = {"release": "manual"} if self.manual else {}
        if self.manual and released:
            release["released_at"] = build.NOON
        revision = revision or self.order.revision + 1
        own = f"{int(self.entry.rpartition('/')[2]):04}"
        self.order = ordered(
            token=own,
            entry=self.entry,
            code=f"7K2F9MQX{own}",
            revision=revision,
            replaces=replaces,
            **release,
        )
        if not self.order.held:
            self.released.add(revision)
        self.say(self.order)

    def repeat(self) -> None:
        """News is late: the same once more under a fresh event id. Of what waits for
        its seal none is expected: its keeper releases it.
        """
        if self.voided is None and self.order.held:
            self.ask(replaces=self.order.replaces, released=True)
            return
        last = self.voided or self.order
        self.say(type(last)(**last.model_dump(exclude={"id"})))

    def meddle(self) -> None:
        """A person orders again or declares the number void."""
        self.acts -= 1
        act = self.chance.randrange(5)
        if act == 0 and self.voided is None:
            revision = self.order.revision + 1
            self.voided = CertificationVoided(
                at=build.NOON, entry=self.entry, revision=revision
            )
            self.say(self.voided)
        elif act == 1:
            self.ask()
        elif act == 2 and self.last_sealed is not None:
            self.ask(replaces=self.last_sealed)
        else:
            self.repeat()

    def hear(self, event) -> None:
        if isinstance(event, CopySealed):
            assert event.revision in self.released, "sealed before its release"
            self.last_sealed = event.copy_ref.sha256
        elif isinstance(event, CopyArchived | CertificationClosed):
            self.ends.add(type(event))
        elif event.copy_sha256 and event.revision == self.order.revision:
            # The machine renews what was released; it has the same words.
            self.ask(replaces=event.copy_sha256, released=not self.order.held)


@dataclass
class House:
    """The two services over one pair of databases and buckets."""

    journal: SqlSealJournal
    catalogue: SqlCatalogue
    copies: DirectoryObjects
    archive: DirectoryObjects

    def __post_init__(self) -> None:
        self.absences = Absences(tries=2, age=timedelta(0))

    async def deliver(self, number, life, who, event) -> None:
        """Raises what the service raises; Refusals are its own to answer."""
        if who == "intake":
            number.hear(event)
            return
        handle, halt = self.handlers(number, life)[who, type(event)]
        try:
            await handle(event)
        except Refusal as refusal:
            await halt(event, refusal)

    def handlers(self, number, life):
        clock = {"clock": lambda: build.NOON}
        stored = Mortal(StoredCopies(self.copies), life)
        journal = {"journal": Mortal(self.journal, life)}
        catalogue = {"catalogue": Mortal(self.catalogue, life)}
        judge = Judge(ObjectCustody(self.copies, self.archive, TRUST), number)
        custody = {"custody": Mortal(judge, life)}
        maker = {"originals": Maker(), "composer": Maker(), "sealer": Maker()}
        rest = {"link_days": 30, "zone": LOCAL, "absences": self.absences}
        own = {"copies": stored, **journal}
        certify = partial(signing.certify, **maker, **own, **clock, chance=uuid4)
        archive = partial(storage.archive, **catalogue, **custody, **clock, **rest)
        record = partial(storage.record_order, **catalogue, **clock)
        close = partial(storage.close, **catalogue, **clock)
        halts = {
            "signing": partial(signing.halt, **journal, **clock),
            "storage": partial(storage.halt, **catalogue, **clock),
        }
        return {
            ("signing", CertificationOrdered): (certify, halts["signing"]),
            ("signing", CopyArchived): (
                partial(signing.note_archived, **journal),
                None,
            ),
            ("signing", CopyRejected): (partial(signing.withdraw, **own), None),
            ("signing", CertificationClosed): (partial(signing.close, **own), None),
            ("storage", CertificationOrdered): (record, None),
            ("storage", CopySealed): (archive, halts["storage"]),
            ("storage", CertificationVoided): (close, None),
        }


@pytest.fixture
async def databases(tmp_path):
    pair = []
    for name, migrations in (
        ("signing", SIGNING_MIGRATIONS),
        ("storage", STORAGE_MIGRATIONS),
    ):
        url = f"sqlite:///{tmp_path}/{name}.db"
        make_ready(url, migrations)
        pair.append(Database(url))
    yield pair
    for database in pair:
        await database.close()


@pytest.fixture
def house(databases, tmp_path):
    clock = lambda: build.NOON  # noqa: E731
    return House(
        SqlSealJournal(databases[0], clock),
        SqlCatalogue(databases[1], clock, address_key=b"key"),
        DirectoryObjects(tmp_path / "copies"),
        DirectoryObjects(tmp_path / "archive"),
    )


async def step(house, number) -> None:
    """A person's or the machine's act; then up to two deliveries at the same time, as
    two processes have them, of what waits in any order.
    """
    chance = number.chance
    if number.acts and chance.random() < 0.15:
        number.meddle()
    if not number.waiting and not number.ends:
        number.repeat()
    taken = [
        number.waiting.pop(chance.randrange(len(number.waiting)))
        for _ in range(min(chance.choice((1, 2)), len(number.waiting)))
    ]
    await asyncio.gather(*(delivered(house, number, *each) for each in taken))


async def delivered(house, number, who, event) -> None:
    """One delivery; unless its process dies, or it is told to come again, the last."""
    chance = number.chance
    dies = number.acts and chance.random() < 0.3
    moment = chance.choice(("before", "after"))
    life = Life(chance.randrange(8) if dies else None, moment)
    try:
        await house.deliver(number, life, who, event)
    except (Trouble, Died):
        number.waiting.append((who, event))


async def collect(databases, numbers, read) -> None:
    """What both outboxes have since, on its way."""
    by_entry = {number.entry: number for number in numbers}
    for at, database in enumerate(databases):
        query = (
            select(outbox.outbox)
            .where(outbox.outbox.c.position > read[at])
            .order_by("position")
        )
        for row in await database.read(lambda tx, q=query: tx.execute(q).all()):
            read[at] = row.position
            event = BY_SUBJECT[row.subject].decode(row.body)
            by_entry[event.entry].heard.append(event)
            by_entry[event.entry].say(event)


@pytest.mark.parametrize("bad_copies", [0, 1, 2])
@pytest.mark.drawn
async def test_every_number_comes_to_one_end(house, databases, bad_copies):
    """Exactly one archived copy, or closed; no rejected copy is archived, no archived
    one withdrawn; a withdrawn copy's bytes are gone. Of every second number the seal is
    released by hand, and nothing is sealed before that.
    """
    numbers = [
        Number(
            f"H99.42.05.13/E/2026/{seed + 1}",
            random.Random(seed),
            bad_copies,
            manual=seed % 2 == 1,
        )
        for seed in range(share(NUMBERS))
    ]
    for number in numbers:
        number.ask(revision=1)
    read: dict[int, int] = defaultdict(int)
    for _ in range(ROUNDS):
        busy = [n for n in numbers if n.waiting or not n.ends or n.acts]
        if not busy:
            break
        await asyncio.gather(*(step(house, number) for number in busy))
        await collect(databases, numbers, read)
    for number in numbers:
        await came_to_one_end(house, number)
    chain = await house.journal.verify()
    assert chain.loose == ()


async def came_to_one_end(house, number) -> None:
    assert not number.waiting, (number.entry, "still on its way")
    assert len(number.ends) == 1, (number.entry, number.ends)
    said = defaultdict(set)
    for event in number.heard:
        if isinstance(event, CopyArchived):
            said["archived"].add(event.copy_ref.sha256)
        if isinstance(event, CopyRejected):
            said["rejected"].add(event.copy_sha256)
        if isinstance(event, CertificationClosed):
            said["closed"].add(number.entry)
    assert not said["archived"] & said["rejected"]
    assert len(said["archived"]) + len(said["closed"]) == 1
    standing = await house.catalogue.standing(number.entry)
    history = await house.journal.history(number.entry)
    archived = {standing.copy.sha256} if standing.copy is not None else set()
    assert archived == said["archived"]
    assert standing.closed == bool(said["closed"])
    ours = {history.copy.copy_ref.sha256} if history.copy is not None else set()
    assert ours == archived
    assert await objects(house.copies, number.entry) == archived
    assert await objects(house.archive, number.entry) == archived


async def objects(bucket, entry) -> set[str]:
    """Digests of what the bucket has under the number."""
    found = set()
    async for key, size in bucket.listing():
        if key.startswith(f"{entry}/"):
            parts = [chunk async for chunk in bucket.stream(key, 0, size)]
            found.add(hashlib.sha256(b"".join(parts)).hexdigest())
    return found


def test_the_archive_has_one_key_a_number():
    """What ``objects`` counts above are all bytes that a number could be served."""
    assert archive_key(build.ENTRY) == f"{build.ENTRY}/copy.pdf"
