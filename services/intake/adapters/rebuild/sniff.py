"""What a file is, by its first bytes; its name and the browser's word do not count."""

from pathlib import Path
from typing import Final

PDF: Final = "application/pdf"
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
TIFF: Final = "image/tiff"
WEBP: Final = "image/webp"
BMP: Final = "image/bmp"
HEIC: Final = "image/heic"

_HEAD_BYTES: Final = 1024
"""A PDF's header may stand this far in (ISO 32000-1 implementation note 13)."""
_MAGIC: Final = (
    (JPEG, b"\xff\xd8\xff"),
    (PNG, b"\x89PNG\r\n\x1a\n"),
    # Classic and BigTIFF, in both byte orders.
    *((TIFF, start) for start in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
)
_BMP_HEADS: Final = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
"""Bytes of the header behind the file's own 14: all that were ever defined. The two
letters alone begin many a text."""
# ISO/IEC 23008-12, annexes B and E: brands of HEVC coded pictures. ``mif1`` and
# ``msf1`` say nothing of the coding, so one of the others must stand beside them.
_HEVC: Final = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis"})
_ANY_HEIF: Final = frozenset({b"mif1", b"msf1"})
_BRANDS_FROM: Final = 8


def media_type(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    for found, magic in _MAGIC:
        if head.startswith(magic):
            return found
    for found, looks in ((WEBP, _is_webp), (BMP, _is_bmp), (HEIC, _is_heic)):
        if looks(head):
            return found
    return PDF if b"%PDF-" in head else None


def _is_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _is_bmp(head: bytes) -> bool:
    return head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADS


def _is_heic(head: bytes) -> bool:
    size = int.from_bytes(head[:4], "big")
    if head[4:8] != b"ftyp" or size > _HEAD_BYTES:
        return False
    brands = head[_BRANDS_FROM:size]
    found = {brands[n : n + 4] for n in range(0, len(brands), 4)}
    return brands[:4] in _HEVC | _ANY_HEIF and bool(found & _HEVC)
