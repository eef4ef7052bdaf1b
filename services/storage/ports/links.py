"""A citizen's way to a copy: its links, and its bytes."""

from collections.abc import AsyncIterator
from typing import Protocol

from ecopy.events import LinkFactor
from ecopy.identifiers import EntryId
from storage.domain.copies import ArchivedCopy, Link
from storage.domain.factors import Factor
from storage.domain.ranges import Span


class Links(Protocol):
    """Links of a copy after its first one. Each word is answered by a report of how the
    newest one stands, in the same transaction.
    """

    async def grant(self, link: Link, factor: LinkFactor | None) -> None:
        """MUST NOT change a link that is there, nor what is asked before it.
        Trouble(ORDER) without the copy.
        """
        ...

    async def revoke(self, entry: EntryId, generation: int) -> None:
        """Close it for ever, also where its own row comes later. Trouble(ORDER) without
        the copy.
        """
        ...

    async def answer(self, link: Link, answer: str) -> tuple[bool, Factor] | None:
        """Whether *answer* (``factor_hmac``) is right, and the question with its wrong
        answers; None where nothing is asked. MUST compare no answer once too many were
        wrong, whatever the number of replicas, and report the last one of them.
        """
        ...

    async def report_due(self) -> int:
        """Report the links that were used since their last report, where its time has
        come; how many.
        """
        ...


class Downloads(Protocol):
    """Archived bytes on their way to somebody: those of the catalogue, or none."""

    async def check(self, copy: ArchivedCopy) -> None:
        """Read the whole object and compare its digest with the catalogue's; mend it
        from a second place if it differs. Raises NotWholeError where nobody has the
        copy's own bytes, and Trouble(STORE).
        """
        ...

    def read(self, copy: ArchivedCopy, span: Span | None) -> AsyncIterator[bytes]:
        """Stream the archived bytes, after ``check``. MUST NOT give the last piece if
        what was streamed is not what was checked: raises NotWholeError then.
        """
        ...
