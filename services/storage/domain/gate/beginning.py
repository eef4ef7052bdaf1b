"""Does a file begin with what our seal covers? Asked before anything of it is parsed.

Anybody can bring a file, few can sign one. Where this holds, only what stands behind
the seal's revision can be of a stranger's making: the costly checks of pages, fonts and
images never meet a file that is built to be slow.
"""

import re
from hashlib import sha256
from typing import Final

from storage.domain.budget import SearchBudget
from storage.domain.gate.cms.signed_data import our_signature, unpad
from storage.domain.gate.pdf.tokens import Buffer
from storage.domain.gate.pki.trust import Trust
from storage.domain.gate.refusal import refuse, require
from storage.domain.gate.windows import windows

MAX_CONTENTS_BYTES: Final = 1 << 20
"""The longest /Contents with its padding; the writer's have some 64 KB."""
_RANGE: Final = b"/ByteRange[0 "
_SIGNATURE: Final = re.compile(
    rb"/ByteRange\[0 (\d{1,10}) (\d{1,10}) (\d{1,10}) *+\]/Contents<"
)
_SIGNATURES: Final = 2
"""The officer's and then the seal's: the dialect has no other place for a range."""
_SIGNATURE_STEPS: Final = 100_000
_FOUND_BYTES_A_STEP: Final = 32
_HASHED_BYTES_A_STEP: Final = 8


def check_sealed(data: Buffer, trust: Trust, budget: SearchBudget) -> None:
    """Raises Refused unless the second signature is a pinned seal's and covers all of
    the file up to its revision's end; SpentError if that is too much to find out.
    """
    found = _SIGNATURE.match(data, _second_range(data, budget))
    if found is None:
        refuse("signature-missing", "range")
    start, end, rest = (int(part) for part in found.groups())
    hexadecimal = found.end() - 1 == start and end - start <= MAX_CONTENTS_BYTES
    require(hexadecimal and end + rest <= len(data), "byte-range", "of the seal")
    require(start < end, "byte-range", "of the seal")
    budget.spend(_SIGNATURE_STEPS + (end + rest) // _HASHED_BYTES_A_STEP)
    covered = sha256()
    with memoryview(data) as view:
        covered.update(view[:start])
        covered.update(view[end : end + rest])
    signed = our_signature(unpad(data[start + 1 : end - 1]), covered.digest())
    identity = trust.identities.get(sha256(signed.signer).hexdigest())
    ours = identity is not None and identity.pinned.role == "seal"
    require(ours, "identity-not-pinned", "seal")


def _second_range(data: Buffer, budget: SearchBudget) -> int:
    """Where it begins, or the end of the file."""
    met = 0
    for place, window in windows(data, len(_RANGE) - 1):
        budget.spend(len(window) // _FOUND_BYTES_A_STEP)
        at = window.find(_RANGE)
        while at >= 0:
            met += 1
            if met == _SIGNATURES:
                return place + at
            at = window.find(_RANGE, at + 1)
    return len(data)
