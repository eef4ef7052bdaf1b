"""The gate: is this file exactly a copy that our signer made of that order, and sound?

``gate`` accepts only the shape of docs/dialect.md and refuses everything else by
name. Pure Python and ``cryptography``; it opens no connection, reads no clock, and
shares no line with the code that signs.
"""

from storage.domain.gate.alone import Alone, hold_alone
from storage.domain.gate.pki.trust import Trust, compile_trust
from storage.domain.gate.refusal import Refused
from storage.domain.gate.story import Passed, gate

__all__ = [
    "Alone",
    "Passed",
    "Refused",
    "Trust",
    "compile_trust",
    "gate",
    "hold_alone",
]
