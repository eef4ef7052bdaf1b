"""Files on their way into the store, and their rebuild."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ecopy.identifiers import ObjectRef
from intake.domain.adjusting import Remake
from intake.domain.desk_pages import DeskPage, Excerpt
from intake.domain.files import Part
from intake.domain.records import Original
from intake.domain.uploading import Upload


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


class Uploads(Protocol):
    """Files whose bytes come in pieces, over several requests and replicas."""

    async def begin(self, upload: Upload) -> None: ...
    async def find(self, upload: str) -> Upload:
        """Raises NotFound."""
        ...

    async def of_document(self, document: str) -> tuple[Upload, ...]:
        """Those that are open, in the order in which they began."""
        ...

    async def keep_piece(self, upload: Upload, piece: bytes) -> str:
        """A name for the bytes, which MUST be durable when it returns. They belong to
        the upload only with ``advance``.
        """
        ...

    async def advance(
        self, upload: Upload, pieces: tuple[tuple[str, int], ...], at: datetime
    ) -> Upload:
        """The upload with these pieces (name and bytes) behind its offset. MUST be one
        transaction that changes nothing and raises OffsetMoved where the offset is not
        that of *upload* any more, or the upload is not open.
        """
        ...

    async def drop_pieces(self, pieces: tuple[tuple[str, int], ...]) -> None:
        """Forget pieces that belong to no upload."""
        ...

    def content(self, upload: Upload) -> AsyncIterator[bytes]:
        """Its bytes from the first to the offset. Raises PiecesMissing."""
        ...

    async def close(self, upload: Upload, state: str) -> None:
        """It is ``received`` or ``ended``, and its pieces go. MUST be safe to repeat,
        also after a crash in the middle.
        """
        ...

    async def left_over(self, before: datetime) -> tuple[Upload, ...]:
        """Those that are whole and still open, or closed and not cleared of their
        pieces; none that was touched after *before*.
        """
        ...

    async def promised(self) -> int:
        """Bytes that the open ones are still to take of the store's room."""
        ...

    async def room(self) -> int | None:
        """Bytes that still fit into the store; None where it does not say."""
        ...


class QueueFull(Exception):
    """More files wait to be checked than is good: nothing was taken, answer 503."""


Coming = Callable[[tuple[str, ...]], Awaitable[None]]
"""Is given the object keys of all thumbnails that there are so far."""


class Rebuilder(Protocol):
    def reserve_room(self) -> AbstractContextManager[None]:
        """A place in the queue of files while the context lasts. MUST raise QueueFull
        where as many as are good have one: what waits for hours is not served, and what
        is taken is never lost.
        """
        ...

    async def rebuild(
        self, name: str, raw: ObjectRef, *, coming: Coming | None = None
    ) -> Part:
        """Raises ScanRefused for a file that cannot become part of a document. What
        *coming* names MUST be durable, and what it raises MUST NOT hinder the rebuild.
        """
        ...

    async def adjust(self, wanted: Remake) -> Part:
        """One page, made anew of a scanned one, with its pictures. Raises ScanRefused
        for a page of which it cannot be made, Trouble.
        """
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
