"""A case from its receipt to the certifier: received, arranged, corrected, ended."""

from uuid import uuid4

from intake.adapters.sql.arranging import SqlArrangements
from intake.adapters.sql.cases import SqlCases
from intake.usecases.adjusting import Adjusting
from intake.usecases.arranging import Arranging
from intake.usecases.casework import CaseWork
from intake.usecases.receiving import Receiving
from intake.wiring.adapters import Adapters


def receiving_of(house: Adapters, cases: SqlCases) -> Receiving:
    return Receiving(
        cases=cases, rebuilder=house.rebuilder, rules=house.rules, clock=house.clock
    )


def arranging_of(house: Adapters) -> Arranging:
    return Arranging(
        arrangements=SqlArrangements(house.store), rules=house.rules, clock=house.clock
    )


def adjusting_of(house: Adapters, cases: SqlCases) -> Adjusting:
    return Adjusting(
        cases=cases,
        arrangements=SqlArrangements(house.store),
        rebuilder=house.rebuilder,
        rules=house.rules,
        new_id=lambda: uuid4().hex,
        clock=house.clock,
    )


def casework_of(house: Adapters, cases: SqlCases) -> CaseWork:
    return CaseWork(
        cases=cases,
        arrangements=SqlArrangements(house.store),
        rules=house.rules,
        clock=house.clock,
    )
