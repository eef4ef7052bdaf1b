"""Pictures of pages for the screen, and who was given which."""

from dataclasses import dataclass

from chassis.clock import Clock
from intake.domain.files import DeskPage
from intake.domain.people import Actor, Role
from intake.domain.records import CaseDocument, NotFound
from intake.ports import Cases, Looks, Scans
from intake.usecases.own import own_document


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures of pages, with the ports that they take."""

    cases: Cases
    scans: Scans
    looks: Looks
    clock: Clock

    async def thumb(self, document: str, page: str, by: Actor) -> bytes:
        return await thumb(document, page, by, cases=self.cases, scans=self.scans)

    async def large(self, document: str, page: str, by: Actor, *, shown: bool) -> bytes:
        return await large(
            document,
            page,
            by,
            shown=shown,
            cases=self.cases,
            scans=self.scans,
            looks=self.looks,
            clock=self.clock,
        )


async def thumb(
    document: str, page: str, by: Actor, *, cases: Cases, scans: Scans
) -> bytes:
    """A page, small. Raises NotFound unless it is one of the document's pages now, and
    its pictures are still there.
    """
    pages = _pictured(await own_document(document, by, cases))
    return await scans.get(_one({p.digest: p.thumb for p in pages}, page))


async def large(
    document: str,
    page: str,
    by: Actor,
    *,
    shown: bool,
    cases: Cases,
    scans: Scans,
    looks: Looks,
    clock: Clock,
) -> bytes:
    """A page as large as it is judged. Raises NotFound unless it is one of the
    document's pages now, and its pictures are still there.

    A certifier's look is noted before the picture leaves: an approval that follows at
    once must find it. *shown* is False for a request that puts nothing on a screen.
    """
    pages = _pictured(await own_document(document, by, cases))
    picture = await scans.get(_one({p.digest: p.preview for p in pages}, page))
    # The picture is read first: a look at a page that the store could not give would
    # count as seen. A crash after the note leaves a look more than the certifier had,
    # of a page that was on its way to them (docs/decisions/0049).
    if shown and Role.CERTIFIER in by.roles:
        await looks.note(by.user, document, page, clock())
    return picture


def _pictured(document: CaseDocument) -> tuple[DeskPage, ...]:
    return () if document.scans_removed_at is not None else document.pages


def _one(keys: dict[str, str], page: str) -> str:
    if page not in keys:
        raise NotFound(page)
    return keys[page]
