"""Staff come and go: what is counted, compared, kept and written down, step by step."""

import hashlib
import itertools
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from intake.domain.guesses import LOCK, Failures, Try, WrongPassword
from intake.domain.people import Actor, Role, Session, User
from intake.domain.records import Note
from intake.ports import Busy
from intake.usecases import accounts
from intake.usecases.signing_in import Lifetimes, Staff
from support.build import NOON

PASSWORD, NEW = "con-trau-den-tren-dong", "con-meo-vang-tren-mai"
MINUTE = timedelta(minutes=1)
ADDRESS, NETWORK = "2001:db8:1:2::66", "2001:db8:1:2::/64"
HA = User(
    id="ha",
    name="Lê Thị Hà",
    agency="H99.42.05.13",
    roles=frozenset({Role.CLERK}),
    officer=None,
    password=f"digest of {PASSWORD}",
)
BY = Actor("ha", "Lê Thị Hà", "H99.42.05.13", HA.roles, None, ADDRESS)


@dataclass
class FakeUsers:
    """``ports.Users`` in a dictionary; each call that writes is written down."""

    users: dict[str, User] = field(default_factory=lambda: {"ha": HA})
    before: Failures = field(default_factory=lambda: Failures((), ()))
    calls: list[tuple] = field(default_factory=list)

    async def find(self, user):
        return self.users.get(user)

    async def add(self, user, note):
        self.calls.append(("add", user, note))
        return user.id not in self.users

    async def set_password(self, user, password, note):
        self.calls.append(("set_password", user, password, note))

    async def count_try(self, account, address, at, *, since, check):
        check(self.before)
        self.calls.append(("count_try", account, address, at, since))
        return Try(7, account, address, self.before, at)

    async def note_wrong(self, tried):
        self.calls.append(("note_wrong", tried.seq))

    async def give_back(self, tried):
        self.calls.append(("give_back", tried.seq))

    async def forget_failures(self, tried):
        self.calls.append(("forget_failures", tried.seq))


@dataclass
class FakeSessions:
    """``ports.Sessions``: one open session at most, and what was done to it."""

    found: tuple[Session, User] | None = None
    calls: list[tuple] = field(default_factory=list)

    async def open(self, token_sha256, session, note):
        self.calls.append(("open", token_sha256, session, note))

    async def find(self, token_sha256):
        self.calls.append(("find", token_sha256))
        return self.found

    async def touch(self, token_sha256, at):
        self.calls.append(("touch", token_sha256, at))

    async def close(self, token_sha256, note):
        self.calls.append(("close", token_sha256, note))


@dataclass
class FakePasswords:
    """``ports.Passwords`` that says which line each comparison waits in."""

    busy: bool = False
    calls: list[tuple] = field(default_factory=list)

    async def digest(self, password, address):
        self.calls.append(("digest", address))
        return f"digest of {password}"

    async def matches(self, digest, password, address):
        if self.busy:
            raise Busy
        self.calls.append(("matches", digest, address))
        return digest == f"digest of {password}"


@dataclass
class Office:
    """The use cases over fakes; tokens are t1, t2, …"""

    users: FakeUsers = field(default_factory=FakeUsers)
    sessions: FakeSessions = field(default_factory=FakeSessions)
    passwords: FakePasswords = field(default_factory=FakePasswords)

    @property
    def staff(self) -> Staff:
        numbers = itertools.count(1)
        return Staff(
            self.users,
            self.sessions,
            self.passwords,
            token=lambda: f"t{next(numbers)}",
            clock=lambda: NOON,
            lifetimes=Lifetimes(timedelta(minutes=15), timedelta(hours=8)),
        )


@pytest.fixture
def office():
    return Office()


def note(action):
    return Note(NOON, "ha", "Lê Thị Hà", HA.agency, action, address=ADDRESS)


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


async def test_signing_in_counts_compares_forgets_and_opens(office):
    """The name however it is typed; the browser gets one token, the form another; the
    table gets the digest of the first, and the audit a line.
    """
    signed_in = await office.staff.sign_in("  Ha ", PASSWORD, ADDRESS)
    session = Session("ha", "t2", NOON, NOON)
    assert (signed_in.token, signed_in.session, signed_in.user) == ("t1", session, HA)
    assert office.users.calls == [
        ("count_try", "ha", NETWORK, NOON, NOON - LOCK),
        ("forget_failures", 7),
    ]
    assert office.passwords.calls == [("matches", HA.password, NETWORK)]
    opened = ("open", sha256("t1"), session, note("signed-in"))
    assert office.sessions.calls == [opened]


@pytest.mark.parametrize(
    ("name", "password", "active"),
    [("ha", "wrong", True), ("nobody", PASSWORD, True), ("ha", PASSWORD, False)],
)
async def test_no_other_way_in(office, name, password, active):
    """A wrong password, no account and a closed account: the same answer, the same
    comparison, one try used up and nothing opened.
    """
    office.users.users["ha"] = replace(HA, active=active)
    with pytest.raises(WrongPassword) as refused:
        await office.staff.sign_in(name, password, ADDRESS)
    assert (refused.value.tries_left, refused.value.locked_until) == (4, None)
    assert [done[0] for done in office.users.calls] == ["count_try", "note_wrong"]
    assert [done[0] for done in office.passwords.calls] == ["matches"]
    assert not office.sessions.calls


async def test_who_is_locked_is_not_compared(office):
    office.users.before = Failures((NOON + LOCK,) * 5, ())
    with pytest.raises(WrongPassword) as refused:
        await office.staff.sign_in("ha", PASSWORD, ADDRESS)
    assert refused.value.locked_until == NOON + LOCK
    assert not office.passwords.calls


async def test_a_long_name_is_cut_before_it_is_stored(office):
    with pytest.raises(WrongPassword):
        await office.staff.sign_in("x" * 1000, PASSWORD, ADDRESS)
    assert office.users.calls[0][1] == "x" * 128


async def test_a_try_that_nobody_compared_is_given_back(office):
    """At the door, and where a password is changed."""
    office.passwords.busy = True
    for attempt in (
        office.staff.sign_in("ha", PASSWORD, ADDRESS),
        office.staff.change_password(PASSWORD, NEW, BY),
    ):
        with pytest.raises(Busy):
            await attempt
        assert office.users.calls[-1] == ("give_back", 7)


@pytest.mark.parametrize(
    ("seen", "created", "active", "done"),
    [
        (0 * MINUTE, 0 * MINUTE, True, None),
        (timedelta(seconds=29.9), MINUTE, True, None),
        (timedelta(seconds=30), MINUTE, True, "touch"),
        (14.9 * MINUTE, 479.9 * MINUTE, True, "touch"),
        (15 * MINUTE, 20 * MINUTE, True, "close"),
        (0 * MINUTE, 480 * MINUTE, True, "close"),
        (0 * MINUTE, 0 * MINUTE, False, "close"),
        (-15 * MINUTE, 0 * MINUTE, True, None),
        (-15.1 * MINUTE, 0 * MINUTE, True, "close"),
        (0 * MINUTE, -20_160 * MINUTE, True, "close"),
    ],
)
async def test_a_session_lives_so_long(office, seen, created, active, done):
    """A quarter of an hour unused, eight hours in all, and as long as the account is
    open; its clock is written every half minute at most. It ends, too, if it was used
    or opened in what is the future of a clock that was set back.
    """
    user = replace(HA, active=active)
    session = Session("ha", "csrf", NOON - created, NOON - seen)
    office.sessions.found = (session, user)
    resumed = await office.staff.resume("t1")
    assert resumed == (None if done == "close" else (session, user))
    ends = {
        None: [],
        "touch": [("touch", sha256("t1"), NOON)],
        "close": [("close", sha256("t1"), None)],
    }
    assert office.sessions.calls == [("find", sha256("t1")), *ends[done]]


async def test_nobody_resumes_what_was_never_opened(office):
    assert await office.staff.resume("guess") is None
    assert office.sessions.calls == [("find", sha256("guess"))]


async def test_signing_out_closes_and_says_who(office):
    await office.staff.sign_out("t1", BY)
    assert office.sessions.calls == [("close", sha256("t1"), note("signed-out"))]


async def test_a_password_is_changed_after_the_old_one_was_right(office):
    """Counted, compared, given back, digested in the line of its network, written."""
    await office.staff.change_password(PASSWORD, NEW, BY)
    assert office.users.calls == [
        ("count_try", "ha", NETWORK, NOON, NOON - LOCK),
        ("give_back", 7),
        ("set_password", "ha", f"digest of {NEW}", note("password-changed")),
    ]
    assert office.passwords.calls == [
        ("matches", HA.password, NETWORK),
        ("digest", NETWORK),
    ]


async def test_a_wrong_old_password_changes_nothing(office):
    with pytest.raises(WrongPassword):
        await office.staff.change_password("wrong", NEW, BY)
    assert [done[0] for done in office.users.calls] == ["count_try", "note_wrong"]


async def test_an_account_is_made_at_the_machine(office):
    """Its name in small letters, its roles in the audit, its password as a digest."""
    user = replace(
        HA, id=" Lan ", roles=frozenset({Role.CLERK, Role.CERTIFIER}), password=""
    )
    made = {"users": office.users, "passwords": office.passwords}
    assert await accounts.add_user(user, PASSWORD, clock=lambda: NOON, **made)
    ((_, known, line),) = office.users.calls
    assert known == replace(user, id="lan", password=f"digest of {PASSWORD}")
    values = {"user": "lan", "roles": "certifier,clerk"}
    assert line == Note(NOON, "", "", HA.agency, "user-added", values=values)
    assert office.passwords.calls == [("digest", "")]
    again = replace(user, id="HA")
    assert not await accounts.add_user(again, PASSWORD, clock=lambda: NOON, **made)


async def test_no_account_gets_a_password_that_is_none(office):
    with pytest.raises(ValueError, match="password-short"):
        await accounts.add_user(
            HA,
            "short",
            users=office.users,
            passwords=office.passwords,
            clock=lambda: NOON,
        )
    assert not office.users.calls
