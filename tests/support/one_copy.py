"""Copies from their order to the archive, by the use cases, journal, catalogue and
stores of signing and storage; only the bus between them is left out. ``counted_copy``
counts what the second one costs.
"""

import io
import random
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import Engine, event, select

from chassis import outbox
from chassis.clock import utc_now
from chassis.database import Database, open_database
from chassis.objects.directory import DirectoryObjects
from ecopy.events import CertificationOrdered, CopyArchived, CopySealed, Event
from signing.adapters.journal.journal import SqlSealJournal
from signing.console import MIGRATIONS as SIGNING
from signing.usecases import Signing
from signing.wiring import bind
from storage import usecases
from storage.adapters.catalogue import SqlCatalogue
from storage.adapters.custody import ObjectCustody
from storage.console import MIGRATIONS as STORAGE
from storage.domain.absences import Absences
from storage.domain.gate import compile_trust
from support.authority import Pki, authority
from support.databases import make_ready
from support.orders import order_of
from support.originals import ScanImage, full_page, original_of
from support.sealed import sealer_of

PAGE = (600, 850)
"""Pixels; of noise, since what compresses well would not be most of a copy."""


async def make_copies(folder: Path, counts: Counter[str]) -> int:
    """Two copies of one original; *counts* keeps what the second one cost. The size of
    the original in bytes.

    The first one makes folders, marks a bucket and fetches revocation data.
    """
    original, manifest = original_of([full_page(_noise(page)) for page in range(3)])
    with authority(folder / "authority") as pki:
        orders = [
            order_of(
                pki,
                original,
                manifest,
                entry=f"H99.42.05.13/E/2026/{number}",
                code=f"7K2F9MQX4TB{number}",
                link_token_sha256=str(number) * 64,
            )
            for number in (2, 3)
        ]
        async with _services(folder, pki, counts) as (signing, storage):
            await signing.scans.put(orders[0].original.key, original)
            for order in orders:
                counts.clear()
                await _certify(signing, storage, order)
    return len(original)


async def _certify(
    signing: "SigningSide", storage: "StorageSide", order: CertificationOrdered
) -> None:
    """What the three services' consumers call for one number, one after the other."""
    await storage.record(order)
    await signing.use.certify(order)
    sealed = await _said(signing.database, CopySealed, order)
    await storage.archive(sealed)
    archived = await _said(storage.database, CopyArchived, order)
    await signing.use.note_archived(archived)


async def _said(
    database: Database, kind: type[Event], order: CertificationOrdered
) -> Any:
    """The fact that was said of the order's number."""

    def work(tx: Any) -> list[bytes]:
        said = outbox.outbox.c.subject == kind.subject
        return list(tx.scalars(select(outbox.outbox.c.body).where(said)))

    facts = map(kind.decode, await database.read(work))
    (fact,) = [each for each in facts if each.about == order.entry]
    return fact


class SigningSide:
    def __init__(
        self, use: Signing, database: Database, scans: DirectoryObjects
    ) -> None:
        self.use, self.database, self.scans = use, database, scans


class StorageSide:
    def __init__(self, database: Database, custody: ObjectCustody) -> None:
        self.database, self._custody = database, custody
        self._catalogue = SqlCatalogue(database, utc_now, address_key=b"key")

    async def record(self, order: CertificationOrdered) -> None:
        await usecases.record_order(order, catalogue=self._catalogue, clock=utc_now)

    async def archive(self, sealed: CopySealed) -> None:
        await usecases.archive(
            sealed,
            catalogue=self._catalogue,
            custody=self._custody,
            clock=utc_now,
            link_days=90,
            zone=utc_now().tzinfo,
            absences=Absences(),
        )


@asynccontextmanager
async def _services(
    folder: Path, pki: Pki, counts: Counter[str]
) -> AsyncIterator[tuple[SigningSide, StorageSide]]:
    scans, copies, archive = (
        DirectoryObjects(folder / name) for name in ("scans", "copies", "archive")
    )
    with ThreadPoolExecutor(2) as threads:
        async with (
            _database(folder, "signing", SIGNING, counts) as seals,
            _database(folder, "storage", STORAGE, counts) as lines,
        ):
            journal = SqlSealJournal(seals, utc_now)
            use = bind(scans, copies, sealer_of(pki, threads), journal, threads)
            custody = ObjectCustody(copies, archive, compile_trust(pki.trust))
            yield SigningSide(use, seals, scans), StorageSide(lines, custody)


@asynccontextmanager
async def _database(
    folder: Path, service: str, migrations: Path, counts: Counter[str]
) -> AsyncIterator[Database]:
    url = f"sqlite:///{folder}/{service}.db"
    make_ready(url, migrations)
    async with open_database(url) as database:
        _count_statements(database.engine, service, counts)
        yield database


def _count_statements(engine: Engine, service: str, counts: Counter[str]) -> None:
    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        begins = statement.startswith("BEGIN IMMEDIATE")
        counts[f"{service} {'commits' if begins else 'statements'}"] += 1

    event.listen(engine, "before_cursor_execute", count)


def _noise(seed: int) -> ScanImage:
    content = random.Random(seed).randbytes(3 * PAGE[0] * PAGE[1])
    out = io.BytesIO()
    Image.frombytes("RGB", PAGE, content).save(out, "JPEG", quality=90)
    return ScanImage(out.getvalue(), PAGE)
