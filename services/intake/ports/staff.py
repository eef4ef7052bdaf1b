"""Accounts, sessions and passwords."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from intake.domain.accounts import AccountLine, Change
from intake.domain.guesses import Failures, Try
from intake.domain.people import Session, User
from intake.domain.records import Note


class Users(Protocol):
    async def find(self, user: str) -> User | None: ...
    async def certifiers(self, agency: str) -> tuple[User, ...]:
        """Active accounts of the agency that may approve."""
        ...

    async def add(self, user: User, note: Note) -> bool:
        """False if the name is taken."""
        ...

    async def set_password(self, user: str, password: str, note: Note) -> None:
        """MUST end the user's sessions in the same transaction."""
        ...

    async def count_try(
        self,
        account: str,
        address: str,
        at: datetime,
        *,
        since: datetime,
        check: Callable[[Failures], None],
    ) -> Try:
        """Count one try. MUST read what *check* sees, and write, in one transaction
        that no other try of that address can come between, in this process or another.
        What *check* raises leaves everything as it was.
        """
        ...

    async def note_wrong(self, tried: Try) -> None:
        """It was compared and wrong: from now on it counts for the whole lock."""
        ...

    async def give_back(self, tried: Try) -> None:
        """It was right, never compared, or its answer came too late to be told."""
        ...

    async def forget_failures(self, tried: Try) -> None:
        """It was right: those of the same account and address before it are forgotten.
        A later one stays counted, because it may still be wrong.
        """
        ...

    async def sweep_tries(self, before: datetime) -> None: ...
    async def record(self, note: Note) -> None: ...


class Accounts(Protocol):
    """The accounts of one agency, as its administrators change them."""

    async def of(self, agency: str) -> tuple[AccountLine, ...]:
        """In the order of their names."""
        ...

    async def add(
        self, agency: str, decide: Callable[[Sequence[User]], Change], password: str
    ) -> User:
        """A new account with the digest *password*. MUST hold the agency's accounts
        from reading to commit. Raises NotAllowed where the sign-in name is taken, in
        whatever agency.
        """
        ...

    async def change(
        self, agency: str, user: str, decide: Callable[[User, Sequence[User]], Change]
    ) -> User:
        """MUST hold all accounts of the agency from reading to commit, and end the
        sessions in the same transaction where the change says so. Raises NotFound, also
        for an account of another agency.
        """
        ...


class Sessions(Protocol):
    """Sessions, found by the SHA-256 of their token: a stolen table opens nothing."""

    async def open(self, token_sha256: str, session: Session, note: Note) -> None: ...
    async def find(self, token_sha256: str) -> tuple[Session, User] | None: ...
    async def touch(self, token_sha256: str, at: datetime) -> None: ...
    async def close(self, token_sha256: str, note: Note | None) -> None: ...
    async def sweep(self, *, idle_since: datetime, opened_before: datetime) -> None:
        """Take out those not used since, and those opened before."""
        ...


class Busy(Exception):
    """More passwords wait to be compared than is good: nothing was done, answer 503."""


class Passwords(Protocol):
    """Argon2id on bounded threads: hashing takes a core's tenth of a second.

    *address* is who asks: each one waits in a line of its own. Raises Busy.
    """

    async def digest(self, password: str, address: str) -> str: ...
    async def matches(self, digest: str | None, password: str, address: str) -> bool:
        """MUST take the same time for None (no such account)."""
        ...
