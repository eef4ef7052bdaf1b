"""What was found in a file: the sentence that the page chooses under the verdict."""

from enum import StrEnum
from typing import Final


class Finding(StrEnum):
    """Why a verdict is what it is."""

    ARCHIVED = "archived"
    """Bit by bit an archived copy."""
    NO_RECORD = "no-record"
    """Signed by us and whole; neither the catalogue nor the archive has its number."""
    OTHER_COPY = "other-copy"
    """Signed by us and whole; its number is there, with another copy."""
    ROW_MISSING = "row-missing"
    """Signed by us and whole; the archive has these very bytes, the catalogue no row,
    so nobody can tell here whether the copy was withdrawn."""
    TRAILING_BYTES = "trailing-bytes"
    """An archived copy with something behind it."""
    OUR_SIGNATURE = "our-signature"
    """Not an archived copy, but a signature under a pinned certificate is in it."""
    SIGNED_BY_OTHERS = "signed-by-others"
    """A signed PDF, nothing of ours in it."""
    UNSIGNED_PDF = "unsigned-pdf"
    """A scan, a print or a draft: a printed copy is checked by its code."""
    PICTURE = "picture"
    """JPEG, PNG and the like: a photographed copy is checked by its code."""
    OFFICE_FILE = "office-file"
    """Word and its kin."""
    PACKED = "packed"
    """ZIP, RAR, 7z: what is in it was not looked at."""
    MAIL = "mail"
    """A saved message: an attachment is to be saved out of it."""
    WEB_PAGE = "web-page"
    """A saved page of a browser."""
    ENCODED = "encoded"
    """A PDF written as text (base64)."""
    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    """A PDF under a password."""
    CUT_SHORT = "cut-short"
    """A PDF without its end."""
    UNKNOWN_FORMAT = "unknown-format"
    NOT_IN_FULL = "not-in-full"
    """What was looked at is not ours, and looking at the rest would cost too much: a
    file that is made to be slow, or one of an unheard-of shape."""


UNREADABLE: Final = frozenset(
    {
        Finding.EMPTY,
        Finding.ENCRYPTED,
        Finding.CUT_SHORT,
        Finding.UNKNOWN_FORMAT,
        Finding.PACKED,
        Finding.MAIL,
        Finding.WEB_PAGE,
        Finding.ENCODED,
        Finding.NOT_IN_FULL,
    }
)
"""Nothing can be concluded from these bytes."""
WRAPPED: Final = frozenset(
    {Finding.PACKED, Finding.MAIL, Finding.WEB_PAGE, Finding.ENCODED}
)
"""A copy may be inside, whole: it is to be taken out first."""
