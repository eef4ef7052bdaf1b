"""A storage service on a shelf: real catalogue, real stores, real pages, a clock that
is set by hand, and a gate that can be told to pass any bytes."""

import dataclasses
import hashlib
import pickle
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import httpx

from chassis.clock import LOCAL
from chassis.database import Database
from chassis.objects.directory import DirectoryObjects
from chassis.web import Pages
from ecopy.events import CertificationOrdered, CopySealed, SignatureSummary
from ecopy.identifiers import EntryId, ObjectRef
from ecopy.reckoning import Counter
from ecopy.trust import Merger, TrustDocument
from storage import usecases
from storage.adapters.catalogue import SqlCatalogue
from storage.adapters.custody import ObjectCustody
from storage.adapters.downloads import CheckedArchive, checked_archive
from storage.adapters.scrubs import SqlScrubs
from storage.adapters.verdicts import VerdictProcesses
from storage.console import MIGRATIONS
from storage.domain.absences import Absences
from storage.domain.copies import ArchivedCopy, archived
from storage.domain.gate import Passed, Trust, compile_trust
from storage.settings import Settings
from storage.web import load_pages
from storage.wiring.bindings import bind
from storage.wiring.public_face import face, office_of
from strangers.reader import SignatureReader
from support import build
from support.databases import make_ready
from support.prepared import prepared_reader

HOST = "https://hoaban.example"
TSA_NAME = "TSA thử nghiệm"
"""What the passing gate read in the token; signing says another name."""
TOKEN = "q2Vw3xJr0t5Yz8aBcDeFgHiJkLm"
PEPPER = "pepper of the tests"
UNCOUNTED = dict.fromkeys(
    (
        *("files_per_window", "codes_per_window", "wrong_links_per_window"),
        "requests_per_second",
    ),
    10**6,
)
"""Limits of a face that one test asks after the other."""
TRUST = compile_trust(
    TrustDocument(demo=True, signers=(), timestamps=(), identities=())
)


class Hands:
    """A clock that stands still until it is set."""

    def __init__(self, now: datetime = build.NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


class PassingCustody:
    """The real custody, but its gate passes whatever it is shown."""

    def __init__(self, custody: ObjectCustody) -> None:
        self._custody = custody
        self.open_sealed = custody.open_sealed
        self.store = custody.store
        self.discard = custody.discard
        self.put_aside = custody.put_aside

    async def check_copy(
        self, sealed: object, order: CertificationOrdered, digest: str
    ) -> Passed:
        return Passed(
            sha256=digest,
            size=sealed.size,
            pages=order.document.pages + 1,
            officer_at=order.approved_at + timedelta(seconds=1),
            seal_at=order.approved_at + timedelta(seconds=2),
            tsa_name=TSA_NAME,
        )


@dataclass
class Shelf:
    """Everything a test may look into."""

    storage: usecases.Storage
    """With the gate that passes everything."""
    strict: usecases.Storage
    """With the real gate."""
    catalogue: SqlCatalogue
    database: Database
    copies: DirectoryObjects
    archive: DirectoryObjects
    settings: Settings
    hands: Hands
    downloads: CheckedArchive
    scrubs: SqlScrubs
    mergers: tuple[Merger, ...] = ()
    """Of the trust document, as the pages know it."""
    reachable: bool = True
    """Whether the bus answers."""
    figures: dict[Counter, int] = field(
        default_factory=lambda: dict.fromkeys(Counter, 0)
    )
    """What the last look at the books has counted."""

    async def put_sealed(self, content: bytes, **changes: object) -> CopySealed:
        """Signing has put *content* and says so."""
        event = sealed(content, **changes)
        await self.copies.put(event.copy_ref.key, content)
        return event

    async def archived(
        self, content: bytes, token: str = TOKEN, **changes: object
    ) -> None:
        """*content* is archived under a number and a link of its own."""
        order = ordered(token, **changes)
        await self.storage.record_order(order)
        await self.storage.archive(await self.put_sealed(content, entry=order.entry))

    def face(self) -> httpx.AsyncClient:
        app = face(self.settings, self.storage, clock=self.hands, mergers=self.mergers)
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=("192.0.2.7", 40000)),
            base_url=HOST,
        )


@asynccontextmanager
async def shelf(
    directory: Path,
    database_url: str,
    trust: Trust = TRUST,
    reader: SignatureReader | None = None,
    verdicts: VerdictProcesses | None = None,
    **settings: object,
) -> AsyncIterator[Shelf]:
    make_ready(database_url, MIGRATIONS)
    database = Database(database_url)
    try:
        made = _settings(directory, database_url, settings)
        reader = reader or prepared_reader()
        verdicts = verdicts or _verdicts(trust)
        yield _assemble(
            directory, database, made, trust=trust, reader=reader, verdicts=verdicts
        )
    finally:
        await database.close()


def _assemble(
    directory: Path,
    database: Database,
    settings: Settings,
    *,
    trust: Trust,
    reader: SignatureReader,
    verdicts: VerdictProcesses,
) -> Shelf:
    hands = Hands()
    copies = DirectoryObjects(directory / "copies")
    archive = DirectoryObjects(directory / "archive")
    second = DirectoryObjects(directory / "second", reads_only=True)
    scrubs = SqlScrubs(database, hands)
    downloads = checked_archive(archive, copies, second, scrubs)
    strict = bind(
        settings,
        database=database,
        copies=copies,
        archive=archive,
        downloads=downloads,
        trust=trust,
        clock=hands,
        reachable=lambda: made.reachable,
        figures=lambda: made.figures,
        reader=reader,
        verdicts=verdicts,
    )
    catalogue = SqlCatalogue(database, hands, address_key=PEPPER.encode())
    passing = partial(
        usecases.archive,
        catalogue=catalogue,
        custody=PassingCustody(ObjectCustody(copies, archive, trust)),
        clock=hands,
        link_days=settings.link_days,
        zone=LOCAL,
        absences=Absences(),
    )
    storage = dataclasses.replace(strict, archive=passing)
    made = Shelf(
        storage,
        strict,
        catalogue,
        database,
        copies,
        archive,
        settings,
        hands,
        downloads,
        scrubs,
        trust.mergers,
    )
    return made


_STARTED: dict[bytes, VerdictProcesses] = {}


def _verdicts(trust: Trust) -> VerdictProcesses:
    """One per trust document and test process: they hold nothing of a test, and end
    with the process that started them.
    """
    return _STARTED.setdefault(pickle.dumps(trust), VerdictProcesses(trust))


def _settings(directory: Path, database_url: str, more: dict[str, object]) -> Settings:
    return Settings(
        **{
            "database": {"url": database_url},
            "nats": {
                "signing_key_file": directory / "key",
                "public_keys_file": directory / "keys.json",
            },
            "copies": {"url": f"file:{directory}/copies"},
            "archive": {"url": f"file:{directory}/archive"},
            "trust_file": directory / "trust.json",
            "public_host": HOST,
            "address_key": PEPPER,
            "office": {
                "name": "UBND phường Hoa Ban",
                "name_en": "Hoa Ban Ward People’s Committee",
                "phone": "0900 000 100",
            },
        }
        | more
    )


def pages_of_most() -> Pages:
    """The pages of every shelf without settings of its own."""
    settings = _settings(Path(), "sqlite://", {})
    return load_pages(demo=settings.demo, office=office_of(settings), mergers=())


def ordered(token: str = TOKEN, **changes: object) -> CertificationOrdered:
    digest = hashlib.sha256(token.encode()).hexdigest()
    return build.ordered(**{"link_token_sha256": digest} | changes)


def archived_line(content: bytes) -> ArchivedCopy:
    """The catalogue's line of *content*, archived under the usual number."""
    order = ordered()
    passed = Passed(
        build.digest(content), len(content), 2, build.NOON, build.NOON, TSA_NAME
    )
    return archived(passed, order, build.NOON)


def sealed(
    content: bytes, entry: EntryId = build.ENTRY, **changes: object
) -> CopySealed:
    digest = build.digest(content)
    reference = ObjectRef(
        bucket="copies",
        key=f"{entry}/{digest}.pdf",
        sha256=digest,
        size=len(content),
        media_type="application/pdf",
    )
    fields = {
        "at": build.NOON,
        "entry": entry,
        "revision": 1,
        "copy_ref": reference,
        "signatures": (summary("officer"), summary("seal")),
    }
    return CopySealed(**fields | changes)


def summary(role: str) -> SignatureSummary:
    return SignatureSummary(
        role=role,
        subject_name="Phạm Quốc Vĩnh",
        issuer_name="CA thử nghiệm",
        serial="01",
        certificate_sha256=build.digest(role.encode()),
        signed_at=build.NOON,
        tsa_name="a name that signing says",
        level="B-LT",
    )


def words(html: str) -> str:
    """What a page says, without its markup."""
    body = html.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())
