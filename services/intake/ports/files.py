"""Files on their way into the store, and their rebuild."""

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from pathlib import Path
from typing import Protocol

from ecopy.identifiers import ObjectRef
from intake.domain.desk_pages import DeskPage, Excerpt
from intake.domain.files import Part
from intake.domain.records import Original


class Arriving(Protocol):
    """Bytes on their way into the store: hashed and counted while written."""

    @property
    def size(self) -> int: ...
    async def write(self, chunk: bytes) -> None: ...
    async def keep(self, media_type: str) -> ObjectRef:
        """MUST be durable when it returns; the same bytes twice are one object."""
        ...


class Scans(Protocol):
    def arriving(self) -> AbstractAsyncContextManager[Arriving]: ...
    async def get(self, key: str) -> bytes: ...
    def local(self, key: str) -> AbstractAsyncContextManager[Path]: ...


class QueueFull(Exception):
    """More files wait to be checked than is good: nothing was taken, answer 503."""


class Rebuilder(Protocol):
    def reserve_room(self) -> AbstractContextManager[None]:
        """A place in the queue of files while the context lasts. MUST raise QueueFull
        where as many as are good have one: what waits for hours is not served, and what
        is taken is never lost.
        """
        ...

    async def rebuild(self, name: str, raw: ObjectRef) -> Part:
        """Raises ScanRefused for a file that cannot become part of a document."""
        ...

    async def join(self, excerpts: tuple[Excerpt, ...]) -> Original:
        """The original of these pages, in this order and turned as they say. The bytes
        of one whole part MUST be used as they are.
        """
        ...


class Drawings(Protocol):
    async def tile(self, page: DeskPage, name: str) -> bytes:
        """A part of the page, drawn in full (``desk_pages.tile_names``): JPEG. MUST be
        drawn from what will be signed, and MUST NOT cost more than one page at a time.
        Raises NotFound for a name that the page has not, Trouble.
        """
        ...
