"""How many passwords may be tried, and when the next one may be.

A try is counted before its password is looked at and given back if it was right, so
that however many come at once, no more than these are ever compared with a digest.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

TRIES: Final = 5
ADDRESS_TRIES: Final = 30
"""The most tries of one address over all accounts: a ward behind one address
mistypes less, a guesser tries more."""
LOCK: Final = timedelta(minutes=15)


# Not frozen: contextlib sets the traceback of an exception that passes through it.
@dataclass(eq=False)
class WrongPassword(Exception):
    """Names no reason, so that nobody learns which accounts there are."""

    tries_left: int
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Failures:
    """Tries within the last ``LOCK`` that were wrong or are not decided yet, oldest
    first.
    """

    account: tuple[datetime, ...]
    """When this account was tried from this address."""
    address: tuple[datetime, ...]
    """From this address, over all accounts."""

    @property
    def left(self) -> int:
        """Tries until one of the two locks."""
        of_account = TRIES - len(self.account)
        return max(min(of_account, ADDRESS_TRIES - len(self.address)), 0)

    @property
    def until(self) -> datetime:
        """When a lock ends: as soon as enough of the failures are ``LOCK`` old."""
        full = [
            failures[-most] + LOCK
            for failures, most in (
                (self.account, TRIES),
                (self.address, ADDRESS_TRIES),
            )
            if len(failures) >= most
        ]
        return max(full)


@dataclass(frozen=True, slots=True)
class Try:
    """One password that may be compared. It stands as a failure until given back."""

    seq: int
    account: str
    address: str
    before: Failures
    at: datetime

    def wrong(self) -> WrongPassword:
        """The exception for a password that was not the right one."""
        before, at = self.before, self.at
        after = Failures((*before.account, at), (*before.address, at))
        return WrongPassword(after.left, None if after.left else after.until)


def check(before: Failures) -> None:
    """Raises WrongPassword when the account or the address is locked."""
    if not before.left:
        raise WrongPassword(0, before.until)
