"""Accounts of the staff, which the machine's operator makes: ``add_user``."""

from chassis.clock import Clock
from intake.domain.passwords import check_password
from intake.domain.people import User
from intake.domain.records import Note
from intake.ports import Passwords, Users


async def add_user(
    user: User, password: str, *, users: Users, passwords: Passwords, clock: Clock
) -> bool:
    """Make an account, for the machine's operator; False if the name is taken."""
    check_password(password)
    known = User(
        id=user.id.strip().casefold(),
        name=user.name,
        agency=user.agency,
        roles=user.roles,
        officer=user.officer,
        password=await passwords.digest(password, ""),
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
