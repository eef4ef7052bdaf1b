"""Pictures of pages for the screen, and who was given which."""

from collections.abc import Iterable
from dataclasses import dataclass

from chassis.clock import Clock
from intake.domain import adjusting
from intake.domain.desk_pages import DeskPage
from intake.domain.orientation import oriented
from intake.domain.people import Actor, Role
from intake.domain.records import CaseDocument, NotFound
from intake.ports import Cases, Drawings, Looks, Scans
from intake.usecases.own import own_document


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures of pages, with the ports that they take."""

    cases: Cases
    scans: Scans
    looks: Looks
    drawings: Drawings
    clock: Clock

    async def thumb(self, document: str, page: str, by: Actor) -> bytes:
        """A page, small. Raises NotFound unless it is one of the document's pages now,
        or was put aside there, and its pictures are still there.
        """
        known = await own_document(document, by, self.cases)
        found = _one(_pictured(known, (*known.pages, *known.dropped_pages)), page)
        return oriented(await self.scans.get(found.thumb), found.turn)

    async def coming(self, document: str, file: str, number: int, by: Actor) -> bytes:
        """A page of a file that is still being rebuilt, small, or was until just now.
        It is no look: nobody can compare or certify it yet. Raises NotFound.
        """
        known = await own_document(document, by, self.cases)
        there = [f for f in known.files if f.id == file and f.state in {"busy", "good"}]
        keys = there[0].thumbs if there and known.scans_removed_at is None else ()
        if not 1 <= number <= len(keys):
            raise NotFound(file)
        return await self.scans.get(keys[number - 1])

    async def large(self, document: str, page: str, by: Actor, *, shown: bool) -> bytes:
        """A page as large as it is judged. Raises NotFound unless it is one of the
        document's pages now, or the scanned one of which such a page was made, and its
        pictures are still there.

        A certifier's look is noted before the picture leaves: an approval that follows
        at once must find it. *shown* is False for a request that puts nothing on a
        screen.
        """
        known = await own_document(document, by, self.cases)
        beside = tuple(
            source
            for each in known.pages
            if (source := adjusting.scanned_page(known, each)) is not None
        )
        found = _one(_pictured(known, (*known.pages, *beside)), page)
        picture = oriented(await self.scans.get(found.preview), found.turn)
        # The picture is read first: a look at a page that the store could not give
        # would count as seen. A crash after the note leaves a look more than the
        # certifier had, of a page that was on its way to them (docs/decisions/0049).
        if shown and Role.CERTIFIER in by.roles:
            await self.looks.note(by.user, document, page, self.clock())
        return picture

    async def note_seen(self, document: str, pages: tuple[str, ...], by: Actor) -> None:
        """The certifier says that these pages' lower edges were in view; pages that
        were never given to them are left out. Raises NotFound.
        """
        await own_document(document, by, self.cases)
        await self.looks.note_seen(by.user, document, pages, self.clock())

    async def tile(self, document: str, page: str, name: str, by: Actor) -> bytes:
        """A part of a page, as sharp as it was scanned. It is no look by itself: the
        whole page was given before. Raises NotFound.
        """
        known = await own_document(document, by, self.cases)
        return await self.drawings.tile(_one(_pictured(known, known.pages), page), name)


def _pictured(
    document: CaseDocument, pages: tuple[DeskPage, ...]
) -> tuple[DeskPage, ...]:
    """None once the scans of an ended case are given up (docs/decisions/0102)."""
    return () if document.scans_removed_at is not None else pages


def _one(pages: Iterable[DeskPage], digest: str) -> DeskPage:
    found = next((page for page in pages if page.digest == digest), None)
    if found is None:
        raise NotFound(digest)
    return found
