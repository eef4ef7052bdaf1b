"""Who may approve in an agency now: pages name them where it is one person."""

from datetime import datetime

from intake.domain import permissions
from intake.domain.rules import Rules
from intake.domain.waiting import Certifiers
from intake.ports import Users
from intake.usecases.signing_in import actor_of


async def certifiers_of(
    agency: str, users: Users, rules: Rules, now: datetime
) -> Certifiers:
    """The people who may approve in that agency at *now*."""
    known = agency in rules.agencies
    people = (actor_of(user, "") for user in await users.certifiers(agency))
    return Certifiers(
        people=tuple(each for each in people if permissions.may_sign(rules, each, now)),
        alone=known and rules.agency_on(agency, now).same_person_may_certify,
    )
