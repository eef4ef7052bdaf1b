"""What citizens ask of the archive: a link, a code, a digest, a file.

Start at ``check_file``.
"""

import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from chassis.clock import Clock
from ecopy.identifiers import Sha256
from ecopy.link_events import FactorKind, factor_hmac
from storage.domain.copies import ArchivedCopy, FoundLink, Link
from storage.domain.factors import made_pass, pass_holds
from storage.domain.findings import WRAPPED, Finding
from storage.domain.links import LinkStanding, standing
from storage.domain.verdict import Verdict, VerdictCode
from storage.ports import Archive, CopyCatalogue, Links, Strangers
from strangers.facts import Findings


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A link that opens, and the copy that it opens; its file may have had its time
    (``ArchivedCopy.given_up_at``).
    """

    link: Link
    copy: ArchivedCopy
    rated: bool = False
    """Whether its holder has said already how satisfied they are."""


@dataclass(frozen=True, slots=True)
class ClosedLink:
    """A link that the office has given and that opens nothing any more."""

    why: Literal["replaced", "revoked", "locked"]
    """A newer one opens the copy; the office has closed it; or the question before it
    was answered wrong too often."""


@dataclass(frozen=True, slots=True)
class AskedLink:
    """A link that opens after a question, in a browser that has not answered it."""

    link: Link
    kind: FactorKind
    left: int
    """Tries that are left before the link closes."""


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """A verdict on one file, and the catalogue's line if there is one."""

    verdict: Verdict
    sha256: Sha256
    size: int | None
    """Bytes; None when only the digest was brought."""
    copy: ArchivedCopy | None
    signatures: Findings | None = None
    """What a file that we did not issue says of who signed it. It adds facts; it never
    changes the verdict.
    """


Met = OpenedLink | AskedLink | ClosedLink


async def open_link(
    token: str,
    passed: str = "",
    *,
    catalogue: CopyCatalogue,
    clock: Clock,
    pass_key: bytes,
) -> Met | None:
    """What the link opens; None alike for unknown and expired ones. Whoever brings a
    link that was replaced or closed hears so, and nothing of the copy. Of a copy whose
    file has had its time an expired link still says so: its holder must hear what
    became of it, and there is nothing left to open.
    """
    digest = hashlib.sha256(token.encode()).hexdigest()
    found = await catalogue.copy_by_token(digest)
    if found is None:
        return None
    # By its digest, so an index that takes longer for near misses teaches nobody a
    # token. Compared once more: no collation of a database may decide who gets a paper.
    link, copy = found.link, found.copy
    if not hmac.compare_digest(link.token_sha256, digest):
        return None
    over = copy.given_up_at is not None and link.revoked_at is None
    if over and link.generation == found.newest.generation:
        return OpenedLink(link, copy, found.rated)
    now = clock()
    match standing(link, found.newest, now):
        case LinkStanding.OPENS:
            opens = OpenedLink(link, copy, found.rated)
            return _asked(found, passed, pass_key, now) or opens
        case LinkStanding.ENDED:
            return None
        case closed:
            replaced = closed is LinkStanding.REPLACED
            return ClosedLink("replaced" if replaced else "revoked")


async def answer_link(
    token: str,
    digits: str,
    *,
    catalogue: CopyCatalogue,
    links: Links,
    clock: Clock,
    pass_key: bytes,
) -> str | Met | None:
    """The pass of a browser that gave the right digits; else what the link is now, with
    one try less.
    """
    met = await open_link(token, catalogue=catalogue, clock=clock, pass_key=pass_key)
    if not isinstance(met, AskedLink):
        return met
    tried = await links.answer(met.link, factor_hmac(token, met.kind, digits))
    if tried is None:
        return met
    right, factor = tried
    if right:
        return made_pass(pass_key, met.link.token_sha256, clock())
    return replace(met, left=factor.left) if factor.left else ClosedLink("locked")


def _asked(
    found: FoundLink, passed: str, pass_key: bytes, now: datetime
) -> AskedLink | ClosedLink | None:
    """What stands before a link that opens; None where nothing does."""
    factor, link = found.factor, found.link
    if factor is None:
        return None
    if not factor.left:
        return ClosedLink("locked")
    if pass_holds(pass_key, link.token_sha256, passed, now):
        return None
    return AskedLink(link, factor.kind, factor.left)


async def note_access(
    link: Link, what: str, address: str, *, catalogue: CopyCatalogue
) -> None:
    """Who opened or fetched a copy by which link; the address only as a keyed digest.

    *Fetched*: all its bytes arrived (docs/decisions/0055).
    """
    await catalogue.log_access(link, what, address)


async def look_up(code: str, *, catalogue: CopyCatalogue) -> ArchivedCopy | None:
    """The copy of a verification code, ``parse_code``'d; it proves no file."""
    return await catalogue.copy_by_code(code)


async def check_digest(
    digest: Sha256, *, catalogue: CopyCatalogue
) -> CheckAnswer | None:
    """Genuine or withdrawn if the archive holds these bytes; None says: bring them."""
    copy = (await catalogue.copies_by_digest((digest,))).get(digest)
    if copy is None:
        return None
    return CheckAnswer(verdict_of(copy), digest, copy.size, copy)


async def check_file(
    chunks: AsyncIterator[bytes],
    sender: str,
    *,
    catalogue: CopyCatalogue,
    archive: Archive,
    strangers: Strangers,
    most: int,
) -> CheckAnswer:
    """Judge a file that anybody brought. Nothing of it is kept.

    Raises TooLargeError and BusyError; every other trouble with the bytes is a
    verdict.
    """
    async with strangers.receive(chunks, most=most, sender=sender) as file:
        known = await check_digest(file.sha256, catalogue=catalogue)
        if known is not None:
            return known
        verdict, copy = await strangers.verdict_on(file, catalogue, archive)
        # Of a copy of ours the verdict says more than its signatures do; what is in a
        # package is not the file that was brought; and who has had the search's whole
        # budget has had what one file may cost.
        ours = verdict.code is VerdictCode.UNRECORDED
        spent = verdict.finding is Finding.NOT_IN_FULL
        unasked = ours or spent or verdict.finding in WRAPPED
        signatures = None if unasked else await strangers.signatures(file)
        return CheckAnswer(verdict, file.sha256, file.size, copy, signatures)


def verdict_of(copy: ArchivedCopy) -> Verdict:
    code = VerdictCode.WITHDRAWN if copy.withdrawal else VerdictCode.GENUINE
    return Verdict(code, Finding.ARCHIVED, copy.entry)
