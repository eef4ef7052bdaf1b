"""What an administrator decides about the office, bound to its ports."""

import secrets

from intake.adapters.sql.accounts import SqlAccounts
from intake.usecases.staffing import Staffing
from intake.wiring.adapters import Adapters


def staffing_of(house: Adapters) -> Staffing:
    return Staffing(
        accounts=SqlAccounts(house.store),
        passwords=house.passwords,
        random_bits=secrets.randbits,
        rules=house.rules,
        clock=house.clock,
    )
