"""What an administrator decides about the office, bound to its ports."""

import asyncio
import contextlib
import secrets
import string
from functools import partial
from typing import Final

import structlog

from ecopy.refusals import Trouble
from intake.adapters.sql.accounts import SqlAccounts
from intake.adapters.sql.own_tables import SqlOwnTables
from intake.adapters.sql.programs import SqlPrograms
from intake.usecases.admitting import Admitting
from intake.usecases.governing import Governing
from intake.usecases.staffing import Staffing
from intake.usecases.tabling import Tabling
from intake.wiring.adapters import Adapters

log = structlog.get_logger()

PREFIX_CHARACTERS: Final = 8
SECRET_BYTES: Final = 32

FOLLOW_SECONDS: Final = 5.0
"""So long a change of another replica may be unknown here: a case that is received
meanwhile has the due hour of the moment before."""


def own_tables_of(house: Adapters) -> SqlOwnTables:
    return SqlOwnTables(house.store, house.tables)


async def follow_tables(house: Adapters, stop: asyncio.Event) -> None:
    """Learn of every agency's days and hours at the start, and again and again."""
    tables = own_tables_of(house)
    while not stop.is_set():
        try:
            await tables.refresh()
        except Trouble as trouble:
            log.warning("tables_not_read", error=str(trouble))
        except Exception:
            # Whatever it is, the desk goes on with what was known before.
            log.exception("tables_not_read")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), FOLLOW_SECONDS)


def governing_of(house: Adapters) -> Governing:
    return Governing(tables=own_tables_of(house), rules=house.rules, clock=house.clock)


def tabling_of(house: Adapters) -> Tabling:
    return Tabling(tables=own_tables_of(house), rules=house.rules, clock=house.clock)


def staffing_of(house: Adapters) -> Staffing:
    return Staffing(
        accounts=SqlAccounts(house.store),
        passwords=house.passwords,
        random_bits=secrets.randbits,
        rules=house.rules,
        clock=house.clock,
    )


def admitting_of(house: Adapters) -> Admitting:
    letters = string.ascii_lowercase + "234567"
    return Admitting(
        book=SqlPrograms(house.store),
        prefix=lambda: "".join(
            secrets.choice(letters) for _ in range(PREFIX_CHARACTERS)
        ),
        secret=partial(secrets.token_urlsafe, SECRET_BYTES),
        clock=house.clock,
    )
