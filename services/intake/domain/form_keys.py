"""One-time keys of forms: a form acts once, however often it is sent.

A key is made with the page, for one person, and signed, so that it says by itself whose
form it is and how old. That a form acted is one row, written in the transaction of the
act (``ports.FormUses``). The row's id is made of person, key and the form's address:
the forms of one page may share a key.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

LIFE: Final = timedelta(days=3)
"""A form left open over a weekend still works. A row is needed as long as its key."""
NOT_TYPED: Final = frozenset({"csrf", "key", "version"})
"""Fields of a form that nobody types."""
_PURPOSE: Final = b"ecopy form key\0"
_DIGITS: Final = 12
"""The most digits of the seconds since 1970 in a key: enough for 30,000 years."""


@dataclass(frozen=True, slots=True)
class FormUse:
    """One form about to act: who sends it, where to, with what."""

    id: str
    content: str
    """A digest of what was typed, made with the key: no table of digests reveals a
    name."""
    at: datetime


class UsedBefore(Exception):
    """The form has acted: the answer is what its first use brought, nothing more."""

    def __init__(self, outcome: str, *, same: bool) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        """The page that followed."""
        self.same = same
        """Whether the same was typed; if not, a person meant something new by it."""


def made(secret: bytes, user: str, at: datetime, chance: str) -> str:
    """A key for one page of *user*; *chance* is unguessable text without a dot."""
    issued = f"{int(at.timestamp())}.{chance}"
    return f"{issued}.{_mac(secret, user, issued)}"


def issued_at(secret: bytes, user: str, key: str) -> datetime | None:
    """When *key* was made for *user*; None if it never was."""
    issued, _, mac = key.rpartition(".")
    if not hmac.compare_digest(_mac(secret, user, issued).encode(), mac.encode()):
        return None
    return datetime.fromtimestamp(int(issued.partition(".")[0][:_DIGITS]), UTC)


def use(
    user: str,
    key: str,
    address: str,
    fields: Mapping[str, Sequence[str]],
    at: datetime,
) -> FormUse:
    named = hashlib.sha256(f"{user}\n{key}\n{address}".encode())
    typed = {name: list(v) for name, v in fields.items() if name not in NOT_TYPED}
    content = json.dumps(typed, sort_keys=True).encode()
    return FormUse(
        id=named.hexdigest(),
        content=hmac.new(key.encode(), content, hashlib.sha256).hexdigest(),
        at=at,
    )


def _mac(secret: bytes, user: str, issued: str) -> str:
    message = _PURPOSE + f"{user}\0{issued}".encode()
    return hmac.new(secret, message, hashlib.sha256).hexdigest()
