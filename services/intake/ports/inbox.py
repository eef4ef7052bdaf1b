"""Hot folders, and what came through them."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Protocol

from intake.domain.arrivals import Arrival, FolderReport, Moved, SeenFile
from intake.domain.records import CaseDocument, Note


class FolderAway(Exception):
    """The hot folder cannot be read now: a share that is not mounted, a right."""


class FolderClosed(Exception):
    """The hot folder can be read, and nothing can be removed from it."""


class FileMoved(Exception):
    """The file is not what the last look saw: somebody writes it, or took it away."""


class FileUnreadable(Exception):
    """One file, of several, cannot be opened or read."""


class HotFolder(Protocol):
    """A directory that a network scanner writes to."""

    @property
    def name(self) -> str: ...
    @property
    def agency(self) -> str: ...
    async def look(self) -> tuple[SeenFile, ...]:
        """The files that are there now, whole or not. Raises FolderAway."""
        ...

    def origin(self, seen: SeenFile) -> str:
        """What tells this file from every other that is or was in a hot folder."""
        ...

    async def fault(self, seen: SeenFile) -> str:
        """Why the file cannot be a scan, by its first bytes: a slug, or nothing. Raises
        FileMoved, FileUnreadable.
        """
        ...

    def content(self, seen: SeenFile) -> AsyncIterator[bytes]:
        """The file's bytes. MUST raise FileMoved rather than end if the file is not
        *seen* afterwards, or somebody has it open for writing.
        """
        ...

    async def check_same(self, seen: SeenFile, sha256: str) -> None:
        """Read it once more. Raises FileMoved unless it still has these bytes."""
        ...

    async def remove(self, seen: SeenFile) -> bool:
        """Take it out of the folder; False and nothing done if it is not *seen* any
        more. MUST be called only once its bytes are in the store. Raises FolderClosed.
        """
        ...

    async def move_aside(self, seen: SeenFile, words: str) -> None:
        """Put it into the folder for what cannot be taken, with *words* beside it; its
        bytes MUST NOT be lost, whatever lies there. Raises FolderClosed.
        """
        ...


class Arrivals(Protocol):
    async def add(self, arrival: Arrival, note: Note) -> Arrival:
        """MUST be one transaction, and answer with the arrival that is there if one of
        the same origin is: a process died before it removed the file.
        """
        ...

    async def find(self, arrival: str) -> Arrival:
        """Raises NotFound."""
        ...

    async def unchecked(self) -> tuple[Arrival, ...]:
        """Some that are still to be rebuilt, oldest first."""
        ...

    async def settle(self, arrival: Arrival) -> None:
        """Keep what the check found; of one that is settled nothing changes."""
        ...

    async def waiting(self, agency: str) -> int: ...
    async def of_agency(self, agency: str, since: datetime) -> tuple[Arrival, ...]:
        """Those that wait, and those that were moved *since*; newest first."""
        ...

    async def change(
        self,
        ids: tuple[str, ...],
        document: str,
        decide: Callable[[tuple[Arrival, ...], CaseDocument | None], Moved],
    ) -> Moved:
        """MUST hold these arrivals and the paper (*document*, or the one that they are
        assigned to) from reading to commit; what *decide* raises leaves everything as
        it was. Raises NotFound.
        """
        ...

    async def report(self, seen: FolderReport) -> None: ...
    async def folders(self, agency: str = "") -> tuple[FolderReport, ...]:
        """What was last seen of each folder of the agency, or of all."""
        ...
