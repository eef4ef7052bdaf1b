"""Papers at a desk, each brought by the use cases themselves to whatever state a test
needs; their rebuild answers at once.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from bench.fuzz_desk import Paperless
from ecopy.events import (
    CertificationClosed,
    CertificationHalted,
    CopyArchived,
    CopySealed,
    SignatureSummary,
)
from ecopy.refusals import Reason
from intake import wiring
from intake.adapters.sql.cases import SqlCases
from intake.app.desk import Desk
from intake.domain import intake_form
from intake.domain.calendar import local_day
from intake.domain.certifications import Certification, Way
from intake.domain.desk_ends import DeskEnd
from intake.domain.desk_pages import DeskPage
from intake.domain.people import Actor
from intake.domain.records import CaseDocument
from intake.domain.refusing import Ground
from intake.domain.supplementing import SupplementForm, TypedLack
from support import build, intake
from support.dead_letters import DeadLettersInMemory, letter
from support.intake import CASE, KINDS, STAFF


class Drawn:
    """``ports.Drawings`` that answers at once."""

    async def tile(self, _page: DeskPage, _name: str) -> bytes:
        return b"a picture"


async def one_page() -> AsyncIterator[bytes]:
    yield b"a page"


@dataclass(frozen=True, slots=True)
class Papers:
    """Every name of *hands* is a member of ``support.intake.STAFF``."""

    opened: wiring.Adapters
    desk: Desk
    people: dict[str, Actor]
    typed: dict[str, str] = field(default_factory=lambda: dict(CASE))
    """What the citizen's form says."""

    async def known(self, document: str) -> CaseDocument:
        return await SqlCases(self.opened.store).document(document)

    def form(self) -> intake_form.CaseForm:
        return intake_form.parse(
            intake_form.TypedCase(self.typed, [self.typed]),
            KINDS,
            local_day(self.opened.clock()),
        )

    async def received(self, by: str = "ha") -> str:
        opening = await self.desk.receiving.open_case(self.form(), self.people[by])
        return opening.documents[0].id

    async def scanned(self, by: str = "ha", uploader: str = "") -> str:
        document = await self.received(by)
        await self.scan(document, uploader or by)
        return document

    async def pair(self, by: str = "ha") -> str:
        """The first of two papers of a case: it has two pages, the other has one."""
        form = intake_form.parse(
            intake_form.TypedCase(self.typed, [self.typed] * 2),
            KINDS,
            local_day(self.opened.clock()),
        )
        opening = await self.desk.receiving.open_case(form, self.people[by])
        first, second = (document.id for document in opening.documents)
        for document in (first, first, second):
            await self.scan(document, by)
        return first

    async def scan(self, document: str, by: str = "ha") -> None:
        await self.desk.files.receive_file(
            document, "a.png", one_page(), self.people[by], place=0
        )

    async def compared(
        self, by: str = "ha", uploader: str = "", comparer: str = ""
    ) -> str:
        document = await self.scanned(by, uploader)
        await self.compare(document, comparer or by)
        return document

    async def compare(self, document: str, by: str = "ha") -> None:
        known = await self.known(document)
        await self.desk.receiving.compare(
            document, known.version, known.page_digests, self.people[by]
        )

    async def awaiting(
        self,
        by: str = "ha",
        uploader: str = "",
        comparer: str = "",
        submitter: str = "",
    ) -> str:
        document = await self.compared(by, uploader, comparer)
        await self.submit(document, submitter or by)
        return document

    async def submit(self, document: str, by: str = "ha") -> None:
        known = await self.known(document)
        await self.desk.receiving.submit(document, known.version, self.people[by])

    async def look(self, document: str, by: str) -> None:
        """At the picture of each page, as the wall shows it."""
        known = await self.known(document)
        for page in known.page_digests:
            await self.desk.pictures.large(document, page, self.people[by], shown=True)

    async def approve(self, document: str, by: str = "vinh") -> Certification:
        known = await self.known(document)
        return await self.desk.certifying.approve(
            document, known.version, known.page_digests, self.people[by]
        )

    async def registered(self) -> str:
        document = await self.awaiting()
        await self.look(document, "vinh")
        await self.approve(document)
        return document

    async def halted(self) -> str:
        document = await self.registered()
        await wiring.event_handlers(self.opened).halted(
            CertificationHalted(
                at=self.opened.clock(),
                entry=await self._entry(document),
                stage="signing",
                revision=1,
                reason=Reason.KEY_LOCKED,
            )
        )
        return document

    async def voiding(self) -> str:
        document = await self.halted()
        known = await self.known(document)
        await self.desk.standing_still.void(
            document, "hỏng khóa ký", known.version, self.people["vinh"]
        )
        return document

    async def void(self) -> str:
        document = await self.voiding()
        await wiring.event_handlers(self.opened).closed(
            CertificationClosed(
                at=self.opened.clock(), entry=await self._entry(document), revision=2
            )
        )
        return document

    async def signed(self) -> str:
        document = await self.registered()
        await self.seal(document)
        return document

    async def seal(self, document: str) -> None:
        """The news that a copy was signed and sealed."""
        one = SignatureSummary(
            role="officer",
            subject_name="x",
            issuer_name="y",
            serial="1",
            certificate_sha256=build.digest(),
            signed_at=self.opened.clock(),
            tsa_name="t",
            level="B-LT",
        )
        await wiring.event_handlers(self.opened).sealed(
            CopySealed(
                at=self.opened.clock(),
                entry=await self._entry(document),
                revision=1,
                copy_ref=build.ref(b"copy", "copies"),
                signatures=(one, one),
            )
        )

    async def issued(self) -> str:
        document = await self.signed()
        await self.archive(document)
        return document

    async def archive(self, document: str) -> None:
        """The news that a copy lies in the archive."""
        await wiring.event_handlers(self.opened).archived(
            CopyArchived(
                at=self.opened.clock(),
                entry=await self._entry(document),
                copy_ref=build.ref(b"copy", "archive"),
                pages=2,
            )
        )

    async def handed(self, *ways: Way) -> str:
        """Issued, and its link shown on the screen unless *ways* say otherwise."""
        document = await self.issued()
        known = await self.known(document)
        await self.desk.handing.hand_over(
            known.case,
            ways or (Way.SCREEN,),
            {document: known.version},
            self.people["man"],
        )
        return document

    async def returned(self) -> str:
        document = await self.awaiting()
        known = await self.known(document)
        await self.desk.certifying.send_back(
            document, "mờ", known.version, self.people["vinh"]
        )
        return document

    async def refused(self, ground: Ground = Ground.ALTERED) -> str:
        document = await self.awaiting()
        known = await self.known(document)
        await self.desk.certifying.refuse(
            document, ground, "x", version=known.version, by=self.people["vinh"]
        )
        return document

    async def supplement(self) -> str:
        document = await self.scanned()
        known = await self.known(document)
        await self.desk.casework.ask(known.case, missing_of(known), self.people["ha"])
        return document

    async def not_accepted(self, ground: str = Ground.NOT_PRESENTED) -> str:
        return await self._ended(DeskEnd("not-accept", {}, ground, "x"))

    async def taken_back(self) -> str:
        return await self._ended(DeskEnd("take-back", {}))

    async def _ended(self, ended: DeskEnd) -> str:
        document = await self.scanned()
        known = await self.known(document)
        named = replace(ended, papers={document: known.version})
        await self.desk.casework.end(known.case, named, self.people["ha"])
        return document

    async def held(self) -> str:
        return await self.refused(Ground.FORGERY)

    async def _entry(self, document: str) -> str:
        certification = (await self.known(document)).certification
        assert certification is not None
        return certification.entry


def missing_of(document: CaseDocument) -> SupplementForm:
    """A form that asks for a page of the paper."""
    lack = TypedLack(document.id, document.version, "pages", "trang 3")
    return SupplementForm((lack,), "", date(2026, 12, 7))


@contextlib.asynccontextmanager
async def open_papers(folder: Path, url: str = "") -> AsyncIterator[Papers]:
    """On an empty database, with the staff hired."""
    url = url or f"sqlite:///{folder}/intake.db"
    await intake.make_staffed(url)
    opened = intake.house(
        url, folder / "scans", intake.Hands(), Paperless(), Drawn(), made=True
    )
    for picture in ("t/1", "p/1", build.ref().key):
        await opened.objects.put(picture, b"a picture")
    try:
        yield await papers_of(opened)
    finally:
        await opened.store.close()


async def papers_of(opened: wiring.Adapters) -> Papers:
    people = await intake.actors(opened.store, *STAFF)
    bus = DeadLettersInMemory([letter(1), letter(2, publisher="")])
    return Papers(opened, wiring.desk(opened, letters=bus, bus=bus), people)
