"""Does a file look as if somebody had signed it? A mark to look further, no verdict."""

import re
from typing import Final

from storage.domain.gate.tokens import Buffer

# A name may spell any of its letters as #xx (ISO 32000-2, 7.3.5).
_LETTERS: Final = "".join(
    f"(?:{letter}|#{ord(letter):02X}|#{ord(letter):02x})" for letter in "ByteRange"
)
_BYTE_RANGE: Final = re.compile(b"/" + _LETTERS.encode())


def shows_signature(data: Buffer) -> bool:
    """Every signature names its range in plain bytes: it cannot be compressed, for it
    says where in the file the signature stands.
    """
    return _BYTE_RANGE.search(data) is not None
