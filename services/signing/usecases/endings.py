"""What storage answers, and what becomes of the copy then: archived, rejected, or the
number closed without one (docs/decisions/0082, 0083).

Storage alone decides; signing only follows, and may hear the answers late, twice and in
any order. Start at ``withdraw``.
"""

from ecopy.events import CertificationClosed, CopyArchived, CopyRejected
from signing.ports import Copies, SealJournal


async def withdraw(
    rejected: CopyRejected, *, copies: Copies, journal: SealJournal
) -> None:
    """Take back the copy that storage will never archive, so that the next order makes
    another. Safe to repeat; a rejection of bytes that are nobody's copy does nothing.
    """
    over = await journal.withdraw(rejected.entry, rejected.copy_sha256, rejected.reason)
    # A crash here leaves the bytes of a withdrawn copy. The event is not acknowledged,
    # so it comes again and finds the same outcomes; the next order destroys them, too.
    for outcome in over:
        await copies.destroy(outcome.copy_ref)


async def note_archived(archived: CopyArchived, *, journal: SealJournal) -> None:
    """Note which copy the archive has: it is never withdrawn, and no order of this
    number makes another.
    """
    await journal.note_archived(archived.entry, archived.copy_ref.sha256)


async def close(
    closed: CertificationClosed, *, copies: Copies, journal: SealJournal
) -> None:
    """Take back all that was made for a number that ended without a copy, and make
    nothing for it any more. Safe to repeat.
    """
    over = await journal.close(closed.entry, closed.revision)
    # A crash here leaves bytes, as in ``withdraw``.
    for outcome in over:
        await copies.destroy(outcome.copy_ref)
