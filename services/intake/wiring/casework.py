"""A case from its receipt to the certifier: received, arranged, corrected, ended."""

from intake.adapters.sql.arranging import SqlArrangements
from intake.adapters.sql.cases import SqlCases
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


def casework_of(house: Adapters, cases: SqlCases) -> CaseWork:
    return CaseWork(
        cases=cases,
        arrangements=SqlArrangements(house.store),
        rules=house.rules,
        clock=house.clock,
    )
