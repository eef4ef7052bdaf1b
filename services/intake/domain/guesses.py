"""How many passwords may be tried, and when the next one may be.

A try is counted before its password is looked at and given back if it was right, so
that however many come at once, no more than these are ever compared with a digest. It
counts as a wrong one only when it was compared; one that a crash cut off was answered
to nobody, so it told nobody anything, and is over after a minute (docs/decisions/0118).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

TRIES: Final = 5
ADDRESS_TRIES: Final = 30
"""The most tries of one address over all accounts: a ward behind one address
mistypes less, a guesser tries more."""
LOCK: Final = timedelta(minutes=15)
UNDECIDED: Final = timedelta(minutes=1)
"""So long a try counts that is being compared, or that a crash cut off."""
COMPARED: Final = timedelta(seconds=45)
"""An answer that comes later than this after its try was counted is told to nobody: it
would soon be one more than five. The rest of ``UNDECIDED`` is for writing it down."""


# Not frozen: contextlib sets the traceback of an exception that passes through it.
@dataclass(eq=False)
class WrongPassword(Exception):
    """Names no reason, so that nobody learns which accounts there are."""

    tries_left: int
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Failures:
    """Tries that were wrong or are not decided yet, each by the moment until which it
    counts.
    """

    account: tuple[datetime, ...]
    """Those of this account from this address."""
    address: tuple[datetime, ...]
    """From this address, over all accounts."""

    @property
    def left(self) -> int:
        """Tries until one of the two locks."""
        of_account = TRIES - len(self.account)
        return max(min(of_account, ADDRESS_TRIES - len(self.address)), 0)

    @property
    def until(self) -> datetime:
        """When a lock ends: as soon as enough of the failures do not count any more."""
        full = [
            sorted(failures)[-most]
            for failures, most in (
                (self.account, TRIES),
                (self.address, ADDRESS_TRIES),
            )
            if len(failures) >= most
        ]
        return max(full)


@dataclass(frozen=True, slots=True)
class Try:
    """One password that may be compared. It stands as undecided until it is judged."""

    seq: int
    account: str
    address: str
    before: Failures
    at: datetime

    def wrong(self) -> WrongPassword:
        """The exception for a password that was not the right one."""
        before, end = self.before, counts_until(self.at, wrong=True)
        after = Failures((*before.account, end), (*before.address, end))
        return WrongPassword(after.left, None if after.left else after.until)

    def is_late(self, now: datetime) -> bool:
        """Whether its answer may not be told any more; by a clock that was set, too."""
        return abs(now - self.at) > COMPARED


def counts_until(at: datetime, *, wrong: bool) -> datetime:
    """When a try of *at* is over."""
    return at + (LOCK if wrong else UNDECIDED)


def counts(at: datetime, now: datetime, *, wrong: bool) -> bool:
    """Whether a try of *at* counts. One that lies farther ahead than it may count is of
    a clock that was set back since: it would lock for as long as that had been ahead.
    """
    length = LOCK if wrong else UNDECIDED
    return -length <= now - at < length


def check(before: Failures) -> None:
    """Raises WrongPassword when the account or the address is locked."""
    if not before.left:
        raise WrongPassword(0, before.until)
