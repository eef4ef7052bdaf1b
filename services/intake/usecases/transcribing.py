"""Pages read in the background, and what a clerk takes over of it.

One page at a time, after the pictures of every file that has just come; what was read
is an offer and an index, and changes no paper (docs/decisions/0112). Start at
``Transcribing.read_next``.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from chassis.clock import Clock
from intake.domain import describing
from intake.domain.describing import Details
from intake.domain.desk_pages import DeskPage
from intake.domain.page_texts import PageText
from intake.domain.people import Actor
from intake.domain.proposing import READ_PAGES, Field, Proposal, proposals
from intake.domain.records import CaseDocument, NotFound, Outcome
from intake.domain.showing_reading import reading_view
from intake.domain.views.desk import ReadingView
from intake.ports import Cases, PageReader, PageTexts, PageUnread
from intake.usecases.own import check_agency, own_document

FILES_AT_ONCE: Final = 20
FRESH: Final = timedelta(minutes=2)
"""Files that came so lately get their pictures first. What has waited for longer is
hindered, and reading does not wait for that."""


@dataclass(frozen=True, slots=True)
class Transcribing:
    """The machine that reads and the clerk who takes, with the ports that they need."""

    cases: Cases
    texts: PageTexts
    reader: PageReader
    clock: Clock

    async def read_next(self) -> bool:
        """Read one page that waits; whether there was one. Raises Trouble, and then the
        page waits on.
        """
        if self.reader.lacking:
            return False
        await self.texts.enlist(FILES_AT_ONCE)
        if await self.texts.rebuilding(self.clock() - FRESH):
            return False
        waiting = await self.texts.waiting(1)
        if not waiting:
            return False
        # Read and not yet written: a crash here costs the time of one page.
        await self.texts.settle(await self._read(waiting[0]))
        return True

    async def describe(
        self, document: str, details: Details, version: int, by: Actor
    ) -> CaseDocument:
        """Record a clerk's word on what the paper says. Raises Conflict, NotAllowed,
        NotFound.
        """

        def decide(known: CaseDocument) -> Outcome:
            check_agency(known.agency, by)
            return describing.describe(known, details, version, by, self.clock())

        return (await self.cases.change(document, decide)).document

    async def ask_again(self, document: str, by: Actor) -> None:
        """Have the pages read again, as they are turned now. Raises NotFound."""
        known = await own_document(document, by, self.cases)
        await self.texts.ask_again(known.id)

    async def view(self, document: CaseDocument) -> ReadingView:
        """What the page desk shows of the reading of this paper's pages."""
        pages = document.pages
        progress = await self.texts.progress({page.id.file for page in pages})
        offers = await self.proposals(pages)
        return reading_view(document, progress, offers, self.reader.lacking)

    async def proposals(self, pages: tuple[DeskPage, ...]) -> dict[Field, Proposal]:
        """The offers for the paper whose pages these are, in order."""
        first = [page.id for page in pages[:READ_PAGES]]
        read = await self.texts.of(first)
        return proposals(read[page] for page in first if page in read)

    async def _read(self, waiting: PageText) -> PageText:
        now = self.clock()
        try:
            page = await self._page(waiting)
            lines, engine = await self.reader.read(page)
        except (PageUnread, NotFound) as unread:
            why = unread.why if isinstance(unread, PageUnread) else "picture"
            return replace(waiting, state="failed", why=why, at=now)
        return replace(waiting, state="read", lines=lines, engine=engine, at=now)

    async def _page(self, waiting: PageText) -> DeskPage:
        """The page as a clerk has turned it, in whatever paper of its case it lies.
        Raises NotFound for one that is not there any more.
        """
        home = await self.cases.document(waiting.document)
        for paper in await self.cases.documents(home.case):
            for page in (*paper.pages, *paper.dropped_pages):
                if page.id == waiting.page:
                    return page
        raise NotFound(str(waiting.page))
