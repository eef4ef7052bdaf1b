"""Staff come and go: sign-in, sessions, passwords; ``accounts`` makes who may.

Passwords are counted per account and address, and per address over all accounts, for
names that exist and names that do not; the answer and its time are the same. Each is
counted before it is compared (``domain.guesses``) and given back if it was right. Start
at ``Staff.sign_in``.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chassis.addresses import network_of
from chassis.clock import Clock
from intake.domain import guesses
from intake.domain.guesses import LOCK, Try
from intake.domain.passwords import check_password
from intake.domain.people import Actor, Session, User
from intake.domain.records import Note
from intake.ports import Busy, Passwords, Sessions, Users

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
class Lifetimes:
    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True)
class Staff:
    """Sign-in, sessions and passwords, with the ports that they take."""

    users: Users
    sessions: Sessions
    passwords: Passwords
    token: Token
    clock: Clock
    lifetimes: Lifetimes

    async def sign_in(self, name: str, password: str, address: str) -> SignedIn:
        """A new session with a new id. Raises WrongPassword, also for an account that
        is locked, and Busy.
        """
        now = self.clock()
        account = name.strip().casefold()[:NAME_LENGTH]
        # Counted before it is compared: of a hundred at once no more than five are
        # hashed. A crash before it is judged leaves it counted for a minute, because
        # nobody was answered, whatever it was (docs/decisions/0118).
        tried = await _count_try(account, address, now, self.users)
        user = await self.users.find(account)
        # A name that does not exist is hashed, too, against nobody's digest: else the
        # time of the answer would tell which accounts there are.
        matches = await self._matches(tried, user, password)
        if user is None or not user.active or not matches:
            # Before the answer: who kills the desk between the two learns nothing.
            await self.users.note_wrong(tried)
            raise tried.wrong()
        await self.users.forget_failures(tried)
        # A crash here leaves no session, and no failure counted: the person signs in
        # again.
        signed_in = SignedIn(
            self.token(), Session(user.id, self.token(), now, now), user
        )
        note = _note(actor_of(user, address), "signed-in", now)
        await self.sessions.open(digest(signed_in.token), signed_in.session, note)
        return signed_in

    async def resume(self, token: str) -> tuple[Session, User] | None:
        """Whose session this is; None if there is none, or it is over."""
        now = self.clock()
        key = digest(token)
        found = await self.sessions.find(key)
        if found is None:
            return None
        session, user = found
        idle = now - session.seen_at >= self.lifetimes.idle
        # Neither time can lie ahead, but for a clock that was set back since: the
        # session would live for as long as that had been ahead.
        ahead = max(session.seen_at, session.created_at) > now + self.lifetimes.idle
        if (
            idle
            or ahead
            or now - session.created_at >= self.lifetimes.absolute
            or not user.active
        ):
            # No line in the audit: nobody has acted, time has.
            await self.sessions.close(key, None)
            return None
        if now - session.seen_at >= TOUCH_EVERY:
            await self.sessions.touch(key, now)
        return session, user

    async def sign_out(self, token: str, by: Actor) -> None:
        await self.sessions.close(digest(token), _note(by, "signed-out", self.clock()))

    async def change_password(self, current: str, new: str, by: Actor) -> None:
        """Set a new password, and end every session of the account. Raises
        WrongPassword (throttled alike), Busy, and ValueError for a new one that is too
        short, too common or the same: looked at first, because it costs neither a hash
        nor a try.
        """
        now = self.clock()
        if new == current:
            raise ValueError("error.password-same")
        check_password(new)
        tried = await _count_try(by.user, by.address, now, self.users)
        user = await self.users.find(by.user)
        if not await self._matches(tried, user, current):
            await self.users.note_wrong(tried)
            raise tried.wrong()
        await self.users.give_back(tried)
        # Password, ended sessions and audit line are one commit. A crash before it
        # leaves the old password in force; one after it leaves its owner to sign in
        # with the new one.
        note = _note(by, "password-changed", now)
        made = await self.passwords.digest(new, network_of(by.address))
        await self.users.set_password(by.user, made, note)

    async def sweep(self) -> None:
        """Take out what has no effect any more: sessions that ended by time without
        being used again, and tries older than a lock.
        """
        now = self.clock()
        await self.users.sweep_tries(now - LOCK)
        await self.sessions.sweep(
            idle_since=now - self.lifetimes.idle,
            opened_before=now - self.lifetimes.absolute,
        )

    async def _matches(self, tried: Try, user: User | None, password: str) -> bool:
        """Whether the password is the account's. Busy: nobody is told, nothing
        counted.
        """
        try:
            matches = await self.passwords.matches(
                user.password if user else None, password, tried.address
            )
            if tried.is_late(self.clock()):
                raise Busy  # noqa: TRY301 - as if it had never had its turn
        except Busy:
            await self.users.give_back(tried)
            raise
        return matches


def actor_of(user: User, address: str) -> Actor:
    return Actor(user.id, user.name, user.agency, user.roles, user.officer, address)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def _count_try(account: str, address: str, now: datetime, users: Users) -> Try:
    """The try, counted. Raises WrongPassword, and counts nothing, where locked.

    An IPv6 address is one of a whole network that its owner chooses from.
    """
    return await users.count_try(
        account, network_of(address), now, since=now - LOCK, check=guesses.check
    )


def _note(by: Actor, action: str, at: datetime) -> Note:
    return Note(at, by.user, by.name, by.agency, action, address=by.address)
