"""Does a file look as if somebody had signed it? A mark to look further, no verdict."""

import re
from typing import Final

from storage.domain.gate.pdf.tokens import Buffer
from storage.domain.gate.windows import windows

# A name may spell any of its letters as #xx (ISO 32000-2, 7.3.5).
_LETTERS: Final = "".join(
    f"(?:{letter}|#{ord(letter):02X}|#{ord(letter):02x})" for letter in "ByteRange"
)
_BYTE_RANGE: Final = re.compile(b"/" + _LETTERS.encode())
_BEGINNINGS: Final = (b"/B", b"/#42")
_NAME_BYTES: Final = 1 + 3 * len("ByteRange")
MAX_NAMES: Final = 100_000
"""Names that begin alike and are looked at; whoever has more is looked at further."""


def shows_signature(data: Buffer) -> bool:
    """Every signature names its range in plain bytes: it cannot be compressed, for it
    says where in the file the signature stands.
    """
    # Looking further is never wrong, only dear, so whoever writes a hundred thousand
    # names that begin alike is simply looked at further.
    left = MAX_NAMES
    for _, window in windows(data, _NAME_BYTES):
        left -= sum(window.count(beginning) for beginning in _BEGINNINGS)
        if left < 0 or any(_named(window, beginning) for beginning in _BEGINNINGS):
            return True
    return False


def _named(window: bytes, beginning: bytes) -> bool:
    at = window.find(beginning)
    while at >= 0:
        if _BYTE_RANGE.match(window, at):
            return True
        at = window.find(beginning, at + 1)
    return False
