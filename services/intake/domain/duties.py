"""What each role is there for, as a table; routes and use cases ask it.

The words are those of the law and of the office: whoever receives does not decide, who
looks after accounts signs nothing, who inspects changes nothing. Start at ``DUTIES``
(docs/decisions/0127-roles-are-a-table.md).
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from intake.domain.people import Role


class Duty(StrEnum):
    """One kind of work at the desk."""

    RECEIVE = "receive"
    """Receives, scans, compares, takes the fee and hands over."""
    EXAMINE = "examine"
    """Looks at what awaits approval, and sends it back with a reason."""
    CERTIFY = "certify"
    """Approves or refuses; signs as the officer, within an office that holds."""
    RELEASE = "release"
    """Releases the agency's seal for what was approved, or withholds it."""
    LEAD = "lead"
    """Answers for the office: the apology for a late case."""
    ADMINISTER = "administer"
    """Accounts, delegations, calendar, fees and templates of the agency."""
    READ_CASES = "read-cases"
    """Sees each case of the agency with its papers."""
    READ_OFFICE = "read-office"
    """Sees how the office is arranged, and how the machinery runs."""


DUTIES: Final[Mapping[Role, frozenset[Duty]]] = {
    Role.CLERK: frozenset({Duty.RECEIVE, Duty.READ_CASES}),
    Role.EXAMINER: frozenset({Duty.EXAMINE, Duty.READ_CASES}),
    Role.CERTIFIER: frozenset({Duty.CERTIFY, Duty.READ_CASES}),
    Role.SEAL_KEEPER: frozenset({Duty.RELEASE, Duty.READ_CASES}),
    Role.LEADER: frozenset({Duty.LEAD, Duty.READ_CASES, Duty.READ_OFFICE}),
    Role.ADMINISTRATOR: frozenset({Duty.ADMINISTER, Duty.READ_OFFICE}),
    Role.AUDITOR: frozenset({Duty.READ_CASES, Duty.READ_OFFICE}),
}
"""Unless the agency has it otherwise, the seal is put with the officer's signature:
whoever keeps it has an empty queue then (docs/decisions/0144)."""
APART: Final = (
    (Role.ADMINISTRATOR, Role.CERTIFIER),
    (Role.ADMINISTRATOR, Role.SEAL_KEEPER),
    *((Role.AUDITOR, other) for other in Role if other is not Role.AUDITOR),
)
"""Roles that one account does not hold together."""


def roles_with(*duties: Duty) -> frozenset[Role]:
    """The roles that have at least one of these duties."""
    return frozenset(role for role, has in DUTIES.items() if has & set(duties))


def may(roles: Iterable[Role], duty: Duty) -> bool:
    return any(duty in DUTIES[role] for role in roles)


def hands_over(roles: Iterable[Role]) -> bool:
    """Whether they hold the citizen's link and papers in hand."""
    held = frozenset(roles)
    return bool(held & roles_with(Duty.RECEIVE, Duty.CERTIFY))


def clash(roles: Iterable[Role]) -> tuple[Role, Role] | None:
    """Two of these roles that nobody holds together; None where there are none."""
    held = frozenset(roles)
    return next((pair for pair in APART if held.issuperset(pair)), None)
