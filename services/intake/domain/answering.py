"""A request with an idempotency key acts once, and its answer is given again.

The key is the header of draft-ietf-httpapi-idempotency-key. The row of a key is claimed
before the act and gets the answer after it; that the act itself happens once is the
form's row, written in the transaction of the act (``domain.form_keys``). Only what was
done is remembered: after a refusal the same key may be sent again. Start at
``standing``.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from intake.domain.form_keys import FormUse

KEYED: Final = timedelta(days=3)
"""How long an answer is given again. A sender that was cut off over a weekend still
learns what became of its request."""
IN_FLIGHT: Final = timedelta(minutes=2)
"""A request without an answer after so long belongs to a process that died: the next
one with the same key goes on in its place."""
KEY_CHARACTERS: Final = 200
_KEY: Final = re.compile(r'^(?:"([\x20\x21\x23-\x5b\x5d-\x7e]+)"|([\x21\x23-\x7e]+))$')

Claim = Literal["mine", "in-flight", "other", "answered"]


class OtherRequest(Exception):
    """The key belongs to a request with another body or another address."""


class InFlight(Exception):
    """A request with this key is being answered."""


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request that is about to act under a key."""

    id: str
    """A digest of sender and key."""
    content: str
    """A digest of method, address and body."""
    at: datetime

    @property
    def use(self) -> FormUse:
        """The row by which the act itself happens once."""
        return FormUse(self.id, self.content, self.at)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it is given again."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class KeyRow:
    """What is known of a key."""

    content: str
    at: datetime
    answer: KeptAnswer | None = field(default=None)


def key_of(header: str) -> str | None:
    """The key that a header names, with or without its quotation marks; None for what
    is none.
    """
    found = _KEY.match(header) if len(header) <= KEY_CHARACTERS else None
    return (found[1] or found[2]) if found else None


def request(
    sender: str, key: str, method: str, address: str, *, body: bytes, at: datetime
) -> KeyedRequest:
    named = hashlib.sha256(f"{sender}\n{key}".encode()).hexdigest()
    said = hashlib.sha256(f"{method} {address}\n".encode() + body).hexdigest()
    return KeyedRequest(named, said, at)


def standing(row: KeyRow | None, asked: KeyedRequest) -> Claim:
    """What a request may do that finds this row under its key."""
    if row is None:
        return "mine"
    if row.content != asked.content:
        return "other"
    if row.answer is not None:
        return "answered"
    return "in-flight" if asked.at - row.at < IN_FLIGHT else "mine"
