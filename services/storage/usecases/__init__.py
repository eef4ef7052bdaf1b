"""The archive's use cases.

Start at ``archiving.archive``: how a sealed copy becomes one that citizens can fetch.
``answering`` is what citizens ask.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ecopy.events import (
    CertificationOrdered,
    CertificationVoided,
    CopySealed,
    FiguresReported,
    LinkGranted,
    LinkRevoked,
)
from ecopy.identifiers import Sha256
from ecopy.reckoning import Counter
from ecopy.refusals import Refusal, Setback
from storage.domain.copies import ArchivedCopy, Link
from storage.domain.public_figures import AgencyYear
from storage.domain.ranges import Span
from storage.domain.ratings import Rating
from storage.usecases.answering import (
    AskedLink,
    CheckAnswer,
    ClosedLink,
    Met,
    OpenedLink,
    answer_link,
    check_digest,
    check_file,
    look_up,
    note_access,
    open_link,
    verdict_of,
)
from storage.usecases.archiving import archive, close, delay, halt, record_order
from storage.usecases.figures import public_figures, record_figures
from storage.usecases.linking import grant, revoke
from storage.usecases.rating import rate

__all__ = [
    "AskedLink",
    "CheckAnswer",
    "ClosedLink",
    "Met",
    "OpenedLink",
    "Read",
    "Storage",
    "answer_link",
    "archive",
    "check_digest",
    "check_file",
    "close",
    "delay",
    "grant",
    "halt",
    "look_up",
    "note_access",
    "open_link",
    "public_figures",
    "rate",
    "record_figures",
    "record_order",
    "revoke",
    "verdict_of",
]


class Read(Protocol):
    def __call__(
        self, copy: ArchivedCopy, span: Span | None
    ) -> AsyncIterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class Storage:
    """The service's use cases, bound to their adapters by ``wiring``: all that entry
    points may call.
    """

    record_order: Callable[[CertificationOrdered], Awaitable[None]]
    archive: Callable[[CopySealed], Awaitable[None]]
    close: Callable[[CertificationVoided], Awaitable[None]]
    halt: Callable[[CopySealed, Refusal], Awaitable[None]]
    delay: Callable[[CopySealed, Setback], Awaitable[None]]
    grant: Callable[[LinkGranted], Awaitable[None]]
    revoke: Callable[[LinkRevoked], Awaitable[None]]
    report_links: Callable[[], Awaitable[int]]
    record_figures: Callable[[FiguresReported], Awaitable[None]]
    public_figures: Callable[[], Awaitable[tuple[AgencyYear, ...]]]
    open_link: Callable[[str, str], Awaitable[Met | None]]
    answer_link: Callable[[str, str], Awaitable[str | Met | None]]
    """The link's token and the digits: a pass, or what the link is now."""
    rate: Callable[[OpenedLink, Rating], Awaitable[bool]]
    report_ratings: Callable[[], Awaitable[int]]
    note_access: Callable[[Link, str, str], Awaitable[None]]
    look_up: Callable[[str], Awaitable[ArchivedCopy | None]]
    check_archived: Callable[[ArchivedCopy], Awaitable[None]]
    read: Read
    check_digest: Callable[[Sha256], Awaitable[CheckAnswer | None]]
    check_file: Callable[[AsyncIterator[bytes], str], Awaitable[CheckAnswer]]
    ready: Callable[[], Awaitable[bool]]
    figures: Callable[[], Mapping[Counter, int]]
    """Gap, double and mismatch, as of the last look at the books."""
