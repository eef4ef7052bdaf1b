"""What a file is, by its first bytes; its name and the browser's word do not count.

TIFF, HEIC and WebP follow as further lines here and readers of their own.
"""

from pathlib import Path
from typing import Final

PDF: Final = "application/pdf"
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"

_HEAD_BYTES: Final = 1024
"""A PDF's header may stand this far in (ISO 32000-1 implementation note 13)."""
_MAGIC: Final = ((JPEG, b"\xff\xd8\xff"), (PNG, b"\x89PNG\r\n\x1a\n"))


def media_type(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    for found, magic in _MAGIC:
        if head.startswith(magic):
            return found
    return PDF if b"%PDF-" in head else None
