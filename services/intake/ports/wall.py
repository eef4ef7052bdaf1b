"""What a certifier has looked at, and what was approved in one act."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from intake.domain.batch import Batch


@dataclass(frozen=True, slots=True)
class Looked:
    """How far a certifier has seen a paper that awaits approval."""

    version: int
    pages: tuple[str, ...]
    """The digests of its pages, in order."""
    seen: frozenset[str]
    """Those that the person says to have seen to the end, also of earlier scans."""

    @property
    def count(self) -> int:
        return sum(page in self.seen for page in self.pages)

    @property
    def whole(self) -> bool:
        return bool(self.pages) and self.seen.issuperset(self.pages)


class Looks(Protocol):
    """Which pages' pictures this desk gave to which certifier."""

    async def note(self, user: str, document: str, page: str, at: datetime) -> None:
        """MUST be durable when it returns. Noting a look again changes nothing."""
        ...

    async def of(self, user: str, document: str) -> frozenset[str]: ...

    async def note_seen(
        self, user: str, document: str, pages: tuple[str, ...], at: datetime
    ) -> None:
        """The person says that these pages' lower edges were in view. MUST leave out
        pages that were never given to them.
        """
        ...

    async def seen(self, user: str, document: str) -> frozenset[str]:
        """The pages that the person says to have seen to the end."""
        ...

    async def queue(self, user: str, agency: str) -> dict[str, Looked]:
        """Document → how far it was seen, for each that awaits approval."""
        ...


class Batches(Protocol):
    """Papers that were approved in one act."""

    async def keep(self, batch: Batch) -> None:
        """The first of two under one name stays."""
        ...

    async def find(self, name: str) -> Batch | None: ...
