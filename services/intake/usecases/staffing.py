"""An administrator makes, changes and locks the accounts of the own agency.

What may be done is decided in ``intake.domain.accounts``, in the transaction that
writes it. Start at ``Staffing.add``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chassis.addresses import network_of
from chassis.clock import Clock
from intake.domain import accounts
from intake.domain.accounts import AccountForm, AccountLine, Change
from intake.domain.agencies import AgencyEntry
from intake.domain.passwords import drawn
from intake.domain.people import Actor, Role, User
from intake.domain.records import NotFound
from intake.domain.rules import Rules
from intake.domain.views.accounts import AccountRow, AccountsView, OfficeChoice
from intake.ports import Accounts, Passwords


@dataclass(frozen=True, slots=True)
class Staffing:
    """The administrator's acts on accounts, with the ports that they take."""

    accounts: Accounts
    passwords: Passwords
    random_bits: Callable[[int], int]
    rules: Rules
    clock: Clock

    async def view(self, user: str | None, by: Actor) -> AccountsView:
        """All accounts of the agency; with *user* that one, too. Raises NotFound."""
        agency = self.rules.agency(by.agency)
        rows = [_row(line, agency, by) for line in await self.accounts.of(by.agency)]
        row = next((row for row in rows if row.user == user), None)
        if user is not None and row is None:
            raise NotFound(user)
        return AccountsView(
            rows=tuple(sorted(rows, key=lambda row: not row.active)),
            roles=tuple(Role),
            offices=_offices(agency),
            now=self.clock(),
            row=row,
        )

    def form(
        self, name: str, roles: Sequence[str], officer: str, by: Actor
    ) -> AccountForm:
        """Raises BadAccount."""
        agency = self.rules.agency(by.agency)
        return accounts.parse_form(name, roles, officer, agency)

    async def add(self, user: str, form: AccountForm, by: Actor) -> tuple[User, str]:
        """A new account and its first password, which is good for choosing another.
        Raises BadAccount, NotAllowed.
        """
        name, now = accounts.parse_id(user), self.clock()
        password, digest = await self._drawn(by)

        def decide(others: Sequence[User]) -> Change:
            return accounts.added(name, form, others, by=by, at=now)

        return await self.accounts.add(by.agency, decide, digest), password

    async def change(
        self, user: str, form: AccountForm, version: int, by: Actor
    ) -> User:
        """Raises BadAccount, Conflict, NotAllowed, NotFound."""
        now = self.clock()

        def decide(account: User, others: Sequence[User]) -> Change:
            return accounts.changed(account, form, version, others, by=by, at=now)

        return await self.accounts.change(by.agency, user, decide)

    async def lock(self, user: str, version: int, by: Actor) -> User:
        """Raises Conflict, NotAllowed, NotFound."""
        now = self.clock()

        def decide(account: User, others: Sequence[User]) -> Change:
            return accounts.locked(account, version, others, by=by, at=now)

        return await self.accounts.change(by.agency, user, decide)

    async def unlock(self, user: str, version: int, by: Actor) -> User:
        """Raises Conflict, NotAllowed, NotFound."""
        now = self.clock()

        def decide(account: User, others: Sequence[User]) -> Change:
            return accounts.unlocked(account, version, others, by=by, at=now)

        return await self.accounts.change(by.agency, user, decide)

    async def give_password(
        self, user: str, version: int, by: Actor
    ) -> tuple[User, str]:
        """A new password for somebody who has none any more. Conflict, NotFound."""
        now = self.clock()
        password, digest = await self._drawn(by)

        def decide(account: User, _others: Sequence[User]) -> Change:
            return accounts.given_password(account, version, digest, by=by, at=now)

        return await self.accounts.change(by.agency, user, decide), password

    async def sign_out(self, user: str, version: int, by: Actor) -> User:
        """End every session of the account. Raises Conflict, NotFound."""
        now = self.clock()

        def decide(account: User, _others: Sequence[User]) -> Change:
            return accounts.signed_out(account, version, by=by, at=now)

        return await self.accounts.change(by.agency, user, decide)

    async def _drawn(self, by: Actor) -> tuple[str, str]:
        password = drawn(self.random_bits)
        return password, await self.passwords.digest(password, network_of(by.address))


def _row(line: AccountLine, agency: AgencyEntry, by: Actor) -> AccountRow:
    user = line.user
    labels = {office.id: office.label for office in _offices(agency)}
    return AccountRow(
        user=user.id,
        name=user.name,
        roles=frozenset(map(str, user.roles)),
        officer=user.officer or "",
        office=labels.get(user.officer or "", ""),
        active=user.active,
        must_change=user.must_change,
        signed_in_at=line.signed_in_at,
        sessions=line.sessions,
        version=user.version,
        mine=user.id == by.user,
    )


def _offices(agency: AgencyEntry) -> tuple[OfficeChoice, ...]:
    """Each office of the agencies file by its latest version."""
    latest = {
        each.id: each
        for each in sorted(agency.officers, key=lambda known: known.valid_from)
    }
    return tuple(
        OfficeChoice(each.id, f"{each.name}, {' / '.join(each.title_lines)}")
        for each in latest.values()
    )
