"""The question that stands before a link, and the pass of whoever has answered it.

Start at ``Factor``; the answer's digest is ``ecopy.link_events.factor_hmac``.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ecopy.identifiers import Sha256
from ecopy.link_events import FactorKind

TRIES: Final = 5
"""Wrong answers to one link, from anywhere; then it is closed until it is renewed."""
PASS_LIFE: Final = timedelta(hours=1)
"""How long a browser that has answered is not asked again: a download on a bad line."""


@dataclass(frozen=True, slots=True)
class Factor:
    """What is asked, and how often it was answered wrong."""

    kind: FactorKind
    answer_hmac: Sha256
    wrong: int = 0

    @property
    def left(self) -> int:
        """Tries that are left."""
        return max(0, TRIES - self.wrong)


def made_pass(key: bytes, token_sha256: Sha256, now: datetime) -> str:
    """The pass of a browser that has answered; *key* is the service's own secret, so
    that who holds the link cannot make one.
    """
    until = int((now + PASS_LIFE).timestamp())
    return f"{until}.{_mac(key, token_sha256, until)}"


def pass_holds(key: bytes, token_sha256: Sha256, value: str, now: datetime) -> bool:
    until, _, mac = value.partition(".")
    if not (until.isascii() and until.isdigit() and len(until) <= len("9999999999")):
        return False
    right = hmac.compare_digest(_mac(key, token_sha256, int(until)), mac)
    return right and now.timestamp() < int(until)


def _mac(key: bytes, token_sha256: Sha256, until: int) -> str:
    content = f"link-pass {token_sha256} {until}".encode()
    return hmac.digest(key, content, hashlib.sha256).hex()
