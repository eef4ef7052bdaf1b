"""What the commands besides the service need: schema, accounts, the staff's audit.

A composition root as ``wiring``, and apart from it: without web, bus and scans a
command starts in half the time (docs/decisions/0081). Start at ``add_user``.
"""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Final

from chassis.chain_report import Book, ChainReading, Report, read_chain
from chassis.clock import utc_now
from chassis.database import open_database
from chassis.hash_chain import Head
from chassis.settings import MigrateSettings
from ecopy.marks import YearBook
from intake.adapters.argon import open_passwords
from intake.adapters.sql import audit
from intake.adapters.sql.skipping import SqlSkips
from intake.adapters.sql.users import SqlUsers
from intake.domain.people import User
from intake.domain.skipping import LostLines
from intake.usecases import accounts, numbering

MIGRATIONS: Final = Path(__file__).parent / "migrations"
AUDIT: Final = Book("nhật ký thao tác", "the staff's audit", "INTAKE__DATABASE__URL")


async def add_user(settings: MigrateSettings, user: User, password: str) -> bool:
    """Make an account; False if the name is taken. Raises ValueError for a password
    that no account may have.
    """
    (added,) = await add_users(settings, ((user, password),))
    return added


async def add_users(
    settings: MigrateSettings, accounts_made: Iterable[tuple[User, str]]
) -> list[bool]:
    """Make accounts, each with its password; False for each name that is taken. Raises
    ValueError at the first password that no account may have.
    """
    url = settings.database.url.get_secret_value()
    with open_passwords() as passwords:
        async with open_database(url) as store:
            users = SqlUsers(store)
            return [
                await accounts.add_user(
                    user, password, users=users, passwords=passwords, clock=utc_now
                )
                for user, password in accounts_made
            ]


async def verify_audit(settings: MigrateSettings, noted: str | None) -> Report:
    """The staff's audit read once, held to the head *noted* (``ROWS:HEAD``)."""

    async def read(head: Head | None) -> ChainReading:
        return await store.read(partial(audit.verified, noted=head))

    async with open_database(settings.database.url.get_secret_value()) as store:
        return await read_chain(read, noted, AUDIT)


async def skip_lines(
    settings: MigrateSettings, book: YearBook, through: int, reason: str, by: str
) -> LostLines:
    """Declare lines of the register lost. NotAllowed, Trouble."""
    async with open_database(settings.database.url.get_secret_value()) as store:
        skips = SqlSkips(store)
        return await numbering.skip(
            book, through, reason, by, skips=skips, clock=utc_now
        )


def migrate(settings: MigrateSettings) -> None:
    # Alembic, which no other command and no service needs.
    from chassis import migration  # noqa: PLC0415

    migration.migrate(settings.database.url.get_secret_value(), MIGRATIONS)
