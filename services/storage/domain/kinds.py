"""What a file is that nothing of ours is proven in, by its own marks; nothing of it is
unpacked, fetched or run.

Whether something of ours is in the file was asked before, in ``verdict``. Start at
``kind_of``.
"""

import re
import struct
from collections.abc import Iterator
from typing import Final

from storage.domain.budget import SearchBudget, SpentError
from storage.domain.findings import Finding
from storage.domain.gate.pdf.tokens import Buffer
from storage.domain.gate.windows import windows

_HEAD_BYTES: Final = 1024
_TAIL_BYTES: Final = 2048
_PICTURE: Final = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8|II\*\x00|MM\x00\*|RIFF....WEBP"
    rb"|....ftyp(?:hei[cfmsx]|hev[cmsx]|mif1|msf1|avif)",
    re.DOTALL,
)
_ENCRYPT: Final = b"/Encrypt"
_ENCRYPTED: Final = re.compile(rb"/Encrypt\s*+(?:\d++\s++\d++\s++R|<<)")
_ENCRYPTED_BYTES: Final = 200
"""Enough for the name and a reference, with generous blanks."""
_BYTES_A_STEP: Final = 16
_HIT_STEPS: Final = 100

_PDF: Final = b"%PDF-"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Old Word and its kin, and Outlook's messages."""
_MESSAGE_STREAM: Final = "__properties_version1.0".encode("utf-16-le")
"""Every Outlook message has a stream of this name ([MS-OXMSG] §2.4)."""
_RICH_TEXT: Final = b"{\\rtf"
_ZIP: Final = b"PK\x03\x04"
_PACKED: Final = (
    _ZIP,
    b"PK\x05\x06",
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b",
)
_OFFICE_NAMES: Final = (b"[Content_Types].xml", b"word/", b"xl/", b"ppt/", b"visio/")
"""Names of members that only an Open Packaging file has (ECMA-376 part 2)."""
_OPEN_DOCUMENT: Final = b"mimetypeapplication/vnd.oasis.opendocument."
"""The first member of an OpenDocument file, stored as it is (ODF 1.3 part 2 §3.3)."""
_ZIP_TAIL_BYTES: Final = 22 + 0xFFFF
_ZIP_END: Final = b"PK\x05\x06"
_ZIP_ENTRY: Final = b"PK\x01\x02"
_ZIP_ENTRY_BYTES: Final = 46
"""The length of a directory entry up to its name (APPNOTE 4.3.12)."""
_ZIP_NAMES: Final = 200
"""Names looked at in one file: the marks stand among the first."""

_TEXT_BYTES: Final = 16 << 10
_MAIL_FIRST: Final = re.compile(
    rb"(?:From [^\n]{1,200}\n)?[A-Za-z][A-Za-z0-9-]{1,60}:[ \t\r\n]"
)
_MAIL_FIELD: Final = re.compile(
    rb"^(from|to|subject|date|mime-version|message-id|received|return-path):",
    re.IGNORECASE | re.MULTILINE,
)
_MAIL_FIELDS: Final = 2
"""Two fields of RFC 5322 beside each other are a message, one may be chance."""
_SAVED_PAGE: Final = b"Snapshot-Content-Location:"
_PAGE: Final = re.compile(
    rb"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)
_ENCODED_PDF: Final = b"JVBERi0"
"""``%PDF-`` in base64, at the beginning of what is encoded."""
_ENCODED_BYTES: Final = 1 << 20


def kind_of(data: Buffer, budget: SearchBudget) -> Finding:
    """What the file is, told by its first and last bytes and the names in a package."""
    try:
        return _kind_of(data, budget)
    except SpentError:
        return Finding.NOT_IN_FULL


def _kind_of(data: Buffer, budget: SearchBudget) -> Finding:
    if not len(data):
        return Finding.EMPTY
    # Within a kilobyte, since readers take a PDF whose header has something before it.
    head = data[:_HEAD_BYTES]
    if head.startswith(_ZIP) and _is_package(data):  # a stored PDF begins in its head
        return _kind_of_package(data)
    if _PDF in head:
        return _wrapping(head) or _kind_of_pdf(data, budget)
    return _kind_of_other(head, data)


def _wrapping(head: bytes) -> Finding | None:
    """The message or page that a PDF stands in as it is, with nothing encoded."""
    before = head.partition(_PDF)[0]
    kind = _kind_of_text(before, before)
    return kind if kind in {Finding.MAIL, Finding.WEB_PAGE} else None


def _kind_of_other(head: bytes, data: Buffer) -> Finding:
    if _PICTURE.match(head):
        return Finding.PICTURE
    if head.startswith((_COMPOUND, _RICH_TEXT)):
        message = data.find(_MESSAGE_STREAM) >= 0
        return Finding.MAIL if message else Finding.OFFICE_FILE
    if head.startswith(_PACKED):
        return _kind_of_package(data)
    return _kind_of_text(data[:_TEXT_BYTES].partition(_PDF)[0], data)


def _kind_of_pdf(data: Buffer, budget: SearchBudget) -> Finding:
    if b"%%EOF" not in data[-_TAIL_BYTES:]:
        return Finding.CUT_SHORT
    signed = False
    for _, window in windows(data, _ENCRYPTED_BYTES):
        budget.spend(len(window) // _BYTES_A_STEP)
        if _is_encrypted(window, budget):
            return Finding.ENCRYPTED
        signed = signed or b"/ByteRange" in window
    return Finding.SIGNED_BY_OTHERS if signed else Finding.UNSIGNED_PDF


def _is_encrypted(window: bytes, budget: SearchBudget) -> bool:
    at = window.find(_ENCRYPT)
    while at >= 0:
        budget.spend(_HIT_STEPS)
        if _ENCRYPTED.match(window, at, at + _ENCRYPTED_BYTES):
            return True
        at = window.find(_ENCRYPT, at + 1)
    return False


def _kind_of_text(head: bytes, data: Buffer) -> Finding:
    """A message, a page or base64: text all of them."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if b"\0" in text:
        return Finding.UNKNOWN_FORMAT
    if _SAVED_PAGE in text or _PAGE.match(text):
        return Finding.WEB_PAGE
    fields = {found.lower() for found in _MAIL_FIELD.findall(text)}
    if _MAIL_FIRST.match(text) and len(fields) >= _MAIL_FIELDS:
        return Finding.MAIL
    if data.find(_ENCODED_PDF, 0, _ENCODED_BYTES) >= 0:
        return Finding.ENCODED
    return Finding.UNKNOWN_FORMAT


def _kind_of_package(data: Buffer) -> Finding:
    """An office file names its parts; anything else that is packed does not."""
    if data[30 : 30 + len(_OPEN_DOCUMENT)] == _OPEN_DOCUMENT:
        return Finding.OFFICE_FILE
    names = (_first_name(data), *_listed_names(data))
    office = any(name.startswith(_OFFICE_NAMES) for name in names)
    return Finding.OFFICE_FILE if office else Finding.PACKED


def _is_package(data: Buffer) -> bool:
    """Its directory at the end is there; four letters at the front may be chance."""
    return next(_listed_names(data), None) is not None


def _first_name(data: Buffer) -> bytes:
    """The first member's name, which its own header has even if the end is cut off."""
    if data[:4] != _ZIP:
        return b""
    length = int.from_bytes(data[26:28], "little")
    return data[30 : 30 + length] if length else data[30:60]


def _listed_names(data: Buffer) -> Iterator[bytes]:
    """Names in the central directory (APPNOTE 4.3.12, 4.3.16)."""
    end = data.rfind(_ZIP_END, max(0, len(data) - _ZIP_TAIL_BYTES))
    if end < 0:
        return
    at = int.from_bytes(data[end + 16 : end + 20], "little")
    for _ in range(_ZIP_NAMES):
        entry = data[at : at + _ZIP_ENTRY_BYTES]
        if entry[:4] != _ZIP_ENTRY or len(entry) < _ZIP_ENTRY_BYTES:
            return
        name, extra, comment = struct.unpack("<3H", entry[28:34])
        at += _ZIP_ENTRY_BYTES
        yield data[at : at + name]
        at += name + extra + comment
