"""A file on its way whose sender may vanish and come again.

The bytes are taken piece by piece; what the protocol calls the offset is the end of the
last piece that is durable (docs/decisions/0104). Start at ``Upload``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from intake.domain.people import Actor
from intake.domain.records import NotFound
from intake.domain.views.desk import UploadView

ABANDONED: Final = timedelta(minutes=1)
"""An upload that is whole and was not touched for so long is in nobody's hand: whoever
completes one goes on within milliseconds after its last piece."""
COPIES: Final = 2
"""While a file is put together its pieces and the whole lie in the store at once."""


class OffsetMoved(Exception):
    """The sender goes on at another offset than the upload has: somebody else sent a
    piece meanwhile, or an answer was lost. Nothing was kept.
    """


class NoRoom(Exception):
    """The store has no room for this file: not a byte of it was taken."""


class TooLong(Exception):
    """More bytes than were announced, or than a file may have."""


class Spoilt(Exception):
    """The bytes are not those that the sender's digest is of. Nothing was kept."""


class PiecesMissing(Exception):
    """The store has lost a piece, so that the file cannot be put together any more."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What a sender says of a file before its first byte."""

    length: int
    name: str
    place: int = 0
    """In the clerk's order; 0 if none is reserved."""
    metadata: str = ""
    """What the sender said, returned as it was sent (tus 1.0, Upload-Metadata)."""
    modified: str = ""
    """When the file was last changed on the sender's machine; tells it from another of
    the same name and size."""
    replaces: str = ""
    """The page in whose place its pages are to lie (``str`` of a ``PageId``)."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is arriving, or has arrived."""

    id: str
    """The id of the stored file, too, so that it becomes one file however often its end
    is met."""
    document: str
    announced: Announced
    by: Actor
    touched_at: datetime
    """When the last piece came, or when it began."""
    offset: int = 0
    """So many bytes are durable, from the first on."""
    state: Literal["open", "received", "ended"] = "open"

    @property
    def whole(self) -> bool:
        return self.offset == self.announced.length

    @property
    def percent(self) -> int:
        return 100 * self.offset // max(1, self.announced.length)


def check_own(upload: Upload, by: Actor) -> None:
    """Raises NotFound for everybody but the person who began it: whoever sends a scan
    is remembered, because they may not certify it.
    """
    ended = upload.state == "ended"
    if ended or (upload.by.user, upload.by.agency) != (by.user, by.agency):
        raise NotFound(upload.id)


def check_fits(length: int, room: int | None, *, promised: int, spare: int) -> None:
    """Raises NoRoom if *length* bytes do not fit beside what is *promised* to uploads
    that are on their way and what stays *spare*. All in bytes; *room* is None where the
    store does not say.
    """
    if room is not None and room - promised - COPIES * length < spare:
        raise NoRoom


def upload_views(
    uploads: tuple[Upload, ...], viewer: Actor, life: timedelta
) -> tuple[UploadView, ...]:
    """The viewer's own that are not whole: only who began an upload goes on with it."""
    return tuple(
        UploadView(
            url=f"/uploads/{upload.id}",
            name=upload.announced.name,
            size=upload.announced.length,
            modified=upload.announced.modified,
            place=upload.announced.place,
            percent=upload.percent,
            since=upload.touched_at,
            kept_until=upload.touched_at + life,
        )
        for upload in uploads
        if upload.by.user == viewer.user and not upload.whole
    )
