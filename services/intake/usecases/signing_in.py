"""Staff come and go: sign-in, sessions, passwords, accounts.

Wrong passwords are counted per account and address, and per address over all accounts,
for names that exist and names that do not; the answer and its time are the same.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chassis.clock import Clock
from intake.domain.records import Actor, Note, Session, User
from intake.ports import Passwords, Sessions, Users

TRIES: Final = 5
ADDRESS_TRIES: Final = 30
"""Over all accounts: a ward behind one address mistypes less, a guesser tries more."""
LOCK: Final = timedelta(minutes=15)
PASSWORD_LENGTH: Final = 10
NAME_LENGTH: Final = 128
"""Longer ones are nobody's, and would only fill a table."""
TOUCH_EVERY: Final = timedelta(seconds=30)
"""A session's clock is written that often at most: reading a page costs no commit."""

Token = Callable[[], str]
"""Unguessable text: 256 random bits."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    token: str
    session: Session
    user: User


@dataclass(frozen=True, slots=True)
class WrongPassword(Exception):  # noqa: N818 - said at the desk
    tries_left: int
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Lifetimes:
    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True)
class Failures:
    """Wrong passwords within the last ``LOCK``, oldest first."""

    account: tuple[datetime, ...]
    """Of this account from this address."""
    address: tuple[datetime, ...]
    """From this address, over all accounts."""

    @property
    def left(self) -> int:
        """Tries until one of the two locks."""
        of_account = TRIES - len(self.account)
        return max(min(of_account, ADDRESS_TRIES - len(self.address)), 0)

    @property
    def until(self) -> datetime:
        """When a locked one opens again: enough of its failures are ``LOCK`` old."""
        full = [
            failures[-most] + LOCK
            for failures, most in (
                (self.account, TRIES),
                (self.address, ADDRESS_TRIES),
            )
            if len(failures) >= most
        ]
        return max(full)


async def sign_in(
    name: str,
    password: str,
    address: str,
    *,
    users: Users,
    sessions: Sessions,
    passwords: Passwords,
    token: Token,
    clock: Clock,
) -> SignedIn:
    """A new session with a new id. Raises WrongPassword, locked or not."""
    now = clock()
    account = name.strip().casefold()[:NAME_LENGTH]
    failures = await _bounded(account, address, now, users)
    user = await users.find(account)
    matches = await passwords.matches(user.password if user else None, password)
    if user is None or not user.active or not matches:
        await users.failed(account, address, now)
        raise _wrong(failures, now)
    await users.forget_failures(account, address)
    signed_in = SignedIn(token(), Session(user.id, token(), now, now), user)
    note = _note(actor_of(user, address), "signed-in", now)
    await sessions.open(digest(signed_in.token), signed_in.session, note)
    return signed_in


async def resume(
    token: str,
    *,
    sessions: Sessions,
    lifetimes: Lifetimes,
    clock: Clock,
) -> tuple[Session, User] | None:
    """Whose session this is; None if there is none, or it is over."""
    now = clock()
    key = digest(token)
    found = await sessions.find(key)
    if found is None:
        return None
    session, user = found
    idle = now - session.seen_at >= lifetimes.idle
    if idle or now - session.created_at >= lifetimes.absolute or not user.active:
        await sessions.close(key, None)
        return None
    if now - session.seen_at >= TOUCH_EVERY:
        await sessions.touch(key, now)
    return session, user


async def sign_out(token: str, by: Actor, *, sessions: Sessions, clock: Clock) -> None:
    await sessions.close(digest(token), _note(by, "signed-out", clock()))


async def change_password(
    current: str,
    new: str,
    by: Actor,
    *,
    users: Users,
    passwords: Passwords,
    clock: Clock,
) -> None:
    """Ends every session of the account. Raises WrongPassword (throttled alike) and
    ValueError for a new one too short or the same.
    """
    now = clock()
    failures = await _bounded(by.user, by.address, now, users)
    user = await users.find(by.user)
    if not await passwords.matches(user.password if user else None, current):
        await users.failed(by.user, by.address, now)
        raise _wrong(failures, now)
    if new == current:
        raise ValueError("error.password-same")
    _long_enough(new)
    note = _note(by, "password-changed", now)
    await users.set_password(by.user, await passwords.digest(new), note)


async def add_user(
    user: User, password: str, *, users: Users, passwords: Passwords, clock: Clock
) -> bool:
    """From the machine's own console; False if the name is taken."""
    _long_enough(password)
    known = User(
        id=user.id.strip().casefold(),
        name=user.name,
        agency=user.agency,
        roles=user.roles,
        officer=user.officer,
        password=await passwords.digest(password),
    )
    note = Note(
        at=clock(),
        actor="",
        actor_name="",
        agency=user.agency,
        action="user-added",
        values={"user": known.id, "roles": ",".join(sorted(user.roles))},
    )
    return await users.add(known, note)


def actor_of(user: User, address: str) -> Actor:
    return Actor(user.id, user.name, user.agency, user.roles, user.officer, address)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def _bounded(account: str, address: str, now: datetime, users: Users) -> Failures:
    """What was tried wrongly of late; WrongPassword when the account or the address is
    locked.
    """
    since = now - LOCK
    failures = Failures(
        await users.failures(account, address, since),
        await users.failures_from(address, since),
    )
    if not failures.left:
        raise WrongPassword(0, failures.until)
    return failures


def _wrong(before: Failures, now: datetime) -> WrongPassword:
    after = Failures((*before.account, now), (*before.address, now))
    return WrongPassword(after.left, None if after.left else after.until)


def _long_enough(password: str) -> None:
    if len(password) < PASSWORD_LENGTH:
        raise ValueError("error.password-short")


def _note(by: Actor, action: str, at: datetime) -> Note:
    return Note(at, by.user, by.name, by.agency, action, address=by.address)
