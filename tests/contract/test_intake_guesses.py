"""However many passwords come at once, to however many replicas, on SQLite and on
PostgreSQL: exactly the allowed number is compared.
"""

import asyncio
import uuid
from collections.abc import Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from chassis.database import Database
from intake.adapters.sql.sessions import SqlSessions
from intake.adapters.sql.tables import attempts
from intake.adapters.sql.tables import sessions as sessions_table
from intake.adapters.sql.tables import users as users_table
from intake.adapters.sql.users import SqlUsers
from intake.domain.guesses import (
    ADDRESS_TRIES,
    COMPARED,
    LOCK,
    TRIES,
    UNDECIDED,
    WrongPassword,
)
from intake.domain.people import Session
from intake.ports import Busy
from intake.usecases.signing_in import Lifetimes, SignedIn, Staff
from support import intake
from support.intake import PASSWORD, Hands

MANY = 60
ADDRESS = "192.0.2.66"


class Comparing:
    """``ports.Passwords`` that counts what it is asked and takes a while for it."""

    def __init__(self, *, busy: bool = False, then: Callable[[], None] = int) -> None:
        self.compared: list[str] = []
        self._busy, self._then = busy, then

    async def digest(self, password: str, _address: str) -> str:
        return password

    async def matches(self, digest: str | None, password: str, _address: str) -> bool:
        if self._busy:
            raise Busy
        self.compared.append(password)
        await asyncio.sleep(0)
        self._then()
        return digest is not None and password == PASSWORD


class Desk:
    """Sign-in of one replica."""

    def __init__(self, url: str, clock: Hands, passwords: Comparing) -> None:
        self.store = Database(url)
        self.sessions = SqlSessions(self.store)
        self.staff = Staff(
            users=SqlUsers(self.store),
            sessions=self.sessions,
            passwords=passwords,
            token=lambda: uuid.uuid4().hex,
            clock=clock,
            lifetimes=Lifetimes(timedelta(minutes=15), timedelta(hours=8)),
        )

    async def sign_in(
        self, user: str, password: str, address: str = ADDRESS
    ) -> SignedIn:
        return await self.staff.sign_in(user, password, address)

    async def tries(self) -> int:
        counted = select(func.count()).select_from(attempts)
        return await self.store.read(lambda tx: tx.execute(counted).scalar_one())


@pytest.fixture
def clock():
    return Hands()


@pytest.fixture
async def url(database_url):
    """A database with the staff in it."""
    await intake.make_staffed(database_url)
    return database_url


@asynccontextmanager
async def replicas(url, clock, passwords, count=2):
    desks = [Desk(url, clock, passwords) for _ in range(count)]
    try:
        yield desks
    finally:
        for desk in desks:
            await desk.store.close()


async def answers(*guesses):
    refusals = await asyncio.gather(*guesses, return_exceptions=True)
    assert all(isinstance(each, WrongPassword) for each in refusals), refusals
    return refusals


async def test_guesses_at_one_account_are_counted_before_they_are_compared(url, clock):
    """Sixty at once over two replicas: five are compared, fifty-five find it locked."""
    passwords = Comparing()
    async with replicas(url, clock, passwords) as desks:
        refusals = await answers(
            *(desks[n % 2].sign_in("ha", f"guess-{n}") for n in range(MANY))
        )
    assert len(passwords.compared) == TRIES
    locked = [each for each in refusals if each.locked_until is not None]
    assert len(locked) == MANY - TRIES + 1  # and the fifth says that it was the last
    # While the five are compared, the others hear of the minute that those count.
    ends = {each.locked_until for each in locked}
    assert ends <= {clock() + LOCK, clock() + UNDECIDED}
    async with replicas(url, clock, passwords, 1) as (desk,):
        (later,) = await answers(desk.sign_in("ha", PASSWORD))
    assert later.locked_until == clock() + LOCK


async def test_guesses_from_one_address_are_counted_over_all_accounts(url, clock):
    """Names that exist and names that do not; IPv6 by the network its owner has."""
    passwords = Comparing()
    async with replicas(url, clock, passwords) as desks:
        await answers(
            *(
                desks[n % 2].sign_in(f"nobody-{n}", "guess", f"2001:db8:1:2::{n:x}")
                for n in range(MANY)
            )
        )
    assert len(passwords.compared) == ADDRESS_TRIES


async def test_right_passwords_are_given_back(url, clock):
    """Signing in all day locks nobody out, and wrong ones before are forgotten."""
    passwords = Comparing()
    async with replicas(url, clock, passwords, 1) as (desk,):
        await answers(desk.sign_in("ha", "wrong"), desk.sign_in("man", "wrong"))
        for _ in range(TRIES + 1):
            await desk.sign_in("ha", PASSWORD)
        assert await desk.tries() == 1  # of the other account


async def test_a_guess_in_hand_is_not_forgotten_by_an_earlier_right_one(url, clock):
    """It may still be wrong: what was counted before the right one is forgotten."""
    async with replicas(url, clock, Comparing(), 1) as (desk,):
        since = clock() - LOCK
        count = {"at": clock(), "since": since, "check": lambda _: None}
        first = await desk.staff.users.count_try("ha", ADDRESS, **count)
        await desk.staff.users.count_try("ha", ADDRESS, **count)
        await desk.staff.users.forget_failures(first)
        assert await desk.tries() == 1


async def test_a_try_that_no_hash_was_free_for_does_not_count(url, clock):
    """Nothing was compared, so nothing was guessed."""
    async with replicas(url, clock, Comparing(busy=True), 1) as (desk,):
        with pytest.raises(Busy):
            await desk.sign_in("ha", PASSWORD)
        assert await desk.tries() == 0


async def test_wrong_current_passwords_are_counted_before_they_are_compared(url, clock):
    """Whoever found an open session does not learn the password from it."""
    passwords = Comparing()
    async with replicas(url, clock, passwords) as desks:
        by = await intake.actor(desks[0].store, "ha")
        await answers(
            *(
                desks[n % 2].staff.change_password(
                    f"guess-{n}", "a-new-one-that-is-long", by
                )
                for n in range(MANY)
            )
        )
        assert await desks[0].tries() == TRIES
    assert len(passwords.compared) == TRIES


class PowerCut(BaseException):
    """The process ends here: nothing behind this line is ever done."""


def cut_off():
    raise PowerCut


async def test_tries_that_a_crash_cut_off_are_not_wrong_ones(url, clock):
    """Five people sign in while the desk is killed. For a minute they count, as if they
    were still compared; then everybody comes in, and what was wrong still counts.
    """
    async with replicas(url, clock, Comparing(then=cut_off), 1) as (desk,):
        for _ in range(TRIES):
            with pytest.raises(PowerCut):
                await desk.sign_in("ha", PASSWORD)
    async with replicas(url, clock, Comparing(), 1) as (desk,):
        (locked,) = await answers(desk.sign_in("ha", PASSWORD))
        assert locked.locked_until == clock() + UNDECIDED
        clock.on(seconds=UNDECIDED.total_seconds())
        (wrong,) = await answers(desk.sign_in("ha", "wrong"))
        assert wrong.tries_left == TRIES - 1
        await desk.sign_in("ha", PASSWORD)
        assert await desk.tries() == 0


async def test_who_kills_the_desk_gets_no_more_answers_than_five(url, clock):
    """Each wrong answer counts for the whole lock, however many crashes come between;
    what was never answered told nobody anything.
    """
    passwords, dying = Comparing(), Comparing(then=cut_off)
    answered = 0
    for n in range(4 * TRIES):
        async with replicas(url, clock, dying if n % 2 else passwords, 1) as (desk,):
            try:
                await desk.sign_in("ha", f"guess-{n}")
            except WrongPassword as refused:
                answered += refused.locked_until is None or refused.tries_left > 0
            except PowerCut:
                clock.on(seconds=UNDECIDED.total_seconds())
    assert passwords.compared == ["guess-0", "guess-2", "guess-4", "guess-6", "guess-8"]
    assert answered == TRIES - 1  # the fifth says that it was the last


async def test_an_answer_that_took_too_long_is_not_told(url, clock):
    """The desk was frozen while it compared: the try does not count any more, so its
    answer, right or wrong, would be one more than five.
    """

    def freeze():
        clock.on(seconds=COMPARED.total_seconds() + 1)

    async with replicas(url, clock, Comparing(then=freeze), 1) as (desk,):
        for password in (PASSWORD, "wrong"):
            with pytest.raises(Busy):
                await desk.sign_in("ha", password)
        assert await desk.tries() == 0


@pytest.mark.parametrize(
    ("new", "key"),
    [
        (PASSWORD, "error.password-same"),
        ("short", "error.password-short"),
        ("          ", "error.password-short"),
        ("matkhau123", "error.password-common"),
    ],
)
async def test_a_new_password_that_is_none_costs_no_try(url, clock, new, key):
    passwords = Comparing()
    async with replicas(url, clock, passwords, 1) as (desk,):
        by = await intake.actor(desk.store, "ha")
        with pytest.raises(ValueError, match=key):
            await desk.staff.change_password(PASSWORD, new, by)
        assert await desk.tries() == 0
    assert not passwords.compared


async def test_old_tries_and_ended_sessions_are_swept(url, clock):
    """Those that still count stay: a try within its lock, a session that may go on."""
    async with replicas(url, clock, Comparing(), 1) as (desk,):
        await answers(desk.sign_in("ha", "wrong"))
        now = clock()
        note = intake.records.Note(now, "", "", "", "signed-in")
        opened = {
            "idle": (now, now),
            "absolute": (now - timedelta(hours=7, minutes=50), now + LOCK),
            "open": (now, now + LOCK),
        }
        for token, (created, seen) in opened.items():
            session = Session("ha", "csrf", created, seen)
            await desk.sessions.open(token, session, note)
        clock.on(minutes=14)
        await answers(desk.sign_in("man", "wrong"))
        clock.on(minutes=1)
        await desk.staff.sweep()
        assert await desk.tries() == 1
        left = await desk.store.read(
            lambda tx: tx.scalars(select(sessions_table.c.token_sha256)).all()
        )
    assert set(left) == {"open"}


async def test_a_right_password_forgets_its_own_account_and_address_alone(url, clock):
    """A guesser with one good password does not clear what they guessed elsewhere."""
    async with replicas(url, clock, Comparing(), 1) as (desk,):
        await answers(
            desk.sign_in("ha", "wrong"),
            desk.sign_in("ha", "wrong", "192.0.2.99"),
            desk.sign_in("man", "wrong"),
        )
        await desk.sign_in("ha", PASSWORD)
        assert await desk.tries() == 2
        for address, left in ((ADDRESS, TRIES - 1), ("192.0.2.99", TRIES - 2)):
            (wrong,) = await answers(desk.sign_in("ha", "wrong", address))
            assert wrong.tries_left == left


async def test_an_old_failure_does_not_count(url, clock):
    """Not swept yet, and over: exactly a quarter of an hour later it is none."""
    async with replicas(url, clock, Comparing(), 1) as (desk,):
        for _ in range(TRIES - 1):
            await answers(desk.sign_in("ha", "wrong"))
        clock.on(minutes=14, seconds=59)
        (last,) = await answers(desk.sign_in("ha", "wrong"))
        assert last.locked_until == clock() + timedelta(seconds=1)
        clock.on(seconds=1)
        await desk.sign_in("ha", PASSWORD)


async def test_failures_of_the_future_lock_nobody(url, clock):
    """The clock ran 14 days ahead and was set back: five wrong passwords of then do not
    lock the account for 14 days, and the next sweep removes them.
    """
    async with replicas(url, clock, Comparing(), 1) as (desk,):
        clock.on(days=14)
        for _ in range(TRIES):
            await answers(desk.sign_in("ha", "wrong"))
        clock.on(days=-14)
        await desk.sign_in("ha", PASSWORD)
        await answers(desk.sign_in("man", "wrong"))
        clock.on(days=14)
        await answers(desk.sign_in("man", "wrong"))
        clock.on(days=-14)
        await desk.staff.sweep()
        assert await desk.tries() == 1


async def test_who_left_the_house_is_out_at_once(url, clock):
    """A right password opens nothing, and the session that is open ends."""
    async with replicas(url, clock, Comparing(), 1) as (desk,):
        opened = await desk.sign_in("ha", PASSWORD)
        assert await desk.staff.resume(opened.token) is not None
        left = update(users_table).where(users_table.c.id == "ha").values(active=False)
        await desk.store.write(lambda tx: tx.execute(left))
        assert await desk.staff.resume(opened.token) is None
        await answers(desk.sign_in("ha", PASSWORD))
