"""What the office says of a copy's links: another one is given, one is closed.

Both words come in any order and more than once; what is written is final. Start at
``grant``.
"""

from ecopy.events import LinkGranted, LinkRevoked
from storage.domain.copies import Link
from storage.ports import Links


async def grant(granted: LinkGranted, *, links: Links) -> None:
    """Give the copy another link; those of before open nothing. Safe to repeat."""
    link = Link(
        granted.link_token_sha256,
        granted.entry,
        granted.generation,
        granted.expires_at,
    )
    await links.grant(link, granted.factor)


async def revoke(revoked: LinkRevoked, *, links: Links) -> None:
    """Close one generation for ever. Safe to repeat."""
    await links.revoke(revoked.entry, revoked.generation)
