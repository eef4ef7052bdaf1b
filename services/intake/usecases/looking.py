"""Pictures of pages for the screen, and who was given which."""

from chassis.clock import Clock
from intake.domain.records import Actor, DeskPage, NotFound, Role
from intake.ports import Cases, Looks, Scans


async def thumb(
    document: str, page: str, by: Actor, *, cases: Cases, scans: Scans
) -> bytes:
    """A page, small. Raises NotFound unless it is one of the document's pages now."""
    thumbs = {p.digest: p.thumb for p in await _pages(document, by, cases)}
    return await scans.get(_one(thumbs, page))


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
    document's pages now.

    A certifier's look is noted before the picture leaves: an approval that follows at
    once must find it. *shown* is False for a request that puts nothing on a screen.
    """
    previews = {p.digest: p.preview for p in await _pages(document, by, cases)}
    picture = await scans.get(_one(previews, page))
    if shown and Role.CERTIFIER in by.roles:
        await looks.note(by.user, document, page, clock())
    return picture


async def _pages(document: str, by: Actor, cases: Cases) -> tuple[DeskPage, ...]:
    known = await cases.document(document)
    if known.agency != by.agency:
        raise NotFound(document)
    return known.pages


def _one(keys: dict[str, str], page: str) -> str:
    if page not in keys:
        raise NotFound(page)
    return keys[page]
