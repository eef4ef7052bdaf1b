"""File names: what people call a file is text, never a path (RFC 6266, RFC 8187)."""

import re
import unicodedata
from urllib.parse import quote

LONGEST = 120
"""Characters of a displayed name: file systems end at 255 bytes, Vietnamese takes 3."""
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]+')
_UNRESERVED = "!#$&+-.^_`|~"
"""attr-char of RFC 8187 beside letters and digits."""


def plain_name(name: str, *, longest: int = LONGEST) -> str:
    """A stranger's file name, fit to be shown: one line, no controls, no bidi.

    Long names keep both ends, so that the ending stays to be seen.
    """
    # Some browsers send the whole path, and a backslash is one on Windows only.
    last = re.split(r"[\\/]", name)[-1]
    shown = "".join(
        c if _visible(c) else " " for c in unicodedata.normalize("NFC", last)
    )
    shown = " ".join(shown.split())
    if len(shown) <= longest:
        return shown
    # The middle goes: the beginning tells people which file it is, and a hidden ending
    # is how ``…pdf.exe`` is passed off.
    half = (longest - 1) // 2
    return f"{shown[:half]}…{shown[-half:]}"


def download_name(number: str, title: str) -> str:
    """``Bản sao 1180-2026 - Bằng tốt nghiệp đại học.pdf``."""
    stem = _FORBIDDEN.sub("-", f"Bản sao {number} - {title}")
    return f"{plain_name(stem, longest=LONGEST - 4).rstrip(' .')}.pdf"


def ascii_name(number: str) -> str:
    """``ban-sao-1180-2026.pdf``, for what does not read RFC 8187."""
    return f"ban-sao-{re.sub(r'[^0-9A-Za-z]+', '-', number).strip('-')}.pdf"


def attachment(number: str, title: str) -> str:
    """The header Content-Disposition of a copy."""
    full = quote(download_name(number, title), safe=_UNRESERVED)
    return f"attachment; filename=\"{ascii_name(number)}\"; filename*=UTF-8''{full}"


def _visible(character: str) -> bool:
    """Neither a control nor a format character: no bidi, no zero width."""
    return not unicodedata.category(character).startswith(("C", "Zl", "Zp"))
