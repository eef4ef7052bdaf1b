"""What an administrator does to the accounts of one agency: pure, each with its audit.

Each decision is made on all accounts of the agency as the transaction has locked them,
so that of two administrators who take each other's role only one succeeds. Start at
``changed``.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from intake.domain import duties, text
from intake.domain.agencies import AgencyEntry
from intake.domain.people import Actor, Role, User
from intake.domain.records import Conflict, Note
from intake.domain.states import NotAllowed

NAME_CHARACTERS: Final = 80
_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


class BadAccount(ValueError):
    """What was typed cannot be an account: field, key of the sentence and values."""

    def __init__(self, *faults: tuple[str, str, dict[str, str | int]]) -> None:
        super().__init__(", ".join(key for _, key, _ in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class AccountForm:
    """A person as an administrator enters them."""

    name: str
    roles: frozenset[Role]
    officer: str | None
    """Id in the agencies file; a certifier has one."""


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account as the administrator sees it."""

    user: User
    signed_in_at: datetime | None
    sessions: int


@dataclass(frozen=True, slots=True)
class Change:
    """An account as it is from now on, with its line of audit."""

    user: User
    note: Note
    ends_sessions: bool = False


def parse_form(
    name: str, roles: Sequence[str], officer: str, agency: AgencyEntry
) -> AccountForm:
    """The typed words. Raises BadAccount with each fault."""
    shown = text.line(name)
    known = frozenset(Role(role) for role in roles if role in set(Role))
    faults: list[tuple[str, str, dict[str, str | int]]] = []
    if not shown or len(shown) > NAME_CHARACTERS:
        faults.append(("name", "error.account-name", {"n": NAME_CHARACTERS}))
    if not known:
        faults.append(("roles", "error.account-roles", {}))
    if duties.clash(known) is not None:
        faults.append(("roles", "error.roles-apart", {}))
    offices = {each.id for each in agency.officers}
    if Role.CERTIFIER in known and officer not in offices:
        faults.append(("officer", "error.account-office", {}))
    if faults:
        raise BadAccount(*faults)
    certifies = Role.CERTIFIER in known
    return AccountForm(shown, known, officer if certifies else None)


def parse_id(typed: str) -> str:
    """The sign-in name in small letters. Raises BadAccount."""
    name = text.line(typed).casefold()
    if _ID.fullmatch(name) is None:
        raise BadAccount(("user", "error.account-id", {}))
    return name


def added(
    user: str, form: AccountForm, others: Iterable[User], *, by: Actor, at: datetime
) -> Change:
    """A new account, still without a password that its owner knows. BadAccount where
    another account has that office.
    """
    _check_office(user, form, others)
    made = User(
        id=user,
        name=form.name,
        agency=by.agency,
        roles=form.roles,
        officer=form.officer,
        password="",
        must_change=True,
        changed_by=by.name,
        changed_at=at,
    )
    values: dict[str, str | int] = {"user": user, "roles": _listed(form.roles)}
    return Change(made, _note("user-added", by, at, **values))


def changed(
    account: User,
    form: AccountForm,
    version: int,
    others: Sequence[User],
    *,
    by: Actor,
    at: datetime,
) -> Change:
    """Another name, other roles or another office. Its sessions end where the roles
    change. Raises Conflict, BadAccount, and NotAllowed for the last administrator.
    """
    _check_version(account, version, at)
    _check_office(account.id, form, others)
    after = _touched(
        replace(account, name=form.name, roles=form.roles, officer=form.officer), by, at
    )
    _check_administered(after, others)
    note = _note(
        "user-changed",
        by,
        at,
        user=account.id,
        name=form.name,
        before=_listed(account.roles),
        roles=_listed(form.roles),
        officer=form.officer or "",
    )
    kept = (account.roles, account.officer) == (form.roles, form.officer)
    return Change(after, note, ends_sessions=not kept)


def locked(
    account: User, version: int, others: Sequence[User], *, by: Actor, at: datetime
) -> Change:
    """Nobody signs in with it any more, and whoever has is out. Raises Conflict, and
    NotAllowed for the last administrator.
    """
    _check_version(account, version, at)
    after = _touched(replace(account, active=False), by, at)
    _check_administered(after, others)
    return Change(after, _note("user-locked", by, at, user=account.id), True)


def unlocked(
    account: User, version: int, others: Sequence[User], *, by: Actor, at: datetime
) -> Change:
    """Raises Conflict, and NotAllowed where its office is another account's by now."""
    _check_version(account, version, at)
    holder = _holder(account.id, account.officer, others)
    if holder is not None:
        raise NotAllowed("error.office-taken", who=holder)
    after = _touched(replace(account, active=True), by, at)
    return Change(after, _note("user-unlocked", by, at, user=account.id))


def given_password(
    account: User, version: int, digest: str, *, by: Actor, at: datetime
) -> Change:
    """A password that the administrator hands over, good for choosing another one."""
    _check_version(account, version, at)
    given = replace(account, password=digest, must_change=True)
    after = _touched(given, by, at)
    return Change(after, _note("password-given", by, at, user=account.id), True)


def signed_out(account: User, version: int, *, by: Actor, at: datetime) -> Change:
    """Every session of the account ends; its password stays."""
    _check_version(account, version, at)
    after = _touched(account, by, at)
    return Change(after, _note("sessions-ended", by, at, user=account.id), True)


def _check_version(account: User, version: int, at: datetime) -> None:
    if account.version != version:
        raise Conflict(account.changed_by, account.changed_at or at)


def _check_office(user: str, form: AccountForm, others: Iterable[User]) -> None:
    holder = _holder(user, form.officer, others)
    if holder is not None:
        raise BadAccount(("officer", "error.office-taken", {"who": holder}))


def _holder(user: str, officer: str | None, others: Iterable[User]) -> str | None:
    """Whose the office is, if not this account's: two would sign in one name."""
    for other in others:
        if officer and other.active and other.officer == officer and other.id != user:
            return other.name
    return None


def _check_administered(after: User, others: Iterable[User]) -> None:
    accounts = (after, *(other for other in others if other.id != after.id))
    if not any(a.active and Role.ADMINISTRATOR in a.roles for a in accounts):
        raise NotAllowed("error.last-administrator")


def _touched(account: User, by: Actor, at: datetime) -> User:
    return replace(
        account, version=account.version + 1, changed_by=by.name, changed_at=at
    )


def _listed(roles: Iterable[Role]) -> str:
    return ",".join(sorted(roles))


def _note(action: str, by: Actor, at: datetime, **values: str | int) -> Note:
    return Note(
        at=at,
        actor=by.user,
        actor_name=by.name,
        agency=by.agency,
        action=action,
        address=by.address,
        values=values,
    )
